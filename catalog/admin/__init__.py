"""The catalog in the admin: drafts to edit and publish, published versions to read."""

from catalog.admin import drafts, handover, offers, parts
from catalog.admin.published import Kept

__all__ = ["Kept", "drafts", "handover", "offers", "parts"]
