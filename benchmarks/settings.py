"""The product's settings, with two databases; `benchmarks.router` knows which one acts."""

import os

os.environ["DJANGO_DEBUG"] = "1"

from advisor.settings import *  # noqa: F403 - debug must be on before they are read
from advisor.settings import DATABASES

DEBUG = False  # Django keeps every query in memory while it is on
ALLOWED_HOSTS = ["testserver"]
SECURE_SSL_REDIRECT = False
DATABASE_ROUTERS = ["benchmarks.router.Router"]
DATABASES["many"] = {**DATABASES["default"], "OPTIONS": {**DATABASES["default"]["OPTIONS"]}}
