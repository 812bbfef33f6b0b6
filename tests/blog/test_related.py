"""Read next: what has most in common with a post comes first."""

from datetime import UTC, datetime, timedelta

import pytest

from blog import publishing, related, taxonomy, translations
from blog.models import Category, Series, TopicCluster
from tests.media_assets.making_assets import make_asset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def nearest():
    def titles(post, count=9):
        found = related.find_companions(post, list(post.tags.all()), count=count)
        return [other.title for other in found.nearest]

    return titles


def test_a_rare_tag_says_more_than_a_common_one(publish, nearest):
    post = publish("This", tags=["news", "astrolabes"], at=NOON)
    publish("Of old, on astrolabes", tags=["astrolabes"], at=NOON - timedelta(days=900))
    for number in range(8):
        publish(f"News {number}", tags=["news"], at=NOON + timedelta(days=number))
    assert nearest(post)[:2] == ["Of old, on astrolabes", "News 7"]


def test_a_tag_everybody_uses_says_less_than_the_section(publish, nearest):
    tools = taxonomy.save_category(Category(name="Tools"))
    post = publish("This", tags=["news"], category=tools, at=NOON)
    publish("Same section", category=tools, at=NOON - timedelta(days=9))
    for number in range(12):
        publish(f"News {number}", tags=["news"], at=NOON + timedelta(days=number))
    assert nearest(post)[0] == "Same section"


def test_parts_of_a_series_are_nearest_and_what_the_topic_lists_is_not_named_again(publish, nearest):
    series = Series.objects.create(name="The agreement", slug="agreement")
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    pillar = publish("The pillar", topic_cluster=topic, at=NOON - timedelta(days=900))
    topic.pillar_post = pillar
    topic.save()
    post = publish("This", series=series, topic_cluster=topic, tags=["a"], at=NOON)
    publish("Of the topic", topic_cluster=topic, at=NOON + timedelta(days=1))
    publish("Of the series", series=series, at=NOON - timedelta(days=500))
    publish("Of the tag", tags=["a"], at=NOON + timedelta(days=2))
    assert nearest(post) == ["Of the series", "Of the tag"]
    assert [other.title for other in related.find_companions(post, [], count=3).topic] == ["The pillar", "Of the topic"]


def test_among_equals_the_same_author_wins_and_alone_means_nothing(publish, nearest, editor, author):
    post = publish("This", tags=["a"], at=NOON)
    publish("Another’s", tags=["a"], by=editor, at=NOON + timedelta(days=5))
    publish("My own", tags=["a"], by=author, at=NOON + timedelta(days=1))
    publish("My own, on nothing", by=author, at=NOON + timedelta(days=2))
    assert nearest(post) == ["My own", "Another’s"]


def test_among_equals_those_with_a_picture_come_first(publish, nearest):
    post = publish("This", tags=["a"], at=NOON)
    pictured = publish("With a picture", tags=["a"], at=NOON - timedelta(days=9))
    publish("Newer", tags=["a"], at=NOON + timedelta(days=1))
    pictured.featured_image = make_asset()
    pictured.save()
    assert nearest(post) == ["With a picture", "Newer"]
    assert not related.find_companions(post, list(post.tags.all()), count=2).have_pictures
    assert related.find_companions(post, list(post.tags.all()), count=1).have_pictures


def test_the_topic_lists_its_pillar_first_and_nothing_hidden(publish, write, editor):
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    pillar = publish("The pillar", topic_cluster=topic, at=NOON - timedelta(days=900))
    post = publish("This", topic_cluster=topic, at=NOON)
    publish("Newer", topic_cluster=topic, at=NOON + timedelta(days=1))
    write("A draft", topic_cluster=topic)
    publishing.schedule(write("For later", topic_cluster=topic), by=editor, at=NOON + timedelta(days=9000))
    publishing.archive(publish("Archived", topic_cluster=topic), by=editor)
    publishing.trash(write("Trashed", topic_cluster=topic), by=editor)
    topic.pillar_post = pillar
    topic.save()
    post.refresh_from_db()
    found = related.find_companions(post, [], count=9)
    assert [other.title for other in found.topic] == ["The pillar", "Newer"]
    assert not found.nearest, "nothing is named twice"


def test_all_of_it_is_one_question(publish, django_assert_num_queries):
    series = Series.objects.create(name="The agreement", slug="agreement")
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    tools = taxonomy.save_category(Category(name="Tools"))
    for number in range(4):
        post = publish(f"Piece {number}", tags=["a", "b"], category=tools, series=series, topic_cluster=topic)
    tags = list(post.tags.all())
    with django_assert_num_queries(1):
        related.find_companions(post, tags, count=3)


def test_neither_itself_nor_anything_hidden_is_beside_a_post(publish, write, editor):
    same = {"tags": ["astrolabes"], "category": taxonomy.save_category(Category(name="Tools"))}
    post = publish("This", at=NOON, **same)
    publish("Live", at=NOON - timedelta(days=1), **same)
    publish("A page", kind="page", at=NOON, **same)
    write("A draft", **same)
    publishing.schedule(write("For later", **same), by=editor, at=NOON + timedelta(days=9000))
    publishing.archive(publish("Archived", at=NOON, **same), by=editor)
    publishing.trash(publish("Trashed", at=NOON, **same), by=editor)
    found = related.find_companions(post, list(post.tags.all()), count=9)
    assert [other.title for other in found.nearest] == ["Live"]
    assert (found.earlier.title, found.later) == ("Live", None)


@pytest.mark.parametrize("editions", [(), ("de",)])
def test_its_own_translation_is_not_what_to_read_next(publish, as_publication, admin, editions):
    as_publication(editions=editions)
    post = publish("Two clocks", tags=["clocks"], at=NOON)
    own = publish("Zwei Uhren", tags=["clocks"], content_language="de", at=NOON + timedelta(days=1))
    publish("Eine Uhr", tags=["clocks"], content_language="de", at=NOON + timedelta(days=2))
    publish("One clock", tags=["clocks"], at=NOON - timedelta(days=1))
    translations.link(post, own, by=admin)
    post.refresh_from_db()
    own.refresh_from_db()

    def titles(of):
        found = related.find_companions(of, list(of.tags.all()), count=9)
        return {other.title for other in (*found.nearest, found.earlier, found.later) if other}

    if editions:
        assert (titles(post), titles(own)) == ({"One clock"}, {"Eine Uhr"})
    else:
        assert titles(post) == titles(own) == {"One clock", "Eine Uhr"}
