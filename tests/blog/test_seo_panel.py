"""The search panel: what it says of a post as typed, whose titles it shows, and that it stays quick and plain."""

import pytest
from django.urls import reverse

from blog import gate, pixels, redirects, seo
from blog.heads import head_of_post
from blog.models import Post
from core.markup import MAX_SOURCE_BYTES
from tests.blog.conftest import NOON

CHECKS = "admin:blog_post_checks"


@pytest.fixture
def report(editor):
    """What the panel says of a post in memory."""

    def look(text: str = "Some words.", **fields) -> seo.Report:
        post = Post(
            **{"title": "The noon gun", "slug": "noon-gun", "author": editor, "content_markdown": text, **fields}
        )
        (facts,) = gate.facts_of([post], at=NOON)
        return seo.report(facts, user=editor)

    return look


def wells(said: seo.Report) -> dict[str, bool]:
    return {line.name: line.well for line in said.lines}


# --- widths ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("iiii", 18),
        ("WWWW", 76),
        ("The noon gun", 123),
        ("灯塔", 40),
        ("é", 11),
        ("e\u0301", 11),
        ("\u200b", 0),
    ],
)
def test_lines_are_as_wide_as_arial_sets_them(text, width):
    assert pixels.width_of(text, 20) == width


def test_a_line_is_cut_between_words_within_its_room():
    cut = pixels.cut("A title with rather many words in it", 20, 200)
    assert cut.endswith("…")
    assert pixels.width_of(cut, 20) <= 200
    assert "A title with rather many words in it".startswith(cut[:-1])
    assert pixels.cut("Short", 20, 200) == "Short"
    assert pixels.width_of(pixels.cut("灯塔" * 50, 20, 200), 20) <= 200


# --- words -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("phrase", "text", "times"),
    [
        ("noon gun", "The Noon Gun. A noon\ngun; noon-gun, noon guns", 3),
        ("gun", "begun gunner GUN", 1),
        ("straße", "Die STRASSE", 1),
        ("灯塔", "海边的灯塔和灯塔", 2),
        ("مدفع", "هذا مَدْفَع الظهر", 1),
        ("ｎｏｏｎ", "noon", 1),
        ("l’heure", "à l'heure", 1),
        ("", "words", 0),
        ("++", "words ++", 0),
    ],
)
def test_a_phrase_is_found_as_people_read_it(phrase, text, times):
    assert seo.count_of(seo.keys_of(phrase), seo.keys_of(text)) == times


# --- lines -----------------------------------------------------------------------------------------------------------
def test_a_text_about_its_keyword_is_well_in_every_line(report, publish):
    publish("Live")
    said = report(
        "The noon gun fires.\n\n## Who loads the noon gun\n\n"
        "![The noon gun](https://example.org/a.png) [x](/blog/live/)",
        focus_keyword="Noon gun",
        meta_description="A gun has been fired at noon since 1911, and people still set their clocks by it.",
    )
    assert all(wells(said).values())
    assert said.score == 100


def test_each_lack_has_a_line_that_leads_to_its_remedy(report):
    said = report("Nothing.\n\n## Heading\n\n![A](https://example.org/a.png)", focus_keyword="tide", title="T" * 90)
    bad = {line.name: line for line in said.lines if not line.well}
    assert {"title", "keyword_title", "keyword_slug", "keyword_first", "keyword_headings", "keyword_alt"} <= bad.keys()
    assert bad["keyword_slug"].field == "slug"
    assert bad["keyword_headings"].place == "## Heading"
    assert bad["keyword_alt"].place == "![A](https://example.org/a.png)"
    assert all(line.why and (line.field or line.href) for line in said.lines)


def test_a_keyword_in_every_sentence_is_too_much(report):
    assert not wells(report("Noon gun. " * 60, focus_keyword="noon gun"))["keyword_density"]
    assert wells(report("Noon gun. " + "Other words here. " * 60, focus_keyword="noon gun"))["keyword_density"]


def test_the_cards_say_what_the_page_says(report, editor):
    said = report(excerpt="A summary.", og_title="Shared", twitter_description="For X").cards
    post = Post(title="The noon gun", slug="noon-gun", author=editor, excerpt="A summary.", og_title="Shared")
    head = head_of_post(post, linked_data=False)
    assert (said["title"], said["description"]) == (head.title, head.description)
    assert (said["og_title"], said["x_title"], said["x_description"]) == ("Shared", "Shared", "For X")
    assert said["crumbs"] == "localhost:8000 › blog › noon-gun"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "T" * 44},
        {"title": "T" * 46, "meta_title": "Short"},
        {"title": "Short", "meta_title": "T" * 60},
        {"text": "Many words of a text that nobody has summed up yet. " * 9},
        {"text": "Few words."},
        {"text": "Words that say in one line of ordinary length what it is about.", "meta_description": " "},
        {"excerpt": "A summary of many words. " * 20},
        {"meta_description": "A description of many words. " * 20},
    ],
)
def test_the_gate_the_panel_and_the_cards_measure_the_same_lines(editor, fields):
    text = fields.pop("text", "Some words.")
    row = {"title": "Noon", "slug": "noon", "author": editor, "content_markdown": text, **fields}
    (facts,) = gate.facts_of([Post(**row)], at=NOON)
    said = seo.report(facts, user=editor)
    found = {finding.check: finding.sentence for finding in gate.judge(facts)}
    for line, check, width in (
        ("title", "title_length", said.cards["title_px"]),
        ("description", "description", said.cards["description_px"]),
    ):
        assert f"is {width} of " in line_of(said, line).sentence
        assert (check in found) is not line_of(said, line).well
        assert f"{width} px wide" in found.get(check, f"{width} px wide")


def line_of(said: seo.Report, name: str) -> seo.Line:
    return next(line for line in said.lines if line.name == name)


def test_only_links_to_other_pages_readers_can_open_are_counted(report, publish, write):
    live = publish("Live")
    write("Hidden draft")
    redirects.remember_post("/2019/live/", live)
    broken = line_of(report("[a](/blog/live/) [b](/blog/none/) [c](/blog/hidden-draft/) [d](/2019/live/)"), "links_out")
    assert not broken.well
    assert broken.sentence == (
        "It links to 1 page of this site. Readers find nothing at /blog/none/, /blog/hidden-draft/."
    )
    assert broken.place == "[b](/blog/none/)"
    assert line_of(report("[a](/blog/live/)"), "links_out").well
    assert line_of(report("[d](/2019/live/)"), "links_out").well


def test_a_link_to_itself_is_no_link_to_another_page(report):
    line = line_of(report("[own](/blog/noon-gun/) [up](#top)"), "links_out")
    assert (line.well, line.sentence) == (False, "It links to no other page of this site.")


# --- links -----------------------------------------------------------------------------------------------------------
def test_posts_the_text_names_are_suggested_with_the_sentence(report, publish, write):
    publish("The tide tables")
    publish("Something else", focus_keyword="harbour clock")
    publish("Linked already")
    write("The secret draft")
    text = (
        "First. Look up the tide tables before you go! The Harbour clock is slow, says [linked already](/blog/linked-"
        "already/) and linked already. `tide tables` The secret draft."
    )
    said = {idea.title: idea for idea in report(text).ideas}
    assert said.keys() == {"The tide tables", "Something else"}
    idea = said["The tide tables"]
    assert (idea.head, idea.words, idea.tail) == ("Look up the ", "tide tables", " before you go!")
    assert said["Something else"].words == "Harbour clock"
    assert all(idea.head + idea.words + idea.tail in text for idea in said.values())


def test_the_longer_of_two_names_is_the_one_that_is_linked(report, publish):
    publish("Who decided noon", focus_keyword="noon")
    assert [idea.words for idea in report("At noon we read who decided noon.").ideas] == ["who decided noon"]


def test_titles_without_spaces_are_found_in_a_sentence(report, publish):
    publish("灯塔")
    (idea,) = report("我们在海边看到灯塔。很美").ideas
    assert (idea.head, idea.words, idea.tail) == ("我们在海边看到", "灯塔", "。")


def test_a_post_just_published_is_suggested_and_not_to_itself(report, publish, django_capture_on_commit_callbacks):
    assert report("Read about tide tables.").ideas == []
    with django_capture_on_commit_callbacks(execute=True):
        post = publish("Tide tables")
    assert [idea.title for idea in report("Read about tide tables.").ideas] == ["Tide tables"]
    assert report("Read about tide tables.", pk=post.pk).ideas == []


def test_mentions_without_a_link_are_found_in_other_posts(publish, write, editor):
    target = publish("The tide tables", focus_keyword="Ebbe")
    publish("Names it", text="First. We used the Tide Tables all week. Last.")
    publish("By keyword", text="Die EBBE kam.")
    publish("Links", text="We used [the tide tables](/blog/the-tide-tables/).")
    publish("Part of a word", text="Tide tableship.")
    write("A draft", text="The tide tables.")
    said = {each.title: each.sentence for each in seo.mentions_of(target, editor)}
    assert said == {"Names it": "We used the Tide Tables all week.", "By keyword": "Die EBBE kam."}


def test_the_page_of_mentions_opens_doors_only_to_ones_own(client_of, author, editor, publish):
    target = publish("The tide tables")
    mine, theirs = publish("Mine", text="The tide tables."), publish("Theirs", by=editor, text="The tide tables.")
    page = client_of(author).get(reverse("admin:blog_post_mentions", args=[target.pk])).content.decode()
    assert reverse("admin:blog_post_change", args=[mine.pk]) in page
    assert "Theirs" in page
    assert reverse("admin:blog_post_change", args=[theirs.pk]) not in page
    assert client_of(author).get(reverse("admin:blog_post_mentions", args=[theirs.pk])).status_code == 404


def test_rivals_are_live_or_ones_own(write, publish, author, editor, moderator):
    publish("Live", focus_keyword="Noon Gun")
    write("My draft", focus_keyword="noon gun")
    write("Hidden draft", by=editor, focus_keyword="noon gun")
    post = write("Mine", focus_keyword="noon gun")
    assert {each.title for each in seo.rivals_of(post, author)} == {"Live", "My draft"}
    assert {each.title for each in seo.rivals_of(post, editor)} == {"Live", "My draft", "Hidden draft"}


# --- the endpoint ----------------------------------------------------------------------------------------------------
def typed(**fields) -> dict[str, str]:
    return {"title": "The noon gun", "content_markdown": "Words.", "kind": "post", "content_language": "en", **fields}


def test_what_is_typed_is_looked_at_and_nothing_saved(client_of, author, write):
    post = write("Saved", text="Saved words.")
    address = f"{reverse(CHECKS)}?post={post.pk}"
    said = client_of(author).post(address, typed(content_markdown="See [there](/blog/none/).", title="Typed")).json()
    assert said["blocking"] == 1
    assert "1 blocking<" in said["parts"]["tally"]
    assert "/blog/none/" in said["parts"]["findings"]
    assert "Typed" in said["parts"]["cards"]
    post.refresh_from_db()
    assert (post.title, post.content_markdown) == ("Saved", "Saved words.")


def test_a_new_post_is_looked_at_before_its_first_save(client_of, author):
    said = client_of(author).post(reverse(CHECKS), typed(title="", content_markdown="")).json()
    assert (said["blocking"], said["essential"]) == (2, True)
    assert "2 blocking<" in said["parts"]["tally"]
    assert client_of(author).post(reverse(CHECKS), {}).status_code == 200


def test_it_asks_for_the_right_to_that_very_post(client_of, author, reader, editor, write):
    theirs = write("Theirs", by=editor)
    assert client_of(author).post(f"{reverse(CHECKS)}?post={theirs.pk}", typed()).status_code == 404
    assert client_of(author).post(f"{reverse(CHECKS)}?post=999999", typed()).status_code == 404
    assert client_of(reader).post(reverse(CHECKS), typed()).status_code == 302
    assert client_of(author).get(reverse(CHECKS)).status_code == 405


@pytest.mark.parametrize(
    "fields",
    [
        {"featured_image": "9" * 30, "category": "x", "og_image": "-1"},
        {"featured_image": "²", "kind": "nonsense", "content_language": ""},
        {"title": "\x00" * 9, "slug": "///", "focus_keyword": "[(*+?" * 40},
        {"title": "x" * 100_000, "canonical_url": "javascript:alert(1)", "content_language": "x" * 999},
        {"content_markdown": "[a](javascript:alert(1)) \x00 ![](data:x) <svg onload=alert(1)>", "focus_keyword": "a"},
        {"content_markdown": "x" * (MAX_SOURCE_BYTES + 1)},
        {"canonical_url": "http://[bad", "focus_keyword": "灯塔", "title": "مرحبا"},
    ],
)
def test_odd_input_is_answered(client_of, author, fields):
    answer = client_of(author).post(reverse(CHECKS), typed(**fields))
    assert answer.status_code == 200
    assert "<svg" not in answer.json()["parts"]["near"]


def test_what_is_drawn_is_escaped(client_of, author, publish):
    publish('Tide <b>"tables"</b>', focus_keyword="tide gauge")
    hostile = "<script>alert(1)</script>"
    said = client_of(author).post(
        reverse(CHECKS),
        typed(
            title=hostile, excerpt=hostile, focus_keyword=hostile, og_title=hostile, content_markdown="A tide gauge."
        ),
    )
    drawn = "".join(said.json()["parts"].values())
    assert "<script" not in drawn
    assert "<b>&quot;" not in drawn
    assert "&lt;b&gt;" in drawn


def test_its_questions_are_few_and_stay_so(client_of, author, publish, write, django_assert_max_num_queries):
    for number in range(30):
        publish(f"Tide number {number}", focus_keyword=f"tide {number}")
    post = write("Mine", focus_keyword="tide 3")
    client, address = client_of(author), f"{reverse(CHECKS)}?post={post.pk}"
    text = " ".join(f"[a](/blog/tide-number-{number}/) ![b](/media/{number}.png)" for number in range(30))
    client.post(address, typed(focus_keyword="tide 3", content_markdown=text))
    with django_assert_max_num_queries(16):
        client.post(address, typed(focus_keyword="tide 3", content_markdown=text))
