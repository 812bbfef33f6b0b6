"""The outbox on the desk: for administrators, to read, harmless to look at."""

import pytest

from accounts import mailing
from accounts.models import AuditEntry, OutgoingMail

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/outgoingmail/"


@pytest.fixture
def row(db):
    return mailing.queue(
        "test", "vera@example.org", "Tides", "Plain words", "<h1>Set words</h1><script>alert(1)</script>"
    )


def test_administrators_read_list_and_mail(client_of, admin, row):
    client = client_of(admin)
    page = client.get(LIST).content
    assert b"Tides" in page and b"vera@example.org" in page and b"Waiting" in page
    detail = client.get(f"{LIST}{row.pk}/change/").content
    assert b"Plain words" in detail and b"<iframe" in detail and row.message_id.encode()[1:20] in detail
    assert b"<script>alert(1)" not in detail


def test_the_frame_runs_nothing_and_fetches_nothing(client_of, admin, row):
    frame = client_of(admin).get(f"{LIST}{row.pk}/html/")
    assert frame.content.startswith(b"<h1>Set words</h1>")
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "allow-scripts" not in policy
    assert "script-src" not in policy and frame["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["reader", "author", "moderator", "editor"])
def test_nobody_else_reads_mails_because_they_hold_links(client_of, request, name, row):
    client = client_of(request.getfixturevalue(name))
    for address in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/html/"):
        answer = client.get(address)
        assert answer.status_code in {302, 403, 404}
        assert b"Plain words" not in answer.content and b"Set words" not in answer.content


def test_nothing_is_written_or_deleted_here(client_of, admin, row):
    client = client_of(admin)
    assert client.post(f"{LIST}add/", {"subject": "x"}).status_code == 403
    assert client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"{LIST}{row.pk}/change/", {"subject": "Changed"})
    row.refresh_from_db()
    assert row.subject == "Tides"


def test_failed_mails_are_sent_again_from_the_list_and_others_left_alone(client_of, admin, row):
    waiting = mailing.queue("test", "w@example.org", "Other", "x", "")
    OutgoingMail.objects.filter(pk=row.pk).update(status="failed", attempts=6, last_error="refused")
    answer = client_of(admin).post(
        LIST, {"action": "send_again", "_selected_action": [row.pk, waiting.pk]}, follow=True
    )
    row.refresh_from_db()
    assert (row.status, row.attempts) == ("waiting", 0)
    assert b"1 mail will be tried again. 1 was left alone" in answer.content


def test_the_list_stays_small_with_many_mails(client_of, admin, django_assert_max_num_queries):
    for number in range(60):
        mailing.queue("test", f"a{number}@example.org", "Tides", "x", "y")
    client = client_of(admin)
    with django_assert_max_num_queries(11):
        assert client.get(LIST).status_code == 200


def test_the_page_about_the_mail_leads_to_the_outbox_only_where_mails_do_not_leave(client, settings):
    settings.EMAIL_URL = ""
    settings.DEBUG = False
    assert LIST.encode() not in client.get("/accounts/confirm-email/").content
    settings.DEBUG = True
    assert LIST.encode() in client.get("/accounts/confirm-email/").content


def test_sending_again_is_in_the_trail_for_those_that_were_sent_again(client_of, admin, row):
    failed = mailing.queue("test", "vera@example.org", "Moons", "Words", "<p>Words</p>")
    OutgoingMail.objects.filter(pk=failed.pk).update(status="failed")
    empty = mailing.queue("test", "vera@example.org", "Emptied", "Words", "<p>Words</p>")
    OutgoingMail.objects.filter(pk=empty.pk).update(status="failed", text="", html="")
    chosen = {"action": "send_again", "_selected_action": [row.pk, failed.pk, empty.pk]}
    client_of(admin).post(LIST, chosen)
    entry = AuditEntry.objects.get(action="sent again")
    assert (entry.actor, entry.target_id) == (admin, failed.pk)
