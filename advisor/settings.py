"""Every setting of the product, driven by the environment.

Without DJANGO_DEBUG=1 this is production: it wants SECRET_KEY and ALLOWED_HOSTS, and serves
HTTPS only. It also reads DATABASE_URL, BRIEFS_ROOT, PUBLIC_ROOT, BRAND, NUMBERS_DAYS, TIME_ZONE,
EMBED_ORIGINS, TRUST_PROXY_HEADERS, EMAIL_URL and EMAIL_FROM.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP

from advisor.mailers import mailer

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"  # everything that running the product writes; never in git
VAR.mkdir(exist_ok=True)

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"

# ---- Secret and hosts ---------------------------------------------------------------------

INSECURE = "django-insecure-"  # how Django marks a key that is good for debugging only


def debug_secret_key() -> str:
    """Made on the first start, so that no key is in the code; kept, so that sign-ins last."""
    path = VAR / "secret-key"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")  # so that nobody reads half a key
        unfinished.touch(mode=0o600)
        unfinished.write_text(INSECURE + get_random_secret_key())
        unfinished.replace(path)
    return path.read_text()


SECRET_KEY = os.environ.get("SECRET_KEY") or (debug_secret_key() if DEBUG else "")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").replace(",", " ").split()

if not DEBUG:
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(INSECURE):
        raise ImproperlyConfigured(
            "Set the environment variable SECRET_KEY to at least 50 random characters, such as "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(50))'` prints, "
            "or set DJANGO_DEBUG=1 if this is only for you, on your own machine."
        )
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            "Set the environment variable ALLOWED_HOSTS to the host names that this site answers "
            "to, separated by commas, such as ALLOWED_HOSTS=advisor.example.com."
        )

# ---- Parts --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "catalog",
    "engagements",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Before whitenoise, so that a static SVG opened by itself cannot run a script either.
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "engagements.middleware.GZipPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # Of pages before a playbook is known; those of a playbook speak its language.
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "engagements.middleware.PrivateLinkMiddleware",
]
ROOT_URLCONF = "advisor.urls"
WSGI_APPLICATION = "advisor.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",  # for {% csp_nonce_attr %}
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "engagements.house.house",
            ],
        },
    },
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOGIN_URL = LOGOUT_REDIRECT_URL = "sign-in"
LOGIN_REDIRECT_URL = "after-sign-in"

# ---- Database -----------------------------------------------------------------------------

try:
    database = dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{quote(str(VAR / 'db.sqlite3'))}",
        conn_max_age=600,  # connecting anew for each request costs more than most queries
        conn_health_checks=True,
    )
except ValueError as error:
    raise ImproperlyConfigured(
        "DATABASE_URL cannot be read; write it like "
        "postgres://user:password@host:5432/name, with %-escapes for special characters."
    ) from error
if database["ENGINE"] == "django.db.backends.sqlite3":
    database["OPTIONS"] = {
        # A transaction that reads first and writes later fails as "locked" without waiting;
        # one that takes the write lock at once waits its turn, for up to `timeout` seconds.
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        # WAL: nobody who reads waits for a writer. FULL: a commit survives a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
DATABASES = {"default": database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Files --------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "advisor.bundles.BundleFinder",
    "advisor.bundles.BrandFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Production serves hashed, compressed files; debug and tests need no collectstatic.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG  # straight from static/, as edited
WHITENOISE_ALLOW_ALL_ORIGINS = False  # they are for our own pages

# Briefs tell what a buyer answered: they lie outside of everything served as a file.
BRIEFS_ROOT = Path(os.environ.get("BRIEFS_ROOT") or VAR / "private" / "briefs")
# What a proxy may serve by itself: the emergency page, which works when nothing else does.
PUBLIC_ROOT = Path(os.environ.get("PUBLIC_ROOT") or VAR / "public")

# A page of the catalog sends every box that is ticked; a guide may have 60 rows with 60 each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# The folder of the firm's brand; without it the product has its own look (advisor/brand.py).
BRAND = Path(os.environ.get("BRAND", "")).resolve() if os.environ.get("BRAND") else None

# ---- Private links ------------------------------------------------------------------------

LINK_DAYS = 90  # how long a link to an assessment opens something after it was last used

# ---- Mail ---------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or "advisor@localhost"
if url := os.environ.get("EMAIL_URL"):
    MAILERS = {"default": mailer(url)}
    if not os.environ.get("EMAIL_FROM"):
        raise ImproperlyConfigured(
            "Set the environment variable EMAIL_FROM to the address that mails come from, such as "
            "EMAIL_FROM=advisor@example.com, or unset EMAIL_URL to send none."
        )
elif DEBUG:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    MAILERS = {"default": {"BACKEND": backend, "OPTIONS": {"file_path": VAR / "mail"}}}
else:
    MAILERS = {}  # no mails: links are copied instead
# ---- Numbers ------------------------------------------------------------------------------

try:  # how many days what is counted of the questionnaire is kept; 0 counts nothing
    NUMBERS_DAYS = int(os.environ.get("NUMBERS_DAYS") or 365)
except ValueError:
    NUMBERS_DAYS = -1
if not 0 <= NUMBERS_DAYS <= 36_500:
    raise ImproperlyConfigured(
        "Set the environment variable NUMBERS_DAYS to a whole number of days, such as 365, "
        "or to 0 to count nothing."
    )

# ---- Kept in memory -----------------------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    # Pieces of pages by all that they show, so that none is ever stale, in each process. While
    # templates are being edited, nothing is kept.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.dummy.DummyCache"
        if DEBUG
        else "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}

# ---- Language and time --------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # which the interface is there in
LOCALE_PATHS = [BASE_DIR / "advisor" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "advisor.formats"
TIME_ZONE = os.environ.get("TIME_ZONE") or "UTC"

# ---- What a browser may do ----------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],  # the nonce is for one <style> of the admin's lists
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# The sites that may show the questionnaire in a frame (docs/embedding.md); by default none.
EMBED_ORIGINS = os.environ.get("EMBED_ORIGINS", "").replace(",", " ").split()
ORIGIN = r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?"  # also what a policy takes as it is
for origin in EMBED_ORIGINS:
    if not re.fullmatch(ORIGIN.replace("https", "https?") if DEBUG else ORIGIN, origin):
        raise ImproperlyConfigured(
            f"EMBED_ORIGINS has {origin!r} in it, which is no origin; write https:// and the host "
            "name in small letters, without a path or a slash at the end, such as "
            "EMBED_ORIGINS=https://www.firm.example, several separated by commas."
        )

# The private link of an assessment is its key: no other site may learn it.
SECURE_REFERRER_POLICY = "same-origin"

if not DEBUG:
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # W021 asks for preloading, which writes the domain into the browsers themselves: hard to
    # undo, and for the owner of the domain to decide. mail.W001 asks for a mail server; without
    # one, pages offer no mails.
    SILENCED_SYSTEM_CHECKS = ["security.W021", "mail.W001"]
    # Only behind a proxy that sets this header on every request; elsewhere anyone can forge it.
    if os.environ.get("TRUST_PROXY_HEADERS") == "1":
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---- Log: warnings and errors to stderr, where the service manager collects them ----------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "advisor.logs.WithoutLinks",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "faults": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) != 422,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # By default Django mails errors to ADMINS, of whom there are none.
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # A form that does not validate is no fault, and its address is somebody's private link.
        "django.request": {"filters": ["faults"]},
        # The internet is full of scanners that ask for other hosts; they are refused anyway.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
