"""Passing a post on: counted for the post, without a trace of the person."""

import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.urls import reverse

from blog import publishing, sharing
from blog.models import Post
from blog.querysets import PostQuerySet

HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture(autouse=True)
def nothing_counted():
    sharing.counted.drain()
    caches["default"].clear()
    yield
    sharing.counted.drain()


@pytest.fixture
def share(client):
    def send(post, channel="mastodon", **headers):
        address = reverse("share_post", args=[post.slug])
        return client.post(address, {"channel": channel}, **(headers or HERE))

    return send


def count_of(post) -> int:
    return Post.objects.values_list("share_count", flat=True).get(pk=post.pk)


def test_shares_are_added_to_the_post_by_the_clock(share, publish):
    one, other = publish("One"), publish("Other")
    before = Post.objects.get(pk=one.pk).updated_at
    for channel in ("mail", "link", "device"):
        assert share(one, channel).status_code == 204
    assert count_of(one) == 0, "no write while the reader waits"
    assert sharing.write_counts() == 1
    assert (count_of(one), count_of(other)) == (3, 0)
    assert Post.objects.get(pk=one.pk).updated_at == before
    assert sharing.write_counts() == 0 and count_of(one) == 3


def test_a_publication_that_counts_nothing_counts_no_shares(share, publish, as_publication):
    post = publish("One")
    as_publication(analytics_enabled=False)
    assert share(post).status_code == 204
    assert sharing.write_counts() == 0 and count_of(post) == 0


def test_no_share_is_lost_or_counted_twice_when_writing_stops_half_way(share, publish, monkeypatch):
    one, other = publish("One"), publish("Other")
    share(one), share(other)
    update = PostQuerySet.update

    def stopping(posts, **fields):
        if posts.filter(pk=other.pk).exists():
            raise OperationalError("the server closed the connection")
        return update(posts, **fields)

    with monkeypatch.context() as broken, pytest.raises(OperationalError):
        broken.setattr(PostQuerySet, "update", stopping)
        sharing.write_counts()
    assert (count_of(one), count_of(other)) == (0, 0), "all or nothing"
    share(other)
    while sharing.write_counts():
        pass
    assert (count_of(one), count_of(other)) == (1, 2)


def test_one_reader_counts_a_few_times_only(share, publish):
    post, other = publish("One"), publish("Other")
    assert {share(post).status_code for _ in range(9)} == {204}
    share(other)
    sharing.write_counts()
    assert (count_of(post), count_of(other)) == (5, 1)


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
        {"HTTP_ORIGIN": "https://evil.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_X_NOTHING": "1"},
    ],
)
def test_pages_of_others_cannot_count(share, publish, headers):
    post = publish("One")
    assert share(post, **headers).status_code == 403
    assert sharing.write_counts() == 0


def test_a_browser_that_names_its_page_only_counts(share, publish):
    assert share(publish("One"), HTTP_ORIGIN="http://testserver").status_code == 204
    assert sharing.write_counts() == 1


@pytest.mark.parametrize("channel", ["", "carrier-pigeon", "1:mail", "mail\x00", "x" * 10_000])
def test_only_known_ways_are_counted(share, publish, channel):
    assert share(publish("One"), channel).status_code == 400
    assert sharing.write_counts() == 0


def test_only_live_posts_are_shared(share, write, publish, editor):
    hidden = [write("A draft"), publish("Archived"), write("Trashed"), publish("About", kind="page")]
    publishing.archive(hidden[1], by=editor)
    publishing.trash(hidden[2], by=editor)
    assert {share(post).status_code for post in hidden} == {404}
    assert sharing.write_counts() == 0


def test_looking_counts_nothing(client, publish):
    assert client.get(reverse("share_post", args=[publish("One").slug])).status_code == 405


def test_the_page_shows_plain_links_and_a_count_only_where_there_is_one(client, publish):
    post = publish("One & all")
    text = client.get(post.get_absolute_url()).content.decode()
    bar = text.split('id="share"')[1].split("</div>")[0]
    for host in ("share.joinmastodon.org", "bsky.app", "linkedin.com", "x.com", "wa.me", "mailto:"):
        assert host in bar
    assert "One%20%26%20all" in bar and "shared" not in bar.casefold()
    Post.objects.filter(pk=post.pk).update(share_count=12)
    bar = client.get(post.get_absolute_url()).content.decode().split('id="share"')[1]
    assert "Shared 12 times" in bar
