"""The review: one assessment on one screen, and what a consultant decides on it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from catalog.admin import Kept
from catalog.ids import id_in
from engagements.admin.forms import FORMS
from engagements.admin.queue import QueueAdmin
from engagements.admin.screen import Screen
from engagements.brief import Brief
from engagements.models import Assessment, BriefVersion
from engagements.pages import download
from engagements.pdf import PdfError, pdf_of
from engagements.reviewing import ReviewError

MAY_REVIEW = "engagements.review_assessment"


@admin.register(Assessment)
class AssessmentAdmin(Kept, QueueAdmin):
    """The queue, the screen for one assessment, and its actions, each at an address of its own."""

    kept_because = gettext_lazy(
        "An assessment has a reference that a buyer may come back with, and recommendations, "
        "reviews and briefs that rest on it. One that leads nowhere can stay as it is."
    )

    def get_urls(self) -> list[URLPattern]:
        """The actions and the briefs, then the admin's own."""
        actions = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(self.act),
                {"name": name},
                name=f"engagements_assessment_{name}",
            )
            for name in FORMS
        ]
        brief = path(
            "<int:pk>/briefs/<int:number>.pdf",
            self.admin_site.admin_view(self.brief),
            name="engagements_assessment_brief",
        )
        return [*actions, brief, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The screen."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._screen(request, self._assessment(request, object_id))

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Do what was sent; once it is done, the screen says so."""
        assessment = self._assessment(request, pk)
        if not request.user.has_perm(MAY_REVIEW):
            raise PermissionDenied
        screen = "admin:engagements_assessment_change"
        if request.method != "POST":  # back from signing in: what was sent is gone
            return redirect(screen, pk)
        form = FORMS[name](assessment, request.POST)
        if not form.is_valid():
            return self._screen(request, assessment, sent=form, status=422)
        try:
            done = form.send(request.user)
        except ReviewError as error:
            # It may be another state by now, in which the sentence makes sense.
            now = self._assessment(request, pk)
            kept = FORMS[name](now, typed=request.POST.dict())
            return self._screen(request, now, sent=kept, refused=str(error), status=409)
        messages.success(request, done)
        return redirect(screen, pk)

    def brief(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        """One version of the brief as a PDF, as it was issued."""
        assessment = self._assessment(request, pk)
        row = get_object_or_404(BriefVersion, assessment=assessment, number=number)
        try:
            file = pdf_of(Brief.model_validate(row.content))
        except PdfError as error:
            return self._screen(request, assessment, refused=str(error), status=503)
        return download(request, file, f"scope-brief-{assessment.reference}-v{number}.pdf")

    def _assessment(self, request: HttpRequest, pk: object) -> Assessment:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = Assessment.objects.with_version().with_decision()
        return get_object_or_404(found, pk=id_in(pk))

    def _screen(
        self,
        request: HttpRequest,
        assessment: Assessment,
        *,
        sent: forms.Form | None = None,
        refused: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The screen, with a form that was sent and what is wrong with it."""
        screen = Screen(assessment)
        shown = {}
        if request.user.has_perm(MAY_REVIEW):
            decide = () if screen.issued is None else ("approve", "override")
            for name in (*(("reopen",) if screen.review else decide), "note"):
                shown[name] = FORMS[name](assessment)
            if assessment.has_expired:
                shown["renew"] = FORMS["renew"](assessment)
        if sent is not None and sent.name in shown:
            shown[sent.name] = sent
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": assessment.reference,
            "screen": screen,
            "assessment": assessment,
            "age": timesince(assessment.created_at, depth=1),
            "brief": screen.brief,
            "link": request.build_absolute_uri(assessment.get_absolute_url()),
            "forms": shown,
            "sent": sent,
            "refused": refused,
            # There may be no form any more for what was typed.
            "kept": None if sent is None or sent.name in shown else sent,
        }
        request.current_app = self.admin_site.name
        template = "admin/engagements/assessment/review.html"
        return TemplateResponse(request, template, context, status=status)
