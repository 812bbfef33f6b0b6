"""Talking under a post in a real browser: in place, with what only the browser keeps."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from comments import live, moderation, spam, tokens
from comments.models import Comment, CommentLike, CommentReport, ConversationSettings, ThreadSubscription
from comments.posting import post_comment
from comments.rules import GENERATION, Writer
from core import cache
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
expect = playwright_api.expect


@pytest.fixture
def post(live_server, publish):  # noqa: F811
    open_to_all = {"guests": "trust", "trusted_after": 0, "moderate_members": False}
    ConversationSettings.objects.update_or_create(defaults=open_to_all)
    cache.renew(GENERATION)
    return publish("Two clocks", text="It is right twice a day. " * 200)


@pytest.fixture
def question(post, author):
    return post_comment(post, Writer(user=author), "Who wound them?").comment


def comes_alive(page):
    """The modules near the conversation listen, and the form has its token."""
    expect(page.locator("#comments[data-begun]")).to_have_count(1, timeout=10_000)
    expect(page.locator("template[data-module*=liking]:not([data-begun])")).to_have_count(0, timeout=10_000)
    expect(page.locator("form[data-writing] [name=token]").first).not_to_have_value("", timeout=10_000)


def test_a_guest_talks_in_place_and_only_their_browser_knows_them(browser_page, post, question):
    page = browser_page()
    page.goto(post.get_absolute_url())
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some((one) => one.name.includes('conversation'))"
    )
    page.locator("#comments").scroll_into_view_if_needed()
    comes_alive(page)
    page.fill("#comment-content", "The *keeper* did.")
    page.fill("#comment-name", "Vera")
    page.fill("#comment-email", "vera@example")
    page.get_by_label("Remember me in this browser").check()
    page.wait_for_timeout(3100)  # nobody types faster
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("The address is not complete.")).to_be_visible()
    expect(page.locator("#comment-email")).to_be_focused()
    # What was typed survives the page.
    page.reload()
    page.locator("#comments").scroll_into_view_if_needed()
    comes_alive(page)
    expect(page.locator("#comment-content")).to_have_value("The *keeper* did.")
    page.fill("#comment-name", "Vera")
    page.fill("#comment-email", "vera@example.org")
    page.get_by_label("Remember me in this browser").check()
    page.wait_for_timeout(3100)
    page.get_by_role("button", name="Post comment").click()
    mine = page.locator("[data-comment]").filter(has_text="The keeper did.")
    expect(mine).to_be_visible()
    expect(page.locator("#comments-title")).to_have_text("2 comments")
    expect(page.locator("#comment-content")).to_have_value("")
    assert page.url.endswith(post.get_absolute_url()) and not page.context.cookies()
    # Theirs to change, now and when they come back; nobody else's.
    page.reload()
    page.locator("#comments").scroll_into_view_if_needed()
    comes_alive(page)
    expect(page.locator("#comment-name")).to_have_value("Vera")
    mine.locator("a[data-edit]").click()
    field = page.locator("form[data-changing] textarea")
    expect(field).to_have_value("The *keeper* did.")
    field.fill("The keeper did, daily.")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("[data-comment]").filter(has_text="The keeper did, daily.")).to_contain_text("edited")
    other = browser_page()
    other.goto(post.get_absolute_url())
    other.locator("#comments").scroll_into_view_if_needed()
    comes_alive(other)
    assert other.locator("a[data-edit]").count() == 0
    expect(other.locator("#comment-name")).to_have_value("")
    assert not [said for said in page.complaints if "400" not in said] and not other.complaints


def test_an_answer_is_written_where_it_belongs(desk_of, post, question, reader):
    page = desk_of(reader)
    page.goto(question.get_absolute_url())
    comes_alive(page)
    page.locator(f"#comment-{question.pk} [data-reply]").click()
    form = page.locator(f"form[data-parent='{question.pk}']")
    expect(form.get_by_label("Your comment")).to_be_focused()
    form.get_by_label("Your comment").fill("The keeper’s daughter.")
    page.wait_for_timeout(3100)
    form.get_by_role("button", name="Post comment").click()
    expect(page.locator("li li [data-comment]").filter(has_text="daughter")).to_be_visible()
    expect(form).to_have_count(0)
    answer = Comment.objects.latest("pk")
    assert answer.parent == question and answer.user == reader and answer.is_public
    assert not page.complaints


def test_a_guest_answers_in_place_and_is_taken_for_no_machine(browser_page, post, question):
    page = browser_page()
    page.goto(question.get_absolute_url())
    comes_alive(page)
    page.wait_for_timeout(3100)  # they have read what they answer
    page.locator(f"#comment-{question.pk} [data-reply]").click()
    form = page.locator(f"form[data-parent='{question.pk}']")
    form.get_by_label("Your comment").fill("My aunt did.")
    form.get_by_label("Name", exact=True).fill("Vera")
    form.get_by_label("E-mail address").fill("vera@example.org")
    form.get_by_role("button", name="Post comment").click()
    expect(page.locator("li li [data-comment]").filter(has_text="My aunt did.")).to_be_visible()
    answer = Comment.objects.latest("pk")
    assert answer.parent == question and answer.is_public and not answer.reasons and not page.complaints


def test_a_form_that_was_open_for_days_is_looked_over_once_more(browser_page, post):
    page = browser_page()
    page.goto(post.get_absolute_url())
    page.locator("#comments").scroll_into_view_if_needed()
    comes_alive(page)
    old = tokens.open_form(timezone.now() - timedelta(days=3))
    page.locator("form[data-writing] [name=token]").evaluate("(field, token) => { field.value = token; }", old)
    page.fill("#comment-content", "I slept over it.")
    page.fill("#comment-name", "Vera")
    page.fill("#comment-email", "vera@example.org")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("alert")).to_have_text("Look it over once more, then post it.")
    expect(page.locator("#comment-content")).to_have_value("I slept over it.")
    assert not Comment.objects.exists()
    page.wait_for_timeout(3100)
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("[data-comment]").filter(has_text="I slept over it.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    said = Comment.objects.get()
    assert said.is_public and not said.reasons


def test_a_connection_that_breaks_loses_nothing(browser_page, post):
    page = browser_page(width=390)
    page.goto(post.get_absolute_url())
    page.locator("#comments").scroll_into_view_if_needed()
    comes_alive(page)
    page.fill("#comment-content", "Do not lose me.")
    page.fill("#comment-name", "Vera")
    page.fill("#comment-email", "vera@example.org")
    page.route("**/comments/to/**", lambda route: route.abort())
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("alert")).to_contain_text("What you wrote is still here")
    expect(page.locator("#comment-content")).to_have_value("Do not lose me.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and not Comment.objects.exists()


def test_without_scripts_everything_is_a_form(desk_of, post, question, reader, monkeypatch):
    monkeypatch.setattr(spam, "FASTEST", timedelta(0))
    page = desk_of(reader, script=False)
    page.goto(post.get_absolute_url())
    token = page.locator("#comments [name=token]")
    assert token.input_value(), "a member's form has its token from the start"
    page.get_by_label("Your comment").fill("Nobody *did*.")
    page.get_by_role("button", name="Post comment").click()
    mine = page.locator("[data-comment]").filter(has_text="Nobody did.")
    expect(mine).to_be_visible()
    # An answer, on a page of its own.
    page.locator(f"#comment-{question.pk} [data-reply]").click()
    page.get_by_label("Your comment").fill("The keeper’s daughter.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("li li [data-comment]").filter(has_text="daughter")).to_be_visible()
    # Changed, liked, taken back, reported, deleted, heard of.
    mine.get_by_role("link", name="Change").click()
    page.get_by_label("Your comment").fill("Nobody ever did.")
    page.get_by_role("button", name="Save the change").click()
    mine = page.locator("[data-comment]").filter(has_text="Nobody ever did.")
    expect(mine).to_contain_text("edited")
    for count in (1, 0):
        page.locator(f"#comment-{question.pk}").get_by_role("button", name="Like").click()
        expect(page.locator("body")).to_be_visible()
        page.goto(post.get_absolute_url())
        question.refresh_from_db()
        assert question.like_count == count
    page.locator(f"#comment-{question.pk}").get_by_role("link", name="Report").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Report it").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_role("link", name="Back to the post").click()
    mine.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete the comment").click()
    expect(page.locator("#comments-title")).to_have_text("2 comments")
    expect(mine).to_have_count(0)
    page.get_by_role("link", name="Hear of new comments by mail").click()
    page.get_by_role("button", name="Send me new comments").click()
    expect(page.get_by_text("You will hear of new comments by mail.")).to_be_visible()
    assert (
        CommentReport.objects.get().comment == question and ThreadSubscription.objects.filter(user=reader).count() == 1
    )
    assert not page.complaints


def tab_to(page, wanted, *, back=False):
    """Go on by the Tab key until a control that matches has the focus, as somebody without a pointer does."""
    for _ in range(150):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            # Whoever sees it must see where they are.
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"the keyboard never came to {wanted}")


def test_the_keyboard_alone_is_enough(desk_of, post, question, reader):
    page = desk_of(reader)
    page.goto(f"{post.get_absolute_url()}#comments")
    comes_alive(page)
    here = f"#comment-{question.pk}"
    tab_to(page, f"{here} [data-reply]")
    page.keyboard.press("Enter")
    expect(page.locator(f"form[data-parent='{question.pk}'] textarea")).to_be_focused()
    page.keyboard.type("The keeper’s daughter.")
    page.wait_for_timeout(3100)
    tab_to(page, "[type=submit]")
    page.keyboard.press("Enter")
    mine = page.locator("li li [data-comment]").filter(has_text="daughter")
    expect(mine).to_be_focused()
    tab_to(page, "[data-edit]")
    page.keyboard.press("Enter")
    expect(page.locator("form[data-changing] textarea")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("The keeper’s wife.")
    tab_to(page, "[type=submit]")
    page.keyboard.press("Space")
    expect(page.locator("li li [data-comment]").filter(has_text="wife")).to_be_focused()
    tab_to(page, f"{here} .like button", back=True)
    page.keyboard.press("Space")
    expect(page.locator(f"{here} .like [aria-pressed=true]")).to_be_visible()
    expect(page.locator("[data-like][aria-busy=true]")).to_have_count(0)
    assert Comment.objects.get(pk=question.pk).like_count == 1 and not page.complaints


def test_a_storm_of_clicks_ends_as_the_last_one_wanted(desk_of, post, question, reader, author):
    other = post_comment(post, Writer(user=reader), "Nobody.").comment
    pages = [desk_of(reader), desk_of(author)]
    for page in pages:
        page.goto(post.get_absolute_url())
        page.locator("#comments").scroll_into_view_if_needed()
        comes_alive(page)
    click = "(address) => document.querySelector(`form[action='${address}'] button`).click()"
    addresses = [f"/comments/{one.pk}/like/" for one in (question, other)] + [f"/blog/{post.slug}/like/"]
    for number in range(30):
        for page in pages:
            page.evaluate(click, addresses[number % 3])
    # Once more for the first: eleven clicks there, ten elsewhere.
    for page in pages:
        page.evaluate(click, addresses[0])
    for page in pages:
        expect(page.locator("[data-like][aria-busy=true]")).to_have_count(0)
    question.refresh_from_db()
    other.refresh_from_db()
    post.refresh_from_db()
    rows = CommentLike.objects.filter(comment=question).count()
    assert (rows, question.like_count, other.like_count, post.like_count) == (2, 2, 0, 0)
    for page in pages:
        first = page.locator(f"form[action='{addresses[0]}'] button").first
        assert first.get_attribute("aria-pressed") == "true"
        assert page.locator(f"form[action='{addresses[1]}'] [aria-pressed=true]").count() == 0
        page.reload()
        expect(page.locator(f"form[action='{addresses[0]}'] b").first).to_have_text("2")
        assert not page.complaints


def test_what_a_storm_of_clicks_is_refused_is_taken_back(desk_of, post, question, reader):
    page = desk_of(reader)
    page.goto(question.get_absolute_url())
    comes_alive(page)
    page.route("**/like/", lambda route: route.fulfill(status=429, body="{}"))
    button = page.locator(f"#comment-{question.pk} .like button")
    for _ in range(7):
        button.evaluate("(button) => button.click()")
    expect(page.locator("[data-like][aria-busy=true]")).to_have_count(0)
    expect(button).to_have_attribute("aria-pressed", "false")
    assert button.inner_text().strip() == "Like" and Comment.objects.get(pk=question.pk).like_count == 0


def test_a_page_whose_socket_is_away_knocks_less_and_less_often_and_then_fetches_what_it_missed(
    browser_page, post, question, author
):
    page = browser_page()
    knocked, is_away = [], True

    def knock(socket):
        knocked.append(socket.url)
        if is_away:
            socket.close(code=1012)
        else:
            content = {"type": "reading.here", "mark": live.mark_of(post.pk), "comments": 4, "likes": 0}
            socket.send(json.dumps(content))

    page.route_web_socket("**/ws/posts/**", knock)
    page.clock.install()
    page.goto(post.get_absolute_url())
    page.locator("#comments").scroll_into_view_if_needed()
    at = []
    for second in range(45):
        page.clock.run_for(1000)
        page.wait_for_timeout(40)
        at += [second] * (len(knocked) - len(at))
    assert 4 <= len(at) <= 8 and at[-1] - at[-2] >= 8, at
    # Nobody is told of anything meanwhile, and a page loaded anew has it all.
    for words in ("One.", "Two.", "Three."):
        post_comment(post, Writer(user=author), words)
    news = page.locator("#comments .news")
    assert not news.is_visible()
    other = browser_page()
    other.goto(post.get_absolute_url())
    expect(other.locator("#comments-title")).to_have_text("4 comments")
    is_away = False
    page.clock.run_for(90_000)
    page.wait_for_timeout(200)
    page.clock.run_for(2000)
    expect(news).to_have_text("3 new comments")
    assert page.get_by_text("Three.").count() == 0, "no text moves by itself"
    news.click()
    expect(page.locator(".said", has_text="Three.")).to_be_visible()
    expect(page.locator("#comments-title")).to_have_text("4 comments")


@pytest.fixture
def told():
    """Take the place of the server of sockets: told(page)(type=…) tells the page of something."""

    def listen(page):
        sockets = []
        page.route_web_socket("**/ws/posts/**", lambda socket: sockets.append(socket))
        return lambda **content: sockets[-1].send(json.dumps(content))

    return listen


def test_what_a_moderator_gives_back_is_read_again_where_it_stood(
    browser_page, told, post, question, reader, moderator
):
    post_comment(post, Writer(user=reader), "Nobody.", parent=question)
    page = browser_page()
    tell = told(page)
    page.goto(question.get_absolute_url())
    comes_alive(page)
    place = page.locator(f"#comment-{question.pk}")
    moderation.decide(question.pk, "reject", by=moderator)
    tell(type="comment.deleted", id=question.pk, words="Removed by a moderator", heading="One comment")
    expect(place).to_have_text("Removed by a moderator")
    moderation.decide(question.pk, "approve", by=moderator)
    tell(type="comment.created", id=question.pk, parent=None, heading="2 comments")
    expect(place.locator(".said")).to_have_text("Who wound them?")
    expect(page.locator("#comments-title")).to_have_text("2 comments")
    assert not page.locator("#comments .news").is_visible(), "it is here"
    expect(page.locator("li:has(> [data-comment]) li .said")).to_have_text("Nobody.")
    assert page.locator(f"[id=comment-{question.pk}]").count() == 1 and not page.complaints


@pytest.mark.parametrize("others_are_told", ["before", "after"])
def test_whoever_changes_their_comment_reads_that_it_waits(desk_of, told, post, reader, moderator, others_are_told):
    mine = post_comment(post, Writer(user=reader), "- Nobody\n- did").comment
    ConversationSettings.objects.update(blocked_words="aunt")
    cache.renew(GENERATION)
    page = desk_of(reader)
    tell = told(page)
    page.goto(mine.get_absolute_url())
    comes_alive(page)
    place, notice = page.locator(f"#comment-{mine.pk}"), page.locator("#comments li .notice")
    removal = {"type": "comment.deleted", "id": mine.pk, "words": "Waits for a moderator", "heading": "Comments"}
    place.locator("[data-edit]").click()
    page.locator("form[data-changing] textarea").fill("My aunt did.")
    if others_are_told == "before":
        tell(**removal)
        expect(place).to_have_text("Waits for a moderator")
    page.get_by_role("button", name="Save the change").click()
    expect(notice).to_contain_text("Your changed comment waits for a moderator")
    expect(page.locator("form[data-changing]")).to_have_count(0)
    if others_are_told == "after":
        tell(**removal)
        expect(place).to_have_text("Waits for a moderator")
    expect(notice.get_by_role("link")).to_be_visible()
    assert page.get_by_text("My aunt did.").count() == 0, "nobody reads it yet"
    # Once it is approved nothing says that it waits.
    moderation.decide(mine.pk, "approve", by=moderator)
    tell(type="comment.created", id=mine.pk, parent=None, heading="One comment")
    expect(place.locator(".said")).to_have_text("My aunt did.")
    expect(notice).to_have_count(0)
    assert not page.complaints


def test_what_is_removed_goes_whole_where_nobody_answers_it(browser_page, told, post, question, author):
    """A list among its words is no answer."""
    listed = post_comment(post, Writer(user=author), "- One\n- Two").comment
    page = browser_page()
    tell = told(page)
    page.goto(question.get_absolute_url())
    comes_alive(page)
    expect(page.locator(f"#comment-{listed.pk} li")).to_have_count(2)
    tell(type="comment.deleted", id=listed.pk, words="Removed by a moderator", heading="One comment")
    expect(page.locator(f"#comment-{listed.pk}")).to_have_count(0)
    expect(page.locator(f"#comment-{question.pk} .said")).to_be_visible()
