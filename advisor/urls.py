"""All addresses: signing in, the admin and the buyer's pages."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView, PasswordChangeDoneView
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from advisor import accounts
from advisor.brand import current

admin.site.site_header = admin.site.site_title = lazy(lambda: current().name, str)()
admin.site.index_title = _("Overview")


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Browsers ask for this one on pages that name none, such as every PDF."""
    return HttpResponseRedirect(static(current().icon))


urlpatterns = [
    path("", include("engagements.urls")),  # first, because they are asked for most
    path("sign-in/", accounts.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("account/", accounts.after_sign_in, name="after-sign-in"),
    path("account/password/", accounts.ChangePassword.as_view(), name="password"),
    path(
        "account/password/changed/",
        PasswordChangeDoneView.as_view(extra_context={"title": _("Your password is changed")}),
        name="password-changed",
    ),
    # The admin's own pages for the same, which it reaches by these addresses.
    path("admin/login/", accounts.admin_sign_in),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/r/<path:content_type_id>/<path:object_id>/", accounts.no_short_way),
    path("admin/", admin.site.urls),
    path("favicon.ico", favicon),
]
