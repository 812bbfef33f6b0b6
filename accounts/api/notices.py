"""What somebody was told."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import notifications
from accounts.api.resources import Lists
from accounts.models import Notification
from core.rest.conditional import digest


class Notice(serializers.ModelSerializer):
    """One thing somebody was told."""

    url = serializers.SerializerMethodField(help_text="The path it leads to; empty where it leads nowhere.")
    actor = serializers.CharField(source="actor.display_name", read_only=True, allow_null=True, default=None)
    unread = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ("id", "category", "priority", "text", "url", "actor", "count", "unread", "created_at", "read_at")
        read_only_fields = fields

    def get_url(self, notice: Notification) -> str:
        return notifications.address_of(notice)

    def get_unread(self, notice: Notification) -> bool:
        return notice.read_at is None


class UpTo(serializers.Serializer):
    up_to = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The id of the newest you know: later ones stay unread.",
    )


class NumberRead(serializers.Serializer):
    read = serializers.IntegerField(help_text="How many were unread until now.")


class NoticeFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(
        field_name="read_at", lookup_expr="isnull", label="Only those not read, or read."
    )
    category = django_filters.ChoiceFilter(choices=Notification.Category.choices)

    class Meta:
        model = Notification
        fields: list[str] = []


class Notices(Lists):
    """What I was told, and whether I have read it."""

    members_only = True
    write_scope = "account"
    scopes = {"list": "account", "retrieve": "account"}
    serializer_class = Notice
    filterset_class = NoticeFilter
    lookup_value_regex = r"[0-9]{1,18}"
    orderings = {"newest": ("-created_at", "-id"), "oldest": ("created_at", "id")}
    walked_by = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Notification]:
        if getattr(self, "swagger_fake_view", False):
            return Notification.objects.none()
        return notifications.inbox_of(self.member, timezone.now()).select_related("actor")

    def version_of(self, thing: Notification) -> str:
        return f"{thing.pk}.{digest(thing.read_at, thing.count)[:8]}"

    @extend_schema(request=None, responses=Notice)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """Mark it as read; what was read stays so."""
        notifications.mark_read(self.member, self.get_object().pk)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=Notice)
    @action(detail=True, methods=["post"])
    def unread(self, request: Request, pk: str) -> Response:
        """Come back to it another time."""
        notifications.mark_unread(self.member, self.get_object().pk)
        return self.shown(self.get_object())

    @extend_schema(operation_id="notifications_read_all", request=UpTo, responses=NumberRead)
    @action(detail=False, methods=["post"], url_path="read", url_name="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read, but not what came after `up_to`."""
        serializer = UpTo(data=request.data)
        serializer.is_valid(raise_exception=True)
        number = notifications.mark_all_read(self.member, up_to=serializer.validated_data.get("up_to"))
        return Response({"read": number})
