"""The outbox, to read: every mail that left or waits. Nothing can be written or deleted here."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime, now

from accounts import audit, mailing
from accounts.admin.lists import ListTools
from accounts.models import OutgoingMail
from accounts.roles import may

# The desk's chips carry word, shape and tint; these are their names for the states of a mail.
CHIPS = {
    OutgoingMail.Status.WAITING: "scheduled",
    OutgoingMail.Status.SENDING: "pending",
    OutgoingMail.Status.SENT: "published",
    OutgoingMail.Status.FAILED: "bad",
}
# A mail's own styles are inline, so they are allowed in its frame; scripts, forms and everything fetched are not.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@admin.register(OutgoingMail)
class OutboxAdmin(ListTools):
    list_display = ["subject", "state", "recipient", "kind", "created", "sent"]
    list_filter = ["status", "kind"]
    search_fields = ["recipient", "subject"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["send_again"]
    fields = ["state", "subject", "recipient", "kind", "written", "page", "words", "source", "last_error"]
    readonly_fields = ["state", "subject", "recipient", "kind", "written", "page", "words", "source", "last_error"]

    class Media:
        css = {"all": ["css/admin/outbox.css"]}

    @admin.display(description="status", ordering="status")
    def state(self, mail: OutgoingMail) -> str:
        chip = CHIPS[OutgoingMail.Status(mail.status)]
        return format_html('<span class="lp-chip {}">{}</span>', chip, mail.get_status_display())

    @admin.display(description="written", ordering="created_at")
    def created(self, mail: OutgoingMail) -> str:
        return _clock(mail.created_at)

    @admin.display(description="handed over", ordering="sent_at", empty_value="not yet")
    def sent(self, mail: OutgoingMail) -> str | None:
        return _clock(mail.sent_at) if mail.sent_at else None

    @admin.display(description="times")
    def written(self, mail: OutgoingMail) -> str:
        parts = [f"written {_clock(mail.created_at)}"]
        if mail.sent_at:
            parts.append(f"handed over {_clock(mail.sent_at)}")
        elif mail.status == OutgoingMail.Status.WAITING:
            parts.append(f"next try {_clock(mail.next_try_at)}")
        parts.append(f"{mail.attempts} attempt{'' if mail.attempts == 1 else 's'}")
        return " · ".join(parts)

    @admin.display(description="as the reader sees it")
    def page(self, mail: OutgoingMail) -> str:
        if not mail.html:
            return "No HTML: it was emptied after the hand-over, or there was none."
        return format_html(
            '<iframe class="mail-frame" src="{}" title="{}" width="640" height="620" loading="lazy" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>',
            reverse("admin:accounts_outgoingmail_html", args=[mail.pk]),
            f"The mail “{mail.subject}”",
        )

    @admin.display(description="as plain text")
    def words(self, mail: OutgoingMail) -> str:
        return format_html('<pre class="mail-text">{}</pre>', mail.text) if mail.text else "No text."

    @admin.display(description="headers")
    def source(self, mail: OutgoingMail) -> str:
        lines = {
            "From": mail.sender,
            "To": mail.recipient,
            "Reply-To": mail.reply_to,
            "Subject": mail.subject,
            "Message-ID": mail.message_id,
            **mail.headers,
        }
        return format_html(
            '<pre class="mail-text">{}</pre>', "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
        )

    @admin.action(description="Send again (failed mails only)", permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        mails, at = list(queryset), now()
        with transaction.atomic():
            again = mailing.send_again(mails)
            failed = [mail.pk for mail in mails if mail.status == OutgoingMail.Status.FAILED]
            # Nothing takes a mail that waits before this is committed.
            for mail in OutgoingMail.objects.filter(pk__in=failed, status=OutgoingMail.Status.WAITING):
                audit.record(request.user, "sent again", mail, at=at)
        left = len(mails) - again
        text = f"{again} mail{'' if again == 1 else 's'} will be tried again."
        if left:
            text += f" {left} {'was' if left == 1 else 'were'} left alone: not failed, or without a body any more."
        self.message_user(request, text, messages.INFO if again else messages.WARNING)

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/html/", self.admin_site.admin_view(self.html_view), name="accounts_outgoingmail_html")
        return [own, *super().get_urls()]

    def html_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mail's HTML alone, for the frame: sandboxed, without scripts, fetching nothing from outside."""
        if not may(request.user, "accounts.view_outgoingmail"):
            raise Http404
        mail = get_object_or_404(OutgoingMail, pk=pk)
        response = HttpResponse(mail.html)
        response["Content-Security-Policy"] = FRAME_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Cache-Control"] = "private, no-store"
        return response

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False


def _clock(moment: datetime) -> str:
    return date_format(localtime(moment), "j M Y, H:i")
