"""The queue in the admin: who sees it, what it says, and that its buttons do what moderation does."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from comments import moderation, posting, reporting, rules
from comments.models import Ban, Comment, ConversationSettings
from comments.posting import Verdict, post_comment
from comments.rules import Writer
from core import outbound

QUEUE = "/admin/comments/comment/"
DECIDE = f"{QUEUE}decide/"


def guest(number=1):
    return Writer(name=f"Guest {number}", email=f"guest{number}@example.org", fingerprint=f"{number:064x}")


@pytest.fixture
def post(publish):
    return publish("The harbour")


@pytest.fixture
def desk(client_of, moderator):
    return client_of(moderator)


def seen(*comments, **deed):
    """What the form says: the deed, and that these comments were read as they were written."""
    return {**deed, **{f"seen-{comment.pk}": "first" for comment in comments}}


def text_of(response):
    return response.content.decode()


def test_only_those_who_moderate_see_the_queue(post, client, client_of, author, reader, moderator, editor, admin):
    comment = post_comment(post, guest(), "Waits").comment
    pages = [QUEUE, f"{QUEUE}{comment.pk}/change/", f"{QUEUE}{comment.pk}/ban/"]
    for page in pages:
        assert client.get(page).status_code == 302
        assert client_of(reader).get(page).status_code == 302
        assert client_of(author).get(page).status_code == 403
        assert client_of(moderator).get(page).status_code == 200
    for who in (reader, author):
        client_of(who).post(DECIDE, seen(comment, approve=comment.pk))
        client_of(who).post(pages[2], seen(comment, term="day"))
    comment.refresh_from_db()
    assert comment.status == "pending" and not Ban.objects.exists()
    for who in (moderator, editor):
        assert client_of(who).get("/admin/comments/conversationsettings/").status_code == 403
    assert client_of(admin).get("/admin/comments/conversationsettings/").status_code == 200
    assert client_of(admin).get("/admin/comments/spamword/").status_code == 200
    assert "Comments" not in text_of(client_of(author).get("/admin/"))


def test_a_row_says_what_somebody_wrote_why_it_waits_and_who_they_are(post, desk, reader, moderator):
    mine = post_comment(post, Writer(user=reader), "*Known* words").comment
    moderation.decide(mine.pk, "approve", by=moderator)
    verdict = Verdict("hold", [{"code": "words", "points": 3, "words": ["casino"]}], 3.0)
    post_comment(post, Writer(user=reader), "A casino", parent=mine, judge=lambda *_: verdict)
    post_comment(post, guest(), "<script>alert(1)</script> hello")
    reporting.report(mine, "abuse", fingerprint="a" * 64)
    page = text_of(desk.get(QUEUE))
    for said in (
        "Comments with these words wait: casino",
        "1 approved before",
        "First comment from this address",
        "Answers <bdi>reader</bdi>",
        "1 report: It attacks somebody",
        "&lt;script&gt;",
        ">Reported<",
        "Likely spam",
        "New name",
    ):
        assert said in page, said
    assert "<script>alert" not in page
    assert "guest1@example.org" not in page


def test_the_buttons_decide_and_go_back_to_where_one_was(post, desk):
    first, second = (post_comment(post, guest(n), f"Number {n}").comment for n in range(2))
    answer = desk.post(DECIDE, seen(first, approve=first.pk, back=f"{QUEUE}?show=waiting&p=2"))
    assert answer.url == f"{QUEUE}?show=waiting&p=2"
    assert desk.post(DECIDE, seen(second, spam=second.pk, back="https://evil.example/")).url == QUEUE
    assert list(Comment.objects.order_by("pk").values_list("status", flat=True)) == ["approved", "spam"]
    assert desk.post(DECIDE, {"approve": "9" * 30}).status_code == 404
    assert desk.get(DECIDE).status_code == 405


def test_many_are_decided_at_once(post, desk):
    comments = [post_comment(post, guest(n), f"Number {n}").comment for n in range(4)]
    made = [comment.pk for comment in comments]
    answer = desk.post(DECIDE, seen(*comments, all="approve", chosen=[*made[:3], "x", "-1"]), follow=True)
    assert "3 comments approved." in text_of(answer)
    assert list(Comment.objects.order_by("pk").values_list("status", flat=True)) == [*["approved"] * 3, "pending"]
    assert "Choose comments first." in text_of(desk.post(DECIDE, {"all": "spam"}, follow=True))
    assert "Choose what to do." in text_of(desk.post(DECIDE, {"all": "delete", "chosen": made}, follow=True))


def test_a_script_is_answered_in_json_and_told_of_refusals(post, desk):
    first, second = (post_comment(post, guest(n), f"Number {n}").comment for n in range(2))
    answer = desk.post(DECIDE, seen(first, approve=first.pk), headers={"Accept": "application/json"})
    assert answer.json() == {"status": "Approved", "said": "Guest 0: approved.", "waiting": 1}
    posting.delete(second)
    answer = desk.post(DECIDE, seen(second, approve=second.pk), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (409, {"error": "Its writer has deleted this comment."})


def test_one_comment_shows_its_thread_its_writer_its_texts_and_its_reports(post, desk, moderator, reader):
    above = post_comment(post, Writer(user=moderator), "What was asked").comment
    now = timezone.now()
    other = post_comment(post, Writer(user=reader), "Something else said").comment
    one = post_comment(post, Writer(user=reader), "First text", parent=above).comment
    posting.edit(one, "Second text")
    moderation.decide(one.pk, "approve", by=moderator)
    reporting.report(one, "other", note="Look at <this>", user=moderator, at=now)
    page = text_of(desk.get(f"{QUEUE}{one.pk}/change/"))
    for said in (
        "What was asked",
        "Something else said",
        "First text",
        "Second text",
        "Look at &lt;this&gt;",
        "1 waiting",
    ):
        assert said in page, said
    assert f"{QUEUE}{other.pk}/change/" in page
    assert desk.get(f"{QUEUE}999/change/").status_code == 404


def test_a_ban_is_made_with_its_term_and_shown_in_the_list(post, desk, client_of, moderator):
    comment = post_comment(post, guest(), "Rude words").comment
    another = post_comment(post, guest(), "More of them").comment
    page = f"{QUEUE}{comment.pk}/ban/"
    assert "1 more that waits" in text_of(desk.get(page))
    assert "Choose for how long." in text_of(desk.post(page, seen(comment, term="century")))
    assert not Ban.objects.exists()
    said = {"term": "week", "decision": "spam", "reason": "Rude.", "back": f"{QUEUE}?p=1"}
    answer = desk.post(page, seen(comment, **said))
    assert answer.url == f"{QUEUE}?p=1"
    ban = Ban.objects.get()
    assert timedelta(days=6) < ban.until - timezone.now() <= timedelta(days=7)
    another.refresh_from_db()
    assert (another.status, ban.reason) == ("spam", "Rude.")
    assert "guest1@example.org" in text_of(desk.get("/admin/comments/ban/"))
    assert "guest1@example.org" not in text_of(desk.get("/admin/comments/ban/?holds=no"))
    desk.post(f"/admin/comments/ban/{ban.pk}/delete/", {"post": "yes"})
    assert not Ban.objects.exists()
    assert AuditEntry.objects.filter(action="let write again").count() == 1
    assert not AuditEntry.objects.filter(action="deleted").exists()


def test_tabs_search_and_odd_input(post, publish, desk, moderator):
    there = publish("Elsewhere")
    post_comment(post, Writer(user=moderator), "About 100% of _it_")
    waiting = post_comment(there, guest(7), "Nothing of that").comment
    assert "Nothing of that" in text_of(desk.get(QUEUE))
    for query, expected in [
        ("show=approved&q=100%25", True),
        ("show=approved&q=%25%25", False),
        ("show=approved&q=__", False),
        (f"show=approved&post={there.pk}", False),
        (f"show=approved&post={post.pk}", True),
        ("show=spam", False),
    ]:
        assert ("100%" in text_of(desk.get(f"{QUEUE}?{query}")).split("lp-talk-rows")[-1]) is expected, query
    assert "Nothing of that" in text_of(desk.get(f"{QUEUE}?q=guest7"))
    for query in (
        "p=0",
        "p=x",
        "p=99999999999999999999",
        "show=%00",
        "q=%00",
        "post=x",
        "post=" + "9" * 30,
        "show=deleted",
    ):
        assert desk.get(f"{QUEUE}?{query}").status_code == 200, query
    assert waiting.status == "pending"


def test_fifty_rows_ask_as_much_as_five(post, desk, django_assert_max_num_queries):
    def fill(start, end):
        for number in range(start, end):
            comment = post_comment(post, guest(number), f"Number {number}").comment
            if number % 5 == 0:
                moderation.decide(comment.pk, "approve", by=post.author)
                reporting.report(comment, "spam", fingerprint=f"{number:064x}")

    fill(0, 5)
    desk.get(QUEUE)
    with django_assert_max_num_queries(16) as few:
        desk.get(QUEUE)
    asked = len(few)
    fill(5, 60)
    desk.get(QUEUE)  # what one process keeps for seconds may be over
    with django_assert_max_num_queries(asked):
        desk.get(QUEUE)


def test_the_desk_and_the_menu_say_what_waits(post, desk, client_of, author):
    post_comment(post, guest(), "Please look")
    page = text_of(desk.get("/admin/"))
    assert "Comments that wait" in page and "Please look" in page
    assert "Comments <span>1</span>" in page
    assert "Please look" not in text_of(client_of(author).get("/admin/"))


# --- settings ---------------------------------------------------------------------------------------------------------
PAGE = "/admin/comments/conversationsettings/"
FIELDS = {
    "guests": "moderate", "trusted_after": 3, "close_after_days": "", "edit_minutes": 30, "most_links": 1,
    "blocked_words": "casino", "hold_from": 3, "refuse_from": 9, "akismet_key": "",
}  # fmt: skip


def test_settings_are_kept_and_in_force(client_of, admin, django_capture_on_commit_callbacks):
    assert rules.current().most_links == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(admin).post(PAGE, FIELDS).status_code == 302
    assert (rules.current().most_links, rules.current().guests) == (1, "moderate")
    assert not rules.current().moderate_members
    changes = AuditEntry.objects.get(action="changed").changes
    assert changes["links a comment may have before it waits"] == ["2", "1"]
    client_of(admin).post(PAGE, FIELDS)
    assert AuditEntry.objects.filter(action="changed").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"hold_from": 10},
        {"hold_from": "nan"},
        {"hold_from": 0},
        {"refuse_from": "inf"},
        {"guests": "all"},
        {"edit_minutes": -1},
        {"close_after_days": 99_999_999},
    ],
)
def test_settings_that_make_no_sense_are_refused(client_of, admin, wrong):
    answer = client_of(admin).post(PAGE, FIELDS | wrong)
    assert answer.status_code == 422
    assert "Nothing is saved yet." in text_of(answer)
    assert not ConversationSettings.objects.exists()


@pytest.mark.parametrize(("said", "kept"), [(b"valid", True), (b"invalid", False), (b"<html>", True)])
def test_a_new_key_is_tried_and_never_written_into_the_trail(client_of, admin, monkeypatch, said, kept):
    asked = []

    def fetch(url, **how):
        asked.append(url)
        return outbound.Answer(200, {}, said, url)

    monkeypatch.setattr("comments.akismet.fetch", fetch)
    client_of(admin).post(PAGE, FIELDS | {"akismet_key": "abc123secret"})
    assert asked == ["https://rest.akismet.com/1.1/verify-key"]
    assert ConversationSettings.objects.filter(akismet_key="abc123secret").exists() is kept
    assert not [entry for entry in AuditEntry.objects.all() if "abc123" in str(entry.changes)]
    if kept:
        client_of(admin).post(PAGE, FIELDS | {"akismet_key": "abc123secret"})
        assert len(asked) == 1


def test_addresses_have_their_names():
    assert reverse("admin:comments_comment_changelist") == QUEUE
    assert reverse("admin:comments_comment_decide") == DECIDE
