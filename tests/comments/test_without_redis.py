"""Redis is set and dead, truly: a process of its own talks to an address where nobody listens."""

import json
import os
import subprocess
import sys

import pytest

from blog.models import Post, PostLike
from comments import posting
from comments.models import Comment, CommentLike
from comments.rules import Writer
from tests.comments.storm import address_of_database
from tests.conftest import PASSWORD

# The port of a service nobody runs, below those a program may be given by chance.
NOBODY = "redis://127.0.0.1:1"


@pytest.mark.django_db(transaction=True)
def test_comments_and_likes_are_kept_and_nobody_signs_in(publish, author, reader):
    post = publish("Boats")
    before = posting.post_comment(post, Writer(user=author), "Before it went.").comment
    environment = {**os.environ, "DATABASE_URL": address_of_database(), "REDIS_URL": NOBODY, "EMBEDDED_WORKERS": "0"}
    environment.pop("CELERY_BROKER_URL", None)
    command = [
        sys.executable,
        "-m",
        "tests.comments.without_redis",
        post.slug,
        str(before.pk),
        reader.username,
        PASSWORD,
    ]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["redis"] in {"ConnectionError", "ConnectionInterrupted"}, "or it was not dead at all"
    assert said["page"] == {"status": 200, "comments": True}
    words = list(Comment.objects.order_by("pk").values_list("content", "status"))
    assert words == [
        ("Before it went.", "approved"), ("Said without it.", "pending"), ("As a member.", "approved")
    ], said  # fmt: skip
    assert PostLike.objects.filter(post=post).count() == CommentLike.objects.filter(comment=before).count() == 1
    post, before = Post.objects.get(pk=post.pk), Comment.objects.get(pk=before.pk)
    assert (post.like_count, post.comment_count, before.like_count) == (1, 2, 1)
    for deed in ("comment", "like", "like comment", "member"):
        # The first pays for finding out, once for all that would have been told or mailed; nobody after it waits.
        assert said[deed]["status"] < 400 and said[deed]["seconds"] < (10 if deed == "comment" else 1.5), (deed, said)
    assert said["log in"] == {"status": 503, "in": False}, said
    assert said["other"]["in"], "who is signed in stays signed in"
