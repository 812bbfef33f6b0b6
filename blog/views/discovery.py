"""What machines ask for first."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from blog import machine_guide, robots, sitemaps
from blog.menus import GENERATIONS
from core import cache, languages, publication

PAPER = "#fbfbf8"
_kept = cache.Group("sitemap", timeout=3600)
# What is news stops being it without anything happening.
_kept_news = cache.Group("sitemap-news", timeout=300)
_kept_guide = cache.Group("machine-guide", timeout=3600)


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/xml; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index of the map."""
    group = _kept_news if publication.current().is_news else _kept
    return _xml(group.get_or_compute(_key("index"), lambda: sitemaps.index(timezone.now()), generation=GENERATIONS))


@require_safe
def sitemap_page(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the map; made once, because thousands of addresses take their time."""
    group = _kept_news if name == "news" else _kept
    try:
        return _xml(group.get_or_compute(_key(name), lambda: sitemaps.page(name), generation=GENERATIONS))
    except sitemaps.NoSuchMap:
        raise Http404("The map has no such page.") from None


def _key(name: str) -> str:
    return f"{name}:{languages.key()}"


@require_safe
@cache_control(public=True, max_age=3600)
def robots_txt(request: HttpRequest) -> HttpResponse:
    return HttpResponse("\n".join([*robots.lines(), ""]), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def llms_txt(request: HttpRequest) -> HttpResponse:
    body = _kept_guide.get_or_compute(_key("text"), machine_guide.text, generation=GENERATIONS)
    return HttpResponse(body, content_type="text/plain; charset=utf-8")


@require_safe
def indexnow_key(request: HttpRequest, key: str) -> HttpResponse:
    """Where search engines look whether who told them of a page speaks for this site."""
    if not key or key != publication.current().indexnow_key:
        raise Http404("There is no file of this name.")
    return HttpResponse(key, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(static("img/favicon.ico"))


@require_safe
@cache_control(public=True, max_age=3600)
def webmanifest(request: HttpRequest) -> HttpResponse:
    site = publication.current()
    manifest: dict[str, Any] = {
        "id": "/",
        "name": site.name,
        "short_name": site.name[:30],
        "description": site.description,
        "lang": languages.main(),
        "start_url": "/",
        "scope": "/",
        "display": "browser",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons(),
    }
    return JsonResponse(manifest, content_type="application/manifest+json")


def icons() -> list[dict[str, str]]:
    """The publication's own icon, else the marks everybody begins with."""
    address, width, height = publication.current().icon
    if address:
        kind = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
        ending = address.rsplit(".", 1)[-1].lower()
        found = {"src": address, "sizes": f"{width}x{height}"}
        return [found | {"type": kind[ending]} if ending in kind else found]
    return [
        {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("img/icon-180.png"), "sizes": "180x180", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
    ]
