"""What the page of an author asks."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from accounts.models import AuthorProfile
from blog.menus import Entry, Menus
from blog.models import Post

register = template.Library()


@register.simple_tag
def subjects_of(profile: AuthorProfile, menus: Menus) -> list[tuple[str, str]]:
    """What the author writes on, by name, each with its page, or else with a search among the author's posts."""
    pages = {entry.name.casefold(): entry.url for entry in (*menus.categories, *menus.series, *menus.topics)}
    find = reverse("search")
    return [
        (name, pages.get(name.casefold()) or f"{find}?{urlencode({'q': name, 'author': profile.slug})}")
        for name in profile.expertise_topics
    ]


@register.simple_tag
def filed_under(posts: Iterable[Post], menus: Menus) -> dict[str, list[Entry]]:
    """The series, topics and categories these posts are in, in the order of the menus."""
    posts = list(posts)
    series = {post.series.slug for post in posts if post.series}
    topics = {post.topic_cluster.slug for post in posts if post.topic_cluster}
    paths = {post.category.path for post in posts if post.category}
    return {
        "series": [entry for entry in menus.series if entry.path in series],
        "topics": [entry for entry in menus.topics if entry.path in topics],
        "categories": [entry for entry in menus.categories if entry.path in paths],
    }
