"""Setting up: the settings, the scripts of `make`, and what they say when something is missing."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from advisor.settings import BASE_DIR, SECRET_KEY

STAFF = ("demo", "consultant", "editor")
FROM = {"EMAIL_FROM": "advisor@example.com"}
PRODUCTION = {"SECRET_KEY": "a-key-of-tests-only-" * 3, "ALLOWED_HOSTS": "advisor.example.com"}


def run_python(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python from the top of the project, with nothing else in the environment."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=False,
    )


# ---- Settings -----------------------------------------------------------------------------


def test_it_works() -> None:
    done = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        pytest.param({"SECRET_KEY": ""}, "SECRET_KEY", id="no secret"),
        pytest.param({"SECRET_KEY": "changeme"}, "SECRET_KEY", id="a short secret"),
        pytest.param({"SECRET_KEY": SECRET_KEY}, "SECRET_KEY", id="the secret for debugging"),
        pytest.param({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS", id="no host"),
        pytest.param({"NUMBERS_DAYS": "a year"}, "NUMBERS_DAYS", id="no number of days"),
        pytest.param({"NUMBERS_DAYS": "-1"}, "NUMBERS_DAYS", id="less than no days"),
        pytest.param({"DATABASE_URL": "my database"}, "DATABASE_URL", id="no URL"),
        pytest.param({"EMBED_ORIGINS": "https://*.firm.example"}, "EMBED_ORIGINS", id="any host"),
        pytest.param({"EMBED_ORIGINS": "http://firm.example"}, "EMBED_ORIGINS", id="no HTTPS"),
        pytest.param({"EMBED_ORIGINS": "https://firm.example/us"}, "EMBED_ORIGINS", id="a path"),
        pytest.param({"DATABASE_URL": "postgres://u:p@h:port/n"}, "DATABASE_URL", id="bad URL"),
        pytest.param({"EMAIL_URL": "mail.example.com", **FROM}, "EMAIL_URL", id="no mail URL"),
        pytest.param({"EMAIL_URL": "smtps://h:port", **FROM}, "EMAIL_URL", id="bad mail URL"),
        pytest.param({"EMAIL_URL": "smtp://u:p@h", **FROM}, "EMAIL_URL", id="password in clear"),
        pytest.param({"EMAIL_URL": "smtps://u:p@h"}, "EMAIL_FROM", id="mails from nobody"),
    ],
)
def test_production_refuses_to_start_and_says_in_one_line_what_to_set(
    environ: dict[str, str], name: str
) -> None:
    done = run_python("manage.py", "migrate", **PRODUCTION | environ)
    assert done.returncode == 1
    assert re.fullmatch(rf"manage\.py: .*{name}.*\.\n", done.stderr), done.stderr


def test_debug_has_to_be_asked_for() -> None:
    show = "from advisor import settings; print(settings.DEBUG, settings.SECURE_SSL_REDIRECT)"
    assert run_python("-c", show, **PRODUCTION).stdout == "False True\n"


def test_a_proxy_is_believed_only_when_told_so() -> None:
    show = "from advisor import settings; print(hasattr(settings, 'SECURE_PROXY_SSL_HEADER'))"
    assert run_python("-c", show, **PRODUCTION).stdout == "False\n"
    assert run_python("-c", show, **PRODUCTION, TRUST_PROXY_HEADERS="1").stdout == "True\n"


def test_database_url_names_a_postgresql() -> None:
    show = (
        "from advisor.settings import DATABASES as d; d = d['default'];"
        "print(d['ENGINE'], d['HOST'], d['PORT'], d['NAME'], d['USER'], d['PASSWORD'])"
    )
    url = "postgres://advisor:p%40ss@db.example.com:6432/sales"
    done = run_python("-c", show, **PRODUCTION, DATABASE_URL=url)
    assert done.stdout == "django.db.backends.postgresql db.example.com 6432 sales advisor p@ss\n"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("smtps://ada:p%40ss@mail.example.com", "mail.example.com 465 ada p@ss False True"),
        ("smtp+tls://ada:pass@mail.example.com", "mail.example.com 587 ada pass True False"),
        ("smtp+tls://ada:pass@h:2525", "h 2525 ada pass True False"),
        ("smtp://localhost", "localhost 25   False False"),
    ],
)
def test_email_url_names_a_mail_server(url: str, told: str) -> None:
    show = (
        "from django.core.mail import mailers; m = mailers.default;"
        "print(m.host, m.port, m.username, m.password, m.use_tls, m.use_ssl)"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "advisor.settings", "EMAIL_URL": url}
    assert run_python("-c", show, **PRODUCTION, **FROM, **settings).stdout == f"{told}\n"


def test_without_a_mail_server_nothing_is_mailed_and_for_debugging_it_is_kept() -> None:
    show = "from advisor import settings; print([*settings.MAILERS.values()])"
    assert run_python("-c", show, **PRODUCTION).stdout == "[]\n"
    told = run_python("-c", show, DJANGO_DEBUG="1").stdout
    assert "filebased" in told
    assert "var/mail" in told


def test_sqlite_waits_its_turn_and_survives_a_power_cut(tmp_path: Path) -> None:
    show = (
        "import django; django.setup(); from django.db import connection as c; r = c.cursor();"
        "print(*[r.execute(f'PRAGMA {p}').fetchone()[0] for p in "
        "('journal_mode', 'synchronous', 'busy_timeout')], c.transaction_mode)"
    )
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db",
        "DJANGO_SETTINGS_MODULE": "advisor.settings",
    }
    done = run_python("-c", show, **PRODUCTION, **environ)
    assert done.stdout == "wal 2 10000 IMMEDIATE\n", done.stderr


@pytest.mark.django_db  # what is not found still says whom to talk to
@pytest.mark.parametrize("path", ["/admin/login/", "/admin/", "/static/favicon.svg", "/nowhere"])
def test_every_answer_has_a_strict_csp(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_scripts_of_a_page_carry_the_nonce_of_its_csp(admin_client: Client) -> None:
    response = admin_client.get("/admin/auth/user/add/")
    nonces = set(re.findall(r'nonce="([^"]+)"', response.text))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in response.headers["Content-Security-Policy"]


def test_a_browser_finds_nothing_wrong_with_the_admin(
    page: Page, live_server: LiveServer, admin_user: AbstractBaseUser
) -> None:
    page.goto(f"{live_server}/admin/")
    page.get_by_label("Username").fill(admin_user.get_username())
    page.get_by_label("Password").fill("password")  # as pytest-django makes it
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Users").first.click()
    page.get_by_role("link", name="admin", exact=True).click()
    expect(page.get_by_label("Username")).to_have_value("admin")


def test_a_browser_refuses_an_inline_script(
    page: Page, live_server: LiveServer, console_errors: list[str]
) -> None:
    page.goto(f"{live_server}/admin/login/")
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.get_by_label("Username").fill("anybody")
    assert len(console_errors) == 1
    assert "Content Security Policy" in console_errors.pop()


def test_static_files_are_complete(settings: Settings, tmp_path: Path) -> None:
    """Collecting them for production fails when a stylesheet names a file that is not there."""
    settings.STATIC_ROOT = tmp_path
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()


# ---- Scripts ------------------------------------------------------------------------------


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The set-up on a machine of its own: no environment yet, and of programs only `bin/`."""
    shutil.copytree(BASE_DIR / ".bin", tmp_path / ".bin")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(BASE_DIR / name, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("cat", "cksum", "dirname", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def make_program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def set_up(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / ".bin/setup"],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_named_with_the_command_that_mends_it(bare: Path) -> None:
    make_program(bare / "bin/python3", '[ "$1" = --version ] && echo Python 3.9.2')
    done = set_up(bare)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.12 or newer" in done.stderr
    assert "has Python 3.9.2:" in done.stderr
    assert re.search("with `.+`", done.stderr)


def test_a_python_that_does_not_run_is_passed_over(bare: Path) -> None:
    make_program(bare / "bin/python3.13", "echo version not installed; exit 127")
    make_program(bare / "bin/python3", f'exec {sys.executable} "$@"')
    make_program(bare / "bin/uv", '[ "$1" = --version ] || { echo "$@" >called; exit 1; }')
    done = set_up(bare)
    assert done.returncode == 1
    assert "uv.lock could not be installed" in done.stderr
    assert (bare / "called").read_text().count(f"--python {bare}/bin/python3 ") == 1


def test_make_run_says_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [BASE_DIR / ".bin/run"],
            env=os.environ | {"PORT": port},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert re.fullmatch(rf"Error: Port {port} .*`make run PORT=\d+`\.\n", done.stderr)


def test_make_run_serves_pages_and_static_files_and_stops(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    environ = {"PORT": port, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    with subprocess.Popen(
        [BASE_DIR / ".bin/run"],
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that all of it can be stopped if something fails
    ) as server:
        try:
            assert server.stdout
            said = list(iter(server.stdout.readline, "Ctrl-C stops it.\n"))
            for name, path in {**dict.fromkeys(STAFF, "/admin/"), "sales": "/desk/"}.items():
                address = re.escape(f"http://127.0.0.1:{port}{path}")
                account = re.compile(rf"  [A-Z][a-z ]+ {address} +{name} +\S{{16}}\n")
                assert sum(bool(account.fullmatch(line)) for line in said) == 1, said
            for path in ("/admin/login/", "/static/favicon.svg"):
                assert status_of(f"http://127.0.0.1:{port}{path}") == 200
            # To the first process only: when a terminal stops all at once and a worker is gone
            # before the first one is told, granian takes that for a crash, and says so by status 1.
            os.kill(server.pid, signal.SIGINT)
            assert server.wait(timeout=30) == 0
            with pytest.raises(OSError, match="refused"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/")
        finally:
            if server.poll() is None:  # something of the above has failed
                os.killpg(server.pid, signal.SIGKILL)


def status_of(url: str) -> int:
    """Of a server that may still be starting."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(url) as response:  # noqa: S310 - http, as written above
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"{url} did not answer")


def test_lock_names_public_hosts_only() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", (BASE_DIR / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
