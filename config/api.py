"""The addresses of the API, version 1. What a version promises stays until the next one; see docs/api.md."""

import json
from functools import cache
from typing import Any

from csp.constants import NONCE, NONE, SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.routers import SimpleRouter

from accounts.api.log_in import LogIn
from accounts.api.me import Me, Sessions, Tokens
from accounts.api.notices import Notices
from blog.api.authors import Authors
from blog.api.changes import Changes
from blog.api.follows import Follows
from blog.api.posts import Posts
from blog.api.redirects import Redirects
from blog.api.searching import Search
from blog.api.taxonomies import Categories, SeriesList, Tags, Topics
from blog.api.versions import Versions
from blog.api.webhooks import Webhooks
from comments.api.comments import Comments
from comments.api.threads import UnderPost
from core.rest.problems import answer
from media_assets.api.library import Library

router = SimpleRouter()
router.register("auth", LogIn, basename="auth")
router.register("changes", Changes, basename="api-change")
router.register("posts", Posts, basename="api-post")
router.register("authors", Authors, basename="api-author")
router.register("follows", Follows, basename="api-follow")
router.register("notifications", Notices, basename="api-notice")
router.register("users/me/tokens", Tokens, basename="api-token")
router.register("users/me/sessions", Sessions, basename="api-session")
router.register(r"posts/(?P<slug>[-\w]+)/comments", UnderPost, basename="api-thread")
router.register("comments", Comments, basename="api-comment")
router.register("media", Library, basename="api-media")
router.register(r"posts/(?P<slug>[-\w]+)/versions", Versions, basename="api-version")
router.register("categories", Categories, basename="api-category")
router.register("tags", Tags, basename="api-tag")
router.register("topics", Topics, basename="api-topic")
router.register("series", SeriesList, basename="api-series")
router.register("redirects", Redirects, basename="api-redirect")
router.register("webhooks", Webhooks, basename="api-webhook")

# The two pages of the API: nothing from elsewhere, and of what is written into the page only what carries its nonce.
ALONE: dict[str, Any] = {
    "img-src": [SELF, "data:"],
    "media-src": [NONE],
    "frame-src": [NONE],
    "connect-src": [SELF],
    "frame-ancestors": [NONE],
}


# Two styles Redoc writes without the nonce, before it knows it; one of them is empty.
REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


@cache
def described() -> bytes:
    """The description of the API (OpenAPI 3.1). It changes with the code alone, and takes a second to make."""
    with override(None):
        found = SchemaGenerator().get_schema(request=None, public=True)
        return json.dumps(found, default=force_str, ensure_ascii=False, separators=(",", ":")).encode()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(described(), content_type="application/vnd.oai.openapi+json")
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
@csp_replace(ALONE)
def docs(request: HttpRequest) -> HttpResponse:
    """Swagger UI, to try things out."""
    return render(request, "api/docs.html", {"title": _("Letterpress API")})


@require_safe
@csp_replace({**ALONE, "style-src": [SELF, NONCE, *REDOC_STYLES]})
def redoc(request: HttpRequest) -> HttpResponse:
    """Redoc, to read."""
    return render(request, "api/redoc.html", {"title": _("Letterpress API")})


@csrf_exempt
def nothing_here(request: HttpRequest, **parts: object) -> HttpResponse:
    return answer(404, _("There is nothing at this address."))


urlpatterns = [
    path("v1/users/me/", Me.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-me"),
    path("v1/users/me/sessions/", Sessions.as_view({"get": "list", "delete": "destroy_others"}), name="api-sessions"),
    path("v1/", include(router.urls)),
    path("v1/search/", Search.as_view({"get": "list"}), name="api-search"),
    path("v1/search/suggest/", Search.as_view({"get": "suggest"}), name="api-search-suggest"),
    path("schema/", schema, name="api-schema"),
    path("docs/", docs, name="api-docs"),
    path("redoc/", redoc, name="api-redoc"),
    re_path("^.*$", nothing_here),
]
