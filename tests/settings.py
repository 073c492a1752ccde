"""The settings of the product in debug, for tests: no secret, no HTTPS, no collectstatic."""

import os

os.environ["DJANGO_DEBUG"] = "1"

from advisor.settings import *  # noqa: F403 - debug must be on before they are read

# The real one is slow on purpose, which tests that sign somebody in need not wait for.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# As in production, so that tests meet what is kept, also from other tests.
CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for name in CACHES}  # noqa: F405
