"""However much is said under a post, its page asks little, and what strangers get is kept until it is another."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.likes import Reader
from blog.models import Post
from comments import likes, moderation, posting
from comments.models import Comment, ConversationSettings
from comments.rules import Writer


@pytest.fixture
def post(publish):
    return publish("Boats")


def fill(post: Post, number: int, *, replies: int = 4, users=(), chain: bool = False) -> list[Comment]:
    """So many comments: threads of one and its replies, or one long chain of answers."""
    now = timezone.now()
    start = (Comment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    rows = []
    for at in range(number):
        first = start if chain else start + at - at % (replies + 1)
        is_first = start + at == first
        rows.append(
            Comment(
                pk=start + at,
                post=post,
                parent_id=None if is_first else start + at - 1 if chain else first,
                root_id=None if is_first else first,
                user=users[at % len(users)] if users else None,
                guest_name="" if users else f"Guest {at}",
                content=f"Word {at}.",
                content_html=f"<p>Word {at}.</p>",
                status="approved",
                created_at=now + timedelta(seconds=at),
                approved_at=now,
            )
        )
    Comment.objects.bulk_create(rows)
    Post.objects.filter(pk=post.pk).update(comment_count=Post.objects.get(pk=post.pk).comment_count + number)
    return rows


def asked_of_comments(asked: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked if "comments_comment" in query["sql"]]


@pytest.mark.parametrize("number", [20, 500])
def test_a_page_with_many_comments_asks_five_questions_more_and_none_when_it_is_kept(client, post, number):
    fill(post, number)
    with CaptureQueriesContext(connection) as asked:
        html = client.get("/blog/boats/").content.decode()
    assert len(asked_of_comments(asked)) == 5 and f"{number} comments" in html
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/blog/boats/").content.decode() == html
    assert not asked_of_comments(asked) and len(asked) == 3


def test_a_members_page_asks_as_little_however_many_are_talking(client_of, post, admin, editor, author, reader):
    people = [admin, editor, author, reader]
    client = client_of(reader)
    counts = []
    for number in (5, 100):
        fill(post, number, users=people)
        client.get("/blog/boats/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/blog/boats/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 14
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/comments/{Comment.objects.earliest('pk').pk}/thread/")
    assert len(asked_of_comments(asked)) <= 5


def asked_afresh(client, address: str) -> tuple[int, int, str]:
    """Of a page of which nothing is kept: how many questions it asks, how many of them name comments, and its text."""
    for cache in caches.all():
        cache.clear()
    with CaptureQueriesContext(connection) as asked:
        html = client.get(address).content.decode()
    return len(asked), len(asked_of_comments(asked)), html


def test_a_chain_of_five_thousand_shows_in_five_questions_more_than_the_page_without_comments(client, post):
    client.get("/blog/boats/")  # fills what is kept by the process
    without, _named, html = asked_afresh(client, "/blog/boats/")
    assert "data-comment=" not in html
    alone = fill(post, 1)[0]
    of_one, _named, html = asked_afresh(client, f"/comments/{alone.pk}/thread/")
    assert html.count("data-comment=") == 1
    chain = fill(post, 5_000, chain=True)
    asked, _named, html = asked_afresh(client, "/blog/boats/")
    assert "4995 more" in html and asked <= without + 5
    for place in (0, 2_500, 4_999):
        asked, named, html = asked_afresh(client, f"/comments/{chain[place].pk}/thread/")
        assert f"Word {place}." in html and asked == of_one and named <= 5
        assert html.count("data-comment=") == min(5, 5_000 - place)


def test_a_page_is_never_longer_than_it_should_be_and_the_rest_is_within_reach(client, post):
    first, *replies = fill(post, 1_000, replies=999)
    html = client.get("/blog/boats/").content.decode()
    assert html.count("data-comment=") == 51 and "Continue this thread: 949 more" in html
    seen = {int(pk) for pk in re.findall(r'data-comment="(\d+)"', html)}
    while onward := re.search(rf'"(/comments/{first.pk}/thread/\?after=\d+)"', html):
        html = client.get(onward[1]).content.decode()
        shown = {int(pk) for pk in re.findall(r'data-comment="(\d+)"', html)}
        assert 1 < len(shown) <= 200 and shown & seen == {first.pk}
        seen |= shown
    assert len(seen) == 1_000
    assert client.get(f"/comments/{replies[-1].pk}/")["Location"] == f"/comments/{replies[-1].pk}/thread/"
    assert "Word 999." in client.get(f"/comments/{replies[-1].pk}/thread/").content.decode()
    assert client.get(f"/comments/{first.pk}/thread/?after=9x").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_strangers_get_is_another_as_soon_as_anything_is(client, post, editor, author, reader):
    ConversationSettings.objects.update_or_create(defaults={"moderate_members": False})

    def page() -> str:
        html = client.get("/blog/boats/").content.decode()
        return html[html.index('id="comments"') :]

    assert "One comment" not in page()
    said = posting.post_comment(post, Writer(user=reader), "First words.").comment
    assert "First words." in page() and "One comment" in page()
    posting.edit(said, "Other words.")
    assert "Other words." in page() and "First words." not in page()
    likes.like(said, Reader(user=author))
    assert "<b>1</b>" in page()
    moderation.decide(said.pk, "reject", by=editor)
    assert "Other words." not in page() and "Comments</h2>" in page()
    moderation.decide(said.pk, "approve", by=editor)
    assert "Other words." in page()
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")
    assert "Comments are closed." in page() and "/comments/to/boats/" not in page()


def test_search_engines_read_what_threads_begin_with(client, client_of, reader, post, author):
    posting.post_comment(post, Writer(user=author), "A </script> *word*.")
    html = client.get("/blog/boats/").content.decode()
    data = html[html.rindex('<script type="application/ld+json">') :].split("</script>")[0]
    assert '"commentCount": 1' in data and '"@type": "Comment"' in data and "A \\u003C/script\\u003E word." in data
    assert '"commentCount"' not in client_of(reader).get("/blog/boats/").content.decode()


def test_pings_are_listed_apart(client, post):
    now = timezone.now()
    Comment.objects.create(
        post=post,
        kind="ping",
        status="approved",
        guest_name="A neighbour",
        guest_url="https://other.example/us/",
        content="…",
        created_at=now,
        approved_at=now,
    )
    html = client.get("/blog/boats/").content.decode()
    assert "One other page speaks of this post" in html and 'href="https://other.example/us/"' in html
    assert 'rel="ugc nofollow noopener"' in html and "data-comment=" not in html
