"""Tags renamed and merged: posts, addresses and what waits follow."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from accounts.models import AuditEntry
from blog import pending, publishing, taxonomy, writing
from blog.models import Post, Redirect, Tag, TaggedPost, TopicCluster
from blog.querysets import PostQuerySet
from core.refusals import Refusal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MERGE = "/admin/blog/tag/merge/"


def tag(name: str) -> Tag:
    return Tag.objects.get(name=name)


def tags_of(post: Post) -> set[str]:
    return set(post.tags.names())


def test_posts_of_merged_tags_have_the_one_that_stays_once(publish, editor):
    both, one, other = publish(tags=["A", "C"]), publish(tags=["A", "B", "Z"]), publish(tags=["C"])
    said = [dict(version.snapshot) for version in one.versions.all()]
    gained = taxonomy.merge_tags([tag("A"), tag("B")], tag("C"), by=editor, at=NOON)
    assert gained == 1
    assert [tags_of(post) for post in (both, one, other)] == [{"C"}, {"C", "Z"}, {"C"}]
    assert set(Tag.objects.values_list("name", flat=True)) == {"C", "Z"}
    assert TaggedPost.objects.count() == 4
    assert [version.snapshot for version in one.versions.all()] == said
    entry = AuditEntry.objects.get(action="merged tags")
    assert entry.changes == {"tags": ["A, B", "C"]}
    assert entry.at == NOON


@pytest.mark.django_db(transaction=True)
def test_old_addresses_and_feeds_lead_on_in_one_step(client, publish, editor):
    publish(tags=["A", "B", "C"])
    taxonomy.merge_tags([tag("A")], tag("B"), by=editor)
    taxonomy.merge_tags([tag("B")], tag("C"), by=editor)
    stays = tag("C")
    stays.slug = "sea"
    taxonomy.save_named(stays)
    for old in ("a", "b", "c"):
        for end in ("", "feed/", "feed/atom/", "feed/json/"):
            answer = client.get(f"/tag/{old}/{end}")
            assert (answer.status_code, answer["Location"]) == (301, f"/tag/sea/{end}")
    assert client.get("/tag/sea/").status_code == 200
    assert client.get("/tag/sea/feed/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_renaming_there_and_back_makes_no_circle(client, publish):
    publish(tags=["A"])
    renamed = tag("A")
    for slug in ("b", "a", "b", "a"):
        renamed.slug = slug
        taxonomy.save_named(renamed)
    assert client.get("/tag/a/").status_code == 200
    assert client.get("/tag/b/")["Location"] == "/tag/a/"
    assert Redirect.objects.count() == 1


def test_letters_of_any_script_lead_on(client, publish, editor):
    publish(tags=["海", "Ökologie"])
    taxonomy.merge_tags([tag("海")], tag("Ökologie"), by=editor)
    answer = client.get("/tag/海/")
    assert answer.status_code == 301
    assert answer["Location"] == tag("Ökologie").get_absolute_url()


def test_a_redirect_by_hand_to_a_merged_tag_is_not_a_chain(client, publish, editor):
    publish(tags=["A", "B"])
    Redirect.objects.create(old_path="/old/", new_path="/tag/a/")
    taxonomy.merge_tags([tag("A")], tag("B"), by=editor)
    assert client.get("/old/")["Location"] == "/tag/b/"


def test_changes_that_wait_do_not_bring_a_merged_tag_back(publish, editor):
    post = publish(tags=["A"])
    edited = Post.objects.get(pk=post.pk)
    edited.title = "Another title"
    writing.save(edited, by=editor, tags=["A", "Z"])
    at = datetime(2036, 1, 1, tzinfo=UTC)
    publishing.plan_update(post, by=editor, at=at)
    taxonomy.merge_tags([tag("A")], Tag.objects.create(name="C", slug="c"), by=editor)
    change = pending.change_of(post)
    assert change.version.snapshot["tags"] == ["C", "Z"]
    assert change.go_live_at == at
    assert publishing.update(post, by=editor)
    assert tags_of(post) == {"C", "Z"}
    assert not Tag.objects.filter(name="A").exists()


def test_a_new_name_reaches_what_waits_and_keeps_the_address(publish, editor):
    post = publish(tags=["News"])
    edited = Post.objects.get(pk=post.pk)
    edited.title = "Another title"
    writing.save(edited, by=editor, tags=["News"])
    renamed = tag("News")
    renamed.name = "Newsroom"
    taxonomy.save_named(renamed)
    publishing.update(post, by=editor)
    assert tags_of(post) == {"Newsroom"}
    assert tag("Newsroom").slug == "news"
    assert not Redirect.objects.exists()


def rename(name: str, to: str) -> None:
    renamed = tag(name)
    renamed.name = to
    taxonomy.save_named(renamed)


def reword(post: Post, text: str, by) -> None:
    """Save what waits for a live post with another teaser; its tags stay."""
    edited = Post.objects.get(pk=post.pk)
    pending.open_newest(edited)
    edited.excerpt = text
    writing.save(edited, by=by)


@pytest.fixture
def waiting(publish, editor) -> Post:
    """A live post with changes that wait, tagged News."""
    post = publish(tags=["News"])
    edited = Post.objects.get(pk=post.pk)
    edited.title = "Another title"
    writing.save(edited, by=editor, tags=["News"])
    return post


def renamed(editor):
    rename("News", "Newsroom")


def merged(editor):
    taxonomy.merge_tags([tag("News")], Tag.objects.create(name="Newsroom", slug="newsroom"), by=editor)


@pytest.mark.parametrize("change", [renamed, merged])
def test_what_somebody_saves_just_before_the_lock_still_waits(waiting, editor, monkeypatch, change):
    """Before each lock somebody else gets in between, as they could until it is held."""
    lock, between = PostQuerySet.select_for_update, []

    def locked_late(rows, **options):
        if not between or not between[-1].endswith("…"):
            between.append(f"Take {len(between)} …")
            reword(waiting, between[-1], editor)
            between.append("over")
        return lock(rows, **options)

    monkeypatch.setattr(PostQuerySet, "select_for_update", locked_late)
    change(editor)
    monkeypatch.undo()
    said = pending.change_of(waiting).version.snapshot
    assert (said["tags"], said["excerpt"], said["title"]) == (["Newsroom"], between[-2], "Another title")


def test_what_was_brought_out_meanwhile_waits_no_more(waiting, editor, monkeypatch):
    lock = PostQuerySet.select_for_update

    def locked_late(rows, **options):
        monkeypatch.setattr(PostQuerySet, "select_for_update", lock)
        publishing.update(waiting, by=editor)
        return lock(rows, **options)

    monkeypatch.setattr(PostQuerySet, "select_for_update", locked_late)
    rename("News", "Newsroom")
    assert pending.change_of(waiting) is None
    assert tags_of(waiting) == {"Newsroom"}


def until_somebody_waits_for_a_lock() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waited for a lock.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [renamed, merged])
def test_a_save_and_a_new_name_at_once_lose_nothing_and_do_not_wait_for_each_other(waiting, editor, change):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory SQLite database belongs to one thread; the PostgreSQL run tries this")
    saved, errors = threading.Event(), []

    def change_the_name():
        try:
            saved.wait(10)
            change(editor)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=change_the_name)
    other.start()
    with transaction.atomic():
        reword(waiting, "Written meanwhile.", editor)
        saved.set()
        until_somebody_waits_for_a_lock()
        # A save of a draft writes its tags after it locked the post.
        TaggedPost.objects.create(content_object=waiting, tag=Tag.objects.create(name="Z", slug="z"))
        Tag.objects.select_for_update(no_key=True).get(name="News")
    other.join(20)
    assert not other.is_alive()
    assert errors == []
    said = pending.change_of(waiting).version.snapshot
    assert (said["tags"], said["excerpt"]) == (["Newsroom"], "Written meanwhile.")


@pytest.mark.parametrize("number", [0, 51])
def test_too_few_and_too_many_are_refused_and_nothing_moves(editor, number):
    stays = Tag.objects.create(name="Stays", slug="stays")
    others = taxonomy.tags_named(f"Tag {each}" for each in range(number))
    with pytest.raises(Refusal):
        taxonomy.merge_tags([stays, *others], stays, by=editor)
    assert Tag.objects.count() == number + 1


def test_the_page_tells_the_counts_before_anything_happens(client_of, editor, publish):
    publish(tags=["A", "B"])
    publish(tags=["B"])
    client = client_of(editor)
    data = {"action": "merge_chosen", "_selected_action": [tag("A").pk, tag("B").pk], "index": 0}
    page = client.post("/admin/blog/tag/", data, follow=True).content.decode()
    assert "Make one of 2 tags?" in page
    assert "2 posts have at least one of them" in page
    assert "cannot be undone" in page
    assert Tag.objects.count() == 2
    ids = f"{tag('A').pk},{tag('B').pk}"
    response = client.post(MERGE, {"tags": ids, "into": tag("B").pk}, follow=True)
    assert [str(each) for each in response.context["messages"]] == [
        "“A” merged into “B”: 0 posts gained it. Old addresses lead there."
    ]
    assert set(Tag.objects.values_list("name", flat=True)) == {"B"}


def test_tags_are_merged_into_another_by_its_name(client_of, editor, publish):
    publish(tags=["A", "Bb", "C"])
    ids = f"{tag('A').pk},{tag('C').pk}"
    client = client_of(editor)
    wrong = client.post(MERGE, {"tags": ids, "into": "other", "other": "<b>nobody</b>"})
    assert "There is no tag of this name" in wrong.content.decode()
    assert "<b>nobody</b>" not in wrong.content.decode()
    client.post(MERGE, {"tags": ids, "into": "other", "other": " BB "})
    assert set(Tag.objects.values_list("name", flat=True)) == {"Bb"}


@pytest.mark.parametrize("data", [{}, {"tags": "x,²"}, {"tags": "1,2"}, {"tags": "9" * 30, "into": "9" * 30}])
def test_nonsense_merges_nothing(client_of, editor, publish, data):
    publish(tags=["A", "B"])
    assert client_of(editor).post(MERGE, data).status_code == 200
    assert Tag.objects.count() == 2


def test_an_author_merges_nothing(client_of, author, publish):
    publish(tags=["A", "B"])
    client = client_of(author)
    assert client.get(MERGE).status_code == 403
    assert client.post(MERGE, {"tags": f"{tag('A').pk},{tag('B').pk}", "into": tag("A").pk}).status_code == 403
    assert "merge_chosen" not in client.get("/admin/blog/tag/").content.decode()
    assert Tag.objects.count() == 2


def test_the_form_of_a_tag_keeps_its_address_unless_it_is_changed(client_of, editor, publish):
    publish(tags=["News"])
    page = f"/admin/blog/tag/{tag('News').pk}/change/"
    client = client_of(editor)
    client.post(page, {"name": "Newsroom", "slug": "news"})
    assert (tag("Newsroom").slug, Redirect.objects.count()) == ("news", 0)
    client.post(page, {"name": "Newsroom", "slug": "newsroom"})
    assert client.get("/tag/news/")["Location"] == "/tag/newsroom/"


def test_a_renamed_topic_leads_on_with_its_feed(client, client_of, editor, publish):
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    publish(topic_cluster=topic)
    data = {"name": "Hours", "slug": "clocks", "description": "", "pillar_post": ""}
    client_of(editor).post(f"/admin/blog/topiccluster/{topic.pk}/change/", data)
    assert client.get("/topic/hours/")["Location"] == "/topic/clocks/"
    for end in ("feed/", "feed/atom/", "feed/json/"):
        assert client.get(f"/topic/hours/{end}")["Location"] == f"/topic/clocks/{end}"


def test_ten_thousand_tags_are_listed_a_page_at_a_time(client_of, editor, django_assert_max_num_queries):
    Tag.objects.bulk_create(Tag(name=f"Tag {n:05}", slug=f"tag-{n}", key=f"tag {n:05}") for n in range(10_000))
    client = client_of(editor)
    client.get("/admin/blog/tag/")
    with django_assert_max_num_queries(9):
        page = client.get("/admin/blog/tag/?o=3").content.decode()
    assert "10000 tags" in page
    assert page.count("field-posts") == 100
