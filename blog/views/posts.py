"""One post, or one page."""

import re

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from accounts.roles import may
from blog import structured_data
from blog.addresses import RESERVED
from blog.editions import alternates_of_post
from blog.heads import absolute, head_of_post
from blog.menus import menus
from blog.models import Post
from blog.related import companions
from blog.series import course_of
from blog.translations import translations_of
from blog.views.lists import co_authors
from core import languages, publication

# A drop initial wants a plain first paragraph that begins with a Latin, Greek or Cyrillic letter.
BEGINS_PLAINLY = re.compile(r"\s*<p>(?=[^\W\d_])[A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff]")


@require_safe
def post(request: HttpRequest, slug: str) -> HttpResponse:
    shown = _readable(request, Post.objects.articles(), slug)
    tags = list(shown.tags.all())
    near = companions(shown, tags)
    head = head_of_post(shown)
    head.feed, head.feed_title = absolute(reverse("feed")), publication.current().name
    steps = [(publication.current().name, reverse("home"))]
    if shown.category:
        above = [(entry.name, entry.url) for entry in menus().trail(shown.category.path)]
        steps += [*above, (shown.category.name, shown.category.get_absolute_url())]
    head.data.append(structured_data.breadcrumbs([*steps, (shown.title, shown.get_absolute_url())], absolute))
    contents = [line for line in shown.table_of_contents if line.get("level") in (2, 3)]
    context = {
        "post": shown,
        "tags": tags,
        "companions": near,
        "course": course_of(shown),
        "head": head,
        "address": absolute(shown.get_absolute_url()),
        "contents": contents if shown.table_of_contents_enabled and len(contents) > 1 else [],
        "begins_plainly": bool(BEGINS_PLAINLY.match(shown.content_html)),
        "section": shown.category.path.split("/")[0] if shown.category else "",
    }
    return _answer(request, "blog/post.html", shown, context)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug in RESERVED:
        raise Http404("This address belongs to the product.")
    shown = _readable(request, Post.objects.pages(), slug)
    return _answer(request, "blog/page.html", shown, {"post": shown, "head": head_of_post(shown), "section": slug})


def _readable(request: HttpRequest, posts: QuerySet[Post], slug: str) -> Post:
    """The post at an address, if it is live or the visitor may edit it."""
    found = posts.for_page().prefetch_related(co_authors()).filter(slug=slug).first()
    if found is None or not (found.is_public or _may_edit(request, found)):
        raise Http404("There is no page at this address.")
    # The page speaks the language of its text, to the end of this request.
    translation.activate(languages.edition_of(found.content_language))
    return found


def _may_edit(request: HttpRequest, post: Post) -> bool:
    user = request.user
    return user.is_authenticated and user.is_staff and may(user, "blog.change_post", post)


def _answer(request: HttpRequest, template: str, post: Post, context: dict) -> HttpResponse:
    translated = translations_of(post)
    context["head"].alternates = alternates_of_post(post, translated)
    response = render(request, template, {**context, "translations": translated, "may_edit": _may_edit(request, post)})
    if not post.is_public:
        patch_cache_control(response, private=True, no_store=True)
        response["X-Robots-Tag"] = "noindex"
    return response
