"""Log lines without private links: whoever reads the log need not be able to open them."""

import logging
import re

TOKEN = re.compile(r"(?<=/[acr]/)[\w-]{20,}")


class WithoutLinks(logging.Formatter):
    """Writes an address such as /a/…/check/ without its token."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback if there is one."""
        return TOKEN.sub("…", super().format(record))
