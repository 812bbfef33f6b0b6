"""Admins whose every act is written into the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit
from accounts.form_changes import changes_of_form


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
