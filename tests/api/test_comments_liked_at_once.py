"""Two hundred likes through the API at once, some taken back: what is counted is the number of rows."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from comments.models import Comment, CommentLike
from tests.api.conftest import Program
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(settings.USES_SQLITE, reason="SQLite writes one after the other anyway"),
]


def test_two_hundred_like_a_comment_at_once(publish, reader):  # noqa: F811
    now = timezone.now()
    facts = {"post": publish("Boats"), "user": reader, "status": "approved", "created_at": now, "approved_at": now}
    comment = Comment.objects.create(content="Well said.", **facts)
    people = User.objects.bulk_create(User(username=f"reader{number}") for number in range(50))
    access = [tokens.begin(person, device="", network="").access for person in people]

    def press(number: int) -> int:
        try:
            member = Program(access[number % 50])
            wanted = {"liked": number < 150 or number % 5 != 0}
            return member.post(f"/comments/{comment.pk}/like/", wanted).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(200))) == {200}
    comment.refresh_from_db()
    assert comment.like_count == CommentLike.objects.count() and 40 <= comment.like_count <= 50
