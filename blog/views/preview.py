"""A version shown by its secret address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import may
from blog import preview_links
from blog.heads import Head, absolute, with_site_name
from blog.models import Post, PreviewLink, Tag
from blog.related import companions
from blog.views.posts import BEGINS_PLAINLY
from core import languages
from core.refusals import Refusal


@require_safe
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """One version as readers would see it. A link that does not work says the same whatever the reason is."""
    now = timezone.now()
    link = preview_links.open(token, now)
    shown = _shown(link) if link else None
    if link is None or shown is None:
        return _quiet(_ended(request))
    post, tags = shown
    translation.activate(languages.edition_of(post.content_language))
    if request.method == "GET" and not may(request.user, "blog.change_post", link.post):
        preview_links.count(link, now)
    contents = [line for line in post.table_of_contents if line.get("level") in (2, 3)]
    context = {
        "page_template": "blog/page.html" if post.kind == Post.Kind.PAGE else "blog/post.html",
        "link": link,
        "is_live": link.post.is_public and link.post.current_version == link.version.number,
        "post": post,
        "tags": tags,
        "companions": companions(link.post, tags) if link.post.is_public else None,
        "head": Head(title=with_site_name(post.meta_title or post.title), noindex=True),
        "address": absolute(post.get_absolute_url()),
        "contents": contents if post.table_of_contents_enabled and len(contents) > 1 else [],
        "begins_plainly": bool(BEGINS_PLAINLY.match(post.content_html)),
        "section": post.category.path.split("/")[0] if post.category else "",
        "may_edit": False,
    }
    return _quiet(render(request, "blog/preview.html", context))


def _shown(link: PreviewLink) -> tuple[Post, list[Tag]] | None:
    try:
        return preview_links.as_read(link)
    except Refusal:
        return None


def _ended(request: HttpRequest) -> HttpResponse:
    head = Head(title=with_site_name(_("This preview has ended")), noindex=True)
    response = render(request, "blog/preview_ended.html", {"head": head}, status=410)
    # Answered on purpose; the log of what went wrong would keep the token.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _quiet(response: HttpResponse) -> HttpResponse:
    """Kept by nobody, found by nobody, and told to no page it links to."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
