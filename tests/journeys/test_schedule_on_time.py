"""With the real clock and worker, a scheduled post is there within two seconds of its time, once."""

import time
from datetime import UTC, datetime

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

# The first post is out when clock, queue and worker have all begun; the others, planned after that, carry the promise.
SCHEDULE = """
import time
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from blog import publishing, writing
from blog.models import Post

editor = User.objects.get(username="editor")

def plan(title, seconds):
    post = Post(title=title, content_markdown="Here.", author=editor)
    writing.save(post, by=editor)
    at = timezone.now() + timedelta(seconds=seconds)
    publishing.schedule(post, by=editor, at=at)
    return at

plan("First", 1)
until = time.monotonic() + 90
while not Post.objects.filter(slug="first", status="published").exists():
    assert time.monotonic() < until, "neither clock nor worker began"
    time.sleep(0.1)
for number in range(3):
    at = plan(f"On time {number}", 10)
print(at.timestamp())
"""

STEPS = """
from blog.models import PostVersion, StatusChange
print(StatusChange.objects.filter(post__slug="on-time-2", to_status="published").count(),
      PostVersion.objects.filter(post__slug="on-time-2", kind="publish").count())
"""


def test_a_scheduled_post_is_there_within_two_seconds_and_once(bare_publication, tmp_path):
    publication = bare_publication
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    if settings.REDIS_URL:
        # A second clock, as after a careless deploy. It opens the file of its schedule when it begins to tick.
        publication.start("-m", "celery", "-A", "config", "beat", "--pidfile=", "-s", str(tmp_path / "second-beat"))
        publication.wait_for(lambda: list(tmp_path.glob("second-beat*")), "the second clock did not begin")
    due = float(publication.run(SCHEDULE))
    assert publication.status("/blog/on-time-2/") == 404
    while publication.status("/blog/on-time-2/") != 200:
        assert time.time() < due + 5, "the post never appeared"
        time.sleep(0.05)
    late = time.time() - due
    assert -0.1 < late < 2, f"it appeared {late:.2f} s after {datetime.fromtimestamp(due, UTC)}"
    assert publication.run(STEPS) == "1 1"
