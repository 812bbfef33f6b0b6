"""What is typed is kept, the newest of it, in Redis for seconds and then in the database. On memory, and on Redis."""

import os
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError

import core.cache
from blog import autosave
from blog.autosave import collect, forget, keep, newest, of_new_posts, of_post, sequences
from blog.models import Autosave
from config.settings import numbered
from core.refusals import Refusal
from tests.blog.conftest import NOON

pytestmark = pytest.mark.django_db

REDIS = os.environ.get("TEST_REDIS_URL") or os.environ.get("REDIS_URL", "")
needs_redis = pytest.mark.skipif(not REDIS, reason="neither REDIS_URL nor TEST_REDIS_URL is set")


def on_redis(url):
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": f"test-{uuid.uuid4().hex}",
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }


@pytest.fixture
def redis(settings):
    settings.CACHES = {**settings.CACHES, "kept": on_redis(numbered(REDIS, 9))}
    yield core.cache.cache
    core.cache.cache.delete_pattern("*")


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
def anywhere(request, settings):
    if request.param == "redis":
        request.getfixturevalue("redis")
    else:
        memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid.uuid4().hex}
        settings.CACHES = {**settings.CACHES, "kept": memory}


@pytest.fixture(autouse=True)
def forgiven():
    yield
    core.cache._away["until"] = 0.0


def words(text, **more):
    return {"title": "The noon gun", "content_markdown": text, **more}


def type_in(user, text="One shot.", *, key="new:a", sequence=1, base=None, at=NOON):
    return keep(user, key, words(text), base_version=base, sequence=sequence, at=at)


def text_of(user, key="new:a"):
    entry = newest(user, key)
    return entry and entry.fields["content_markdown"]


def test_what_was_typed_is_there_with_its_time(anywhere, author):
    type_in(author, "One shot.", base=3)
    entry = newest(author, "new:a")
    assert (entry.fields, entry.at, entry.base_version) == (words("One shot."), NOON, 3)


def test_a_newer_text_replaces_an_older_one(anywhere, author):
    type_in(author, "One", sequence=1)
    assert type_in(author, "One shot", sequence=2).kept
    assert text_of(author) == "One shot"


@pytest.mark.parametrize("written", [False, True])
def test_an_older_or_another_text_of_the_same_sequence_changes_nothing(anywhere, author, written):
    type_in(author, "One shot", sequence=2)
    if written:
        collect()
    assert not type_in(author, "One", sequence=1).kept
    assert not type_in(author, "Another window", sequence=2).kept
    assert text_of(author) == "One shot"


def test_the_same_text_sent_twice_is_kept_once(anywhere, author):
    assert [type_in(author).kept for _ in range(3)] == [True] * 3
    collect()
    assert Autosave.objects.count() == 1


def test_nobody_else_meets_it(anywhere, author, editor):
    type_in(author, "One shot")
    assert newest(editor, "new:a") is None
    assert of_new_posts(editor) == []
    type_in(editor, "Two shots")
    forget(editor, "new:a")
    assert text_of(author) == "One shot"


def test_saving_forgets_it(anywhere, author, django_capture_on_commit_callbacks):
    type_in(author, sequence=1)
    type_in(author, sequence=2)
    with django_capture_on_commit_callbacks(execute=True):
        forget(author, "new:a")
    collect()
    assert newest(author, "new:a") is None
    assert not Autosave.objects.exists()


def test_texts_of_a_post_and_of_new_posts_are_told_apart(anywhere, author, write):
    mine, other = write(), write()
    type_in(author, "Here", key=f"post:{mine.pk}:a")
    type_in(author, "There", key=f"post:{other.pk}:a")
    type_in(author, "New", key="new:a")
    assert [entry.fields["content_markdown"] for entry in of_post(author, mine)] == ["Here"]
    assert [entry.fields["content_markdown"] for entry in of_new_posts(author)] == ["New"]


def test_a_post_with_a_longer_number_is_another_post(anywhere, author, write):
    post = write()
    type_in(author, "There", key=f"post:{post.pk}0:a")
    assert of_post(author, post) == []


def test_the_newest_text_comes_first_and_an_empty_form_is_none(anywhere, author):
    type_in(author, "Older", key="new:a")
    type_in(author, "Newer", key="new:b", at=NOON + timedelta(minutes=1))
    keep(author, "new:c", {"title": "  ", "kind": "post"}, base_version=None, sequence=1, at=NOON)
    assert [entry.fields["content_markdown"] for entry in of_new_posts(author)] == ["Newer", "Older"]


def test_the_text_of_a_deleted_post_is_offered_as_a_new_one(anywhere, author, write):
    post = write()
    key = f"post:{post.pk}:a"
    type_in(author, "Not lost", key=key)
    post.delete()
    type_in(author, "Not lost either", key=key, sequence=2)
    assert [entry.fields["content_markdown"] for entry in of_new_posts(author)] == ["Not lost either"]


def test_a_megabyte_of_any_script_comes_back_unchanged(anywhere, author):
    text = ("Kanonenschuss um zwölf. 午砲の音。 مدفع الظهر 🕛 " * 20_000)[:1_000_000]
    type_in(author, text, sequence=1)
    type_in(author, text + "!", sequence=2)
    assert text_of(author) == text + "!"
    collect()
    assert Autosave.objects.get().fields["content_markdown"] == text + "!"


@pytest.mark.parametrize("key", ["", "post:", "post:0", "post:-1", "post:1:UP", "new", "new:" + "a" * 60, "post:1:a:b"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(Refusal):
        autosave.post_id_of(key)


def test_half_a_character_is_replaced_and_an_invisible_one_refused():
    fields = autosave.checked({"title": "A \ud83d gun \ud83d\udd52"}, {"title"})
    assert fields == {"title": "A \ufffd gun 🕒"}
    with pytest.raises(Refusal, match="NUL"):
        autosave.checked({"title": "A\0B"}, {"title"})


def test_without_redis_the_database_has_it_at_once(settings, author):
    settings.CACHES = {**settings.CACHES, "kept": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert type_in(author).in_database
    assert type_in(author, "More", sequence=2).in_database
    assert Autosave.objects.get().fields["content_markdown"] == "More"


class TestOnRedis:
    pytestmark = needs_redis

    def test_while_somebody_collects_the_database_is_left_alone(self, redis, author, django_assert_num_queries):
        collect()
        type_in(author, "First", sequence=1)
        with django_assert_num_queries(0):
            kept = type_in(author, "Second", sequence=2)
        assert kept == autosave.Kept(True, in_database=False)
        assert Autosave.objects.get().fields["content_markdown"] == "First"
        assert text_of(author) == "Second"
        assert sequences(author, "new:a") == (2, 1)

    def test_collecting_writes_it_once(self, redis, author):
        collect()
        type_in(author, "First", sequence=1)
        type_in(author, "Second", sequence=2)
        collect()
        assert Autosave.objects.get().fields["content_markdown"] == "Second"
        assert collect() == 0

    def test_nobody_collects_so_the_database_has_it_at_once(self, redis, author):
        collect()
        core.cache._redis().delete(autosave.shelf._named("collector"))  # its last sign of life has faded
        type_in(author, "First", sequence=1)
        assert type_in(author, "Second", sequence=2).in_database
        assert Autosave.objects.get().fields["content_markdown"] == "Second"

    def test_the_sign_of_life_fades_within_seconds_and_the_text_within_hours(self, redis, author):
        collect()
        type_in(author)
        server = core.cache._redis()
        assert 0 < server.ttl(autosave.shelf._named("collector")) <= 6
        assert 1800 < server.ttl(autosave.shelf._of(author.pk)) <= 3600

    def test_a_collector_killed_half_way_leaves_nothing_out(self, redis, author, monkeypatch):
        collect()
        for key in ("new:a", "new:b"):
            type_in(author, "First", key=key, sequence=1)
            type_in(author, "Second", key=key, sequence=2)
        real = autosave.write
        calls = []

        def dies(entry):
            calls.append(entry)
            if len(calls) == 2:
                raise OperationalError("killed")
            return real(entry)

        monkeypatch.setattr(autosave, "write", dies)
        with pytest.raises(OperationalError):
            collect()
        monkeypatch.setattr(autosave, "write", real)
        collect()
        assert {row.fields["content_markdown"] for row in Autosave.objects.all()} == {"Second"}

    def test_what_is_typed_while_it_is_collected_still_waits(self, redis, author, monkeypatch):
        collect()
        type_in(author, "First", sequence=1)
        type_in(author, "Second", sequence=2)
        real = autosave.write

        def meanwhile(entry):
            monkeypatch.setattr(autosave, "write", real)
            type_in(author, "Third", sequence=3)
            return real(entry)

        monkeypatch.setattr(autosave, "write", meanwhile)
        collect()
        assert text_of(author) == "Third"
        collect()
        assert Autosave.objects.get().fields["content_markdown"] == "Third"

    def test_what_is_saved_while_it_is_collected_does_not_come_back(
        self, redis, author, monkeypatch, django_capture_on_commit_callbacks
    ):
        collect()
        type_in(author, "First", sequence=1)
        type_in(author, "Second", sequence=2)
        real = autosave.write

        def meanwhile(entry):
            with django_capture_on_commit_callbacks(execute=True):
                forget(author, "new:a")
            return real(entry)

        monkeypatch.setattr(autosave, "write", meanwhile)
        collect()
        assert not Autosave.objects.exists()
        assert newest(author, "new:a") is None

    def test_what_arrives_after_saving_does_not_come_back(self, redis, author, django_capture_on_commit_callbacks):
        collect()
        type_in(author, "First", sequence=1)
        with django_capture_on_commit_callbacks(execute=True):
            forget(author, "new:a")
        assert not type_in(author, "Late", sequence=2).kept
        assert newest(author, "new:a") is None

    def test_a_redis_that_comes_back_empty_costs_nothing_the_database_has(self, redis, author):
        collect()
        type_in(author, "First", sequence=1)
        type_in(author, "Second", sequence=2)
        collect()
        redis.delete_pattern("*")
        assert text_of(author) == "Second"
        assert not type_in(author, "Old", sequence=1).kept
        assert text_of(author) == "Second"

    def test_a_redis_that_is_away_is_asked_once_and_the_database_has_it(self, settings, author):
        settings.CACHES = {**settings.CACHES, "kept": on_redis("redis://127.0.0.1:1/0")}
        assert type_in(author, "Here all the same").in_database
        assert text_of(author) == "Here all the same"
        assert core.cache._away["until"] > 0


def test_what_nobody_came_back_to_goes_after_half_a_year(author):
    for key, at in (("new:old", NOON - timedelta(days=181)), ("new:young", NOON - timedelta(days=179))):
        Autosave.objects.create(user=author, key=key, fields={"title": "Words"}, typed_at=at)
    assert autosave.forget_old(NOON) == 1
    assert Autosave.objects.get().key == "new:young"
