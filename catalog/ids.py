"""What people and browsers send as an id."""

MOST_DIGITS = 18
"""As many as any id has, on every database."""


def id_in(text: object) -> int | None:
    """Return the id that a text is; None when it is none."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) <= MOST_DIGITS else None
