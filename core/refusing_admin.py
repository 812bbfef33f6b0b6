"""Refusals of the rules as errors of an admin form, so that nobody loses what they typed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.refusals import Refusal

# The largest id both databases hold has nineteen digits.
LONGEST_ID = 18


def is_id(value: str) -> bool:
    """Whether this can be the primary key of a row."""
    return value.isascii() and value.isdecimal() and len(value) <= LONGEST_ID


class RefusingForm(forms.ModelForm):
    """`refusals` are what the rules said about an earlier try with the same data; they become errors of this one."""

    refusals: ClassVar[list[Refusal]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for refusal in self.refusals:
            self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)
        return self.cleaned_data if cleaned is None else cleaned


class RefusingAdmin(admin.ModelAdmin):
    """An admin whose save_model and delete_model may raise a Refusal. Its form is a RefusingForm."""

    def view_on_site(self, obj: models.Model) -> str | None:
        """The object's own address; Django's short cut would tell anybody on the staff the address of any object."""
        address = getattr(obj, "get_absolute_url", None)
        return address() if address else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.refusals = getattr(request, "refusals", [])
        return form

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Other things are made and changed on their own pages, not in windows over this one."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for permission in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if hasattr(getattr(field, "widget", None), permission):
                setattr(field.widget, permission, False)
        return field

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not hasattr(request, "refusals"):
            request.refusals = []
        if request.method == "POST":
            self.set_line_ends(request)
            self.drop_impossible_choices(request)
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            # The transaction is rolled back; the same form once more, saying why, with everything that was typed.
            request.refusals.append(refusal)
            return super().changeform_view(request, object_id, form_url, extra_context)

    @staticmethod
    def set_line_ends(request: HttpRequest) -> None:
        """Browsers send every line end as CR LF; a text nobody touched must come back as it was."""
        data = request.POST.copy()
        for name, values in data.lists():
            data.setlist(name, [value.replace("\r\n", "\n") for value in values])
        request.POST = data

    def drop_impossible_choices(self, request: HttpRequest) -> None:
        """What cannot be the id of anything is no choice, and says so; Django's widgets would fail over it."""
        data = request.POST.copy()
        related = [*self.opts.fields, *self.opts.many_to_many]
        for name in (field.name for field in related if field.is_relation and field.name in data):
            given = data.getlist(name)
            possible = [value for value in given if not value or is_id(value)]
            if possible != given:
                data.setlist(name, possible)
                request.refusals.append(Refusal("One choice is none of those offered; choose again.", field=name))
        request.POST = data

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        name = helpers.ACTION_CHECKBOX_NAME
        if name in request.POST:
            data = request.POST.copy()
            data.setlist(name, [value for value in data.getlist(name) if is_id(value)])
            request.POST = data
        return super().changelist_view(request, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponseRedirect(reverse(name, args=[object_id]))
