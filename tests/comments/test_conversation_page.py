"""A conversation under a post, as its readers see it and take part in it without a script."""

import re

import pytest

from comments import posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import Writer


@pytest.fixture
def post(publish):
    return publish("Boats")


@pytest.fixture
def say(post, author):
    """Something said by the author, whom nobody moderates."""

    def make(text: str, *, to: Comment | None = None, by=None) -> Comment:
        return posting.post_comment(post, Writer(user=by or author), text, parent=to).comment

    return make


def token_in(html: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', html)[1]


def guest(content: str = "A good piece.", **more: str) -> dict[str, str]:
    return {"content": content, "name": "Vera", "email": "vera@example.org"} | more


def test_what_is_said_stands_under_the_post_with_its_replies(client, post, say):
    first = say("The **first** word.")
    say("An answer.", to=first)
    html = client.get("/blog/boats/").content.decode()
    assert "2 comments" in html and "The <strong>first</strong> word." in html
    assert html.index("The <strong>first") < html.index("An answer.")
    assert html.count('<ol class="thread">') == 1, "the answer is in a list of its own within the first comment's"


def test_a_strangers_page_is_everybodys(client, post, say):
    say("A word.")
    response = client.get("/blog/boats/")
    html = response.content.decode()
    assert not response.cookies and "public" in response["Cache-Control"]
    assert "csrfmiddlewaretoken" not in html and not re.search(r'name="token" value=', html)
    assert 'name="email"' in html and 'action="/comments/to/boats/"' in html


def test_a_member_posts_without_a_script(client_of, editor, post):
    client = client_of(editor, enforce_csrf_checks=True)
    html = client.get("/blog/boats/").content.decode()
    assert 'name="email"' not in html[html.index('id="comments"') :]
    fields = {"content": "Hello *there*", "token": token_in(html)}
    assert client.post("/comments/to/boats/", fields).status_code == 403
    fields["csrfmiddlewaretoken"] = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
    response = client.post("/comments/to/boats/", fields)
    said = Comment.objects.get()
    assert response["Location"] == f"/comments/{said.pk}/" and said.user == editor and said.is_public
    assert client.get(response["Location"])["Location"] == f"/blog/boats/#comment-{said.pk}"
    assert "Hello <em>there</em>" in client.get("/blog/boats/").content.decode()


def test_the_same_form_sent_twice_makes_one_comment(client_of, editor, post):
    client = client_of(editor)
    fields = {"content": "Once", "token": tokens.open_form()}
    first, second = (client.post("/comments/to/boats/", fields) for _ in range(2))
    assert first["Location"] == second["Location"] and Comment.objects.count() == 1


def test_a_strangers_first_form_is_looked_over_and_then_posted(client, post):
    shown = client.post("/comments/to/boats/", guest())
    html = shown.content.decode()
    assert shown.status_code == 200 and "Look it over once more" in html and not Comment.objects.exists()
    assert "A good piece." in html and "vera@example.org" in html and not shown.cookies
    sent = client.post("/comments/to/boats/", guest(token=token_in(html)))
    said = Comment.objects.get()
    assert sent["Location"].startswith(f"/comments/{said.pk}/mine/?key=") and said.status == "pending"
    assert (said.guest_name, said.guest_email, said.user) == ("Vera", "vera@example.org", None)
    assert "waits for a moderator" in client.get(sent["Location"]).content.decode()
    assert not client.cookies and "A good piece." not in client.get("/blog/boats/").content.decode()


@pytest.mark.parametrize("field", ["content", "name", "email"])
def test_what_a_guest_left_out_is_said_beside_it_and_the_rest_kept(client, post, field):
    sent = client.post("/comments/to/boats/", guest(**{field: ""}, token=tokens.open_form()))
    html = sent.content.decode()
    assert sent.status_code == 400 and f'id="comment-{field}_error"' in html and not Comment.objects.exists()
    assert all(value in html for name, value in guest().items() if name != field)


@pytest.mark.parametrize("name", ["\u200b\u202e", " \u2066 ", "\u00ad"])
def test_a_name_that_nobody_sees_is_none(client, post, name):
    assert client.post("/comments/to/boats/", guest(name=name, token=tokens.open_form())).status_code == 400


def test_an_answer_is_written_on_a_page_of_its_own(client_of, editor, post, say):
    first = say("Who painted it?")
    client = client_of(editor)
    html = client.get(f"/comments/{first.pk}/reply/").content.decode()
    assert "Who painted it?" in html and "Reply to" in html
    sent = client.post(f"/comments/{first.pk}/reply/", {"content": "Nobody.", "token": token_in(html)})
    answer = Comment.objects.latest("pk")
    assert sent["Location"] == f"/comments/{answer.pk}/" and answer.parent == first and answer.root == first


def test_what_a_form_claims_beyond_its_fields_counts_for_nothing(client, post, admin):
    forged = {"status": "approved", "user": admin.pk, "like_count": "99", "created_at": "2001-01-01", "parent": "1"}
    client.post("/comments/to/boats/", guest(token=tokens.open_form(), **forged))
    said = Comment.objects.get()
    assert (said.status, said.user, said.like_count, said.parent) == ("pending", None, 0, None)
    assert said.created_at.year > 2001


def test_another_site_posts_nothing_in_a_visitors_name(client, post):
    sent = client.post("/comments/to/boats/", guest(token=tokens.open_form()), headers={"sec-fetch-site": "cross-site"})
    assert sent.status_code == 200 and "Look it over once more" in sent.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("fields", [{"comments_policy": "closed"}, {"comments_close_after_days": 0}])
def test_a_closed_post_takes_nothing_and_shows_what_was_said(client, client_of, editor, post, say, fields):
    first = say("Before it closed.")
    type(post).objects.filter(pk=post.pk).update(**fields)
    html = client.get("/blog/boats/").content.decode()
    assert "Before it closed." in html and "/comments/to/boats/" not in html and "data-reply" not in html
    assert "Comments closed" in html or "Comments are closed" in html
    for address in ("/comments/to/boats/", f"/comments/{first.pk}/reply/"):
        sent = client_of(editor).post(address, {"content": "Too late", "token": tokens.open_form()})
        assert sent.status_code == 400 and "closed" in sent.content.decode()
    assert Comment.objects.count() == 1


def test_a_closed_post_without_comments_says_nothing_of_them(client, post):
    type(post).objects.filter(pk=post.pk).update(comments_policy="closed")
    assert 'id="comments"' not in client.get("/blog/boats/").content.decode()


def test_a_post_for_members_asks_strangers_to_sign_in(client, client_of, reader, post):
    type(post).objects.filter(pk=post.pk).update(comments_policy="members")
    html = client.get("/blog/boats/").content.decode()
    assert "asks its members" in html and "/login/?next=/blog/boats/%23comments" in html and 'name="email"' not in html
    assert client.post("/comments/to/boats/", guest(token=tokens.open_form())).status_code == 400
    assert not Comment.objects.exists()
    assert "/comments/to/boats/" in client_of(reader).get("/blog/boats/").content.decode()


def test_there_is_nothing_to_say_under_a_draft(client, client_of, editor, write):
    write("Secret")
    assert client.post("/comments/to/secret/", guest(token=tokens.open_form())).status_code == 404
    assert client_of(editor).get("/comments/to/secret/").status_code == 404
    assert 'id="comments"' not in client_of(editor).get("/blog/secret/").content.decode()


def test_a_removed_comment_keeps_its_replies_and_takes_none(client, post, say):
    first = say("Take me back.")
    say("I stay.", to=first)
    posting.delete(first)
    html = client.get("/blog/boats/").content.decode()
    assert "Take me back." not in html and "Removed by its writer" in html and "I stay." in html
    assert client.get(f"/comments/{first.pk}/reply/").status_code == 404
    assert client.get(f"/comments/{first.pk}/").status_code == 404


@pytest.mark.parametrize("query", ["comments=2", "comments=0", "comments=x", "comments=1e3", "order=worst", "order="])
def test_a_page_of_comments_that_is_not_there_is_not_found(client, post, say, query):
    say("A word.")
    assert client.get(f"/blog/boats/?{query}").status_code == 404


def test_threads_are_read_a_page_at_a_time_in_three_orders(client, post, say):
    told = [say(f"Word number {number} said.") for number in range(1, 23)]
    Comment.objects.filter(pk=told[4].pk).update(like_count=3)
    first, second = (client.get(f"/blog/boats/{query}").content.decode() for query in ("", "?comments=2"))
    assert "Word number 1 said." in first and "Word number 21 said." not in first and "?comments=2#comments" in first
    assert "Word number 22 said." in second and "Word number 1 said." not in second
    assert client.get(f"/comments/{told[-1].pk}/")["Location"] == f"/blog/boats/?comments=2#comment-{told[-1].pk}"
    newest = client.get("/blog/boats/?order=newest").content.decode()
    assert newest.index("Word number 22 said.") < newest.index("Word number 21 said.")
    best = client.get("/blog/boats/?order=best").content.decode()
    assert best.index("Word number 5 said.") < best.index("Word number 1 said.")
    assert '<link rel="canonical" href="http://testserver/blog/boats/">' in best.replace("localhost:8000", "testserver")


def test_a_deep_thread_goes_on_on_a_page_of_its_own(client, post, say):
    chain = [say("Level 0 of them.")]
    for depth in range(1, 8):
        chain.append(say(f"Level {depth} of them.", to=chain[-1]))
    html = client.get("/blog/boats/").content.decode()
    assert "Level 4 of them." in html and "Level 5 of them." not in html
    onward = f"/comments/{chain[4].pk}/thread/"
    assert onward in html and "3 more" in html
    page = client.get(onward).content.decode()
    assert "Level 4 of them." in page and "Level 7 of them." in page and "Level 3 of them." not in page
    assert f"/comments/{chain[3].pk}/" in page, "it leads back to what it answers"
    assert client.get(f"/comments/{chain[7].pk}/")["Location"] == f"/comments/{chain[7].pk}/thread/"


def test_nobodys_address_or_fingerprint_leaves_the_server(client, client_of, admin, post):
    ConversationSettings.objects.create(guests="trust", trusted_after=0)
    said = posting.post_comment(post, Writer(name="Vera", email="vera@example.org", fingerprint="f" * 64), "Hi").comment
    assert said.is_public
    for browser in (client, client_of(admin)):
        html = browser.get("/blog/boats/").content.decode()
        assert "Vera" in html and "vera@example" not in html and "f" * 64 not in html
