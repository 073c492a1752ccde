"""The product's settings for production, but on this machine: plain HTTP, and the bare floors."""

import os

os.environ.pop("DJANGO_DEBUG", None)
os.environ.setdefault("SECRET_KEY", "a-key-of-benchmarks-only-" * 3)
os.environ["ALLOWED_HOSTS"] = "127.0.0.1,testserver"

from advisor.settings import *  # noqa: F403 - the environment must be set before they are read

ROOT_URLCONF = "benchmarks.floors"
STATIC_ROOT = os.environ["STATIC_ROOT"]
# There is no HTTPS here; a browser would keep what is only for HTTPS.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_HSTS_SECONDS = 0
