"""What search engines and feed hubs were told, to read."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from accounts.admin.lists import ListTools
from blog.models import Ping

# The desk's chips carry word, shape and tint; these are their names for what became of it.
CHIPS = {Ping.State.WAITING: "scheduled", Ping.State.SENT: "published", Ping.State.FAILED: "bad"}


@admin.register(Ping)
class PingAdmin(ListTools):
    list_display = ["address", "state_chip", "service", "attempts", "created", "told", "answer"]
    list_filter = ["state", "service"]
    search_fields = ["address"]
    list_per_page = 100
    show_full_result_count = False
    fields = ["address", "service", "state_chip", "attempts", "answer", "created", "told", "next_try_at"]
    readonly_fields = fields

    @admin.display(description="status", ordering="state")
    def state_chip(self, ping: Ping) -> str:
        chip = CHIPS[Ping.State(ping.state)]
        return format_html('<span class="lp-chip {}">{}</span>', chip, ping.get_state_display())

    @admin.display(description="written", ordering="created_at")
    def created(self, ping: Ping) -> str:
        return _clock(ping.created_at)

    @admin.display(description="told", ordering="sent_at", empty_value="not yet")
    def told(self, ping: Ping) -> str | None:
        return _clock(ping.sent_at) if ping.sent_at else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Ping | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ping | None = None) -> bool:
        return False


def _clock(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y, H:i")
