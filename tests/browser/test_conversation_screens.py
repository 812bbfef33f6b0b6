"""Every screen of the conversation is open to everybody: both schemes, a phone, twice the size, hostile words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from blog.models import Post
from comments import likes, reporting, subscribing, tokens
from comments.models import Comment, ConversationSettings
from comments.posting import Verdict, post_comment
from comments.rules import GENERATION, Writer
from core import cache
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.browser.judge import faults
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A narrow phone, which is also a window at four times its size, and a desk.
VIEWS = [(320, "light"), (1440, "light"), (1440, "dark")]
LONG = "Donaudampfschifffahrt" * 190
HOSTILE = [
    "\u202eturned round\u202c and **bold** [a link](https://a.example/)",
    LONG,
    "> quoted\n>\n> > twice\n\n- one\n- two\n\n1. three\n\n```\n" + "x" * 300 + "\n```\n\n`code`",
    "\u200b\u200d 👩‍👩‍👧 <script>alert(1)</script> **" + "W" * 200 + "**",
    "هذا تعليق طويل باللغة العربية مع كلمة English في الوسط",
]


@pytest.fixture
def post(live_server, publish):  # noqa: F811
    settings = {"guests": "trust", "trusted_after": 0, "moderate_members": False}
    ConversationSettings.objects.update_or_create(defaults=settings)
    cache.renew(GENERATION)
    return publish("Two clocks", text="It is right twice a day.")


@pytest.fixture
def said(post, author, reader):
    """Everything a conversation may be made of; returns its first comment."""
    first = post_comment(post, Writer(user=author), HOSTILE[0]).comment
    below = first
    for number in range(9):
        below = post_comment(post, Writer(user=reader), HOSTILE[number % 5], parent=below).comment
    guest = Writer(name="W" * 60, email="vera@example.org", fingerprint="b" * 64)
    gone = post_comment(post, guest, "Gone.").comment
    post_comment(post, Writer(user=author), "Still here.", parent=gone)
    Comment.objects.filter(pk=gone.pk).update(status="deleted", content="", content_html="")
    Comment.objects.filter(pk=first.pk).update(edited_at=timezone.now())
    likes.like(first, likes.Reader(user=reader))
    for content in HOSTILE:
        post_comment(post, Writer(user=make_person(f"p{len(content)}", first_name="W" * 60)), content)
    return first


def judge(page, addresses):
    found = []
    for address in addresses:
        page.goto(address)
        bring_sheets(page)
        found += [(address, fault) for fault in faults(page, *VIEWS)]
        page.set_viewport_size({"width": 640, "height": 450})
        if page.evaluate("document.documentElement.scrollWidth") > 640:
            found.append((address, "too wide at twice its size"))
    return found


def bring_sheets(page):
    talk = page.locator("#comments")
    if talk.count():
        talk.scroll_into_view_if_needed()
        page.wait_for_function("() => [...document.styleSheets].some((one) => one.href?.includes('comments'))")


def test_the_conversation_under_a_post_and_a_part_of_it(browser_page, post, said, publish):  # noqa: F811
    page = browser_page()
    empty, closed = publish("Empty"), publish("Closed")
    Post.objects.filter(pk=closed.pk).update(comments_policy="closed")
    addresses = [post.get_absolute_url(), empty.get_absolute_url(), closed.get_absolute_url()]
    assert judge(page, [*addresses, f"/comments/{said.pk}/thread/"]) == []
    assert page.complaints == []


def test_pages_about_one_comment(browser_page, post, said):
    page = browser_page()
    guest = Writer(name="Vera", email="vera@example.org", fingerprint="c" * 64)
    own = post_comment(post, guest, HOSTILE[0]).comment
    refused = post_comment(
        post, guest, HOSTILE[2], judge=lambda *_: Verdict("refuse", [{"code": "blocked", "points": 9}], 9.0)
    )
    key, other = f"?key={tokens.key_of(own)}", refused.comment
    asked = subscribing.subscribe(post, user=None, email="vera@example.org", thread=None)
    addresses = [f"/comments/{own.pk}/{name}/{key}" for name in ("mine", "edit", "delete")]
    addresses += [f"/comments/{other.pk}/{name}/?key={tokens.key_of(other)}" for name in ("mine", "appeal")]
    addresses += [f"/comments/{said.pk}/report/", f"/comments/{said.pk}/reply/", f"/comments/to/{post.slug}/"]
    addresses += [f"/comments/confirm/{tokens.confirmation_of(own)}/", "/comments/confirm/x/"]
    addresses += [f"/comments/hear/{post.slug}/", "/comments/hear/confirm/x/", "/comments/hear/end/x/"]
    assert judge(page, addresses) == [] and asked is not False


def test_forms_say_what_is_wrong_and_what_came_of_it(browser_page, post, said):
    page = browser_page()
    found = []
    for address, button in [
        (f"/comments/to/{post.slug}/", "Post comment"),
        (f"/comments/{said.pk}/report/", "Report it"),
        (f"/comments/hear/{post.slug}/", "Send me new comments"),
    ]:
        page.goto(address)
        page.get_by_role("button", name=button).click()
        page.locator("main .bad").first.wait_for()
        found += [(address, fault) for fault in faults(page, *VIEWS)]
    page.goto(f"/comments/{said.pk}/report/")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Report it").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    found += faults(page, *VIEWS)
    assert found == []


def test_who_is_too_quick_or_banned_can_read_why(browser_page, post, said, monkeypatch):
    from accounts import rates
    from comments import moderation

    page = browser_page()
    monkeypatch.setattr(rates, "seconds_to_wait", lambda *_: 40)
    found = []

    def write_one():
        page.goto(f"/comments/to/{post.slug}/")
        page.get_by_label("Your comment").fill("A word.")
        page.locator("main [name=name]").fill("Vera")
        page.locator("main [name=email]").fill("vera@example.org")
        page.get_by_role("button", name="Post comment").click()

    write_one()
    page.locator("h1").wait_for()
    found += faults(page, *VIEWS)
    monkeypatch.undo()
    other = post_comment(post, Writer(name="Vera", email="vera@example.org", fingerprint="d" * 64), "One.").comment
    chief = make_person("chief", Role.ADMINISTRATOR)
    moderation.ban(other, by=chief, until=timezone.now() + timedelta(days=7))
    write_one()
    page.locator("main .bad").first.wait_for()
    found += faults(page, *VIEWS)
    assert found == []


def test_the_desk_of_moderators_holds_what_is_hostile(desk_of, post, said):
    page = desk_of(make_person("chief", Role.ADMINISTRATOR))
    Comment.objects.filter(pk=said.pk).update(status="pending", approved_at=None)
    for content in HOSTILE:
        writer = Writer(name=f"\u202e{'W' * 60}", email="v@example.org", fingerprint="e" * 64)
        held = post_comment(post, writer, content, judge=lambda *_: Verdict("hold", [], 4.0)).comment
    open_one = Comment.objects.public().first()
    reporting.report(open_one, "abuse", fingerprint="a" * 64, note=LONG[:500])
    queue = "/admin/comments/comment/"
    names = ["conversationsettings", "ban", "spamword"]
    addresses = [queue, f"{queue}?show=approved", f"{queue}?q=nothingofthekind", f"{queue}{held.pk}/change/"]
    addresses += [f"{queue}{held.pk}/ban/", *(f"/admin/comments/{name}/" for name in names)]
    found = []
    for address in addresses:
        page.goto(address)
        found += [(address, fault) for fault in faults(page, (390, "light"), (1440, "light"), (1440, "dark"))]
    assert found == []
