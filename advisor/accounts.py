"""Signing in and what comes with it: who may see more than a buyer, and where that begins.

The pages are Django's own with the product's templates; the admin has no second set of them.
"""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, PasswordChangeView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


class NameAndPassword(AuthenticationForm):
    """Who somebody is; what is wrong does not tell which of the two it is."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _(
            "This name and this password do not belong together. Check both; capital letters count."
        ),
    }


class SignIn(LoginView):
    """The one page on which people sign in, also as somebody else."""

    authentication_form = NameAndPassword
    extra_context = {"title": _("Sign in")}

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Ask again, as every page does that cannot take what it was sent."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ChangePassword(PasswordChangeView):
    """A new password for whoever knows the old one."""

    extra_context = {"title": _("Change your password")}
    success_url = reverse_lazy("password-changed")

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Ask again, as every page does that cannot take what it was sent."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@never_cache
@require_safe
def admin_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Where the admin sends whom it does not let in: to sign in, or to be told that he may not."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if not admin.site.has_permission(request):
        raise PermissionDenied
    return admin.site.login(request)  # has nothing to ask, and leads on


@never_cache
@require_safe
@login_required
def after_sign_in(request: HttpRequest) -> HttpResponse:
    """Where somebody's rights lead: staff to the admin, everybody else to the desk."""
    return redirect("admin:index" if admin.site.has_permission(request) else "engagements:desk")


@never_cache
@login_required
def no_short_way(request: HttpRequest, **place: str) -> HttpResponse:
    """The admin would lead its whole staff to any buyer's private link, by two numbers."""
    raise PermissionDenied
