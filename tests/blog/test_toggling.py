"""Whoever does and undoes the same all day long fills nobody's letter box, and is stopped."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import follows, mail_choices, notifications, rates
from accounts.models import Notification, OutgoingMail
from blog import likes
from blog.likes import Reader
from blog.models import PostLike
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
SCRIPT = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


@pytest.fixture
def author(author):
    mail_choices.choose(author, {"like": "now", "follow": "now"})
    return author


@pytest.fixture
def post(publish, author):
    made = publish("Tides")
    OutgoingMail.objects.all().delete()
    return made


def mails(author) -> int:
    return OutgoingMail.objects.filter(recipient=author.email).count()


def test_a_like_that_comes_and_goes_is_mailed_once_a_day(post, author, reader, time_machine):
    noon = timezone.now().replace(hour=12)
    time_machine.move_to(noon, tick=False)
    for number in range(30):
        likes.like(post, Reader(reader), wanted=number % 2 == 0)
    likes.like(post, Reader(reader))
    assert mails(author) == 1
    assert Notification.objects.filter(recipient=author, category="like").count() == 1
    likes.like(post, Reader(reader), wanted=False)
    time_machine.move_to(noon + timedelta(days=1), tick=False)
    likes.like(post, Reader(reader))
    assert mails(author) == 2


def test_what_is_read_in_between_is_no_reason_for_another_mail(post, author, reader):
    for _ in range(5):
        follows.follow(reader, author)
        notifications.mark_all_read(author)
        follows.unfollow(reader, author)
    assert mails(author) == 1


def test_others_and_other_things_are_mailed_all_the_same(publish, post, author, reader):
    other = publish("Winds")
    OutgoingMail.objects.all().delete()
    for who in (reader, make_person("ben")):
        likes.like(post, Reader(who))
        notifications.mark_all_read(author)
    likes.like(other, Reader(reader))
    follows.follow(reader, author)
    assert mails(author) == 4
    for _ in range(2):  # of what has no group each is a thing of its own
        notifications.notify([author], category="like", text="Liked.", actor=reader, mail=True)
    assert mails(author) == 6


def test_a_member_may_press_so_often_and_then_waits(client_of, post, author, reader):
    client, other = client_of(reader), client_of(make_person("ben"))
    address = reverse("like_post", args=[post.slug])
    for number in range(120):
        assert client.post(address, {"like": str((number + 1) % 2)}, headers=SCRIPT).status_code == 200
    answer = client.post(address, {"like": "1"}, headers=SCRIPT)
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert not PostLike.objects.exists()
    assert other.post(address, {"like": "1"}, headers=SCRIPT).status_code == 200


def test_following_has_a_measure_too(client_of, post, author, reader, monkeypatch):
    monkeypatch.setitem(rates.RATES, "follow", [(4, 3600)])
    client, whom = client_of(reader), f"author:{author.author_profile.slug}"
    for deed in ("what", "stop", "what", "stop"):
        assert client.post(reverse("follow"), {deed: whom}).status_code == 302
    assert client.post(reverse("follow"), {"what": whom}).status_code == 429
    assert not follows.follows(reader, author)
