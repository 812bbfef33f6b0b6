"""What people and programs try with the form of comments: it is kept as said, or refused with a sentence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import GENERATION, Writer
from core import cache

JSON = {"accept": "application/json"}


@pytest.fixture
def post(publish):
    return publish("Boats")


@pytest.fixture
def send(client, post):
    ConversationSettings.objects.update_or_create(defaults={"guests": "trust", "trusted_after": 0})
    cache.renew(GENERATION)

    def post_it(content: str, *, to: str = "/comments/to/boats/", name: str = "Vera", token: str = ""):
        token = token or tokens.open_form(timezone.now() - timedelta(seconds=30))
        fields = {"content": content, "name": name, "email": "vera@example.org", "token": token}
        return client.post(to, fields, headers=JSON)

    return post_it


@pytest.mark.parametrize(
    "content",
    [
        "😀👩‍👩‍👧‍👦🏳️‍🌈",
        "100 % of _these_ names: %s %(x)s {{ user }} {% now %}",
        "\u202egnirts\u202c a line turned round",
        "\u200bzero\u200bwidth\u200b",
        "a" * 4_000,
        "مرحبا بكم",
        "' OR 1=1; --",
        "<script>alert(1)</script>",
    ],
)
def test_odd_words_are_words(client, send, content):
    answer = send(content)
    said = Comment.objects.get()
    assert answer.status_code == 200 and said.content == content
    page = client.get("/blog/boats/").content.decode()
    assert f'id="comment-{said.pk}"' in page and "<script>alert" not in page and "\u202e" not in page


@pytest.mark.parametrize("name", ["100 %", "a_b", "<b>Bo</b>", "Bo\u202eor", "%(name)s", "{{ 7|add:7 }}"])
def test_odd_names_are_names(client, send, name):
    assert send("A word of mine.", name=name).status_code == 200
    page = client.get("/blog/boats/").content.decode()
    assert "<b>Bo</b></b>" not in page and "\u202e" not in page and ">14<" not in page
    assert Comment.objects.get().guest_name == name.replace("\u202e", "")


@pytest.mark.parametrize("content", ["", "  \r\n ", "\0", "a" * 5_001, "word " * 200_000])
def test_too_little_and_too_much_are_refused_with_a_sentence(send, content):
    answer = send(content)
    assert answer.status_code == 400 and answer.json()["errors"]["content"] and not Comment.objects.exists()


def test_five_thousand_characters_are_counted_as_people_count_them(send):
    assert send("line\r\n" * 1_000).status_code == 200
    assert Comment.objects.get().content.count("\n") == 999


def test_nobody_answers_a_comment_of_another_post_through_this_one(send, publish, author):
    other = publish("Trains")
    theirs = posting.post_comment(other, Writer(user=author), "On rails.").comment
    assert send("Not here.", to=f"/comments/{theirs.pk}/reply/").json()["parent"] == theirs.pk
    assert Comment.objects.latest("pk").post == other, "whose post it is, the comment answered says"
    for lost in (10**6, 10**30):
        assert send("To nobody.", to=f"/comments/{lost}/reply/").status_code == 404


def test_an_answer_to_what_was_removed_meanwhile_is_refused(client, send, post, author):
    said = posting.post_comment(post, Writer(user=author), "Soon gone.").comment
    posting.delete(said)
    answer = send("Too late.", to=f"/comments/{said.pk}/reply/")
    assert answer.status_code == 400 and "not there any more" in answer.json()["errors"]["__all__"][0]
    assert client.get(f"/comments/{said.pk}/reply/").status_code == 404
    assert Comment.objects.count() == 1


def test_a_comment_on_what_was_deleted_meanwhile_is_refused(send, post):
    token = tokens.open_form(timezone.now() - timedelta(seconds=30))
    post.delete()
    assert send("Too late.", token=token).status_code == 404 and not Comment.objects.exists()


@pytest.mark.parametrize("token", ["x", "abcdefghijkl-1:forged", "abc", "é" * 50, "a" * 10_000])
def test_a_token_that_is_not_ours_is_another_form(send, token):
    answer = send("A word.", token=token)
    assert answer.status_code == 400 and answer.json()["token"] and not Comment.objects.exists()


def test_a_form_that_was_open_for_days_is_shown_again_with_what_was_written(client, send):
    old = tokens.open_form(timezone.now() - timedelta(days=3))
    fields = {"content": "Long thought about.", "name": "Vera", "email": "vera@example.org", "token": old}
    page = client.post("/comments/to/boats/", fields).content.decode()
    assert "Look it over once more" in page and "Long thought about." in page and not Comment.objects.exists()
