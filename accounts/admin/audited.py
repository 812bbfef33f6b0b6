"""Admins whose every act is written into the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.template.defaultfilters import date as date_words
from django.utils import timezone

from accounts import audit

# A field named like one of these says only that it changed, never what to.
SECRET = ("password", "token", "secret")
LONGEST = 2000


class AuditedDeletions(admin.ModelAdmin):
    """Deletions leave an entry with the name; for admins whose changes are recorded elsewhere."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        at = timezone.now()
        for thing in queryset:
            audit.record(request.user, "deleted", thing, at=at)
        return super().log_deletions(request, queryset)


class AuditedAdmin(AuditedDeletions):
    """Put it first among the bases. Additions, changes (field by field) and deletions leave entries, in the
    transaction that makes them; acts without a form of Django's own (moving, merging, an action over many) call
    `accounts.audit.record` themselves.
    """

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        changes = {} if add else changes_of_form(form)
        for formset in formsets or ():
            name = str(formset.model._meta.verbose_name)
            for each in formset.forms:
                changes |= {f"{name}: {label}": pair for label, pair in changes_of_form(each).items()}
        request.audited_changes = changes
        return super().construct_change_message(request, form, formsets, add)

    def update_chosen(self, request: HttpRequest, queryset: Any, deed: str, **values: Any) -> int:
        """An action over many: those of the rows that do not say so yet; returns how many that were."""
        at = timezone.now()
        with transaction.atomic():
            left = list(queryset.exclude(**values).select_for_update())
            for thing in left:
                audit.record(request.user, deed, thing, at=at)
            return queryset.model._default_manager.filter(pk__in=[thing.pk for thing in left]).update(**values)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        audit.record(request.user, "added", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        changes = request.__dict__.pop("audited_changes", {})
        if changes:
            audit.record(request.user, "changed", obj, changes=changes)
        return super().log_change(request, obj, message)


def changes_of_form(form: forms.BaseForm) -> dict[str, tuple[str, str]]:
    """What a valid form changed, as {label: (before, after)} in words; of secrets only that they did."""
    changes = {}
    for name in getattr(form, "changed_data", ()):
        field = form.fields.get(name)
        label = str(field.label if field is not None and field.label else name.replace("_", " "))
        label = label[:1].lower() + label[1:]
        if is_secret(name, field):
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


def is_secret(name: str, field: forms.Field | None) -> bool:
    hidden = field is None or isinstance(field.widget, forms.PasswordInput)
    return hidden or any(word in name for word in SECRET)


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
    return known + (list(field.queryset.model._default_manager.filter(pk__in=keys)) if keys else [])


def in_words(field: forms.Field, value: Any) -> str:
    """What a field says, as its reader would."""
    if isinstance(value, bool) or isinstance(field, forms.BooleanField):
        return "Yes" if value else "No"
    if value is None or value == "":
        return ""
    if isinstance(field, forms.ModelChoiceField):
        if not isinstance(value, models.Model):
            key = field.to_field_name or "pk"
            value = field.queryset.model._default_manager.filter(**{key: value}).first() or f"Deleted since ({value})"
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
