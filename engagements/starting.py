"""Start: the private link is drawn when the first question is shown, so that sending the form
twice begins one assessment. It is signed, so that nobody chooses a link that can be guessed.
"""

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from engagements.models import new_token

BEGIN = "begin"
"""What the form of the first question calls the link that it begins."""
GOOD_FOR = timedelta(days=1)
"""How long a form that was sent already may be sent once more and mean the same assessment."""


def drawn() -> str:
    """Return a new private link, signed, for a form to carry."""
    return _signer().sign(new_token())


def token_in(sent: str) -> str:
    """Return the private link that a form carries; a new one where it carries none of ours."""
    try:
        return _signer().unsign(sent, max_age=GOOD_FOR)
    except BadSignature:
        return new_token()


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="engagements.start")
