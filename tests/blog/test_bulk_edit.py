"""The same change to many posts: each by the rules, each for itself, some at a time."""

from datetime import UTC, datetime

import pytest

from blog import bulk, pending, publishing
from blog.bulk import Change
from blog.models import Category, Post, StatusChange
from blog.taxonomy import save_category
from core.refusals import Refusal

NOON = datetime(2036, 5, 4, 12, tzinfo=UTC)
LIST, BULK = "/admin/blog/post/", "/admin/blog/post/bulk/"


@pytest.fixture
def places(db) -> Category:
    return save_category(Category(name="Places"))


def fresh(post: Post) -> Post:
    return Post.objects.get(pk=post.pk)


def tags_of(post: Post) -> set[str]:
    return set(post.tags.names())


# --- the rules -------------------------------------------------------------------------------------------------------
def test_category_tags_and_author_change_with_a_version_that_says_why(write, places, editor):
    post = write(tags=["Old", "Stays"])
    change = Change(category=places, add_tags=["New"], remove_tags=["OLD"], author=editor, reason="A new section")
    report = bulk.run([post], change, by=editor, at=NOON)
    assert report.done == [post]
    post = fresh(post)
    assert (post.category, post.author, tags_of(post)) == (places, editor, {"New", "Stays"})
    version = post.versions.first()
    assert (version.reason, version.editor, version.created_at) == ("A new section", editor, NOON)


def test_a_live_post_changes_in_private(publish, places, editor):
    post = publish(tags=["Old"])
    report = bulk.run([post], Change(category=places, add_tags=["New"]), by=editor)
    assert report.waiting == [post]
    assert fresh(post).category is None
    assert tags_of(post) == {"Old"}
    publishing.update(post, by=editor)
    assert fresh(post).category == places
    assert tags_of(post) == {"Old", "New"}


def test_what_waits_already_is_kept_and_may_be_brought_out_with_it(publish, places, editor):
    post = publish("Before", tags=["Old"])
    edited = fresh(post)
    edited.title = "After"
    from blog import writing

    writing.save(edited, by=editor, tags=["Old", "Waits"], co_authors=[editor])
    report = bulk.run([post], Change(category=places, remove_tags=["old"], verb="update"), by=editor)
    assert (report.done, report.waiting) == ([post], [])
    assert pending.change_of(post) is None
    post = fresh(post)
    assert (post.title, post.category, tags_of(post)) == ("After", places, {"Waits"})
    assert list(post.co_authors.all()) == [editor]


def test_what_says_it_already_stays_without_a_new_version(write, places, editor):
    post = write(category=places, tags=["A"])
    report = bulk.run([post], Change(category=places, add_tags=["a"]), by=editor)
    assert (report.same, report.done) == ([post], [])
    assert post.versions.count() == 1


def test_one_that_is_refused_holds_nobody_up_and_is_left_as_it_was(write, places, editor):
    ready, empty = write("Ready"), write("Empty", text="")
    report = bulk.run([empty, ready], Change(category=places, verb="publish"), by=editor)
    assert report.done == [ready]
    assert [post for post, _ in report.refused] == [empty]
    assert report.refused[0][1].startswith("The post has no text yet")
    assert fresh(ready).is_public
    assert fresh(empty).category is None
    assert empty.versions.count() == 1


def test_a_plan_says_the_same_as_the_run_and_does_nothing(write, publish, places, editor):
    posts = [write("Ready"), write("Empty", text=""), publish("Live")]
    change = Change(category=places, verb="publish")
    steps = StatusChange.objects.count()
    planned = bulk.plan(posts, change, by=editor, at=NOON)
    assert StatusChange.objects.count() == steps
    assert [fresh(post).category for post in posts] == [None] * 3
    assert pending.change_of(posts[2]) is None
    ran = bulk.run(posts, change, by=editor, at=NOON)
    assert (planned.done, planned.same, planned.waiting, planned.refused) == (
        ran.done,
        ran.same,
        ran.waiting,
        ran.refused,
    )


def test_an_author_changes_neither_the_posts_of_others_nor_names(write, places, author, editor):
    own, other = write(), write(by=editor)
    report = bulk.run([own, other], Change(category=places), by=author)
    assert (report.done, [post for post, _ in report.refused]) == ([own], [other])
    assert fresh(other).category is None
    assert bulk.run([own], Change(author=editor), by=author).refused[0][1].startswith("Only editors write in")
    assert bulk.run([own], Change(verb="publish"), by=author).refused[0][1].startswith("Your role does not let you")
    assert fresh(own).author == author


@pytest.mark.parametrize(
    "change", [Change(), Change(reason="Why"), Change(verb="explode"), Change(add_tags=["A"], remove_tags=["a"])]
)
def test_what_is_no_change_is_refused(write, editor, change):
    post = write()
    with pytest.raises(Refusal):
        bulk.run([post], change, by=editor)
    assert post.versions.count() == 1


def test_the_two_hundred_and_first_tag_of_a_post_is_refused(write, editor):
    post, other = write(tags=[f"Tag {number}" for number in range(200)]), write()
    report = bulk.run([post, other], Change(add_tags=["One more"]), by=editor)
    assert "at most 200 tags" in report.refused[0][1]
    assert report.done == [other]
    assert len(tags_of(post)) == 200


def test_a_post_deleted_meanwhile_is_named(write, editor):
    post = write("Gone")
    Post.objects.filter(pk=post.pk).delete()
    assert bulk.run([post], Change(add_tags=["A"]), by=editor).refused == [(post, "This post was deleted meanwhile.")]


# --- the pages -------------------------------------------------------------------------------------------------------
def choose(client, posts: list[Post], **more: object):
    data = {"action": "edit_chosen", "_selected_action": [post.pk for post in posts], "index": 0, **more}
    return client.post(LIST, data)


def ids(*posts: Post) -> str:
    return ",".join(str(post.pk) for post in posts)


def test_the_list_leads_to_a_page_that_asks_then_shows_then_does(client_of, editor, write, places):
    ready, empty = write("Ready"), write("Empty", text="")
    client = client_of(editor)
    asked = choose(client, [ready, empty]).content.decode()
    assert "Edit 2 posts together" in asked
    assert f"{empty.pk},{ready.pk}" in asked
    sent = {"ids": ids(ready, empty), "category": places.pk, "verb": "publish"}
    shown = client.post(BULK, {**sent, "step": "plan"}).content.decode()
    assert "1 of 2 posts will change" in shown
    assert "The post has no text yet" in shown
    assert not fresh(ready).is_public
    done = client.post(BULK, {**sent, "step": "run"}).content.decode()
    assert "1 post changed" in done
    assert "<b>1</b> was refused" in done
    assert fresh(ready).is_public and fresh(ready).category == places


def test_many_are_changed_some_at_a_time_with_one_account_in_the_end(client_of, editor, write, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    posts = [write(), write(), write("Empty", text=""), write(), write()]
    client = client_of(editor)
    sent = {"ids": ids(*posts), "verb": "publish", "step": "run"}
    first = client.post(BULK, sent)
    assert first.context["number"] == 3
    assert "Go on with the next 2" in first.content.decode()
    carried = {**first.context["sums"], "told": first.context["sentences"]}
    second = client.post(BULK, {**sent, **carried, "ids": first.context["ids"]})
    carried = {**second.context["sums"], "told": second.context["sentences"]}
    last = client.post(BULK, {**sent, **carried, "ids": second.context["ids"]})
    assert last.context["sums"] == {"done": 4, "same": 0, "waiting": 0, "refused": 1, "missing": 0}
    assert last.context["sentences"][0].startswith("“Empty”: The post has no text yet")
    assert "Go on" not in last.content.decode()


def test_all_that_match_are_chosen_across_pages_but_never_without_bound(client_of, editor, write, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    posts = [write() for _ in range(4)]
    page = choose(client_of(editor), posts[:1], select_across=1).content.decode()
    assert "One change is for at most 2 posts." in page
    assert "Show what changes" not in page


def test_an_author_reaches_only_own_posts_through_the_page(client_of, author, editor, write):
    own, other = write(), write(by=editor)
    client = client_of(author)
    page = choose(client, [own]).content.decode()
    assert 'name="author"' not in page
    assert 'value="publish"' not in page
    done = client.post(BULK, {"ids": ids(own, other), "add_tags": "Mine", "step": "run"})
    assert done.context["sums"]["done"] == 1
    assert done.context["sums"]["missing"] == 1
    assert tags_of(other) == set()
    refused = client.post(BULK, {"ids": ids(own), "verb": "publish", "step": "run"})
    assert refused.context["stage"] == "choose"
    assert not fresh(own).is_public


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"ids": "x,²,-1", "step": "run", "verb": "trash"},
        {"ids": "9" * 30, "step": "run", "verb": "trash"},
        {"ids": "1", "step": "run"},
        {"ids": "1", "step": "run", "category": "x"},
        {"ids": "1", "step": "run", "verb": "explode"},
        {"ids": "1", "step": "run", "add_tags": "A", "remove_tags": "a"},
        {"ids": "1", "step": "run", "author": "²"},
    ],
)
def test_nonsense_is_asked_again_and_changes_nothing(client_of, editor, write, data):
    post = write(tags=["Stays"])
    response = client_of(editor).post(BULK, data)
    assert response.status_code == 200
    assert (fresh(post).status, tags_of(post)) == ("draft", {"Stays"})


def test_only_a_post_request_changes_anything(client_of, editor, write, reader):
    post = write()
    query = {"ids": post.pk, "verb": "trash", "step": "run"}
    assert client_of(editor).get(BULK, query).status_code == 302
    assert client_of(reader).post(BULK, query).status_code == 302
    assert not fresh(post).is_trashed


def test_titles_and_reasons_are_text(client_of, editor, write):
    post = write("<img src=x onerror=alert(1)>", text="")
    client = client_of(editor)
    sent = {"ids": post.pk, "verb": "publish", "reason": '"><script>alert(1)</script>'}
    for page in (choose(client, [post]), *(client.post(BULK, {**sent, "step": step}) for step in ("plan", "run"))):
        assert "<img src=x" not in page.content.decode()
        assert "<script>alert" not in page.content.decode()
