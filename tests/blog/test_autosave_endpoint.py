"""What the writing page sends every few seconds, and what it hears."""

import json

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from blog import autosave, publishing, writing
from blog.models import Autosave, Post
from tests.blog.admin_form import change_address, filled

pytestmark = pytest.mark.django_db
URL = "/admin/blog/post/autosave/"


@pytest.fixture
def send(client_of):
    """Send what a form of `user` holds."""

    def post(user, text="Words of mine.", *, key="new:a", client=None, raw=None, **changes):
        said = {
            "user": user.pk,
            "key": key,
            "sequence": 1,
            "base_version": None,
            "fields": {"title": "The noon gun", "content_markdown": text},
        } | changes
        body = json.dumps(said) if raw is None else raw
        return (client or client_of(user)).post(URL, body, content_type="application/json")

    return post


def at(post):
    return f"post:{post.pk}:a"


def test_the_answer_says_when_it_was_kept(send, author):
    answer = send(author).json()
    assert answer["kept"] is True
    assert [len(part) for part in answer["clock"].split(":")] == [2, 2, 2]
    assert autosave.newest(author, "new:a").fields["content_markdown"] == "Words of mine."


def test_another_window_is_told_that_its_text_was_not_kept(send, author):
    send(author, sequence=2)
    assert send(author, "Old", sequence=1).json()["kept"] is False


def test_nothing_of_the_post_itself_changes(send, author, write):
    post = write(text="Saved words.")
    send(author, key=at(post))
    post.refresh_from_db()
    assert (post.content_markdown, post.content_version) == ("Saved words.", 1)


def test_only_who_may_change_a_post_types_at_it(send, author, editor, write):
    post, hers = write(), write(by=editor)
    assert send(author, key=at(post)).status_code == 200
    assert send(editor, key=at(post)).status_code == 200
    answers = [send(author, key=at(hers)), send(author, key="post:99999:a")]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].content == answers[1].content
    assert not Autosave.objects.filter(user=author, post=hers).exists()


def test_readers_and_strangers_are_sent_to_the_door(send, reader, client):
    for answer in (send(reader), send(reader, client=client)):
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]
    assert not Autosave.objects.exists()


def test_a_forged_request_is_refused(author, client_of):
    client = client_of(author, enforce_csrf_checks=True)
    assert client.post(URL, "{}", content_type="application/json").status_code == 403


def test_a_text_is_never_kept_under_somebody_elses_name(send, author, editor, client_of):
    answer = send(author, client=client_of(editor))
    assert answer.status_code == 409
    assert answer.json()["name"] == editor.display_name
    assert not Autosave.objects.exists()


def test_a_post_deleted_meanwhile_answers_in_a_sentence(send, author, write):
    post = write()
    assert send(author, key=at(post)).status_code == 200
    Post.objects.all().delete()
    answer = send(author, key=at(post), sequence=2)
    assert answer.status_code == 410
    assert "copy it" in answer.json()["error"]


@pytest.mark.parametrize(
    "raw",
    ["", "nothing", "[1]", '"words"', "null", "[" * 100_000, b"\xff\xfe", '{"user": 1e400}'],
)
def test_what_is_no_json_object_is_refused_in_a_sentence(send, author, raw):
    answer = send(author, raw=raw)
    assert answer.status_code in {400, 409}
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "post:"},
        {"key": "other:1"},
        {"key": None},
        {"sequence": 0},
        {"sequence": -1},
        {"sequence": True},
        {"sequence": 2**60},
        {"sequence": "1"},
        {"base_version": "x"},
        {"base_version": -1},
        {"fields": {}},
        {"fields": []},
        {"fields": {"title": 1}},
        {"fields": {"title": {"a": "b"}}},
        {"fields": {"title": ["a", 1]}},
        {"fields": {"title": "A\0B"}},
        {"fields": {"password": "x"}},
        {"fields": {"picture_upload": "x"}},
    ],
)
def test_odd_input_is_refused_in_a_sentence(send, author, changes):
    answer = send(author, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert not Autosave.objects.exists()


def test_a_megabyte_is_kept_and_five_are_refused(send, author):
    assert send(author, "x" * 1_000_000).status_code == 200
    answer = send(author, "x" * 5_000_000, sequence=2)
    assert answer.status_code == 413
    assert "3 MB" in answer.json()["error"]
    assert len(autosave.newest(author, "new:a").fields["content_markdown"]) == 1_000_000


def test_a_newer_version_is_told_with_who_saved_it_and_when(send, author, editor, write):
    post = write()
    assert send(author, key=at(post), base_version=1).json()["newest"] is None
    post.title = "Changed by the editor"
    writing.save(post, by=editor)
    newest = send(author, key=at(post), base_version=1, sequence=2).json()["newest"]
    assert (newest["number"], newest["by"]) == (2, editor.display_name)
    assert len(newest["clock"]) == 5


def test_a_page_may_ask_how_far_its_text_has_come(send, author, client_of):
    send(author, sequence=3)
    client = client_of(author)
    said = client.get(URL, {"key": "new:a"}).json()
    assert (said["user"], said["sequence"], said["sequence_in_database"]) == (author.pk, 3, 3)
    assert len(said["token"]) > 30
    unknown = client.get(URL, {"key": "new:b"}).json()
    assert (unknown["sequence"], unknown["sequence_in_database"]) == (0, 0)
    assert client.get(URL, {"key": "nonsense"}).status_code == 400
    assert client.get(URL, {"key": "post:99999:a"}).status_code == 410
    assert client.put(URL).status_code == 405


def test_keeping_costs_few_queries(send, author, write, client_of, django_assert_max_num_queries):
    post, client = write(), client_of(author)
    send(author, key=at(post), client=client, base_version=1)
    with django_assert_max_num_queries(8):
        send(author, key=at(post), client=client, base_version=1, sequence=2)


def test_saving_the_form_forgets_what_was_typed_in_it(
    send, author, write, client_of, django_capture_on_commit_callbacks
):
    post, client = write(), client_of(author)
    send(author, key=at(post), base_version=1)
    send(author, key=f"post:{post.pk}:b", base_version=1)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(change_address(post), filled(post, title="Saved", autosave_key=at(post)))
    assert Post.objects.get().title == "Saved"
    assert autosave.newest(author, at(post)) is None
    assert autosave.newest(author, f"post:{post.pk}:b") is not None


def test_a_refused_form_keeps_its_text_and_its_key(send, author, write, client_of):
    post, client = write(), client_of(author)
    send(author, key=at(post), sequence=7)
    page = client.post(change_address(post), filled(post, title="", autosave_key=at(post)))
    assert page.status_code == 200
    assert page.context["autosave"]["key"] == at(post)
    assert page.context["autosave"]["sequence"] == 7
    assert autosave.newest(author, at(post)) is not None


@pytest.mark.parametrize("key", ["", "nonsense", "new:a", "post:99999:a"])
def test_a_form_sent_with_anothers_key_gets_a_fresh_one(author, write, client_of, key):
    post = write()
    page = client_of(author).post(change_address(post), filled(post, title="", autosave_key=key))
    assert page.context["autosave"]["key"].startswith(f"post:{post.pk}:")


def test_who_may_only_look_has_nothing_to_keep(client_of, author, write):
    post = write()
    Group.objects.get(name="Author").permissions.remove(Permission.objects.get(codename="change_post"))
    page = client_of(author).get(change_address(post))
    assert b"data-autosave" not in page.content


def test_two_forms_never_share_a_key(author, write, client_of):
    post, client = write(), client_of(author)
    keys = {client.get(change_address(post)).context["autosave"]["key"] for _ in range(3)}
    keys |= {client.get(reverse("admin:blog_post_add")).context["autosave"]["key"] for _ in range(3)}
    assert len(keys) == 6


def test_a_live_post_is_typed_at_without_readers_seeing_it(send, author, editor, write, client):
    post = write(text="Public words.")
    publishing.publish(post, by=editor)
    send(editor, "Secret words.", key=at(post), base_version=post.content_version)
    assert b"Secret" not in client.get(post.get_absolute_url()).content


def test_the_answer_says_when_the_post_went_to_another_state(send, author, editor, write, client_of):
    post = write()
    told = send(author, key=at(post), state="draft").json()
    assert (told["status"], told["trashed"], told["moved"]) == ("draft", False, None)
    publishing.trash(post, by=editor)
    told = send(author, key=at(post), sequence=2, state="draft").json()
    assert (told["status"], told["trashed"], told["moved"]["state"]) == ("draft", True, "trashed")
    assert told["moved"]["sentence"].startswith("This post is in the trash now")
    asked = client_of(author).get(URL, {"key": at(post), "state": "trashed"}).json()
    assert asked["trashed"] is True and asked["moved"] is None
    assert client_of(author).get(URL, {"key": at(post), "state": "draft"}).json()["moved"]["label"] == "Trashed"
    assert "moved" not in send(author, key="new:b").json()
