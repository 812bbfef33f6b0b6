"""Webhooks: who is told what, what came of it, and sending again, by the same functions as the desk."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.resources import Lists
from blog import webhook_desk
from core.rest.conditional import digest, tag, with_validators
from core.rest.shaping import Shaped
from webhooks import delivering
from webhooks.kinds import KINDS
from webhooks.models import Attempt, Delivery, Endpoint


class WebhookShown(Shaped):
    """An endpoint and how it goes. Its secret is shown when it is made, and never again."""

    is_active = serializers.BooleanField(read_only=True)
    events = serializers.ListField(child=serializers.ChoiceField(choices=list(KINDS)), read_only=True)
    waiting = serializers.IntegerField(source="waiting_count", default=0, read_only=True)
    missed = serializers.IntegerField(
        source="missed_count", default=0, read_only=True, help_text="Given up, or not sent while it was paused."
    )

    class Meta:
        model = Endpoint
        fields: tuple[str, ...] = (
            *("id", "url", "description", "events", "is_active", "state", "reason", "state_since", "failures"),
            *("failing_since", "last_success_at", "last_failure_at", "waiting", "missed", "rotated_at"),
            *("previous_until", "created_at", "updated_at"),
        )
        read_only_fields: tuple[str, ...] = fields


class WebhookWithSecret(WebhookShown):
    secret = serializers.SerializerMethodField(help_text="Keep it now: it is shown this once.")

    class Meta(WebhookShown.Meta):
        fields = (*WebhookShown.Meta.fields, "secret")
        read_only_fields = fields

    def get_secret(self, endpoint: Endpoint) -> str:
        return str(self.context["secret"])


class WebhookWriting(serializers.Serializer):
    url = serializers.CharField(max_length=700, help_text="http or https, never of a private network.")
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS)), min_length=1, max_length=len(KINDS)
    )


class WebhookChanging(WebhookWriting):
    is_active = serializers.BooleanField(required=False, help_text="false switches it off, true on again.")


class DeliveryShown(Shaped):
    """One event on its way to one endpoint."""

    event = serializers.CharField(source="event_id", read_only=True)
    type = serializers.CharField(source="event.kind", read_only=True)
    payload = serializers.JSONField(source="event.payload", read_only=True)
    happened_at = serializers.DateTimeField(source="event.created_at", read_only=True)

    class Meta:
        model = Delivery
        fields = (
            *("id", "event", "type", "payload", "happened_at", "state", "attempts", "next_try_at"),
            *("delivered_at", "created_at"),
        )
        read_only_fields = fields


class AttemptShown(Shaped):
    """One try: what was sent, what was answered."""

    event = serializers.CharField(source="delivery.event_id", read_only=True)
    type = serializers.CharField(source="delivery.event.kind", read_only=True)
    body = serializers.SerializerMethodField(help_text="The bytes that were signed and sent, as text.")

    class Meta:
        model = Attempt
        fields = (
            *("id", "event", "type", "delivery", "number", "started_at", "finished_at", "duration_ms"),
            *("status_code", "body", "answer", "error"),
        )
        read_only_fields = fields

    def get_body(self, attempt: Attempt) -> str:
        return delivering.body_of(attempt.delivery.event).decode()


class Replay(serializers.Serializer):
    """Either one event, or all from a time to a time."""

    event = serializers.CharField(max_length=40, required=False, help_text="The id of one event.")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS)),
        required=False,
        max_length=len(KINDS),
        help_text="Of these kinds; without it, of those it hears of.",
    )
    only_missed = serializers.BooleanField(default=True, help_text="Leave out what it has taken.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        by_time = "since" in data and "until" in data
        if ("event" in data) == by_time or ("event" in data and {"since", "until"} & data.keys()):
            raise serializers.ValidationError(_("Name one event, or since and until."))
        return data


class Replayed(serializers.Serializer):
    count = serializers.IntegerField(help_text="How many events will be sent again.")


class DeliveryFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Delivery.State.choices)
    type = django_filters.CharFilter(field_name="event__kind")
    event = django_filters.CharFilter(field_name="event_id")

    class Meta:
        model = Delivery
        fields: list[str] = []


class AttemptFilter(django_filters.FilterSet):
    type = django_filters.CharFilter(field_name="delivery__event__kind")
    event = django_filters.CharFilter(field_name="delivery__event_id")
    delivery = django_filters.NumberFilter(field_name="delivery_id", min_value=1, max_value=10**15)

    class Meta:
        model = Attempt
        fields: list[str] = []


@extend_schema_view(
    list=extend_schema(responses=WebhookShown(many=True)), retrieve=extend_schema(responses=WebhookShown)
)
class Webhooks(Lists):
    """Addresses of programs that are told what happens here. For administrators.

    Messages are signed as Standard Webhooks says (webhook-id, webhook-timestamp, webhook-signature)."""

    lookup_value_regex = r"[0-9]{1,18}"
    is_secret = True
    write_scope = "manage"
    scopes = dict.fromkeys(("list", "retrieve", "deliveries", "attempts"), "manage")
    permissions = {
        "list": "webhooks.view_endpoint",
        "retrieve": "webhooks.view_endpoint",
        "deliveries": "webhooks.view_delivery",
        "attempts": "webhooks.view_delivery",
        "create": "webhooks.add_endpoint",
        "update": "webhooks.change_endpoint",
        "partial_update": "webhooks.change_endpoint",
        "destroy": "webhooks.delete_endpoint",
        "secret": "webhooks.change_endpoint",
        "replay": "webhooks.change_endpoint",
        "ping": "webhooks.change_endpoint",
    }
    filters = {"deliveries": DeliveryFilter, "attempts": AttemptFilter}
    shapes = {
        "create": WebhookWriting,
        "update": WebhookChanging,
        "partial_update": WebhookChanging,
        "deliveries": DeliveryShown,
        "attempts": AttemptShown,
        "replay": Replay,
    }

    @property
    def filterset_class(self) -> Any:
        return self.filters.get(self.action)

    @property
    def orderings(self) -> dict[str, tuple[str, ...]]:
        return {"newest": ("-pk",), "address": ("url", "pk")} if self.action == "list" else {}

    def get_serializer_class(self) -> Any:
        return self.shapes.get(self.action, WebhookShown)

    def get_queryset(self) -> Any:
        match self.action:
            case "deliveries":
                return Delivery.objects.filter(endpoint=self.endpoint()).select_related("event").order_by("-pk")
            case "attempts":
                tries = Attempt.objects.filter(delivery__endpoint=self.endpoint())
                return tries.select_related("delivery__event").order_by("-pk")
        return webhook_desk.with_health(webhook_desk.all_endpoints())

    # --- Written ------------------------------------------------------------------------------------------------------
    @extend_schema(request=WebhookWriting, responses={201: WebhookWithSecret})
    def create(self, request: Request) -> Response:
        """Add one. The answer has its secret, this once."""
        made = webhook_desk.add(by=self.asking, **self.said(WebhookWriting))
        response = self.with_secret(made, status=201)
        response["Location"] = request.build_absolute_uri(f"/api/v1/webhooks/{made.endpoint.pk}/")
        return response

    @extend_schema(request=WebhookChanging, responses=WebhookShown)
    def update(self, request: Request, pk: str) -> Response:
        return self.change(partial=False)

    @extend_schema(request=WebhookChanging, responses=WebhookShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change some of it. Switched on again, it hears of what happens from now on; replay what it missed."""
        return self.change(partial=True)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Send nothing more there, and forget what was sent."""
        with transaction.atomic():
            webhook_desk.remove(self.locked(), by=self.asking)
        return Response(status=204)

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, pk: str) -> Response:
        """Make another secret. For a day the one before signs as well."""
        return self.with_secret(webhook_desk.rotate(self.get_object(), by=self.asking))

    # --- Sent ---------------------------------------------------------------------------------------------------------
    @extend_schema(responses=DeliveryShown(many=True))
    @action(detail=True)
    def deliveries(self, request: Request, pk: str) -> Response:
        """The events of one endpoint, the newest first, and how each stands."""
        return self.list(request)

    @extend_schema(responses=AttemptShown(many=True))
    @action(detail=True)
    def attempts(self, request: Request, pk: str) -> Response:
        """Every try to reach one endpoint, the newest first."""
        return self.list(request)

    @extend_schema(request=Replay, responses={202: Replayed})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """Send one event again, or all from a time to a time. Each has the id it had."""
        said, endpoint = self.said(Replay), self.get_object()
        if "event" in said:
            delivery = (
                Delivery.objects.select_related("endpoint").filter(endpoint=endpoint, event=said["event"]).first()
            )
            if delivery is None:
                raise Http404
            webhook_desk.replay(delivery, by=self.asking)
            return Response({"count": 1}, status=202)
        chosen = webhook_desk.Range(said["since"], said["until"], tuple(said.get("events", ())), said["only_missed"])
        return Response({"count": webhook_desk.replay_range(endpoint, chosen, by=self.asking)}, status=202)

    @extend_schema(request=None, responses={202: DeliveryShown})
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, pk: str) -> Response:
        """Send a test message (type “ping”)."""
        delivery = webhook_desk.ping(self.get_object(), by=self.asking)
        return Response(DeliveryShown(delivery, context=self.get_serializer_context()).data, status=202)

    # --- How ----------------------------------------------------------------------------------------------------------
    @property
    def asking(self) -> Any:
        return self.request.user

    def said(self, serializer: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        read = serializer(data=self.request.data, partial=partial, context=self.get_serializer_context())
        read.is_valid(raise_exception=True)
        data: dict[str, Any] = read.validated_data
        return data

    def change(self, *, partial: bool) -> Response:
        said = self.said(WebhookChanging, partial=partial)
        with transaction.atomic():
            endpoint = webhook_desk.change(self.locked(), by=self.asking, **said)
        endpoint = self.get_queryset().get(pk=endpoint.pk)
        data = WebhookShown(endpoint, context=self.get_serializer_context()).data
        return with_validators(Response(data), tag(self.version_of(endpoint), digest(data)), endpoint.updated_at)

    def with_secret(self, made: webhook_desk.WithSecret, *, status: int = 200) -> Response:
        context = {**self.get_serializer_context(), "secret": made.secret}
        response = Response(WebhookWithSecret(made.endpoint, context=context).data, status=status)
        response["Cache-Control"] = "no-store"
        return response

    def endpoint(self) -> int:
        """Of the address, where there is one; without counting what waits for it."""
        pk = int(self.kwargs.get("pk", 0))
        if getattr(self, "swagger_fake_view", False):
            return pk
        if not webhook_desk.all_endpoints().filter(pk=pk).exists():
            raise Http404
        return pk
