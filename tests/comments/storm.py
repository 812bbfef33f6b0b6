"""Many at once, from processes of their own, as they are behind several web servers.

One process starts the publication and waits; those of a storm are split off from it, and need not start it themselves.
"""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Barrier

from django.conf import settings
from django.db import OperationalError, connection

Step = list[object]
# The context is one for all tests of a worker: its waiting process knows the database it was started for.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.comments.started"])


def address_of_database() -> str:
    known = connection.settings_dict
    if settings.USES_SQLITE:
        return f"sqlite:///{known['NAME']}"
    who = f"{known['USER']}:{known['PASSWORD']}" if known["PASSWORD"] else known["USER"]
    return f"postgres://{who}@{known['HOST'] or '127.0.0.1'}:{known['PORT'] or 5432}/{known['NAME']}"


def storm(walks: list[list[Step]], processes: int) -> list[list[object]]:
    """Walk all these lists of steps at once, shared out to so many processes; what each step gave, in this order."""
    shares = [walks[number::processes] for number in range(processes)]
    running = [_begin(share) for share in shares]
    try:
        for _process, pipe in running:
            assert pipe.recv() == "ready"
        for _process, pipe in running:
            pipe.send("go")
        answers = []
        for _process, pipe in running:
            assert pipe.poll(120), "a process of the storm does not come to an end"
            answers.append(pipe.recv())
    finally:
        for process, _pipe in running:
            process.kill()
            process.join()
    together: list[list[object]] = [[] for _ in walks]
    for number, answer in enumerate(answers):
        together[number::processes] = answer
    return together


def _begin(share: list[list[Step]]) -> tuple[multiprocessing.process.BaseProcess, Connection]:
    ours, theirs = _processes.Pipe()
    here = {**os.environ}
    os.environ |= {"DATABASE_URL": address_of_database(), "DATABASE_POOL_MAX": "8"}
    try:
        process = _processes.Process(target=_walk_all, args=(share, theirs), daemon=True)
        process.start()
    finally:
        os.environ.clear()
        os.environ.update(here)
    theirs.close()
    return process, ours


def _walk_all(walks: list[list[Step]], pipe: Connection) -> None:
    from accounts.models import User

    barrier = Barrier(len(walks))

    def walk(steps: list[Step]) -> list[object]:
        from core.refusals import Refusal

        said: list[object] = []
        barrier.wait()
        for step in steps:
            try:
                said.append(_take(*step))
            except Refusal as refusal:
                said.append(f"refused: {refusal}")
            except OperationalError as error:
                said.append(f"failed: {error}")
        connection.close()
        return said

    User.objects.exists()
    pipe.send("ready")
    pipe.recv()
    with ThreadPoolExecutor(len(walks)) as threads:
        pipe.send(list(threads.map(walk, walks)))


def _take(kind: str, *facts: object) -> object:
    from accounts import follows
    from accounts.models import User
    from blog import follows as subjects
    from blog import likes as post_likes
    from blog.models import Post, Tag
    from comments import confirming, likes, moderation, posting
    from comments.models import Comment
    from comments.rules import Writer

    def reader(who: object) -> post_likes.Reader:
        if isinstance(who, int):
            return post_likes.Reader(User.objects.get(pk=who))
        return post_likes.Reader(fingerprint=str(who))

    if kind == "like_post":
        pk, who, wanted = facts
        return post_likes.like(Post(pk=pk), reader(who), wanted=wanted).is_new
    if kind == "like_comment":
        pk, who, wanted = facts
        return likes.like(Comment.objects.get(pk=pk), reader(who), wanted=wanted).is_new
    if kind in {"follow", "unfollow"}:
        who, whom = (User.objects.get(pk=pk) for pk in facts)
        return getattr(follows, kind)(who, whom)
    if kind in {"follow_tag", "unfollow_tag"}:
        who, tag = facts
        deed = subjects.follow if kind == "follow_tag" else subjects.unfollow
        return deed(User.objects.get(pk=who), Tag.objects.get(pk=tag))
    if kind == "reply":
        post, parent, who, text = facts
        writer = Writer(User.objects.get(pk=who))
        posted = posting.post_comment(Post(pk=post), writer, text, parent=Comment.objects.get(pk=parent))
        return posted.comment.pk
    if kind == "delete":
        (text,) = facts
        return posting.delete(Comment.objects.get(content=text))
    if kind == "remove":
        (pk,) = facts
        return posting.delete(Comment(pk=pk))
    if kind == "send":
        post, parent, who, text = facts
        writer = Writer(User.objects.get(pk=who))
        return confirming.post_comment(Post(pk=post), writer, text, parent=Comment(pk=parent)).comment.pk
    if kind == "decide":
        pk, decision, who = facts
        return moderation.decide(pk, decision, by=User.objects.get(pk=who)).status
    if kind == "ban":
        pk, decision, who = facts
        chosen, by = Comment.objects.get(pk=pk), User.objects.get(pk=who)
        return moderation.ban(chosen, by=by, until=None, decision=decision).pk
    raise ValueError(kind)
