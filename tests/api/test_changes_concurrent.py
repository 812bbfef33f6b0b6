"""No change slips by because it was committed late (PostgreSQL; on SQLite whoever writes is alone)."""

import random
import threading

import pytest
from django.db import connection, connections, transaction

from blog import changes
from blog.models import Change, ChangeNote, Post, Tag, TaggedPost
from tests.api.test_changes_copy import Copy, whole_dump
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

PATIENCE = 30
pytestmark = pytest.mark.usefixtures("unlimited")


@pytest.fixture(autouse=True)
def on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite whoever writes is alone.")


def beside(deed):
    """Runs `deed` in a thread with a connection of its own; the failure, if any, is raised by `.join`."""
    failed = []

    def work():
        try:
            deed()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()

    def join():
        thread.join(PATIENCE)
        assert not thread.is_alive() and not failed, failed

    return join


def test_what_began_first_and_is_committed_last_is_told_last(program, publish):  # noqa: F811
    slow, quick = publish("Slow"), publish("Quick")
    copy = Copy(program)
    copy.follow()
    written, may_end = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            Post.objects.filter(pk=slow.pk).update(title="Slow, changed")
            written.set()
            assert may_end.wait(PATIENCE)

    join = beside(slowly)
    assert written.wait(PATIENCE)
    Post.objects.filter(pk=quick.pk).update(title="Quick, changed")
    # The note of the slow one has the smaller number, and cannot be seen yet.
    copy.follow()
    assert (
        copy.things["post", quick.pk]["title"] == "Quick, changed" and copy.things["post", slow.pk]["title"] == "Slow"
    )
    may_end.set()
    join()
    copy.follow()
    assert copy.things["post", slow.pk]["title"] == "Slow, changed" and copy.things == whole_dump()


def test_what_is_rolled_back_is_never_told(program, publish):  # noqa: F811
    post = publish("Kept")
    copy = Copy(program)
    copy.follow()
    with pytest.raises(RuntimeError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(status="archived")
        raise RuntimeError
    copy.follow()
    assert copy.things["post", post.pk]["title"] == "Kept" and not ChangeNote.objects.exists()


def test_a_tag_given_while_its_post_is_published_is_told(program, write):  # noqa: F811
    """Neither transaction sees what the other wrote: each alone has nothing to tell of the tag."""
    post, tag = write("Ferries"), Tag.objects.create(name="rope", slug="rope", key="rope")
    copy = Copy(program)
    both = threading.Barrier(2)

    def publishing_it():
        with transaction.atomic():
            Post.objects.filter(pk=post.pk).update(status="published", published_at="2026-05-04T12:00Z")
            both.wait(PATIENCE)
            both.wait(PATIENCE)

    join = beside(publishing_it)
    both.wait(PATIENCE)
    # A tag's row names its post, whose key the other does not change: it need not wait.
    TaggedPost.objects.create(content_object_id=post.pk, tag=tag)
    copy.follow()
    assert copy.things == {}
    both.wait(PATIENCE)
    join()
    copy.follow()
    assert ("tag", tag.pk) in copy.things and copy.things == whole_dump()


def test_many_writers_and_readers_at_once_end_with_the_same(program, publish, author):  # noqa: F811
    posts = [publish(f"Post {number}", tags=[f"tag {number % 3}"]).pk for number in range(12)]
    stop = threading.Event()
    copies = [Copy(program) for _ in range(2)]

    def write_some(seed):
        chance = random.Random(seed)
        for number in range(40):
            with transaction.atomic():
                # In one order for all, so that they wait for each other and none is turned away.
                for pk in sorted(chance.sample(posts, 3)):
                    status = chance.choice(["published", "published", "archived"])
                    Post.objects.filter(pk=pk).update(title=f"{seed} {number}", status=status)
                if chance.random() < 0.2:
                    transaction.set_rollback(True)

    def read_on(copy):
        while not stop.is_set():
            copy.follow()

    readers = [beside(lambda copy=copy: read_on(copy)) for copy in copies]
    writers = [beside(lambda seed=seed: write_some(seed)) for seed in range(4)]
    for join in writers:
        join()
    stop.set()
    for join in readers:
        join()
    for copy in copies:
        copy.follow()
        assert copy.things == whole_dump()
    positions = list(Change.objects.values_list("position", flat=True))
    assert len(positions) == len(set(positions)) and changes.take_in() == 0
