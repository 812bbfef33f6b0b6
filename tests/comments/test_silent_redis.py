"""Redis takes every connection and never says a word: what is said and liked is kept, and nobody waits long."""

import json
import os
import socket
import subprocess
import sys

import pytest

from blog.models import Post, PostLike
from comments import posting
from comments.models import Comment, CommentLike
from comments.rules import Writer
from tests.comments.storm import address_of_database


@pytest.mark.django_db(transaction=True)
def test_comments_and_likes_are_kept_and_nobody_waits_long(publish, author):
    post = publish("Boats")
    before = posting.post_comment(post, Writer(user=author), "Before it fell silent.").comment
    with socket.create_server(("127.0.0.1", 0), backlog=128) as silent:
        environment = {
            **os.environ,
            "DATABASE_URL": address_of_database(),
            "REDIS_URL": f"redis://127.0.0.1:{silent.getsockname()[1]}",
            "EMBEDDED_WORKERS": "0",
        }
        environment.pop("CELERY_BROKER_URL", None)
        command = [sys.executable, "-m", "tests.comments.silent_redis", post.slug, str(before.pk)]
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["redis"] == "silent", "or it was heard, or refused at once"
    assert all(deed["status"] < 400 for deed in said["deeds"].values()), said
    assert Comment.objects.filter(content__startswith="Said into the silence").count() == 2
    assert PostLike.objects.filter(post=post).count() == CommentLike.objects.filter(comment=before).count() == 1
    assert Post.objects.get(pk=post.pk).like_count == 1
    # Each service is waited for once: the queue by the first, the sockets by the second, which is public at once;
    # nobody waits for these again. A second now and then goes to the cache and its counts, which are soon asked anew.
    comment, like, *others = (deed["seconds"] for deed in said["deeds"].values())
    assert comment < 12 and like < 6 and max(others) < 3, said
