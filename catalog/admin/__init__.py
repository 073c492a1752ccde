"""The catalog in the admin: drafts to edit and publish, published versions to read."""

from catalog.admin import drafts, parts
from catalog.admin.published import Kept, ReadOnly

__all__ = ["Kept", "ReadOnly", "drafts", "parts"]
