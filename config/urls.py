"""All addresses; each app keeps its own part. Any other one-segment address may be a page, so blog comes last."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from blog.urls import editions
from core import health
from media_assets.urls import editions as portraits


def nothing_here(request: HttpRequest, **parts: object) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    # Django's short cut from an object to its page names any object's address to everybody on the staff.
    path("admin/r/<path:anything>", nothing_here),
    path("admin/", admin.site.urls),
    path("", include("media_assets.urls")),
    path("api/", include("config.api")),
    *i18n_patterns(
        path("", include("accounts.urls")),
        path("", include(portraits)),
        path("", include(editions)),
        prefix_default_language=False,
    ),
    path("comments/", include("comments.urls")),
    path("", include("blog.urls")),
]

handler400 = "blog.views.errors.bad_request"
handler403 = "blog.views.errors.forbidden"
handler404 = "blog.views.errors.not_found"
handler500 = "blog.views.errors.server_error"
handler429 = "accounts.views.too_often"  # not Django's: the limits of the account pages look here
