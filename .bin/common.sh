# Sourced by the scripts beside it: they work from the top of the project, on its own Python.
cd "$(dirname "$0")/.." || exit 1
python=.venv/bin/python
unset PYTHONDONTWRITEBYTECODE # without bytecode a start takes more than twice as long

say() { printf '%s\n' "$*"; }

die() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

# apt_install PACKAGE...: where that can be done without asking; fails quietly where it cannot.
apt_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "Installing $* ..."
    # The lists of packages are absent on a fresh machine and outdated on an old one.
    apt_get install "$@" || { apt_get update; apt_get install "$@"; }
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends "$@" </dev/null >/dev/null 2>&1; }
