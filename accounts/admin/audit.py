"""The audit trail, to read, to search and to take away as a file. Nobody writes, changes or deletes it here."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NoReturn

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse

from accounts import audit
from accounts.admin.lists import Column, ListTools
from accounts.models import AuditEntry
from core.refusing_admin import is_id

PER_PAGE = 50
# Days near the ends of the calendar have no midnight in every zone and no day after them.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)


def day_field(label: str) -> forms.DateField:
    """A day between those the calendar of every zone knows."""
    said = "The trail has no such day."
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST_DAY, said), MaxValueValidator(LAST_DAY, said)],
    )


class SearchForm(forms.Form):
    """What to look for, as it stands in the address; what cannot be meant is said beside its field."""

    q = forms.CharField(label="Words", required=False, max_length=200)
    actor = forms.ChoiceField(label="Who", required=False)
    action = forms.ChoiceField(label="What", required=False)
    kind = forms.ChoiceField(label="Kind of thing", required=False)
    since = day_field("From")
    until = day_field("To")
    target = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["actor"].choices = [("", "Everybody"), *audit.actors(), (audit.CLOCK, "The clock")]
        self.fields["action"].choices = [("", "Everything"), *((verb, verb.capitalize()) for verb in audit.actions())]
        self.fields["kind"].choices = [("", "Every kind"), *((pk, name.capitalize()) for pk, name in audit.kinds())]

    def clean_target(self) -> str:
        target = self.cleaned_data["target"]
        model, _, pk = target.partition(":")
        if target and not (model.isidentifier() and is_id(pk)):
            raise forms.ValidationError("This names no thing of the trail.")
        return target

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "This day lies before the first one.")
        return self.cleaned_data

    def search(self) -> audit.Search:
        """What is asked for; of what cannot be meant nothing."""
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return audit.Search(words=known.pop("q", ""), **known)


def who(entry: AuditEntry) -> str:
    """The name it was done under. Without one it was the clock, unless the request of a stranger led to it."""
    return entry.actor_name or ("Not signed in" if entry.network else "The clock")


def changes_in_a_line(entry: AuditEntry) -> str:
    return "; ".join(f"{label}: {old} → {new}" for label, (old, new) in entry.changes.items())


@admin.register(AuditEntry)
class AuditAdmin(ListTools):
    """The trail and its file."""

    csv_columns: ClassVar[list[Column]] = [
        ("When", lambda entry: entry.at),
        ("Who", who),
        ("What", lambda entry: entry.action),
        ("Kind", lambda entry: entry.target_type.name if entry.target_type else ""),
        ("Id", lambda entry: entry.target_id),
        ("Name", lambda entry: entry.target_name),
        ("Changes", changes_in_a_line),
        ("Note", lambda entry: entry.note),
        ("Address", lambda entry: entry.network),
        ("Request", lambda entry: entry.request_id),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        """An entry has no page of its own."""
        raise PermissionDenied

    def history_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionDenied

    def rows_of(self, request: HttpRequest, query: str) -> QuerySet[AuditEntry]:
        form = SearchForm(QueryDict(query))
        if not form.is_valid():
            raise IncorrectLookupParameters
        return audit.entries(form.search())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The newest entries first, page by page without counting them; GET alone."""
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request):
            raise PermissionDenied
        form = SearchForm(request.GET)
        found = audit.entries(form.search()) if form.is_valid() else AuditEntry.objects.none()
        before = request.GET.get("p", "")
        if is_id(before):
            found = audit.older_than(found, int(before))
        rows = list(found[: PER_PAGE + 1])
        more, rows = len(rows) > PER_PAGE, rows[:PER_PAGE]
        addresses = self.addresses(request, rows)
        for row in rows:
            row.who = who(row)
            row.address = addresses.get((row.target_type_id, row.target_id), "")
        asked = request.GET.copy()
        asked.pop("p", None)
        query = asked.urlencode()
        if more:
            asked["p"] = str(rows[-1].pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Audit trail",
            "opts": self.opts,
            "form": form,
            "rows": rows,
            "older": asked.urlencode() if more else "",
            "newest": query if is_id(before) else None,
            "list_tools": self.list_tools(request),
            "searching": any(request.GET.get(name) for name in form.fields),
            "target": rows[0].target_name if rows and form.cleaned_data.get("target") else "",
        }
        return TemplateResponse(request, "admin/accounts/auditentry/trail.html", context)

    def addresses(self, request: HttpRequest, rows: list[AuditEntry]) -> dict[tuple[int, int], str]:
        """The pages of those things that still exist and that this person may see; one query a kind."""
        wanted: dict[ContentType, set[int]] = {}
        for row in rows:
            if row.target_type is not None and row.target_id is not None:
                wanted.setdefault(row.target_type, set()).add(row.target_id)
        found = {}
        for kind, keys in wanted.items():
            model = kind.model_class()
            its_admin = self.admin_site._registry.get(model) if model is not None else None
            if its_admin is None or not its_admin.has_view_permission(request):
                continue
            seen = its_admin.get_queryset(request).order_by().filter(pk__in=keys).values_list("pk", flat=True)
            for pk in seen:
                try:
                    found[kind.pk, pk] = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[pk])
                except NoReverseMatch:
                    break
        return found
