"""Addresses made from titles: unique, unicode allowed, stable once public."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import Model
from django.utils.text import slugify

from blog.addresses import RESERVED
from blog.models import Post
from core.refusals import Refusal

MAX_LENGTH = 200
# Beside the posts in the API stand lists of these names.
LISTED = frozenset({"popular", "trending"})
# Words whose sign would vanish: C++ and C# are not C.
SIGNS = {"++": " plus plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " per cent "}


def make_slug(text: str, *, fallback: str = "untitled", longest: int = MAX_LENGTH) -> str:
    """The slug of a title; `fallback` when nothing in it can be in an address."""
    for sign, word in SIGNS.items():
        text = text.replace(sign, word)
    slug = slugify(unicodedata.normalize("NFKC", text), allow_unicode=True)[:longest].strip("-_")
    return slug or fallback


def longest_slug(model: type[Model]) -> int:
    return getattr(model._meta.get_field("slug"), "max_length", None) or MAX_LENGTH


def free_slug(
    wanted: str, model: type[Model], *, exclude_pk: int | None = None, reserved: frozenset[str] = frozenset()
) -> str:
    """`wanted`, or with -2, -3… at its end until nothing of this model has it; never longer than the model allows."""
    longest = longest_slug(model)
    wanted = wanted[:longest]
    taken = set(
        model._default_manager.filter(slug__startswith=wanted[: longest - 8])
        .exclude(pk=exclude_pk)
        .values_list("slug", flat=True)
    ) | set(reserved)
    candidate, number = wanted, 1
    while candidate in taken:
        number += 1
        suffix = f"-{number}"
        candidate = wanted[: longest - len(suffix)] + suffix
    return candidate


def settle_slug(post: Post) -> bool:
    """Give a post without a slug one from its title, or refuse one that is taken or belongs to the product.

    Returns whether the slug was made here, so that somebody who takes it at the same moment only costs a number.
    """
    reserved = (RESERVED if post.kind == Post.Kind.PAGE else frozenset[str]()) | LISTED
    if not post.slug:
        post.slug = free_slug(make_slug(post.title), Post, exclude_pk=post.pk, reserved=reserved)
        return True
    post.slug = make_slug(post.slug)
    if post.slug in reserved and not (post.slug in LISTED and has_it_already(post)):
        raise Refusal(f"The address /{post.slug}/ belongs to the site itself; choose another.", field="slug")
    if is_taken(post):
        raise Refusal(f"Another post or page has the address “{post.slug}”; choose another.", field="slug")
    return False


def has_it_already(post: Post) -> bool:
    return Post.objects.filter(pk=post.pk, slug=post.slug).exists()


def renew_of_translation(post: Post, before: Post) -> None:
    """Let a translation nobody has read take its address from its own title.

    It began with the title of its original, and so with its address and a number. One that somebody chose stays.
    """
    if before.translation_group is None or before.was_ever_public or post.title == before.title:
        return
    if post.slug == before.slug and re.fullmatch(rf"{re.escape(make_slug(before.title))}(?:-\d+)?", before.slug):
        post.slug = ""


def is_taken(post: Post) -> bool:
    """Whether another post or page has this one's slug."""
    return Post.objects.filter(slug=post.slug).exclude(pk=post.pk).exists()
