"""A change marked as a correction: said on the post when it is brought out, on a page of its own and in a feed."""

import feedparser
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from blog import corrections, pending, publishing, writing
from blog.models import Correction, Ping, Post
from core.refusals import Refusal
from tests.blog.admin_form import change_address, filled

NOTE = "The bridge was built in 1897, not in 1879."


@pytest.fixture
def live(publish):
    return publish("The iron bridge", text="Built in 1879.")


def change(post: Post, by, **fields) -> Post:
    """A waiting change to a live post."""
    newest = Post.objects.get(pk=post.pk)
    pending.open_newest(newest)
    for name, value in (fields or {"content_markdown": "Built in 1897."}).items():
        setattr(newest, name, value)
    writing.save(newest, by=by)
    return Post.objects.get(pk=post.pk)


def page_of(post: Post) -> str:
    return Client().get(post.get_absolute_url()).content.decode()


def correct(post: Post, editor, note: str = NOTE) -> Correction:
    change(post, editor)
    corrections.mark(post, note, by=editor)
    publishing.update(Post.objects.get(pk=post.pk), by=editor)
    return Correction.objects.get(post=post)


def test_the_note_is_published_with_the_change_and_not_before(live, editor, django_capture_on_commit_callbacks):
    change(live, editor)
    corrections.mark(live, NOTE, by=editor)
    assert not Correction.objects.exists()
    assert NOTE not in page_of(live)
    with django_capture_on_commit_callbacks(execute=True):
        publishing.update(Post.objects.get(pk=live.pk), by=editor)
    row = Correction.objects.get()
    assert (row.note, row.by, row.wrong_version, row.right_version) == (NOTE, editor, 2, 4)
    assert row.right_version == Post.objects.get(pk=live.pk).current_version
    page = page_of(live)
    assert NOTE in page
    assert 'id="corrections"' in page
    assert "Built in 1897." in page


def test_an_ordinary_update_is_no_correction(live, editor):
    change(live, editor)
    publishing.update(Post.objects.get(pk=live.pk), by=editor)
    assert not Correction.objects.exists()
    assert 'id="corrections"' not in page_of(live)


def test_a_note_taken_back_is_not_published(live, editor):
    change(live, editor)
    assert corrections.mark(live, NOTE, by=editor)
    assert not corrections.mark(live, f"  {NOTE} ", by=editor)
    assert corrections.mark(live, "", by=editor)
    publishing.update(Post.objects.get(pk=live.pk), by=editor)
    assert not Correction.objects.exists()


def test_a_correction_belongs_to_a_change(live, editor):
    with pytest.raises(Refusal, match="Nothing waits"):
        corrections.mark(live, NOTE, by=editor)


def test_nobody_marks_the_post_of_somebody_else(live, editor, reader, moderator):
    change(live, editor)
    for person in (reader, moderator):
        with pytest.raises(Refusal):
            corrections.mark(live, NOTE, by=person)
    assert pending.change_of(live).correction_note == ""


def test_the_note_stays_when_the_change_is_saved_again(live, editor):
    change(live, editor)
    corrections.mark(live, NOTE, by=editor)
    change(live, editor, title="The iron bridge of 1897")
    assert pending.change_of(live).correction_note == NOTE


def test_the_form_marks_it_and_its_button_publishes_it(client_of, editor, live):
    client = client_of(editor)
    sent = filled(live, content_markdown="Built in 1897.", correction_note=NOTE)
    said = client.post(change_address(live), sent, follow=True).content.decode()
    assert pending.change_of(live).correction_note == NOTE
    assert "It is a correction" in said
    post = Post.objects.get(pk=live.pk)
    pending.open_newest(post)
    again = filled(post, content_version=post.content_version, correction_note=NOTE, _step="update")
    client.post(change_address(live), again | {"base_version": post.content_version}, follow=True)
    assert Correction.objects.get().note == NOTE
    assert "Reword" in client.get(change_address(live)).content.decode()


def test_the_page_and_the_feed_tell_of_live_posts_only(publish, editor):
    shown, hidden = publish("The iron bridge", text="One."), publish("The wooden bridge", text="Two.")
    correct(shown, editor)
    correct(hidden, editor, "It never had a roof.")
    publishing.archive(Post.objects.get(pk=hidden.pk), by=editor)
    page = Client().get(reverse("corrections")).content.decode()
    feed = feedparser.parse(Client().get(reverse("corrections_feed")).content)
    assert NOTE in page
    assert not feed.bozo
    assert [(entry.title, entry.summary) for entry in feed.entries] == [("The iron bridge", NOTE)]
    assert feed.entries[0].link.endswith(shown.get_absolute_url() + "#corrections")
    assert "It never had a roof." not in page
    assert "wooden" not in page


def test_the_page_is_there_when_nothing_was_wrong(db):
    assert "Nothing has had to be corrected" in Client().get(reverse("corrections")).content.decode()
    assert Client().get(reverse("corrections"), {"page": "0"}).status_code == 404


def test_hostile_words_are_words(live, editor):
    correct(live, editor, '<script>alert(1)</script> & "quotes"')
    for page in (page_of(live), Client().get(reverse("corrections")).content.decode()):
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_editor_rewords_it_and_the_trail_keeps_what_it_said(client_of, editor, live):
    row = correct(live, editor)
    address = reverse("admin:blog_correction_change", args=[row.pk])
    client_of(editor).post(address, {"note": "The bridge is of 1897."})
    assert "The bridge is of 1897." in page_of(live)
    entry = AuditEntry.objects.filter(action="reworded a correction").get()
    assert NOTE in str(entry.changes)
    client_of(editor).post(address, {"note": "  "})
    row.refresh_from_db()
    assert row.note == "The bridge is of 1897."


def test_authors_do_not_reword_what_was_published(client_of, author, editor, live):
    row = correct(live, editor)
    assert client_of(author).post(
        reverse("admin:blog_correction_change", args=[row.pk]), {"note": "Nothing was wrong."}
    ).status_code in {403, 302}
    row.refresh_from_db()
    assert row.note == NOTE


def test_the_page_of_corrections_costs_the_same_however_many_there_are(publish, editor, django_assert_max_num_queries):
    for number in range(4):
        correct(publish(f"Bridge {number}", text="One."), editor, f"Note {number}.")
    Client().get(reverse("corrections"))
    with django_assert_max_num_queries(2):
        Client().get(reverse("corrections"))


def test_the_page_answers_in_every_edition(live, editor, as_publication):
    as_publication(editions=("de",))
    correct(live, editor)
    for address in ("/corrections/", "/de/corrections/"):
        for end in ("", "feed/", "feed/atom/", "feed/json/"):
            answer = Client().get(address + end)
            assert answer.status_code == 200, address + end
            assert NOTE in answer.content.decode()
    assert Client().get("/fr/corrections/").status_code == 404


def test_the_hub_hears_of_a_correction_and_of_its_rewording(live, editor, as_publication):
    as_publication(editions=("de",), websub_hub="https://hub.example/")
    feeds = {
        f"http://localhost:8000{place}corrections/feed/{end}"
        for place in ("/", "/de/")
        for end in ("", "atom/", "json/")
    }
    about = Ping.objects.filter(service="websub", address__contains="/corrections/")
    change(live, editor)
    publishing.update(Post.objects.get(pk=live.pk), by=editor)
    assert not about.exists(), "an ordinary update is none"
    change(live, editor, content_markdown="Built in 1898.")
    corrections.mark(live, NOTE, by=editor)
    assert not about.exists(), "it only waits"
    publishing.update(Post.objects.get(pk=live.pk), by=editor)
    assert set(about.values_list("address", flat=True)) == feeds
    about.delete()
    row = Correction.objects.get()
    corrections.reword(row, NOTE, by=editor)
    assert not about.exists(), "the same words are no news"
    corrections.reword(row, "The bridge is of 1897.", by=editor)
    assert about.count() == len(feeds)
    about.delete()
    publishing.archive(Post.objects.get(pk=live.pk), by=editor)
    corrections.reword(row, "The bridge is of 1896.", by=editor)
    assert not about.exists(), "nobody can read it"
