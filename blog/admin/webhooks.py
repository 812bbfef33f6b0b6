"""The console of the webhooks: who is told, how it goes, each try with what was sent and answered, sending again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from accounts.admin.lists import ListTools
from accounts.roles import may
from blog import webhook_desk
from core.refusals import Refusal
from core.refusing_admin import RefusingAdmin, RefusingForm
from webhooks import delivering
from webhooks.kinds import KINDS
from webhooks.models import Attempt, Delivery, Endpoint

# The desk's chips carry word, shape and tint; these are their names for how an endpoint and a delivery stand.
CHIPS = {
    Endpoint.State.ACTIVE: "published",
    Endpoint.State.OFF: "archived",
    Endpoint.State.PAUSED: "bad",
    Endpoint.State.GONE: "bad",
}
CHIPS_OF_DELIVERIES = {
    Delivery.State.WAITING: "scheduled",
    Delivery.State.SENDING: "pending",
    Delivery.State.DELIVERED: "published",
    Delivery.State.FAILED: "bad",
    Delivery.State.SKIPPED: "archived",
}
# What fields of a day and a time go by, in every language.
AS_HTML: Any = {"date_format": "%Y-%m-%d", "time_format": "%H:%M"}
SHOWN, ATTEMPTS_SHOWN = 12, 50
Page = TemplateResponse | HttpResponseRedirect


class EndpointForm(RefusingForm):
    url = forms.CharField(
        label="Address",
        widget=forms.URLInput(attrs={"dir": "ltr", "placeholder": "https://example.org/hooks", "class": "vTextField"}),
        help_text="Where the program listens. https, so that nobody reads along; private networks are not called.",
    )
    events = forms.MultipleChoiceField(
        label="Events",
        choices=[(kind, kind) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
        help_text="What it is told of.",
        error_messages={"required": "Choose at least one event."},
    )

    class Meta:
        model = Endpoint
        fields = ("url", "description", "events")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "events" in self.fields:
            self.fields["events"].choices = [  # type: ignore[attr-defined]
                (kind, format_html("<code>{}</code> <small>{}</small>", kind, said)) for kind, said in KINDS.items()
            ]


class RangeForm(forms.Form):
    """Which events are sent again."""

    since = forms.SplitDateTimeField(
        label="From",
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}, **AS_HTML),
    )
    until = forms.SplitDateTimeField(
        label="To",
        widget=forms.SplitDateTimeWidget(date_attrs={"type": "date"}, time_attrs={"type": "time"}, **AS_HTML),
    )
    all = forms.BooleanField(label="Also what it has taken already", required=False)

    def chosen(self) -> webhook_desk.Range:
        said = self.cleaned_data
        return webhook_desk.Range(said["since"], said["until"], only_missed=not said["all"])


@admin.register(Endpoint)
class EndpointAdmin(ListTools, RefusingAdmin):
    form = EndpointForm
    fields = ("url", "description", "events")
    list_display = ("address", "state_chip", "asked_for", "last_taken", "waits", "missed")
    search_fields = ("url", "description")
    list_per_page = 50
    show_full_result_count = False
    actions = None

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> Any:
        return webhook_desk.with_health(webhook_desk.all_endpoints())

    # --- The list -----------------------------------------------------------------------------------------------------
    @admin.display(description="Webhook", ordering="url")
    def address(self, endpoint: Endpoint) -> str:
        if not endpoint.description:
            return endpoint.url
        return format_html("{}<small>{}</small>", endpoint.description, endpoint.url)

    @admin.display(description="State", ordering="state")
    def state_chip(self, endpoint: Endpoint) -> str:
        chip, words = chip_of(endpoint)
        return format_html('<span class="lp-chip {}">{}</span>', chip, words)

    @admin.display(description="Events")
    def asked_for(self, endpoint: Endpoint) -> str:
        first, *others = endpoint.events
        return f"{first} and {len(others)} more" if others else str(first)

    @admin.display(description="Last delivered", ordering="last_success_at", empty_value="never")
    def last_taken(self, endpoint: Endpoint) -> str | None:
        return clock(endpoint.last_success_at) if endpoint.last_success_at else None

    @admin.display(description="Wait", ordering="waiting_count")
    def waits(self, endpoint: Any) -> int:
        return int(endpoint.waiting_count)

    @admin.display(description="Not delivered", ordering="missed_count")
    def missed(self, endpoint: Any) -> int:
        return int(endpoint.missed_count)

    # --- Written ------------------------------------------------------------------------------------------------------
    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        user: Any = request.user
        said = {name: form.cleaned_data[name] for name in self.fields or () if name in form.cleaned_data}
        if change:
            webhook_desk.change(obj, by=user, **said)
            return
        made = webhook_desk.add(by=user, **said)
        obj.__dict__.update(made.endpoint.__dict__)
        request.webhook_secret = made.secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        return self.secret_page(request, obj, request.webhook_secret)  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        user: Any = request.user
        webhook_desk.remove(obj, by=user)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What was sent goes with it, in numbers of which no list would help."""
        return [str(each) for each in objs], {}, set(), []

    def get_urls(self) -> list[Any]:
        guard = self.admin_site.admin_view
        pages = {
            "secret": self.secret_view,
            "old-secret": require_POST(self.old_secret_view),
            "ping": require_POST(self.ping_view),
            "switch": require_POST(self.switch_view),
            "replay": self.replay_view,
        }
        own = [
            path(f"<int:pk>/{name}/", guard(view), name=f"webhooks_endpoint_{name.replace('-', '_')}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    # --- One of them --------------------------------------------------------------------------------------------------
    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        if obj is not None and obj.pk:
            now = timezone.now()
            chip, words = chip_of(obj)
            recent = deliveries_in_lists().filter(endpoint=obj)[: SHOWN + 1]
            context |= {
                "chip": chip,
                "state_words": words,
                "recent": [line_of(each) for each in recent[:SHOWN]],
                "has_more": len(recent) > SHOWN,
                "overlaps": obj.previous_until is not None and obj.previous_until > now,
                "range_form": range_form_of(obj, now),
                "all_deliveries": f"{reverse('admin:webhooks_delivery_changelist')}?endpoint__id__exact={obj.pk}",
            }
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)

    def one(self, request: HttpRequest, pk: int) -> Endpoint:
        if not may(request.user, "webhooks.change_endpoint"):
            raise PermissionDenied
        endpoint = self.get_queryset(request).filter(pk=pk).first()
        if endpoint is None:
            raise Http404
        return endpoint  # type: ignore[no-any-return]

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everywhere = {**self.admin_site.each_context(request), "title": title, "opts": Endpoint._meta}
        response = TemplateResponse(request, f"admin/webhooks/endpoint/{template}", {**everywhere, **context})
        response["Cache-Control"] = "private, no-store"
        return response

    def back(self, pk: int) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:webhooks_endpoint_change", args=[pk]))

    def secret_page(self, request: HttpRequest, endpoint: Endpoint, secret: str, **context: Any) -> TemplateResponse:
        return self.page(request, "secret.html", "The secret", endpoint=endpoint, secret=secret, **context)

    def secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks, POST makes another secret and shows it this once."""
        endpoint, user = self.one(request, pk), request.user
        if request.method != "POST":
            return self.page(request, "rotate.html", "A new secret", endpoint=endpoint)
        made = webhook_desk.rotate(endpoint, by=user)  # type: ignore[arg-type]
        return self.secret_page(request, made.endpoint, made.secret, is_another=True)

    def old_secret_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        if webhook_desk.end_overlap(self.one(request, pk), by=user):
            messages.success(request, "From now on only the newest secret signs.")
        return self.back(pk)

    def ping_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        try:
            delivery = webhook_desk.ping(self.one(request, pk), by=user)
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return self.back(pk)
        messages.success(request, "A test is on its way. Load this page again to see what came of it.")
        return HttpResponseRedirect(reverse("admin:webhooks_delivery_change", args=[delivery.pk]))

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        endpoint, user = self.one(request, pk), request.user
        wanted = request.POST.get("on") == "1"
        webhook_desk.change(endpoint, by=user, is_active=wanted)  # type: ignore[arg-type]
        said = "It hears of everything from now on." if wanted else "It hears of nothing until it is switched on again."
        messages.success(request, said)
        return self.back(pk)

    def replay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET counts what would be sent and asks, POST sends it."""
        endpoint, user = self.one(request, pk), request.user
        data = request.POST if request.method == "POST" else request.GET
        form = RangeForm(data) if data else range_form_of(endpoint, timezone.now())
        number = None
        if form.is_bound and form.is_valid():
            chosen = form.chosen()
            number = webhook_desk.events_of(endpoint, chosen).count()
            if request.method == "POST":
                try:
                    sent = webhook_desk.replay_range(endpoint, chosen, by=user)  # type: ignore[arg-type]
                except Refusal as refusal:
                    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
                else:
                    said = f"{sent} event{'' if sent == 1 else 's'} will be sent again." if sent else "Nothing to send."
                    messages.success(request, said)
                    return self.back(pk)
        return self.page(
            request,
            "replay.html",
            "Send again",
            endpoint=endpoint,
            form=form,
            number=number,
            most=webhook_desk.MOST_REPLAYED,
            fields=hidden(data) if number is not None else [],
        )


def hidden(data: QueryDict) -> list[tuple[str, str]]:
    return [(name, data.get(name, "")) for name in ("since_0", "since_1", "until_0", "until_1", "all") if name in data]


def range_form_of(endpoint: Endpoint, now: datetime) -> RangeForm:
    """Since it began to fail, or for the last day."""
    since = endpoint.failing_since or now - timedelta(days=1)
    if not endpoint.is_active:
        since = min(since, endpoint.state_since - timedelta(days=1))
    start = localtime(since).replace(second=0, microsecond=0)
    end = localtime(now).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return RangeForm(initial={"since": start, "until": end})


def chip_of(endpoint: Endpoint) -> tuple[str, str]:
    if endpoint.is_active and endpoint.failures:
        return "pending", "Failing"
    return CHIPS[Endpoint.State(endpoint.state)], endpoint.get_state_display()


def deliveries_in_lists() -> QuerySet[Delivery]:
    """With the status of the newest try, and without what was said."""
    newest = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-number")
    return (
        Delivery.objects.exclude(endpoint__state=Endpoint.State.REMOVED)
        .select_related("event", "endpoint")
        .defer("event__payload")
        .annotate(
            last_status=Subquery(newest.values("status_code")[:1]), last_error=Subquery(newest.values("error")[:1])
        )
    )


def line_of(delivery: Any) -> dict[str, Any]:
    return {
        "delivery": delivery,
        "chip": CHIPS_OF_DELIVERIES[Delivery.State(delivery.state)],
        "answered": said_in_short(delivery),
    }


def said_in_short(delivery: Any) -> str:
    if delivery.last_status:
        return str(delivery.last_status)
    return "no answer" if delivery.last_error else ""


@admin.register(Delivery)
class DeliveryAdmin(ListTools):
    """What was sent, to read; and to send again."""

    list_display = ("what", "state_chip", "to", "happened", "attempts", "answered")
    list_filter = ("state", "event__kind", ("endpoint", admin.RelatedOnlyFieldListFilter))
    search_fields = ("event__id", "event__kind")
    search_help_text = "An event's id or name"
    list_per_page = 50
    show_full_result_count = False
    actions = None
    fields: ClassVar[list[str]] = []

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/admin/webhooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return deliveries_in_lists()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"endpoint__id__exact", "event__kind"} or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description="Event", ordering="event__kind")
    def what(self, delivery: Delivery) -> str:
        return format_html("{}<small>{}</small>", delivery.event.kind, delivery.event_id)

    @admin.display(description="State", ordering="state")
    def state_chip(self, delivery: Delivery) -> str:
        chip = CHIPS_OF_DELIVERIES[Delivery.State(delivery.state)]
        return format_html('<span class="lp-chip {}">{}</span>', chip, delivery.get_state_display())

    @admin.display(description="Webhook")
    def to(self, delivery: Delivery) -> str:
        return delivery.endpoint.description or delivery.endpoint.url

    @admin.display(description="Happened", ordering="event__created_at")
    def happened(self, delivery: Delivery) -> str:
        return clock(delivery.event.created_at)

    @admin.display(description="Answer")
    def answered(self, delivery: Delivery) -> str:
        return said_in_short(delivery)

    def get_urls(self) -> list[Any]:
        again = self.admin_site.admin_view(self.replay_view)
        return [path("<int:pk>/replay/", again, name="webhooks_delivery_replay"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Page:  # type: ignore[override]
        """All of one: what is sent, and what came of each try."""
        delivery = self.one(request, object_id)
        shown = list(delivery.tried.order_by("-number")[: ATTEMPTS_SHOWN + 1])
        sent = json.dumps(json.loads(delivering.body_of(delivery.event)), ensure_ascii=False, indent=2)
        return self.page(
            request,
            "one.html",
            delivery.event.kind,
            chip=CHIPS_OF_DELIVERIES[Delivery.State(delivery.state)],
            delivery=delivery,
            sent=sent,
            attempts=shown[:ATTEMPTS_SHOWN],
            has_more=len(shown) > ATTEMPTS_SHOWN,
            may_replay=may(request.user, "webhooks.change_endpoint") and delivery.endpoint.is_active,
        )

    def replay_view(self, request: HttpRequest, pk: int) -> Page:
        """GET asks, POST sends it again."""
        delivery, user = self.one(request, str(pk)), request.user
        if not may(user, "webhooks.change_endpoint"):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, "replay.html", "Send again", delivery=delivery)
        try:
            webhook_desk.replay(delivery, by=user)  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "It is on its way again. Load this page again to see what came of it.")
        return HttpResponseRedirect(reverse("admin:webhooks_delivery_change", args=[pk]))

    def one(self, request: HttpRequest, object_id: str) -> Delivery:
        if not self.has_view_permission(request):
            raise PermissionDenied
        delivery = None
        if object_id.isdecimal() and len(object_id) < 19:
            delivery = deliveries_in_lists().defer(None).filter(pk=object_id).first()
        if delivery is None:
            raise Http404
        return delivery

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        everywhere = {**self.admin_site.each_context(request), "title": title, "opts": Delivery._meta}
        return TemplateResponse(request, f"admin/webhooks/delivery/{template}", {**everywhere, **context})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False


def clock(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y, H:i")
