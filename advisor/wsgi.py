import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "advisor.settings")

application = get_wsgi_application()

from advisor.brand_checks import must_be_right  # noqa: E402 - it reads the settings

must_be_right()

# What has been loaded stays for good: to look through it again and again is time lost.
gc.collect()
gc.freeze()
