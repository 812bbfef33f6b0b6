"""When a live post is due to be read again, and what is said when somebody did."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from blog import pending, publishing, review_cycle, taxonomy, writing
from blog.models import Category, Post
from core.refusals import Refusal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STALE, REVIEWED = "/admin/blog/post/stale/", "/admin/blog/post/stale/reviewed/"


def days(number: int) -> datetime:
    return NOON + timedelta(days=number)


@pytest.fixture
def tree(db) -> tuple[Category, Category]:
    """Places, to be reviewed after 100 days, and Bridges below it."""
    places = taxonomy.save_category(Category(name="Places", review_after_days=100))
    return places, taxonomy.save_category(Category(name="Bridges", parent=places))


@pytest.fixture
def live(publish, tree):
    """A post in Bridges, live since noon, its text as old."""

    def make(title: str = "", **fields) -> Post:
        post = publish(title, at=NOON, **({"category": tree[1]} | fields))
        Post.objects.filter(pk=post.pk).update(content_changed_at=NOON)
        post = Post.objects.get(pk=post.pk)
        review_cycle.renew(post)
        return post

    return make


def due(post: Post) -> datetime | None:
    return Post.objects.get(pk=post.pk).review_due_at


def test_the_period_comes_from_the_post_else_the_nearest_category_that_has_one(live, tree):
    assert due(live()) == days(100)
    assert due(live(review_after_days=7)) == days(7)
    assert due(live(review_after_days=0)) is None
    assert due(live(category=None)) is None


def test_never_on_a_category_holds_for_what_is_below_it(live, tree):
    _, bridges = tree
    bridges.review_after_days = 0
    taxonomy.save_category(bridges)
    iron = taxonomy.save_category(Category(name="Iron", parent=bridges))
    assert due(live(category=iron)) is None


def test_a_date_counts_from_the_last_time_somebody_stood_for_the_text(live):
    post = live()
    post.content_changed_at = days(3)
    assert review_cycle.due_at(post) == days(103)
    post.last_reviewed_at = days(5)
    assert review_cycle.due_at(post) == days(105)
    post.last_reviewed_at = days(1)
    assert review_cycle.due_at(post) == days(103)


def test_an_absurd_period_does_not_leave_the_calendar(live):
    assert due(live(review_after_days=32_767)) == days(32_767)


def test_publishing_and_taking_down_keep_the_date(write, tree, editor):
    post = write(category=tree[1])
    assert due(post) is None
    publishing.publish(post, by=editor)
    assert due(post) > timezone.now() + timedelta(days=99)
    publishing.archive(post, by=editor)
    assert due(post) is None
    publishing.publish(post, by=editor)
    assert due(post) is not None
    publishing.trash(post, by=editor)
    assert due(post) is None


def test_an_update_moves_the_date_and_what_only_waits_does_not(live, editor):
    post = live()
    edited = Post.objects.get(pk=post.pk)
    edited.content_markdown = "Other words to read."
    writing.save(edited, by=editor, at=days(10))
    assert due(post) == days(100)
    publishing.update(post, by=editor, at=days(20))
    assert due(post) == days(120)


def test_another_period_or_place_of_a_category_moves_the_dates_below_it(live, tree):
    places, bridges = tree
    post, own = live(), live(review_after_days=7)
    places.review_after_days = 30
    taxonomy.save_category(places)
    assert (due(post), due(own)) == (days(30), days(7))
    tools = taxonomy.save_category(Category(name="Tools", review_after_days=5))
    taxonomy.move_category(bridges, target=tools)
    assert (due(post), due(own)) == (days(5), days(7))
    taxonomy.move_category(bridges, target=None)
    assert due(post) is None


def test_the_sweep_brings_every_date_in_line_and_says_how_many_were_not(live, write):
    right, wrong, gone = live(), live(), write()
    Post.objects.filter(pk=wrong.pk).update(review_due_at=NOON)
    Post.objects.filter(pk=gone.pk).update(review_due_at=NOON)
    assert review_cycle.renew_all() == 2
    assert [due(post) for post in (right, wrong, gone)] == [days(100), days(100), None]
    assert review_cycle.renew_all() == 0


def test_the_sweep_asks_little_whatever_there_is(live, django_assert_num_queries):
    for _ in range(5):
        live()
    with django_assert_num_queries(3):
        review_cycle.renew_all()


# --- reviewed, no change ---------------------------------------------------------------------------------------------
def test_a_review_makes_no_version_and_nothing_wait(live, editor):
    post = live()
    before = post.content_version
    review_cycle.reviewed(post, by=editor, at=days(100))
    post.refresh_from_db()
    assert (post.last_reviewed_at, post.review_due_at) == (days(100), days(200))
    assert post.content_version == before
    assert pending.change_of(post) is None
    entry = AuditEntry.objects.get(action="reviewed")
    assert (entry.actor, entry.note, entry.at) == (editor, "No change", days(100))


def test_what_waited_since_before_does_not_take_the_review_back(live, editor):
    post = live()
    edited = Post.objects.get(pk=post.pk)
    edited.title = "Another title"
    writing.save(edited, by=editor, at=days(1))
    review_cycle.reviewed(post, by=editor, at=days(50))
    assert pending.change_of(post).version.snapshot["title"] == "Another title"
    publishing.update(post, by=editor, at=days(60))
    post.refresh_from_db()
    assert (post.title, post.last_reviewed_at, post.review_due_at) == ("Another title", days(50), days(150))


def test_only_what_is_live_is_reviewed_and_only_by_who_may_change_it(live, write, author, editor, reader):
    with pytest.raises(Refusal, match="this one is draft"):
        review_cycle.reviewed(write(), by=editor)
    other = live(by=editor)
    for person in (author, reader):
        with pytest.raises(Refusal, match="does not let you"):
            review_cycle.reviewed(other, by=person)
    assert Post.objects.get(pk=other.pk).last_reviewed_at is None
    review_cycle.reviewed(live(), by=author)


# --- the list --------------------------------------------------------------------------------------------------------
def test_the_list_begins_with_the_longest_waiting(client_of, editor, live):
    live("Later", review_after_days=20)
    live("Sooner", review_after_days=10)
    live("Not yet", review_after_days=30_000)
    page = client_of(editor).get(STALE).content.decode()
    assert page.index("Sooner") < page.index("Later")
    assert "Not yet" not in page
    assert "Not yet" in client_of(editor).get(f"{STALE}?show=all").content.decode()


def test_the_list_is_filtered_by_category_and_author(client_of, editor, live, tree):
    live("A bridge", review_after_days=1)
    live("Elsewhere", review_after_days=1, category=None, by=editor)
    client = client_of(editor)
    by_category = client.get(f"{STALE}?category={tree[0].pk}").content.decode()
    assert "A bridge" in by_category and "Elsewhere" not in by_category
    by_author = client.get(f"{STALE}?author={editor.pk}").content.decode()
    assert "Elsewhere" in by_author and "A bridge" not in by_author


def test_one_click_for_one_and_one_for_several(client_of, editor, live):
    posts = [live(f"Old {number}", review_after_days=1) for number in range(3)]
    client = client_of(editor)
    data = {"post": posts[0].pk, "chosen": [posts[1].pk], "show": "soon"}
    response = client.post(REVIEWED, data, follow=True)
    assert response.redirect_chain == [(f"{STALE}?show=soon", 302)]
    assert "“Old 0” is reviewed" in str(list(response.context["messages"])[0])
    assert due(posts[1]) == days(1)
    response = client.post(REVIEWED, {"chosen": [post.pk for post in posts[1:]]}, follow=True)
    assert "2 posts are reviewed" in str(list(response.context["messages"])[0])
    assert "Nothing is overdue." in client.get(STALE).content.decode()


def test_an_author_sees_and_reviews_own_posts_alone(client_of, author, editor, live):
    own, other = live("Mine", review_after_days=1), live("Of the editor", by=editor, review_after_days=1)
    client = client_of(author)
    page = client.get(STALE).content.decode()
    assert "Mine" in page and "Of the editor" not in page
    client.post(REVIEWED, {"chosen": [own.pk, other.pk]})
    assert due(other) == days(1)
    assert due(own) > days(1)


@pytest.mark.parametrize("query", ["?category=²", "?author=x", "?page=999", "?show=nothing", "?category=999999"])
def test_nonsense_in_the_address_is_no_error(client_of, editor, live, query):
    live(review_after_days=1)
    assert client_of(editor).get(STALE + query).status_code == 200


def test_only_a_post_request_reviews(client_of, editor, live, reader):
    post = live(review_after_days=1)
    assert client_of(editor).get(REVIEWED, {"post": post.pk}).status_code == 405
    assert client_of(reader).post(REVIEWED, {"post": post.pk}).status_code == 302
    assert client_of(editor).post(REVIEWED, {"post": "9" * 30}).status_code == 302
    assert due(post) == days(1)


def test_the_list_stays_within_its_queries(client_of, editor, live, django_assert_max_num_queries):
    for _ in range(12):
        live(review_after_days=1)
    client = client_of(editor)
    client.get(STALE)
    with django_assert_max_num_queries(9):
        client.get(STALE)


def test_the_list_of_posts_has_a_filter_for_them(client_of, editor, live):
    live("Old", review_after_days=1)
    live("Fresh", review_after_days=30_000)
    live("Ageless", review_after_days=0)
    client = client_of(editor)

    def titles(value: str) -> set[str]:
        page = client.get(f"/admin/blog/post/?review={value}").content.decode()
        return {title for title in ("Old", "Fresh", "Ageless") if f"<b>{title}</b>" in page}

    assert titles("overdue") == {"Old"}
    assert titles("never") == {"Ageless"}


# --- readers ---------------------------------------------------------------------------------------------------------
def page_after(client, post: Post, editor, *, reason: str, tell: bool) -> str:
    edited = Post.objects.get(pk=post.pk)
    edited.content_markdown, edited.show_update_reason = "Other words to read.", tell
    writing.save(edited, by=editor, reason=reason, at=days(30))
    publishing.update(post, by=editor, at=days(30))
    return client.get(post.get_absolute_url()).content.decode()


def test_readers_are_told_the_reason_only_when_wished(client, live, editor):
    said = page_after(client, live(), editor, reason="Prices of <2026>", tell=True)
    assert '<b>Updated <time datetime="2026-06-03T13:00:00+0100">3 June 2026</time>:</b> Prices of &lt;2026&gt;' in said
    assert "Prices of" not in page_after(client, live(), editor, reason="Prices of <2026>", tell=False)
    assert 'class="told"' not in page_after(client, live(), editor, reason="", tell=True)


def test_a_review_is_not_news_for_readers(client, live, editor):
    post = live()
    review_cycle.reviewed(post, by=editor, at=days(30))
    page = client.get(post.get_absolute_url()).content.decode()
    assert 'class="told"' not in page
    assert '"dateModified": "2026-05-04' in page
