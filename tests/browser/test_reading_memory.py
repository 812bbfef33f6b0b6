"""A reader comes back: the browser shows what has changed since, and a signed-in one goes on where they stopped."""

import pytest

from blog import publishing, writing
from blog.models import Post, Reading
from tests.conftest import make_person

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PARAGRAPHS = [f"Passage {number} of the harbour log, as the keeper wrote it down that morning." for number in range(60)]

SHIFTS = """
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.shifted = (window.shifted ?? 0) + shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture
def post(live_server, author, editor):
    post = Post(title="Two clocks", content_markdown="\n\n".join(["## The log", *PARAGRAPHS]), author=author)
    writing.save(post, by=editor)
    publishing.publish(post, by=editor)
    return post


def test_a_returning_reader_sees_what_changed_and_nothing_moves_or_leaves_the_browser(browser_page, post, editor):
    page = browser_page()
    page.add_init_script(SHIFTS)
    sent = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)

    def remembered() -> str:
        """The version of the post that is remembered."""
        return page.evaluate("(key) => localStorage.getItem(key)?.split('|')[0] ?? ''", f"read:{post.pk}")

    page.goto(post.get_absolute_url())
    page.wait_for_function("(key) => localStorage.getItem(key)", arg=f"read:{post.pk}")
    first = remembered()
    page.reload(wait_until="networkidle")
    assert page.locator(".since, [data-since]").count() == 0

    # one rewritten, one new, one taken out, one only moved
    text = [*PARAGRAPHS]
    text[3] = "Passage 3 was put right."
    text.insert(41, "A passage nobody has seen before.")
    del text[50]
    text.append(text.pop(10))
    post.content_markdown = "\n\n".join(["## The log", *text])
    writing.save(post, by=editor)
    publishing.update(post, by=editor)

    page.goto(post.get_absolute_url(), wait_until="networkidle")
    line = page.locator(".since")
    line.wait_for()
    assert [page.locator(f"[data-since={kind}]").count() for kind in ("changed", "new")] == [1, 1]
    assert "put right" in page.locator("[data-since=changed]").inner_text()
    assert "Changed since" in page.locator("[data-since=changed] .since-note").inner_text()
    assert "1 new · 1 changed · 1 taken out" in line.inner_text()
    assert remembered() == first, "what was not on the screen yet is not forgotten"
    assert page.evaluate("window.shifted ?? 0") < 0.01

    line.get_by_text("Next").click()
    line.get_by_text("Next").click()
    assert "nobody has seen" in page.evaluate("document.activeElement.innerText")
    page.wait_for_function(
        "([key, first]) => !localStorage.getItem(key).startsWith(`${first}|`)", arg=[f"read:{post.pk}", first]
    )
    line.get_by_text("Forget visits").click()
    assert remembered() == "" and page.locator(".since, [data-since], .since-note").count() == 0
    assert not sent and not page.complaints

    # a browser that refuses storage, and a text of five thousand passages
    refusing = page.context.new_page()
    refusing.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    failures = []
    refusing.on("pageerror", lambda error: failures.append(str(error)))
    refusing.goto(post.get_absolute_url(), wait_until="networkidle")
    assert not failures and refusing.locator(".since").count() == 0

    took = page.evaluate(
        """async ([module, many]) => {
            const { compare, sign } = await import(module);
            const before = Array.from({ length: many }, (_, at) => sign(`Passage ${at}`));
            const now = before.map((one, at) => at % 100 ? one : sign(`Else ${at}`));
            const start = performance.now();
            const { fresh, changed, gone } = compare(before, now);
            return [fresh.length, changed.length, gone, performance.now() - start];
        }""",
        ["/static/js/memory.js", 5000],
    )
    assert took[:3] == [0, 50, 0] and took[3] < 200


def test_a_signed_in_reader_goes_on_where_they_stopped(desk_of, post):
    page = desk_of(make_person("reader"))
    page.clock.install()
    page.goto(post.get_absolute_url())
    assert page.get_by_text("Continue where you stopped").count() == 0
    page.evaluate("scrollTo(0, document.querySelector('.prose').offsetTop + 400)")
    # The answer, and not only the asking: their page may be quicker than the row.
    with page.expect_response("**/position/"):
        page.clock.fast_forward(4000)
    page.goto("/me/")
    reading = Reading.objects.get()
    assert 100 < reading.position < 950 and reading.heading == "s-the-log" and reading.kept_at is None
    expect(page.get_by_role("heading", name="Continue where you stopped")).to_be_visible()

    page.goto(post.get_absolute_url())
    assert page.evaluate("scrollY") == 0, "never a jump"
    page.get_by_text("Continue where you stopped").click()
    page.wait_for_function("() => scrollY > 600")

    page.get_by_role("button", name="Keep for later").click()
    page.get_by_role("button", name="Kept for later").wait_for()
    assert Reading.objects.get().kept_at and page.get_by_text("Kept for later.", exact=True).count() == 0
    assert not page.complaints
