"""A list as a CSV file: what is shown, all of it, and nothing that a spreadsheet would run."""

import csv
import io
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.utils.safestring import SafeString

from accounts.admin.lists import cell, handed_on
from accounts.models import OutgoingMail, User
from tests.conftest import make_person

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PEOPLE = "/admin/accounts/user/csv/"


def mail(name: str, subject: str = "Hello") -> OutgoingMail:
    return OutgoingMail.objects.create(
        recipient=f"{name}@example.org", subject=subject, kind="test", next_try_at=NOON, message_id=name
    )


def rows_of(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "  +"])
def test_no_cell_is_a_formula(start):
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (-5, "-5"),
        ("a-b", "a-b"),
        ("nul\0", "nul"),
        (SafeString("<b>Tom &amp; <i>Jerry</i></b>"), "Tom & Jerry"),
        (SafeString("<b>=1+1</b>"), "'=1+1"),
        ("<b>plain text</b>", "<b>plain text</b>"),
    ],
)
def test_values_become_plain_text(value, text):
    assert cell(value) == text


def test_a_time_says_its_zone(settings):
    settings.TIME_ZONE = "UTC"
    assert cell(datetime(2026, 5, 4, 12, tzinfo=UTC)) == "2026-05-04T12:00:00+00:00"


def test_the_file_has_the_filtered_rows_of_all_pages_in_their_order(client_of, editor, author):
    User.objects.bulk_create(User(username=f"p{number:03}", email=f"p{number}@example.org") for number in range(120))
    response = client_of(editor).get(f"{PEOPLE}?q=p0&o=-1&p=2")
    rows = rows_of(response)
    assert rows[0][:4] == ["Name", "Username", "E-mail address", "Role"]
    assert [row[1] for row in rows[1:]] == [f"p{number:03}" for number in reversed(range(100))]


def test_the_file_says_what_it_is_and_opens_as_utf_8_in_spreadsheets(client_of, editor):
    make_person("zoe", first_name="Zoë", last_name="=HYPERLINK(1)")
    response = client_of(editor).get(PEOPLE)
    assert response.streaming
    body = b"".join(response.streaming_content)
    assert body.startswith(b"\xef\xbb\xbf")
    assert "Zoë".encode() in body
    assert b"\r\n" in body
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="user-')
    assert "no-store" in response["Cache-Control"]


def test_a_column_that_tells_a_time_in_words_is_the_time_itself(client_of, admin):
    mail("a", "-Hello")
    rows = rows_of(client_of(admin).get("/admin/accounts/outgoingmail/csv/"))
    assert rows[1][0] == "'-Hello"
    assert datetime.fromisoformat(rows[1][rows[0].index("Written")]).tzinfo is not None


def test_who_may_not_see_a_list_does_not_get_it_as_a_file(client_of, author, reader, client):
    assert client_of(author).get(PEOPLE).status_code == 403
    assert client_of(reader).get(PEOPLE).status_code == 302
    assert client.get(PEOPLE).status_code == 302


@pytest.mark.parametrize("query", ["?nonsense=1", "?o=x", "?q=%00", "?role=nobody", "?p=999"])
def test_nonsense_in_the_address_is_never_an_error_of_ours(client_of, editor, query):
    assert client_of(editor).get(PEOPLE + query).status_code in {200, 302}


def test_what_a_list_does_not_offer_cannot_be_asked_through_the_file(client_of, editor):
    assert client_of(editor).get(f"{PEOPLE}?password__startswith=a").status_code in {302, 400}


@pytest.mark.parametrize("number", [1, 60])
def test_the_number_of_questions_does_not_grow_with_the_rows(client_of, admin, number, django_assert_max_num_queries):
    for each in range(number):
        mail(f"a{each}")
    client = client_of(admin)
    with django_assert_max_num_queries(6):
        assert len(rows_of(client.get("/admin/accounts/outgoingmail/csv/"))) == number + 1


def test_a_server_that_does_not_wait_hands_on_every_line_once():
    async def collect() -> list[str]:
        return [part async for part in handed_on(f"{number}\n" for number in range(450))]

    parts = async_to_sync(collect)()
    assert "".join(parts) == "".join(f"{number}\n" for number in range(450))
    assert len(parts) == 3
