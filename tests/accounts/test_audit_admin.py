"""The audit trail on the desk: administrators read, search and export it; nobody writes there."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from accounts import audit
from accounts.models import AuditEntry
from core import cache

pytestmark = pytest.mark.django_db
TRAIL = "/admin/accounts/auditentry/"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def trail(editor, author):
    """Three days of three people's doings, and one of the clock's."""
    audit.record(editor, "published", author, note="Facts checked", at=NOON)
    audit.record(
        author, "changed", author, changes={"title": ("Tides", "Tides & <b>moons</b>")}, at=NOON + timedelta(days=1)
    )
    audit.record(None, "archived", editor, at=NOON + timedelta(days=2))


@pytest.fixture
def read(client_of, admin):
    """The rows of the page as "who action" and the page itself."""
    client = client_of(admin)
    AuditEntry.objects.filter(action="logged in")._raw_delete("default")

    def look(**query):
        cache.Group("audit-choices", timeout=60).forget("actors")
        cache.Group("audit-choices", timeout=60).forget("actions")
        cache.Group("audit-choices", timeout=60).forget("kinds")
        answer = client.get(TRAIL, query)
        assert answer.status_code == 200
        rows = [f"{row.who} {row.action}" for row in answer.context["rows"]]
        return rows, answer.content.decode()

    return look


def test_administrators_read_the_newest_first_with_changes_field_by_field(trail, read):
    rows, page = read()
    assert rows == ["The clock archived", "author changed", "editor published"]
    assert "<del>Tides</del> <ins>Tides &amp; &lt;b&gt;moons&lt;/b&gt;</ins>" in page
    assert "Facts checked" in page and "<b>moons" not in page


@pytest.mark.parametrize("name", ["reader", "author", "moderator", "editor"])
def test_nobody_else_reads_it(client_of, request, name, trail):
    client = client_of(request.getfixturevalue(name))
    for address in (TRAIL, f"{TRAIL}csv/"):
        answer = client.get(address)
        assert answer.status_code in {302, 403}
        assert b"Facts checked" not in answer.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "clock"}, ["The clock archived"]),
        ({"action": "changed"}, ["author changed"]),
        ({"q": "facts CHECKED"}, ["editor published"]),
        ({"q": "editor"}, ["The clock archived", "editor published"]),
        ({"q": "nowhere"}, []),
        ({"since": "2026-05-05", "until": "2026-05-05"}, ["author changed"]),
        ({"since": "2026-05-05"}, ["The clock archived", "author changed"]),
        ({"until": "2026-05-04"}, ["editor published"]),
        ({"q": "edi\0tor"}, ["The clock archived", "editor published"]),
    ],
)
def test_it_is_searched_by_who_what_when_and_words(trail, read, query, found):
    assert read(**query)[0] == found


def test_it_is_searched_by_person_and_by_thing(trail, read, editor, author):
    assert read(actor=str(author.pk))[0] == ["author changed"]
    rows, page = read(target=f"user:{author.pk}")
    assert rows == ["author changed", "editor published"]
    assert "Audit trail: author" in page


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"actor": "9999999"},
        {"kind": "x"},
        {"target": "user"},
        {"target": "user:" + "9" * 30},
        {"since": "2026-05-06", "until": "2026-05-04"},
    ],
)
def test_what_cannot_be_meant_finds_nothing_and_says_so(trail, read, query):
    rows, page = read(**query)
    assert rows == [] and "errorlist" in page or query.get("target")


def test_a_thing_is_a_link_while_it_exists(trail, read, admin, editor):
    _, page = read()
    assert f'href="/admin/accounts/user/{editor.pk}/change/"' in page
    editor.delete()
    _, page = read()
    assert f'href="/admin/accounts/user/{editor.pk}/change/"' not in page
    assert "<b>editor</b>" in page


def test_what_a_stranger_did_is_not_the_clocks(read, editor):
    entry = audit.record(None, "failed to log in as", editor)
    AuditEntry.objects.filter(pk=entry.pk).update(network="203.0.113.0/24")
    assert read()[0] == ["Not signed in failed to log in as"]
    assert read(actor="clock")[0] == []


@pytest.mark.parametrize("rest", ["add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/"])
def test_nobody_writes_changes_or_deletes_not_even_a_superuser(client_of, admin, trail, rest):
    admin.is_superuser = True
    admin.save()
    client = client_of(admin)
    before = list(AuditEntry.objects.values())
    address = TRAIL + rest.format(pk=AuditEntry.objects.first().pk)
    assert client.get(address).status_code == 403
    assert client.post(address, {"note": "Changed", "post": "yes"}).status_code == 403
    assert client.post(TRAIL, {"action": "delete_selected", "_selected_action": [1]}).status_code == 403
    assert list(AuditEntry.objects.values()) == before


def test_the_file_has_what_was_searched_and_runs_in_no_spreadsheet(client_of, admin, editor, author):
    audit.record(editor, "published", author, note="=HYPERLINK(1)", changes={"title": ("", "+1")}, at=NOON)
    audit.record(author, "changed", author, note="\tTab", at=NOON)
    answer = client_of(admin).get(f"{TRAIL}csv/", {"q": "author", "action": "published"})
    assert answer.streaming and answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    (row,) = rows
    assert (row["Who"], row["What"], row["Name"], row["Note"]) == ("editor", "published", "author", "'=HYPERLINK(1)")
    assert row["Changes"] == "title:  → +1"
    assert row["When"].startswith("2026-05-04T13:00:00")


def test_pages_follow_one_another_without_gap_or_repetition(read, editor):
    for number in range(130):
        audit.record(editor, f"deed {number}", at=NOON + timedelta(seconds=number // 3))
    seen, query = [], {}
    for _ in range(3):
        rows, page = read(**query)
        seen += rows
        last = AuditEntry.objects.get(action=rows[-1].removeprefix("editor "))
        query = {"p": str(last.pk)}
    assert len(seen) == len(set(seen)) == 130
    assert "This is where the trail begins." in page


def test_a_long_trail_is_read_in_few_questions_none_of_which_counts_it(
    client_of, admin, editor, django_assert_max_num_queries
):
    AuditEntry.objects.bulk_create(
        AuditEntry(actor=editor, actor_name="editor", action="changed", target_name=f"Post {number}", at=NOON)
        for number in range(300)
    )
    client = client_of(admin)
    client.get(TRAIL)
    with django_assert_max_num_queries(10) as asked:
        client.get(TRAIL)
    assert not any("COUNT(*)" in query["sql"] and "auditentry" in query["sql"] for query in asked.captured_queries)


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "3000-01-01"])
def test_a_day_no_clock_knows_is_said_beside_its_field(trail, read, client_of, admin, field, day):
    rows, page = read(**{field: day})
    assert rows == [] and "The trail has no such day." in page
    assert client_of(admin).get(f"{TRAIL}csv/", {field: day})["Location"] == f"{TRAIL}?e=1"


def test_the_last_day_of_the_trail_is_looked_for(trail, read):
    assert len(read(since="1900-01-01", until="2999-12-31")[0]) == 3
