"""What machines ask for first."""

from django.contrib.sitemaps.views import sitemap as make_sitemap
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from blog.heads import absolute
from blog.menus import GENERATIONS
from blog.sitemaps import SITEMAPS
from core import cache, publication

PAPER = "#fbfbf8"
_kept = cache.Group("sitemap", timeout=3600)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """The map of the site; made once, because thousands of addresses take their time."""

    def make() -> bytes:
        return make_sitemap(request, sitemaps=SITEMAPS).render().content

    if request.GET:
        return make_sitemap(request, sitemaps=SITEMAPS)
    body = _kept.get_or_compute("whole", make, generation=GENERATIONS)
    return HttpResponse(body, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /me/",
        "",
        f"Sitemap: {absolute('/sitemap.xml')}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(static("img/favicon.ico"))


@require_safe
@cache_control(public=True, max_age=3600)
def webmanifest(request: HttpRequest) -> HttpResponse:
    manifest = {
        "name": publication.current().name,
        "short_name": publication.current().name,
        "description": publication.current().description,
        "start_url": "/",
        "display": "browser",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("img/icon-180.png"), "sizes": "180x180", "type": "image/png"},
            {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        ],
    }
    return JsonResponse(manifest, content_type="application/manifest+json")
