"""What templates may ask about languages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.formats import number_format

from blog.editions import Edition, editions_of
from core import languages

register = template.Library()


@register.simple_tag(takes_context=True)
def editions(context: template.Context) -> list[Edition]:
    """The choices of the language switch; on a post's page its translations are in the context."""
    return editions_of(context["request"], context.get("translations") or ())


@register.filter
def language_name(code: str) -> str:
    """What a language calls itself."""
    return languages.name_of(code)


@register.filter
def direction(code: str) -> str:
    """Which way it is written, for the attribute dir."""
    return languages.direction_of(code)


@register.filter
def number(count: int) -> str:
    """A number with its thousands parted as the page's language parts them."""
    return number_format(count, use_l10n=True, force_grouping=True)


@register.filter
def og_locale(code: Any) -> str:
    """A language as share cards name it: "de_AT", "en_GB"; those without a country keep their code."""
    language, _, country = str(code).partition("-")
    return f"{language}_{country.upper()}" if country else language
