"""Old addresses, for editors: saved through the redirect desk, which refuses circles and says what it noticed."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api.resources import Lists
from blog import redirect_desk, redirect_rules
from blog.api.shapes import by_id
from blog.models import Category, Post, Redirect
from core.rest.shaping import Exact, Shaped

WRITTEN = ("old_path", "post", "category", "new_path", "type")


class RedirectShown(Shaped):
    target = serializers.CharField(read_only=True, help_text="Where it leads now; empty where it is gone for good.")

    class Meta:
        model = Redirect
        fields: tuple[str, ...] = (
            "id",
            *WRITTEN,
            "target",
            "origin",
            "hits",
            "last_hit_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class Noticed(serializers.Serializer):
    """One thing the linter says of a redirect."""

    level = serializers.CharField()
    sentence = serializers.CharField()
    fix = serializers.CharField()


class RedirectSaved(RedirectShown):
    """`done`: what else was put right; `findings`: what is worth knowing about it."""

    done = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()

    class Meta(RedirectShown.Meta):
        fields = (*RedirectShown.Meta.fields, "done", "findings")
        read_only_fields = fields

    def get_done(self, row: Redirect) -> list[str]:
        done: list[str] = self.context.get("done", [])
        return done

    def get_findings(self, row: Redirect) -> list[dict[str, str]]:
        found = redirect_desk.findings_of(row, at=timezone.now())[:5]
        return [{"level": each.level, "sentence": each.sentence, "fix": each.fix} for each in found]


class RedirectWriting(Exact, serializers.ModelSerializer):
    old_path = serializers.CharField(max_length=700, help_text="Starts with a slash.")
    post = by_id(Post.objects.not_trashed(), allow_null=True)
    category = by_id(Category.objects.all(), allow_null=True)

    class Meta:
        model = Redirect
        fields = WRITTEN
        validators: list[Any] = []


class RedirectFilter(django_filters.FilterSet):
    old_path = django_filters.CharFilter(method="at", label="The old address, in any spelling.")
    origin = django_filters.ChoiceFilter(choices=Redirect.Origin.choices)
    type = django_filters.ChoiceFilter(choices=Redirect.Type.choices)

    class Meta:
        model = Redirect
        fields: list[str] = []

    def at(self, rows: Any, name: str, address: str) -> Any:
        return rows.filter(old_path=redirect_desk.normalise_old_address(address))


class Redirects(Lists):
    """Exact redirects. What an address would do is answered by the whole table, rules included."""

    lookup_value_regex = r"\d{1,18}"
    queryset = Redirect.objects.none()
    serializer_class = RedirectShown
    filterset_class = RedirectFilter
    orderings = {"changed": ("-updated_at", "-pk"), "address": ("old_path",), "hits": ("-hits", "-pk")}
    needs_if_match = True
    permissions = {
        "list": "blog.view_redirect",
        "retrieve": "blog.view_redirect",
        "create": "blog.add_redirect",
        "update": "blog.change_redirect",
        "partial_update": "blog.change_redirect",
        "destroy": "blog.delete_redirect",
    }

    def get_queryset(self) -> Any:
        return redirect_desk.rows()

    @extend_schema(request=RedirectWriting, responses={201: RedirectSaved})
    def create(self, request: Request) -> Response:
        with redirect_rules.locked():
            row = Redirect(**self.said())
            done = self.save(row)
            audit.record(self.by, "added", row)
        address = request.build_absolute_uri(f"{request.path}{row.pk}/")
        return self.saved(row, done, status=201, headers={"Location": address})

    @extend_schema(request=RedirectWriting, responses=RedirectSaved)
    def update(self, request: Request, pk: str) -> Response:
        return self.change(partial=False)

    @extend_schema(request=RedirectWriting, responses=RedirectSaved)
    def partial_update(self, request: Request, pk: str) -> Response:
        return self.change(partial=True)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        with redirect_rules.locked():
            row = self.locked()
            audit.record(self.by, "deleted", row)
            row.delete()
        return Response(status=204)

    def change(self, *, partial: bool) -> Response:
        with redirect_rules.locked():
            row = self.locked()
            said = self.said(partial=partial)
            if not partial:
                said = {"post": None, "category": None, "new_path": "", "type": Redirect.Type.MOVED, **said}
            before = {name: str(getattr(row, name) or "") for name in WRITTEN}
            for name, value in said.items():
                setattr(row, name, value)
            done = self.save(row)
            after = {name: str(getattr(row, name) or "") for name in WRITTEN}
            changes = {name: (before[name], after[name]) for name in WRITTEN if before[name] != after[name]}
            if changes:
                audit.record(self.by, "changed", row, changes=changes)
        return self.saved(row, done)

    def said(self, *, partial: bool = False) -> dict[str, Any]:
        data = {} if self.request.data is None else self.request.data
        serializer = RedirectWriting(data=data, partial=partial, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        found: dict[str, Any] = serializer.validated_data
        return found

    def save(self, row: Redirect) -> list[str]:
        """As the form of the desk does it: what the row itself may be, what belongs to the site, then circles."""
        row.full_clean()
        redirect_desk.check_addresses(row)
        return redirect_desk.save_redirect(row, at=timezone.now())

    def saved(self, row: Redirect, done: list[str], **more: Any) -> Response:
        fresh = self.get_queryset().get(pk=row.pk)
        response = self.shown(fresh, **more)
        response.data = RedirectSaved(fresh, context={**self.get_serializer_context(), "done": done}).data
        return response
