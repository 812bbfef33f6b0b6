"""With the real clock and worker, a scheduled post is there within two seconds of its time, once."""

import time
from datetime import UTC, datetime

import pytest
from django.conf import settings

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

SCHEDULE = """
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from blog import publishing, writing
from blog.models import Post
editor = User.objects.get(username="editor")
for number in range(3):
    post = Post(title=f"On time {number}", content_markdown="Here.", author=editor)
    writing.save(post, by=editor)
    at = timezone.now() + timedelta(seconds=3)
    publishing.schedule(post, by=editor, at=at)
print(at.timestamp())
"""

STEPS = """
from blog.models import PostVersion, StatusChange
print(StatusChange.objects.filter(post__slug="on-time-2", to_status="published").count(),
      PostVersion.objects.filter(post__slug="on-time-2", kind="publish").count())
"""


def test_a_scheduled_post_is_there_within_two_seconds_and_once(publication):
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    if settings.REDIS_URL:
        # A second clock, as after a careless deploy.
        publication.start("-m", "celery", "-A", "config", "beat", "-s", f"{publication.env['MEDIA_ROOT']}-beat")
        time.sleep(3)
    due = float(publication.run(SCHEDULE))
    assert publication.status("/blog/on-time-2/") == 404
    while publication.status("/blog/on-time-2/") != 200:
        assert time.time() < due + 5, "the post never appeared"
        time.sleep(0.05)
    late = time.time() - due
    assert -0.1 < late < 2, f"it appeared {late:.2f} s after {datetime.fromtimestamp(due, UTC)}"
    assert publication.run(STEPS) == "1 1"
