"""The inbox and the bell in the admin: everybody on the staff reads their own, nobody anybody else's."""

import pytest

from accounts import notifications
from accounts.models import Notification

pytestmark = pytest.mark.django_db
INBOX = "/admin/accounts/notification/"
BELL = f"{INBOX}bell/"


def tell(*people, text="“Tides” was approved.", url="/admin/blog/post/", **options):
    return notifications.notify(people, category="review", text=text, url=url, **options)


@pytest.mark.parametrize("name", ["author", "moderator", "editor", "admin"])
def test_everybody_on_the_staff_reads_what_they_were_told(client_of, request, name, reader):
    person = request.getfixturevalue(name)
    tell(person)
    tell(reader, text="For somebody else.")
    page = client_of(person).get(INBOX).content.decode()
    assert "“Tides” was approved." in page and "For somebody else." not in page
    assert "Mark as read" in page


def test_readers_and_strangers_have_no_inbox_here(client, client_of, reader):
    tell(reader)
    for browser in (client, client_of(reader)):
        for address in (INBOX, BELL):
            answer = browser.get(address)
            assert answer.status_code == 302 and "login" in answer.url
    assert Notification.objects.get().read_at is None


def test_looking_changes_nothing(client_of, editor):
    (notice,) = tell(editor)
    client = client_of(editor)
    for address in (INBOX, BELL, f"{INBOX}?unread=1"):
        assert client.get(address).status_code == 200
    for address in (f"{INBOX}{notice.pk}/follow/", f"{INBOX}read/"):
        assert client.get(address).status_code == 405
    assert client.post(INBOX).status_code == 403
    assert notifications.unread_count(editor) == 1


def test_following_a_notice_marks_it_read_and_leads_to_its_place(client_of, editor):
    (notice,) = tell(editor)
    answer = client_of(editor).post(f"{INBOX}{notice.pk}/follow/")
    assert answer.url == "/admin/blog/post/"
    assert notifications.unread_count(editor) == 0


def test_a_notice_can_be_marked_read_without_leaving(client_of, editor):
    (notice,) = tell(editor)
    assert client_of(editor).post(f"{INBOX}{notice.pk}/follow/", {"stay": "1"}).url == INBOX
    assert notifications.unread_count(editor) == 0


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_a_notice_never_leads_out_of_the_site(client_of, editor, url):
    (notice,) = tell(editor, url=url)
    assert client_of(editor).post(f"{INBOX}{notice.pk}/follow/").url == INBOX


def test_anothers_notice_is_as_absent_as_none(client_of, editor, author):
    (notice,) = tell(author)
    client = client_of(editor)
    assert client.post(f"{INBOX}{notice.pk}/follow/").status_code == 404
    client.post(f"{INBOX}read/")
    assert notifications.unread_count(author) == 1


@pytest.mark.parametrize("rest", ["add/", "1/change/", "1/delete/", "1/history/", "1/"])
def test_notices_have_no_other_pages(client_of, admin, rest):
    assert client_of(admin).get(INBOX + rest).status_code == 404


def test_all_are_marked_read_but_those_that_came_since(client_of, editor):
    first, second = tell(editor) + tell(editor)
    client = client_of(editor)
    answer = client.post(f"{INBOX}read/", {"up_to": first.pk}, follow=True)
    assert [str(said) for said in answer.context["messages"]] == ["1 notification marked as read."]
    second.refresh_from_db()
    assert second.read_at is None
    client.post(f"{INBOX}read/", {"up_to": "9" * 40})
    assert notifications.unread_count(editor) == 0


def test_the_bell_shows_the_number_and_none_shows_none(client_of, editor):
    client = client_of(editor)
    page = client.get("/admin/").content.decode()
    assert "data-unread aria-hidden" in page and 'data-unread aria-hidden="true" hidden>' in page
    for number in range(3):
        tell(editor, text=f"Notice {number}.")
    page = client.get("/admin/").content.decode()
    assert 'data-unread aria-hidden="true">3</b>' in page and "3 unread" in page


def test_the_bell_answers_with_the_newest_five(client_of, editor):
    for number in range(7):
        tell(editor, text=f"Notice {number}.")
    answer = client_of(editor).get(BELL)
    assert answer.json()["unread"] == 7
    assert [notice["text"] for notice in answer.json()["newest"]] == [f"Notice {number}." for number in (6, 5, 4, 3, 2)]
    assert "no-store" in answer["Cache-Control"]


def test_words_are_shown_as_words(client_of, editor):
    tell(editor, text="<script>alert(1)</script>")
    page = client_of(editor).get(INBOX).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page


def test_a_full_inbox_is_read_page_by_page_in_few_questions(client_of, editor, django_assert_max_num_queries):
    for number in range(120):
        tell(editor, text=f"Notice {number}.")
    client = client_of(editor)
    client.get(INBOX)
    with django_assert_max_num_queries(9):
        page = client.get(INBOX, {"p": "2"}).content.decode()
    assert "Notice 69." in page and "Notice 70." not in page and "Page 2 of 3" in page


def test_the_bell_says_how_many_there_are_beside_those_it_shows(client_of, author):
    for number in range(7):
        notifications.notify([author], category="review", text=f"Notice {number}")
    told = client_of(author).get("/admin/accounts/notification/bell/").json()
    assert (told["total"], len(told["newest"])) == (7, 5)
