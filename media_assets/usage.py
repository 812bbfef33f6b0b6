"""Where a picture or file is used: by whatever has a foreign key to it, and by what apps above say of unsaved texts.

An app joins by having a foreign key to MediaAsset. A row that only joins the two (`Told.path`) stands for the thing at
its other end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import NoReverseMatch, reverse

from media_assets.models import MediaAsset


@dataclass(frozen=True)
class Use:
    """One thing that shows a file. `kind`: "Post"; `url`: its page in the admin, "" when there is none;
    `place`: where in it, such as "text, featured picture, versions 1–3"."""

    label: str
    kind: str
    url: str
    place: str

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class Told:
    """What the rows of a foreign key mean. `path`: from the row to the thing that uses the file, "" for the row itself;
    `place`: where it shows it, "" for the name of the field; `number`: a path to the number of the version it is in."""

    path: str = ""
    place: str = ""
    number: str = ""


@dataclass(frozen=True)
class Mention:
    """A use no foreign key tells of: the files it mentions, by key or by id."""

    use: Use
    keys: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()


@dataclass
class Places:
    """Where in one thing a file is shown."""

    names: list[str] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)

    def __str__(self) -> str:
        return ", ".join([*dict.fromkeys(self.names), *([in_words(self.numbers)] if self.numbers else [])])


# Apps above say here what their foreign keys mean, (model, name of the field), and what else mentions files.
told: dict[tuple[type[Model], str], Told] = {}
finders: list[Callable[[], Iterable[Mention]]] = []


def relations() -> list[Any]:
    """Every foreign key to MediaAsset of a model outside this app, also those without a name for the way back."""
    fields: list[Any] = MediaAsset._meta.get_fields(include_hidden=True)
    return [
        relation
        for relation in fields
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and relation.related_model._meta.app_label != MediaAsset._meta.app_label
    ]


def uses_of(asset: MediaAsset) -> list[Use]:
    """Everything that shows this file, each thing once, what shows it now before what did; a handful of queries."""
    found: dict[tuple[type[Model], Any], Places] = defaultdict(Places)
    for _, thing, place, number in _rows([asset.pk]):
        places = found[thing]
        if number:
            places.numbers.add(number)
        else:
            places.names.append(place)
    things = _things(found)
    uses = [_use(things[key], places) for key, places in found.items() if key in things]
    uses.sort(key=lambda use: use.kind == "Version")
    return uses + [
        mention.use for find in finders for mention in find() if asset.key in mention.keys or asset.pk in mention.ids
    ]


def count_uses(assets: Collection[MediaAsset]) -> dict[int, int]:
    """How many things show each of `assets`, by id, in as many queries for many as for one."""
    if not assets:
        return {}
    counts = Counter(pk for pk, _ in {(pk, thing) for pk, thing, _, _ in _rows([asset.pk for asset in assets])})
    for mention in (mention for find in finders for mention in find()):
        counts.update(asset.pk for asset in assets if asset.key in mention.keys or asset.pk in mention.ids)
    return {asset.pk: counts[asset.pk] for asset in assets}


def unused() -> QuerySet[MediaAsset]:
    """The files nothing shows: no row, no earlier version, no unsaved text."""
    files = MediaAsset.objects.all()
    for relation in relations():
        rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        files = files.filter(~Exists(rows))
    mentions = [mention for find in finders for mention in find()]
    keys = frozenset[str]().union(*(mention.keys for mention in mentions))
    ids = frozenset[int]().union(*(mention.ids for mention in mentions))
    return files.exclude(Q(key__in=keys) | Q(pk__in=ids)) if keys or ids else files


def in_words(numbers: Iterable[int]) -> str:
    """ "version 3", "versions 1–3 and 5": numbers of versions as people write them."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [f"{first}–{last}" if last > first else str(first) for first, last in runs]
    if words == [str(first) for first, _ in runs[:1]]:
        return f"version {words[0]}"
    return f"versions {', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else f"versions {words[0]}"


def _rows(ids: Collection[int]) -> Iterable[tuple[int, tuple[type[Model], Any], str, int]]:
    """For each row that points at one of these files: its id, the thing, the place in it, the number of the version."""
    questions: list[Any] = []
    meanings: list[tuple[Any, str]] = []
    for relation in relations():
        model, name = relation.related_model, relation.field.name
        meaning = told.get((model, name), Told())
        questions.append(
            model._base_manager.filter(**{f"{name}__in": ids})
            .order_by()
            .values_list(
                Value(len(meanings), IntegerField()),
                relation.field.attname,
                Cast(meaning.path or "pk", CharField()),
                F(meaning.number) if meaning.number else Value(0, IntegerField()),
            )
        )
        meanings.append((_end_of(model, meaning.path), meaning.place or str(relation.field.verbose_name)))
    if not questions:
        return
    for index, asset_id, pk, number in sorted(questions[0].union(*questions[1:], all=True)):
        thing, place = meanings[index]
        yield asset_id, (thing, thing._meta.pk.to_python(pk)), place, number


def _end_of(model: type[Model], path: str) -> Any:
    for step in path.split("__") if path else ():
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    return model


def _things(keys: Iterable[tuple[type[Model], Any]]) -> dict[tuple[type[Model], Any], Any]:
    """The things themselves, one query for each kind of them."""
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for model, pk in keys:
        wanted[model].add(pk)
    return {
        (model, thing.pk): thing
        for model, pks in wanted.items()
        for thing in model._base_manager.select_related().filter(pk__in=pks).defer(*_long(model))
    }


def _long(model: type[Model]) -> list[str]:
    """Whole texts, which no name is made of."""
    return [each.name for each in model._meta.concrete_fields if each.get_internal_type() in {"TextField", "JSONField"}]


def _use(thing: Any, places: Places) -> Use:
    name = str(thing._meta.verbose_name)
    kind = name[:1].upper() + name[1:] if places.names else "Version"
    return Use(str(thing), kind, admin_address(thing), str(places))


def admin_address(thing: Any) -> str:
    """Where a thing is edited; empty when it has no page in the admin."""
    try:
        return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    except NoReverseMatch:
        return ""
