"""The page of a buyer's links: to copy, mail, replace, share, take back; and one that is gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from engagements import links as given
from engagements import mail
from engagements.embedding import embeddable
from engagements.letters import section_title
from engagements.links import LinkGoneError
from engagements.mail import MailError
from engagements.models import Assessment, Letter, Link, LinkKind

MOST_SHARED = 20
"""Links to read that work at the same time; whoever needs more passes one on."""

DONE = {
    "mailed": gettext_lazy(
        "The mail is on its way. If it is not there in some minutes, look into the spam folder, "
        "or copy the link and send it yourself."
    ),
    "replaced": gettext_lazy(
        "This is your new link. The old one has stopped working, also on your other devices."
    ),
    "shared": gettext_lazy("The link is made. Copy it below, or mail it."),
    "taken-back": gettext_lazy("The link is taken back. Whoever opens it is told so."),
}
"""What a page says after something was done, by what its address ends in."""

LETTERS = {LinkKind.READER: Letter.READER, LinkKind.COLLEAGUE: Letter.COLLEAGUE}


class MailForm(forms.Form):
    """Whom to mail a link to; on a page with several, `of` tells which link."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"class": "input", "autocomplete": "email"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "max_length"),
            gettext_lazy("Enter one e-mail address, such as name@example.com."),
        ),
    )

    def __init__(self, data: Any = None, *, of: str = "own") -> None:
        super().__init__(data, auto_id=f"{of}-%s", label_suffix="")
        if of != "own":  # it goes to somebody else, whom the browser cannot know
            self.fields["address"].widget.attrs["autocomplete"] = "off"


class ShareForm(forms.Form):
    """Whom a link to read is for."""

    name = forms.CharField(
        label=gettext_lazy("Who is it for?"),
        max_length=120,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Enter whom it is for, so that you know which one it is."),
            "max_length": gettext_lazy("Shorten this to %(limit_value)d characters."),
        },
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="share-%s", label_suffix="")


@dataclass(frozen=True, slots=True)
class Given:
    """A link that the buyer has given to somebody, as the page shows it."""

    link: Link
    href: str
    section: str
    form: MailForm


class RefusedError(Exception):
    """Why something was not done, in a sentence, and the status to tell it with."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


# ---- The page ------------------------------------------------------------------------------


@embeddable
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, token: str) -> HttpResponse:
    """The buyer's own link and those given to others; a form says by `act` what it does."""
    assessment = given.owned(token, decided=True)
    if request.method != "POST":
        return _page(request, assessment)
    acts = {"mail": _mail, "replace": _replace, "share": _share, "take-back": _take_back}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        return redirect("engagements:links", token)
    try:
        return act(request, assessment)
    except RefusedError as error:
        return _page(request, assessment, refused=str(error), status=error.status)


def _mail(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Mail the buyer's own link, or one that was given to somebody."""
    link = _link(request, assessment) if request.POST.get("link") else None
    form = MailForm(request.POST, of=str(link.pk) if link else "own")
    if not form.is_valid():
        return _page(request, assessment, sent=form, status=422)
    href = request.build_absolute_uri((link or assessment).get_absolute_url())
    what = LETTERS[LinkKind(link.kind)] if link else Letter.OWN
    try:
        mail.send(assessment, form.cleaned_data["address"], href, what=what, link=link)
    except MailError as error:
        instead = _("You can copy the link and send it yourself.")
        refused = f"{error} {instead}"
        return _page(request, assessment, sent=form, refused=refused, status=error.status)
    return _done(assessment, "mailed")


def _replace(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Give the buyer another link; of two clicks, both lead to the same new one."""
    given.replace(assessment)
    return _done(assessment, "replaced")


def _share(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """Make a link with which somebody may read the recommendation."""
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _page(request, assessment, sent=form, status=422)
    if assessment.links.open().filter(kind=LinkKind.READER).count() >= MOST_SHARED:
        told = _("There are {count} links to read already. Take one back first.")
        return _page(
            request, assessment, sent=form, refused=told.format(count=MOST_SHARED), status=422
        )
    given.give(assessment, LinkKind.READER, name=form.cleaned_data["name"])
    return _done(assessment, "shared")


def _take_back(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """End a link that was given to somebody."""
    given.take_back(_link(request, assessment))
    return _done(assessment, "taken-back")


def _link(request: HttpRequest, assessment: Assessment) -> Link:
    """Return the link that a form is about, if it still opens something."""
    pk = request.POST.get("link", "")
    found = assessment.links.given().open()
    link = found.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None
    if link is None:
        raise RefusedError(_("That link does not work any more; below is what does."), 409)
    return link


def _done(assessment: Assessment, what: str) -> HttpResponse:
    return redirect(f"{reverse('engagements:links', args=[assessment.token])}?done={what}")


def _page(
    request: HttpRequest,
    assessment: Assessment,
    *,
    sent: forms.Form | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that was sent and what is wrong with it."""
    found = assessment.version.rulebook.playbook
    every = list(assessment.links.given().order_by("-pk"))
    failed = status != 200
    shown = _given(request, assessment, [link for link in every if link.is_open], sent)
    context = {
        "playbook": found,
        "assessment": assessment,
        "title": _("Your private link"),
        "href": request.build_absolute_uri(assessment.get_absolute_url()),
        "own": _sent_as("own", sent) or MailForm(),
        "share": sent if isinstance(sent, ShareForm) else ShareForm(),
        "days": settings.LINK_DAYS,
        "given": shown,
        "ended": [link for link in every if not link.is_open],
        "can_mail": mail.is_set_up(),
        "sent": sent,
        "refused": refused,
        "failed": failed,
        "done": "" if failed else DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "links.html", context, status=status)


def _given(
    request: HttpRequest, assessment: Assessment, every: Iterable[Link], sent: forms.Form | None
) -> list[Given]:
    found = assessment.version.rulebook.playbook
    return [
        Given(
            link=link,
            href=request.build_absolute_uri(link.get_absolute_url()),
            section=section_title(found, link) if link.section else "",
            form=_sent_as(str(link.pk), sent) or MailForm(of=str(link.pk)),
        )
        for link in every
    ]


def _sent_as(of: str, sent: forms.Form | None) -> MailForm | None:
    """Return the form that was sent, if it is the one of this link."""
    return sent if isinstance(sent, MailForm) and sent.auto_id == f"{of}-%s" else None


# ---- When a link is gone -------------------------------------------------------------------


@embeddable
@never_cache
@require_POST
def renewal(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a new link in place of one that has expired, to where the buyer is known to be."""
    try:
        given.owned(token, decided=True)
    except LinkGoneError as error:
        expired = None if error.replaced else error
    else:
        expired = None
    if expired is None:  # somebody was faster, or pressed twice; the link itself says so
        return redirect("engagements:resume", token)
    assessment = expired.assessment
    addresses = mail.known_addresses(assessment) if mail.is_set_up() else []
    if not addresses:
        return gone(request, expired)
    replaced = given.replace(assessment, only_expired=True)
    try:
        if replaced:
            _mail_renewed(request, assessment, addresses)
    except MailError as error:
        given.put_back(replaced)
        assessment.token = token
        return gone(request, expired, refused=str(error), status=error.status)
    return redirect("engagements:resume", token)  # which says that the new one was mailed


def _mail_renewed(request: HttpRequest, assessment: Assessment, addresses: list[str]) -> None:
    """Mail it to all of them; raise MailError when it went to none."""
    href = request.build_absolute_uri(assessment.get_absolute_url())
    failed = []
    for address in addresses:
        try:
            mail.send(assessment, address, href, what=Letter.RENEWED)
        except MailError as error:
            failed.append(error)
    if len(failed) == len(addresses):
        raise failed[0]


def gone(
    request: HttpRequest, error: LinkGoneError, *, refused: str = "", status: int = 410
) -> HttpResponse:
    """Since when a link opens nothing, and what to do; the page never leads to the new one."""
    assessment, replaced = error.assessment, error.replaced
    can_mail = not replaced and mail.is_set_up() and bool(mail.known_addresses(assessment))
    context = {
        "playbook": assessment.version.rulebook.playbook,
        "title": _("This link was replaced") if replaced else _("This link has expired"),
        "replaced": replaced,
        "since": replaced.ended_at if replaced else assessment.expires_at,
        "mailed_at": mail.renewed_at(replaced) if replaced else None,
        "days": settings.LINK_DAYS,
        "reference": assessment.reference,
        "renewal": reverse("engagements:renewal", args=[assessment.token]) if can_mail else "",
        "unsaved": request.method == "POST" and not refused,
        "refused": refused,
        "failed": bool(refused),
    }
    return render(request, "gone.html", context, status=status)
