"""A browser that calls itself another each time gives a handful of likes, and no crowd's."""

import pytest
from django.urls import reverse

from blog.models import Post
from blog.views import likes
from tests.conftest import make_person

SCRIPT = {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def five_a_day(monkeypatch):
    assert likes.GUESTS_OF_ONE == "50/d"
    monkeypatch.setattr(likes, "GUESTS_OF_ONE", "5/d")


@pytest.fixture
def press(client, publish):
    posts = {name: publish(name) for name in ("One", "Two")}

    def like(name="One", wanted="1", **facts):
        return client.post(reverse("like_post", args=[posts[name].slug]), {"like": wanted}, **SCRIPT, **facts)

    return like


def count():
    return Post.objects.get(title="One").like_count


def test_one_network_gives_one_thing_so_many_likes_a_day(press):
    answers = [press(HTTP_USER_AGENT=f"Browser {number}").status_code for number in range(8)]
    assert answers == [200] * 5 + [429] * 3 and count() == 5
    assert press("Two", HTTP_USER_AGENT="Browser 9").status_code == 200
    assert press(HTTP_USER_AGENT="Browser 9", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_a_like_is_taken_back_all_the_same(press):
    for number in range(6):
        press(HTTP_USER_AGENT=f"Browser {number}")
    assert press(wanted="0", HTTP_USER_AGENT="Browser 0").status_code == 200 and count() == 4


def test_who_changes_their_mind_is_one_guest_however_often(press):
    answers = [press(wanted=str(turn % 2), HTTP_USER_AGENT="The same").status_code for turn in range(20)]
    assert set(answers) == {200} and press(HTTP_USER_AGENT="Another").status_code == 200


def test_who_was_refused_does_not_get_in_by_asking_again(press):
    answers = [press(HTTP_USER_AGENT=f"Browser {number % 7}").status_code for number in range(14)]
    assert answers == ([200] * 5 + [429] * 2) * 2 and count() == 5


def test_members_of_one_network_are_not_counted_so(client_of, publish):
    address = reverse("like_post", args=[publish("One").slug])
    for number in range(7):
        member = client_of(make_person(f"member{number}"))
        assert member.post(address, {"like": "1"}, **SCRIPT).status_code == 200
    assert count() == 7
