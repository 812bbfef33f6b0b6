"""Every public address there is, read from the addresses themselves, so that a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings
from django.urls import get_resolver
from django.utils import translation


class Door(NamedTuple):
    """One address: its name ("" where it has none), how it is written ("blog/%(slug)s/"), and what varies in it."""

    name: str
    template: str
    parameters: tuple[str, ...]

    def at(self, *values: object, spell: Callable[[str], str] = quote) -> str:
        """The address with `values` in the order of the parameters."""
        said = {name: spell(str(value)) for name, value in zip(self.parameters, values, strict=True)}
        return "/" + self.template % said

    def filled(self, values: dict[str, Iterable[object]]) -> list[str]:
        """The address with all that is known of each of its parameters; KeyError for one nobody thought of."""
        return [self.at(*row) for row in product(*(values[name] for name in self.parameters))]


def doors(edition: str = "") -> list[Door]:
    """All outside the desk, each once, in the order of their addresses; of an edition those it has for itself."""
    with translation.override(edition or settings.LANGUAGE_CODE):
        addresses = get_resolver().reverse_dict
    found: dict[str, Door] = {}
    for name in addresses:
        for possibilities, *_ in addresses.getlist(name):
            for template, parameters in possibilities:
                if not template.startswith("admin/") and (isinstance(name, str) or template not in found):
                    found[template] = Door(name if isinstance(name, str) else "", template, tuple(parameters))
    return [found[template] for template in sorted(found) if template.startswith(f"{edition}/" if edition else "")]
