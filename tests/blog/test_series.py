"""Series: an order, and the way from one part to the next."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AuditEntry
from blog import pending, publishing, series, taxonomy, writing
from blog.models import Post, Redirect, Series
from comments import rules
from core.refusals import Refusal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def ferries(db) -> Series:
    return Series.objects.create(name="Ferries", slug="ferries", description="A summer on the water.")


@pytest.fixture
def parts(publish, ferries, editor) -> list[Post]:
    """Three live parts, in the order of their numbers."""
    found = [publish(f"Crossing {number}", at=NOON + timedelta(days=number)) for number in (1, 2, 3)]
    series.arrange(ferries, [post.pk for post in found], by=editor)
    return [Post.objects.get(pk=post.pk) for post in found]


def order_of(found: Series) -> list[str]:
    return [post.title for post in series.in_order(found.posts.all())]


def test_an_arranged_series_is_read_in_its_order_whatever_the_dates(ferries, parts, editor):
    one, two, three = (post.pk for post in parts)
    assert series.arrange(ferries, [three, one, two], by=editor, at=NOON) == 3
    assert order_of(ferries) == ["Crossing 3", "Crossing 1", "Crossing 2"]
    course = series.course_of(Post.objects.get(pk=one))
    assert (course.here.number, course.total) == (2, 3)
    assert (course.earlier.title, course.later.title) == ("Crossing 3", "Crossing 2")
    assert AuditEntry.objects.filter(action="arranged a series").latest("pk").note == "3 posts, 3 of them moved"


def test_what_is_left_out_leaves_and_what_stays_in_place_is_not_touched(ferries, parts, editor):
    one, two, three = parts
    versions = one.versions.count()
    assert series.arrange(ferries, [one.pk, three.pk], by=editor) == 2
    assert order_of(ferries) == ["Crossing 1", "Crossing 3"]
    assert one.versions.count() == versions
    two.refresh_from_db()
    assert (two.series_id, two.series_position) == (None, None)
    assert two.versions.first().reason == "No longer part of “Ferries”"


def test_a_live_post_stays_in_its_place_when_what_waited_before_goes_live(ferries, publish, editor):
    post = publish("Crossing")
    edited = Post.objects.get(pk=post.pk)
    edited.title = "Crossing again"
    writing.save(edited, by=editor)
    series.arrange(ferries, [post.pk], by=editor)
    assert pending.change_of(post).version.snapshot["title"] == "Crossing again"
    publishing.update(post, by=editor)
    post.refresh_from_db()
    assert (post.title, post.series_id, post.series_position) == ("Crossing again", ferries.pk, 1)


def test_placing_a_live_post_leaves_nothing_waiting(ferries, publish, editor):
    post = publish()
    series.arrange(ferries, [post.pk], by=editor)
    post.refresh_from_db()
    assert pending.change_of(post) is None
    assert post.content_version == post.current_version == post.versions.first().number


def test_a_post_of_another_series_is_refused_and_nothing_moves(ferries, parts, publish, editor):
    other = Series.objects.create(name="Clocks", slug="clocks")
    with pytest.raises(Refusal, match="part of another series, “Ferries”"):
        series.arrange(other, [publish().pk, parts[0].pk], by=editor)
    assert order_of(other) == []
    assert order_of(ferries) == ["Crossing 1", "Crossing 2", "Crossing 3"]


def test_an_author_does_not_place_the_post_of_another(ferries, publish, author, editor):
    with pytest.raises(Refusal, match="may not change"):
        series.arrange(ferries, [publish(by=editor).pk], by=author)
    assert order_of(ferries) == []


def test_drafts_are_no_part_for_readers(ferries, parts, write, editor, client):
    draft = write("Secret crossing")
    series.arrange(ferries, [draft.pk, *(post.pk for post in parts)], by=editor)
    page = client.get(parts[0].get_absolute_url()).content.decode()
    assert "part 1 of 3" in page
    assert "Secret crossing" not in page
    assert "Secret crossing" not in client.get("/series/ferries/").content.decode()


def test_a_post_page_shows_the_part_the_way_on_and_all_parts_folded(parts, client):
    page = client.get(parts[1].get_absolute_url()).content.decode()
    assert '<a href="/series/ferries/">Ferries</a>, part 2 of 3' in page
    assert '<a class="earlier" href="/blog/crossing-1/" rel="prev">' in page
    assert '<a class="later" href="/blog/crossing-3/" rel="next">' in page
    assert '<b aria-current="page">Crossing 2</b>' in page
    assert "<details><summary>All parts</summary>" in page


@pytest.mark.django_db(transaction=True)
def test_a_new_order_renews_what_readers_have(ferries, parts, editor, client):
    first = parts[0].get_absolute_url()
    assert "part 1 of 3" in client.get(first).content.decode()
    series.arrange(ferries, [post.pk for post in reversed(parts)], by=editor)
    assert "part 3 of 3" in client.get(first).content.decode()
    publishing.archive(parts[1], by=editor)
    assert "part 2 of 2" in client.get(first).content.decode()


def test_a_long_series_shows_what_is_near(ferries, publish, editor, settings):
    posts = [publish(f"Part {number}", text="Words.") for number in range(45)]
    series.arrange(ferries, [post.pk for post in posts], by=editor)
    course = series.course_of(Post.objects.get(pk=posts[30].pk))
    assert len(course.shown) == series.SHOWN
    assert course.here in course.shown
    assert (course.total, course.shown[-1].number) == (45, 45)


def test_a_post_without_a_series_asks_nothing_for_it(publish, django_assert_num_queries):
    post = publish()
    with django_assert_num_queries(0):
        assert series.course_of(post) is None


def test_the_page_of_a_series_counts_its_parts_through_all_pages(parts, client, settings):
    settings.POSTS_PER_PAGE = 2
    first, second = (client.get(f"/series/ferries/{end}").content.decode() for end in ("", "?page=2"))
    assert "3 parts" in first
    assert "A summer on the water." in first
    assert ">Part 1<" in first and ">Part 2<" in first and ">Part 3<" not in first
    assert ">Part 3<" in second


def test_a_series_without_anything_live_is_not_there(ferries, write, client, editor):
    assert client.get("/series/ferries/").status_code == 404
    series.arrange(ferries, [write().pk], by=editor)
    assert client.get("/series/ferries/").status_code == 404
    assert "/series/ferries/" not in client.get("/sitemap-lists.xml").content.decode()


def test_the_sitemap_names_a_series_that_can_be_read(parts, client):
    assert "/series/ferries/" in client.get("/sitemap-lists.xml").content.decode()


def test_an_old_address_of_a_series_leads_on(ferries, parts, client):
    for slug in ("boats", "ships"):
        ferries.slug = slug
        taxonomy.save_named(ferries)
    assert [client.get(f"/series/{old}/")["Location"] for old in ("ferries", "boats")] == ["/series/ships/"] * 2
    assert Redirect.objects.count() == 2


@pytest.mark.parametrize(("cold", "warm"), [(7, 3)])  # one is of the conversation: pings
def test_a_part_costs_one_question_more_and_none_when_kept(client, parts, django_assert_max_num_queries, cold, warm):
    address = parts[1].get_absolute_url()
    rules.current()  # asked after each change of them, not for each page
    with django_assert_max_num_queries(cold):
        client.get(address)
    with django_assert_max_num_queries(warm):
        client.get(address)


def test_what_somebody_added_meanwhile_stays_and_what_left_does_not_come_back(ferries, parts, publish, editor):
    one, two, three = (post.pk for post in parts)
    newcomer = publish("Crossing 4").pk
    series.arrange(ferries, [one, three, newcomer], by=editor)
    series.arrange(ferries, [three, two, one], shown=[one, two, three], by=editor)
    assert order_of(ferries) == ["Crossing 3", "Crossing 1", "Crossing 4"]


def test_what_was_seen_and_taken_out_leaves(ferries, parts, editor):
    one, two, three = (post.pk for post in parts)
    series.arrange(ferries, [one, three], shown=[one, two, three], by=editor)
    assert order_of(ferries) == ["Crossing 1", "Crossing 3"]
