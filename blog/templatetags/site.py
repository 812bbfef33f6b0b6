"""What templates of the site may ask for."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import User
from blog import corrections, heads
from blog.menus import Menus, menus
from blog.models import Correction, Post
from core.context import publication as describe_publication

register = template.Library()

UPDATE_WORTH_TELLING = timedelta(days=1)

# As in Django's json_script: nothing in the data can end the script element.
_ESCAPED = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def publication(context: template.Context) -> dict[str, Any]:
    """The facts of the publication, whatever a view of another package put under the same name."""
    return describe_publication(context["request"])["site"]


@register.simple_tag
def site_menus() -> Menus:
    return menus()


@register.simple_tag
def today() -> Any:
    return timezone.localdate()


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """Linked data as text for a script element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPED))


@register.filter
def authors(post: Post) -> list[User]:
    """Everybody who wrote it, the first author first."""
    return [post.author, *post.co_authors.all()]


@register.filter
def monogram(user: User) -> str:
    """One of three colourings of somebody's first letter, always the same one for the same person."""
    return ("", "b2", "b3")[user.pk % 3]


register.filter(heads.shorten)


@register.filter
def absolute(path: str) -> str:
    return heads.absolute(path)


@register.filter
def was_updated(post: Post) -> bool:
    """Whether it was changed long enough after its publication for readers to want to know."""
    changed, published = post.content_changed_at, post.published_at
    return bool(changed and published and changed - published > UPDATE_WORTH_TELLING)


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """The numbers to show under a list: the first, the last, those near this page, and "…" for the gaps."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag
def part_number(page: Page, index: int) -> str:
    """ "Part 12": which part of a series stands at a place of this page of its list."""
    return _("Part %(number)s") % {"number": page.start_index() + index}


@register.filter
def told_reason(post: Post) -> str:
    """Why it was last changed, when its writers want readers to know."""
    return post.last_updated_reason if post.show_update_reason else ""


@register.filter
def changed_since(post: Post) -> datetime | None:
    """When its text was last changed after it was published."""
    changed, published = post.content_changed_at, post.published_at
    return changed if changed and published and changed > published else None


@register.simple_tag
def corrections_of(post: Post) -> list[Correction]:
    return corrections.of(post)


@register.filter
def host(url: str) -> str:
    """The name of the place behind an address: "example.org"."""
    return url.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.")
