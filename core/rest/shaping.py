"""What a caller wants to see of a thing: `?fields=title,slug` and `?expand=author,category.parent`.

A serializer names what can be expanded, with the serializer that does it and what the queryset needs for it; nothing
else can be reached, and no deeper than `DEEPEST`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

DEEPEST, MOST = 2, 20
_built: dict[type[serializers.ModelSerializer], dict[str, serializers.Field]] = {}


class Expansion(NamedTuple):
    """`serializer` shows it whole; `select` and `prefetch` are what one query more or a join brings. A prefetch may be
    a function that makes it."""

    serializer: type[serializers.Serializer] | str
    select: tuple[str, ...] = ()
    prefetch: tuple[Any, ...] = ()
    many: bool = False
    source: str = ""


class Wanted(NamedTuple):
    fields: frozenset[str]
    expand: dict[str, Any]


def wanted(request: Request) -> Wanted:
    """What a request asks for, checked for size alone; names are checked by the serializer that knows them."""
    names = _names(request, "fields")
    tree: dict[str, Any] = {}
    for path in _names(request, "expand"):
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise ValidationError(
                {"expand": [_("“%(path)s” goes deeper than %(most)s.") % {"path": path, "most": DEEPEST}]}
            )
        branch = tree
        for part in parts:
            branch = branch.setdefault(part, {})
    return Wanted(frozenset(names), tree)


def _names(request: Request, parameter: str) -> list[str]:
    given = [name.strip() for each in request.query_params.getlist(parameter) for name in each.split(",")]
    names = [name for name in dict.fromkeys(given) if name]
    if len(names) > MOST:
        raise ValidationError({parameter: [_("Name at most %(most)s.") % {"most": MOST}]})
    return names


class Shaped(serializers.ModelSerializer):
    """Leaves out what is not in `fields`, and shows whole what is in `expand`."""

    expandable: dict[str, Expansion] = {}

    def __init__(self, *args: Any, shape: Wanted | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape = shape

    def get_fields(self) -> dict[str, serializers.Field]:
        # What the columns say does not change; to ask them each time was a fifth of an answer.
        if (built := _built.get(type(self))) is None:
            built = _built[type(self)] = super().get_fields()
        fields = copy.deepcopy(built)
        shape = self.shape or self._asked()
        if shape is None:
            return fields
        for name, below in shape.expand.items():
            if name not in self.expandable:
                raise ValidationError({"expand": [_unknown(name, self.expandable)]})
            how = self.expandable[name]
            serializer: Any = how.serializer
            inner = Wanted(frozenset(), below) if issubclass(serializer, Shaped) else None
            if below and inner is None:
                raise ValidationError({"expand": [_unknown(next(iter(below)), ())]})
            options: dict[str, Any] = {"shape": inner} if inner is not None else {}
            if how.source and how.source != name:
                options["source"] = how.source
            fields[name] = serializer(read_only=True, many=how.many, context=self.context, **options)
        if shape.fields:
            if unknown := sorted(shape.fields - set(fields)):
                raise ValidationError({"fields": [_unknown(unknown[0], fields)]})
            fields = {name: field for name, field in fields.items() if name in shape.fields}
        return fields

    def _asked(self) -> Wanted | None:
        """Of the outermost alone: what is within is told by what it is within."""
        holder = self.parent.parent if isinstance(self.parent, serializers.ListSerializer) else self.parent
        if holder is not None:
            return None
        view, request = self.context.get("view"), self.context.get("request")
        return getattr(view, "shape", None) or (wanted(request) if request is not None else None)


class Exact(serializers.Serializer):
    """For what is written: a name nobody knows is refused, and so is one that cannot be written, so that nobody takes
    for done what was only passed over."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := sorted(str(name) for name in data if name not in known):
                raise ValidationError({name[:60]: [_("This cannot be written.")] for name in unknown[:MOST]})
        return super().to_internal_value(data)


def brought(queryset: QuerySet, serializer: type[Shaped], shape: Wanted) -> QuerySet:
    """The queryset with what the expansions need, so that no row asks by itself."""
    for name in shape.expand:
        if how := serializer.expandable.get(name):
            queryset = queryset.select_related(*how.select) if how.select else queryset
            prefetched = [each() if callable(each) else each for each in how.prefetch]
            queryset = queryset.prefetch_related(*prefetched) if prefetched else queryset
    return queryset


def _unknown(name: str, known: Any) -> str:
    return _("There is no “%(name)s” here. Known: %(known)s.") % {
        "name": name[:60],
        "known": ", ".join(sorted(known)) or "–",
    }
