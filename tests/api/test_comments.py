"""Reading the conversation through the API: what readers see, in the order of the page, and nothing of who they are."""

import pytest
from django.utils import timezone

from comments import moderation, posting, tokens
from comments.models import Comment
from comments.rules import Writer
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

VERA = Writer(name="Vera", email="vera@example.org", fingerprint="f" * 64, user_agent="Netscape 4")


@pytest.fixture
def post(publish):  # noqa: F811
    return publish("Boats")


@pytest.fixture
def say(post, moderator):
    """say("…", to=…): a comment of Vera, a guest, that readers see."""

    def made(text, *, to=None, by=VERA, status="approved", under=post):
        said = posting.post_comment(under, by, text, parent=to).comment
        decision = {"approved": "approve", "rejected": "reject", "spam": "spam"}.get(status)
        return moderation.decide(said.pk, decision, by=moderator) if decision else said

    return made


def told(program, query="", slug="boats"):
    return program.get(f"/posts/{slug}/comments/{query}").json()


def ids(said):
    return [each["id"] for each in said["results"]]


def test_threads_are_told_in_reading_order_with_who_answers_whom(program, say):
    one, two = say("One"), say("Two")
    answer = say("Answer", to=one)
    below = say("Below", to=answer)
    said = told(program())
    assert ids(said) == [one.pk, answer.pk, below.pk, two.pk] and said["count"] == 4
    rows = {each["id"]: (each["parent"], each["root"], each["depth"]) for each in said["results"]}
    assert rows[below.pk] == (answer.pk, one.pk, 2) and rows[two.pk] == (None, None, 0)
    row = said["results"][0]
    assert row["content_html"] == "<p>One</p>" and row["author"]["name"] == "Vera" and row["author"]["is_guest"]
    assert row["post"] == "boats" and row["url"] == f"/comments/{one.pk}/" and row["liked"] is None


@pytest.mark.parametrize("ordering", ["oldest", "newest", "best"])
def test_the_order_is_that_of_the_page(program, say, ordering):
    one, two, three = say("One"), say("Two"), say("Three")
    Comment.objects.filter(pk=two.pk).update(like_count=3)
    orders = {"oldest": [one, two, three], "newest": [three, two, one], "best": [two, one, three]}
    assert ids(told(program(), f"?ordering={ordering}")) == [each.pk for each in orders[ordering]]


def test_nothing_tells_who_a_guest_is(program, say, author, moderator):
    said = say("Hello")
    say("Waits", status="pending")
    for caller in (program(), program(author), program(moderator)):
        for path in ("/posts/boats/comments/", f"/comments/{said.pk}/", f"/comments/{said.pk}/thread/"):
            text = caller.get(path).content.decode()
            for secret in ("vera@", "example.org", "f" * 64, "Netscape", "fingerprint", "user_agent", "email"):
                assert secret not in text, (path, secret)
    queue = program(moderator).get("/comments/").content.decode()
    assert "Waits" in queue and "vera@" not in queue and "Netscape" not in queue and "f" * 64 not in queue


def test_what_waits_or_was_refused_is_nobody_elses(program, say, reader, author, editor):
    hidden = [say("Secret", status=status) for status in ("pending", "rejected", "spam")]
    for caller in (program(), program(reader), program(author)):
        assert told(caller) == {"count": 0, "next": None, "previous": None, "results": []}
        for each in hidden:
            assert caller.get(f"/comments/{each.pk}/").status_code == 404
            assert caller.get(f"/comments/{each.pk}/thread/").status_code == 404
            assert caller.post(f"/comments/{each.pk}/like/", {"liked": True}).status_code == 404
            assert caller.get(f"/comments/{each.pk}/", Comment_Key="x").status_code == 404
    assert program(editor).get(f"/comments/{hidden[0].pk}/").json()["moderation"]["content"] == "Secret"


def test_a_parent_that_is_gone_keeps_its_place_without_words_or_writer(program, say, moderator):
    first = say("Rude words")
    answer = say("Answer", to=first)
    for decision, shown in (("reject", "removed"), ("spam", "removed")):
        moderation.decide(first.pk, decision, by=moderator)
        gone, there = told(program())["results"]
        assert (gone["id"], gone["status"], gone["content_html"], gone["author"]) == (first.pk, shown, None, None)
        assert (there["id"], there["parent"]) == (answer.pk, first.pk)
    Comment.objects.filter(pk=first.pk).update(status="deleted")
    assert told(program())["results"][0]["status"] == "deleted"
    assert "Rude" not in program().get("/posts/boats/comments/").content.decode()


def test_drafts_and_what_is_under_them_are_not_there(program, say, post, write, author):  # noqa: F811
    said = say("Hello")
    write("Secret")
    for caller in (program(), program(author)):
        assert caller.get("/posts/secret/comments/").status_code == 404
        assert caller.post("/posts/secret/comments/", {"content": "x"}).status_code == 404
    type(post).objects.filter(pk=post.pk).update(status="draft", published_at=None)
    assert program().get("/posts/boats/comments/").status_code == 404
    assert program().get(f"/comments/{said.pk}/").status_code == 404
    assert program().get(f"/comments/{said.pk}/thread/").status_code == 404


def test_pages_are_of_twenty_threads_each(program, say):
    firsts = [say(f"Comment number {number}") for number in range(21)]
    answer = say("Answer", to=firsts[0])
    page = program().get("/posts/boats/comments/")
    assert ids(page.json()) == [firsts[0].pk, answer.pk, *(each.pk for each in firsts[1:20])]
    assert page.json()["count"] == 22 and 'rel="next"' in page["Link"]
    last = program().get(page.json()["next"].removeprefix("http://testserver")).json()
    assert ids(last) == [firsts[20].pk] and last["next"] is None and last["previous"]


@pytest.mark.parametrize("wrong", ["page=3", "page=0", "page=x", "page=%EF%BC%92", "page=9999999999999999999999"])
def test_there_is_no_such_page(program, say, wrong):
    say("Hello")
    assert program().get(f"/posts/boats/comments/?{wrong}").status_code == 404


@pytest.mark.parametrize(
    "wrong", ["ordering=worst", "guest_email=a", "user__email=a", "status=pending", "fields=email"]
)
def test_what_is_no_parameter_is_refused(program, say, wrong):
    say("Hello")
    assert program().get(f"/posts/boats/comments/?{wrong}").status_code == 400


def test_only_the_wanted_fields_come(program, say):
    said = say("Hello")
    assert told(program(), "?fields=id,depth")["results"] == [{"id": said.pk, "depth": 0}]


def test_what_one_has_is_not_sent_again_until_somebody_speaks(program, say):
    say("One")
    etag = program().get("/posts/boats/comments/")["ETag"]
    assert program().get("/posts/boats/comments/", If_None_Match=etag).status_code == 304
    say("Two")
    assert program().get("/posts/boats/comments/", If_None_Match=etag).status_code == 200


def fill(post, number, *, chain=False, root=None):
    """Comments without their forms: all answers to one, or each to the one before."""
    now = timezone.now()
    facts = {"post": post, "guest_name": "V", "status": "approved", "created_at": now, "approved_at": now}
    first = root or Comment.objects.create(content="First", **facts)
    start = Comment.objects.latest("pk").pk + 1
    Comment.objects.bulk_create(
        Comment(
            pk=pk,
            content=f"Answer {pk}",
            root=first,
            parent_id=pk - 1 if chain and pk > start else first.pk,
            **facts,
        )
        for pk in range(start, start + number - 1)
    )
    type(post).objects.filter(pk=post.pk).update(comment_count=number)
    return first


@pytest.mark.parametrize("chain", [False, True])
def test_five_hundred_comments_are_six_questions_at_most(program, post, reader, django_assert_max_num_queries, chain):
    fill(post, 500, chain=chain)
    stranger, member = program(), program(reader)
    with django_assert_max_num_queries(4):
        said = told(stranger)
    assert len(said["results"]) == said["count"] == 500
    assert max(each["depth"] for each in said["results"]) == (499 if chain else 1)
    with django_assert_max_num_queries(6):
        assert told(member)["results"][0]["liked"] is False


def test_what_does_not_fit_is_told_where_it_says_and_once(program, post):
    fill(post, 2_500, chain=True)
    seen, said = [], told(program())
    while True:
        rows = said["results"]
        fresh = [each for each in rows if not seen or each["id"] != seen[-1]["id"]]
        seen += fresh
        if not rows[-1]["more_at"]:
            break
        assert rows[-1]["more"] == 2_500 - len(seen)
        said = program().get(rows[-1]["more_at"].removeprefix("http://testserver")).json()
    assert len({each["id"] for each in seen}) == len(seen) == 2_500
    assert [each["depth"] for each in seen] == list(range(2_500))


def test_many_answers_to_one_go_on_after_the_last_that_was_told(program, post):
    first = fill(post, 1_200)
    said = told(program())
    top = said["results"][0]
    assert len(said["results"]) == 1_000 and top["more"] == 200
    rest = program().get(top["more_at"].removeprefix("http://testserver")).json()["results"]
    assert rest[0]["id"] == first.pk and len(rest) == 201 and rest[1]["depth"] == 1
    assert not {each["id"] for each in rest[1:]} & {each["id"] for each in said["results"]}
    for wrong in ("?after=x", "?after=-1", f"?after={'9' * 30}"):
        assert program().get(f"/comments/{first.pk}/thread/{wrong}").status_code == 404


def test_a_guest_sees_their_own_by_its_key(program, say, reader):
    said = say("Waits", status="pending")
    key = tokens.key_of(said)
    shown = program().get(f"/comments/{said.pk}/", Comment_Key=key).json()
    assert shown["mine"]["content"] == "Waits" and shown["mine"]["may_change"] and shown["status"] == "pending"
    assert shown["moderation"] is None
    other = say("Other", status="pending")
    assert program().get(f"/comments/{other.pk}/", Comment_Key=key).status_code == 404
    mine = say("Of a member", by=Writer(user=reader), status="pending")
    assert program().get(f"/comments/{mine.pk}/", Comment_Key=tokens.key_of(mine)).status_code == 404
    assert program(reader).get(f"/comments/{mine.pk}/").json()["mine"]["key"] is None
