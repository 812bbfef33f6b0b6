"""Liking by pressing a button: once each, undone, as a guest without a cookie, from pages of this site alone."""

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from accounts import rates
from accounts.models import Notification
from blog import likes as post_likes
from blog.models import Post, PostLike
from comments.models import Comment, CommentLike
from tests.conftest import make_person

HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}
SCRIPT = {**HERE, "HTTP_ACCEPT": "application/json"}


@pytest.fixture
def post(publish):
    return publish("One")


@pytest.fixture
def comment(post, reader):
    now = timezone.now()
    facts = {"user": reader, "status": "approved", "created_at": now, "approved_at": now}
    return Comment.objects.create(post=post, content="Well said.", content_html="<p>Well said.</p>", **facts)


def press(client: Client, thing, like="1", **headers):
    name = "like_post" if isinstance(thing, Post) else "like_comment"
    address = reverse(name, args=[thing.slug if isinstance(thing, Post) else thing.pk])
    return client.post(address, {"like": like}, **(headers or SCRIPT))


def count_of(thing) -> int:
    return type(thing).objects.values_list("like_count", flat=True).get(pk=thing.pk)


@pytest.fixture(params=["post", "comment"])
def thing(request, post, comment):
    return {"post": post, "comment": comment}[request.param]


def test_a_member_likes_once_and_takes_it_back(client_of, reader, thing):
    client = client_of(reader)
    assert press(client, thing).json() == {"liked": True, "count": 1}
    assert press(client, thing).json() == {"liked": True, "count": 1}
    assert press(client, thing, "0").json() == {"liked": False, "count": 0}
    assert press(client, thing, "0").json() == {"liked": False, "count": 0}
    assert count_of(thing) == 0


def test_a_guest_is_known_by_network_and_browser_and_gets_no_cookie(client, thing):
    first = press(client, thing, HTTP_USER_AGENT="One", **SCRIPT)
    again = press(Client(), thing, HTTP_USER_AGENT="One", **SCRIPT)
    other = press(Client(), thing, HTTP_USER_AGENT="Other", **SCRIPT)
    elsewhere = press(Client(), thing, HTTP_USER_AGENT="One", REMOTE_ADDR="192.0.2.7", **SCRIPT)
    assert [answer.json()["count"] for answer in (first, again, other, elsewhere)] == [1, 1, 2, 3]
    assert not first.cookies and "no-store" in first["Cache-Control"]
    rows = PostLike if isinstance(thing, Post) else CommentLike
    kept = list(rows.objects.values_list("fingerprint_hash", flat=True))
    assert all(len(mark) == 64 and "192.0.2.7" not in mark for mark in kept)


def test_a_guest_is_another_one_next_month(client, post, time_machine):
    time_machine.move_to("2026-05-31 12:00Z", tick=False)
    press(client, post)
    time_machine.move_to("2026-06-01 12:00Z", tick=False)
    assert press(client, post).json()["count"] == 2


def test_a_forwarded_address_is_believed_of_nobody(client, post):
    press(client, post, HTTP_X_FORWARDED_FOR="192.0.2.1", **SCRIPT)
    assert press(client, post, HTTP_X_FORWARDED_FOR="192.0.2.2", **SCRIPT).json()["count"] == 1


@pytest.mark.parametrize("said", ["", "2", "-1", "like", "1\0"])
def test_what_no_button_says_is_refused(client, post, said):
    assert press(client, post, said).status_code == 400
    assert count_of(post) == 0


@pytest.mark.parametrize(
    "headers", [{"HTTP_SEC_FETCH_SITE": "cross-site"}, {"HTTP_ORIGIN": "https://evil.example"}, {}]
)
def test_other_sites_cannot_like_in_somebodys_name(client_of, reader, thing, headers):
    assert press(client_of(reader), thing, **{"HTTP_ACCEPT": "application/json", **headers}).status_code == 403
    assert count_of(thing) == 0


def test_a_forged_count_is_not_even_read(client_of, reader, post):
    address = reverse("like_post", args=[post.slug])
    facts = {"like": "1", "like_count": "999", "user": "1", "fingerprint_hash": "x"}
    client_of(reader).post(address, facts, **SCRIPT)
    assert list(PostLike.objects.values_list("user", "fingerprint_hash")) == [(reader.pk, "")]
    assert count_of(post) == 1


def test_what_readers_do_not_see_cannot_be_liked(client, write, comment):
    draft = write("Draft")
    assert press(client, draft).status_code == 404
    for status in ("pending", "spam", "rejected", "deleted"):
        Comment.objects.filter(pk=comment.pk).update(status=status)
        assert press(client, comment).status_code == 404, status
    Comment.objects.filter(pk=comment.pk).update(status="approved")
    Post.objects.filter(pk=comment.post_id).update(status="archived")
    assert press(client, comment).status_code == 404
    assert not PostLike.objects.exists() and not CommentLike.objects.exists()


def test_liking_is_no_link(client, post):
    assert client.get(reverse("like_post", args=[post.slug])).status_code == 405


def test_without_a_script_a_member_comes_back_and_a_guest_may_undo(client, client_of, reader, post):
    member = press(client_of(reader), post, **HERE)
    assert (member.status_code, member["Location"]) == (302, f"/blog/{post.slug}/#like")
    shown = press(client, post, **HERE).content.decode()
    assert "2 readers like it" in shown and 'name="like" value="0"' in shown
    assert "One reader likes it" in press(client, post, "0", **HERE).content.decode()


def test_the_page_says_what_a_member_likes_and_nothing_of_strangers(client, client_of, reader, post):
    signed_in = client_of(reader)
    press(signed_in, post)
    mine, strangers = (browser.get(post.get_absolute_url()).content.decode() for browser in (signed_in, client))
    assert 'aria-pressed="true"' in mine and "data-member" in mine
    assert 'aria-pressed="true"' not in strangers and "csrfmiddlewaretoken" not in strangers


def test_one_network_has_a_measure_that_is_none_of_its_members(client, client_of, reader, post):
    for number in range(120):
        assert press(client, post, str(number % 2)).status_code == 200
    assert press(client, post).status_code == 429
    assert press(client_of(reader), post).status_code == 200


def test_likes_are_kept_while_nobody_can_count_the_hasty(client, post, monkeypatch):
    def away(*args, **facts):
        raise RedisError("away")

    monkeypatch.setattr(caches["limits"], "add", away)
    monkeypatch.setattr(rates, "get_usage", away)
    assert press(client, post).json() == {"liked": True, "count": 1}


def test_an_account_that_goes_takes_its_likes_and_their_counts_along(client_of, post, comment):
    leaving, staying = make_person("leaving"), make_person("staying")
    for person in (leaving, staying):
        press(client_of(person), post)
        press(client_of(person), comment)
    leaving.delete()
    assert (count_of(post), count_of(comment)) == (1, 1)
    assert PostLike.objects.get().user == staying and CommentLike.objects.get().user == staying


def test_the_nightly_count_finds_what_is_wrong_and_only_that(client, post, publish):
    other = publish("Other")
    press(client, post)
    assert post_likes.recount() == 0
    Post.objects.filter(pk=post.pk).update(like_count=7)
    Post.objects.filter(pk=other.pk).update(like_count=2)
    assert post_likes.recount() == 2
    assert (count_of(post), count_of(other)) == (1, 0)


def test_whoever_wrote_it_hears_of_members_in_one_notice(
    client, client_of, author, reader, post, comment, django_capture_on_commit_callbacks
):
    press(client, post)
    assert not Notification.objects.filter(category="like").exists(), "of a guest there is nobody to name"
    ana, ben, eve = (make_person(name, first_name=name.title()) for name in ("ana", "ben", "eve"))
    for person in (ana, ben, ana, eve, author, reader):
        with django_capture_on_commit_callbacks(execute=True):
            press(client_of(person), post, "0")
            press(client_of(person), post)
            press(client_of(person), comment)
    told = {notice.recipient: notice for notice in Notification.objects.filter(category="like")}
    assert told.keys() == {author, reader}, "nobody hears of themselves"
    assert told[author].text == f"{reader.display_name} and 3 others like “One”." and told[author].count == 4
    assert told[reader].text == f"{author.display_name} and 3 others like your comment on “One”."
    assert told[author].url == post.get_absolute_url() and told[reader].url == comment.get_absolute_url()
