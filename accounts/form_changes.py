"""What a form changed, in the words of whoever filled it in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.template.defaultfilters import date as date_words
from django.utils import timezone

# A field named like one of these says only that it changed, never what to.
SECRET = ("password", "token", "secret")
LONGEST = 2000


def changes_of_form(form: forms.BaseForm) -> dict[str, tuple[str, str]]:
    """What a valid form changed, as {label: (before, after)} in words; of secrets only that they did."""
    changes = {}
    for name in getattr(form, "changed_data", ()):
        field = form.fields.get(name)
        label = str(field.label if field is not None and field.label else name.replace("_", " "))
        label = label[:1].lower() + label[1:]
        if field is None or is_secret(name, field):
            changes[label] = ("", "set anew")
            continue
        before, after = form.get_initial_for_field(field, name), form.cleaned_data.get(name)
        if isinstance(field, forms.ModelMultipleChoiceField):
            pair = what_moved(field, before, after)
        else:
            pair = (in_words(field, before), in_words(field, after))
        if pair[0] != pair[1]:
            changes[label] = pair
    return changes


def is_secret(name: str, field: forms.Field) -> bool:
    return isinstance(field.widget, forms.PasswordInput) or any(word in name for word in SECRET)


def what_moved(field: forms.ModelMultipleChoiceField, before: Any, after: Any) -> tuple[str, str]:
    """Of a long list only what was taken away and what came in."""
    old = {thing.pk: thing for thing in as_things(field, before or ())}
    new = {thing.pk: thing for thing in after or ()}
    gone = [str(thing) for pk, thing in old.items() if pk not in new]
    came = [str(thing) for pk, thing in new.items() if pk not in old]
    return ", ".join(gone)[:LONGEST], ", ".join(came)[:LONGEST]


def as_things(field: forms.ModelMultipleChoiceField, values: Iterable[Any]) -> list[models.Model]:
    values = list(values)
    keys = [value for value in values if not isinstance(value, models.Model)]
    known = [value for value in values if isinstance(value, models.Model)]
    return known + (list(things_of(field).filter(pk__in=keys)) if keys else [])


def things_of(field: forms.ModelChoiceField) -> models.Manager[Any]:
    """Everything of the kind a field offers, also what it does not offer any more."""
    assert field.queryset is not None
    return field.queryset.model._default_manager


def in_words(field: forms.Field, value: Any) -> str:
    """What a field says, as its reader would."""
    if isinstance(value, bool) or isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    if value is None or value == "":
        return ""
    if isinstance(field, forms.ModelChoiceField):
        if not isinstance(value, models.Model):
            key = field.to_field_name or "pk"
            value = things_of(field).filter(**{key: value}).first() or f"Deleted since ({value})"
        return str(value)
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list | tuple) else [value]
        labels = {str(key): str(label) for key, label in flat(field.choices)}
        return ", ".join(labels.get(str(each), str(each)) for each in chosen)
    if isinstance(value, datetime):
        return date_words(timezone.localtime(value) if timezone.is_aware(value) else value, "j F Y, H:i")
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)[:LONGEST]
    return str(value)[:LONGEST]


def flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label
