"""Read the address of a mail server, as EMAIL_URL has it."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

HOW_TO_WRITE = (
    "write it like smtps://user:password@host, smtp+tls://user:password@host for STARTTLS, or "
    "smtp://host for a server that takes mails without a password, with %-escapes for special "
    "characters."
)


def mailer(url: str) -> dict[str, Any]:
    """Return the entry of MAILERS for a URL; raise ImproperlyConfigured when it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"EMAIL_URL cannot be read; {HOW_TO_WRITE}") from error
    if parts.scheme not in ("smtp", "smtp+tls", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(f"EMAIL_URL cannot be read; {HOW_TO_WRITE}")
    if parts.scheme == "smtp" and parts.password:
        raise ImproperlyConfigured(
            f"EMAIL_URL would send its password for anybody to read; {HOW_TO_WRITE}"
        )
    options = {
        "host": parts.hostname,
        "port": port,  # without one, the usual one of what encrypts it
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 10,  # seconds; somebody is waiting for the page
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
