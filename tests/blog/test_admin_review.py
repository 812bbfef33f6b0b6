"""The review queue and the panel beside a post: who sees them, who may answer, what is said."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from blog import gate, publishing, writing
from blog.models import Post, ReviewRequest
from tests.blog.admin_form import change_address, filled
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
QUEUE = "/admin/blog/post/queue/"


@pytest.fixture
def asked(write, author, editor):
    """A request of the author about “Tides”, wishing the editor."""
    post = write("Tides")
    publishing.submit(post, by=author, note="Are the <b>figures</b> right?", reviewer=editor)
    return ReviewRequest.objects.get()


def answer_to(asked, verb) -> str:
    return reverse(f"admin:blog_post_{verb}", args=[asked.pk])


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_editors_see_who_asks_since_when_and_with_what_words(client_of, editor, asked):
    page = client_of(editor).get(QUEUE).content.decode()
    assert "Tides" in page and "Are the &lt;b&gt;figures&lt;/b&gt; right?" in page
    assert "<b>you</b>" in page and "waits since today" in page
    assert "Approve and publish" in page and "Send back" in page
    assert "Review queue <span>1</span>" in page


def test_authors_see_their_own_alone_and_cannot_answer(client_of, author, asked, write):
    other = make_person("other", Role.AUTHOR)
    publishing.submit(write("Somebody else’s", by=other), by=other)
    page = client_of(author).get(QUEUE).content.decode()
    assert "Tides" in page and "Somebody else’s" not in page
    assert "Approve" not in page and "Take back" in page


def test_readers_and_strangers_see_no_queue(client, client_of, reader, asked):
    for browser in (client, client_of(reader)):
        assert browser.get(QUEUE).status_code == 302


@pytest.mark.parametrize(("name", "status"), [("author", 403), ("moderator", 404)])
@pytest.mark.parametrize("verb", ["approve", "send_back"])
def test_authors_and_moderators_cannot_answer(client_of, request, name, status, verb, asked):
    answer = client_of(request.getfixturevalue(name)).post(answer_to(asked, verb), {"note": "x", "version": "1"})
    assert answer.status_code == status
    asked.refresh_from_db()
    assert asked.decided_at is None


def test_looking_answers_nothing(client_of, editor, asked):
    client = client_of(editor)
    assert client.get(answer_to(asked, "approve")).status_code == 405
    assert "What is missing" in client.get(answer_to(asked, "send_back")).content.decode()
    asked.refresh_from_db()
    assert asked.decided_at is None


def test_approving_publishes_and_says_so(client_of, editor, asked):
    answer = client_of(editor).post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert said(answer) == ["“Tides” is approved; readers see it now."]
    assert Post.objects.get().is_public
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == ("approved", editor)


def test_approving_changes_shows_them_to_readers(client_of, editor, author, publish):
    post = publish("Tides", text="Old words.")
    post.content_markdown = "New words."
    writing.save(post, by=author)
    publishing.submit(post, by=author)
    client = client_of(editor)
    page = client.get(QUEUE).content.decode()
    assert "Approve and update" in page and "changes to a live post" in page
    asked = ReviewRequest.objects.get()
    post.refresh_from_db()
    client.post(answer_to(asked, "approve"), {"version": post.content_version})
    post.refresh_from_db()
    assert post.content_markdown == "New words."


def test_of_two_who_approve_at_once_the_second_is_told(client_of, editor, asked):
    second = make_person("second", Role.EDITOR)
    first_client, second_client = client_of(editor), client_of(second)
    first_client.post(answer_to(asked, "approve"), {"version": "1"})
    answer = second_client.post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert len(said(answer)) == 1 and said(answer)[0].startswith("editor was first: “Tides” was approved on ")
    asked.refresh_from_db()
    assert asked.decided_by == editor


def test_what_was_saved_since_is_not_approved_unseen(client_of, editor, author, asked):
    post = Post.objects.get()
    post.content_markdown = "Slipped in later."
    writing.save(post, by=author)
    answer = client_of(editor).post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert said(answer) == ["“Tides” was saved again since, as version 2; look at it first."]
    assert not Post.objects.get().is_public


@pytest.mark.parametrize("version", [{}, {"version": ""}, {"version": "newest"}])
def test_nothing_is_approved_without_saying_what_was_looked_at(client_of, editor, asked, version):
    answer = client_of(editor).post(answer_to(asked, "approve"), version, follow=True)
    assert said(answer) == ["Nothing says which version of “Tides” was looked at; look at it first."]
    asked.refresh_from_db()
    assert asked.decided_at is None and not Post.objects.get().is_public


def test_what_blocks_is_said_in_words_and_nothing_goes_live(client_of, editor, asked):
    Post.objects.update(content_markdown="", title="<i>Tides</i>")
    answer = client_of(editor).post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert "The post has no text yet; write some before it goes live." in said(answer)
    address = change_address(Post.objects.get())
    assert said(answer)[0] == (
        "“&lt;i&gt;Tides&lt;/i&gt;” was not approved; one check says no. "
        f'<a href="{address}#checks">Open it at its checks</a>'
    )
    assert f'<a href="{address}#checks">' in answer.content.decode()
    asked.refresh_from_db()
    assert asked.decided_at is None and not Post.objects.get().is_public


def test_several_checks_that_say_no_are_counted(client_of, editor, asked, monkeypatch):
    finding = gate.findings(Post(title="Empty"), at=timezone.now())[0]

    def refuse(post, **asked_for):
        raise gate.Blocked([finding, finding])

    monkeypatch.setattr("blog.publishing.publish", refuse)
    answer = client_of(editor).post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert "was not approved; 2 checks say no." in said(answer)[0]


def test_sending_back_needs_a_word(client_of, editor, asked):
    client = client_of(editor)
    page = client.post(answer_to(asked, "send_back"), {"note": "  "}).content.decode()
    assert "Say what is missing" in page
    asked.refresh_from_db()
    assert asked.decided_at is None
    answer = client.post(answer_to(asked, "send_back"), {"note": "The source."}, follow=True)
    assert said(answer) == ["“Tides” is back with author."]
    assert Post.objects.get().status == "draft"


def test_an_editor_does_not_answer_their_own_asking(client_of, editor, write):
    publishing.submit(write("Mine", by=editor), by=editor)
    asked = ReviewRequest.objects.get()
    client = client_of(editor)
    assert "You asked for" in client.get(QUEUE).content.decode()
    answer = client.post(answer_to(asked, "approve"), {"version": "1"}, follow=True)
    assert said(answer) == ["You asked for this review yourself; somebody else answers it."]
    assert not Post.objects.get().is_public


def test_the_author_submits_with_a_note_and_a_wish_from_the_form(client_of, author, editor, write):
    post = write("Tides")
    client = client_of(author)
    page = client.get(change_address(post)).content.decode()
    assert 'name="review_note"' in page and f'<option value="{editor.pk}">' in page
    changes = {"_step": "submit", "review_note": "Is it long enough?", "reviewer": editor.pk}
    client.post(change_address(post), filled(post, **changes))
    asked = ReviewRequest.objects.get()
    assert (asked.note, asked.reviewer, asked.asked_by) == ("Is it long enough?", editor, author)


def test_the_panel_shows_the_asking_and_what_was_answered_before(client_of, author, editor, asked):
    post = Post.objects.get()
    client = client_of(author)
    page = client.get(change_address(post)).content.decode()
    assert "You asked editor" in page and "Are the &lt;b&gt;figures&lt;/b&gt; right?" in page
    publishing.send_back(post, by=editor, note="The <i>source</i> is missing.")
    page = client.get(change_address(post)).content.decode()
    assert "Sent back" in page and "The &lt;i&gt;source&lt;/i&gt; is missing." in page
    assert "You asked editor" not in page


def test_reviewers_answer_from_the_panel_too(client_of, editor, asked):
    page = client_of(editor).get(change_address(Post.objects.get())).content.decode()
    assert answer_to(asked, "send_back") in page and 'name="review_note"' not in page


def test_a_long_queue_asks_few_questions(client_of, editor, author, write, django_assert_max_num_queries):
    for number in range(30):
        publishing.submit(write(f"Post {number}"), by=author)
    client = client_of(editor)
    client.get(QUEUE)
    with django_assert_max_num_queries(11):
        assert client.get(QUEUE).status_code == 200
