"""Two versions compared: nothing lost, moved paragraphs known again, no word torn, and always an answer in time."""

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog import comparing, writing
from blog.alignment import Effort, align
from blog.comparing import compare, compare_words
from blog.models import Category
from blog.taxonomy import save_category
from blog.words import words_of
from core.markup import MarkupError, Rendered, plain_text

# Two texts and no database.
pytestmark = pytest.mark.once

SENTENCES = [
    "The harbour office at Sandwick kept two clocks on its tower, one above the other.",
    "The lower face told the railway’s time, wired up the coast each morning at ten.",
    "Boats that kept the tide’s time missed the water a handful of times a year.",
    "Nobody who lived there was ever late, or not so that anybody noticed.",
    "The mail packet’s figures are lost; the volume was water-damaged and dried.",
    "An archivist thinks that somebody laid it on a radiator for a whole winter.",
]


def text(*paragraphs):
    return {"content_markdown": "\n\n".join(paragraphs)}


def older(comparison):
    return rebuilt(comparison, "before", "removed")


def newer(comparison):
    return rebuilt(comparison, "after", "added")


def rebuilt(comparison, side, kind):
    there = [each for each in comparison.paragraphs if getattr(each, side) is not None]
    there.sort(key=lambda each: getattr(each, side))
    return "".join(piece.text for each in there for piece in each.pieces if piece.kind in ("same", kind))


def kinds(comparison):
    return [paragraph.kind for paragraph in comparison.paragraphs]


def test_a_word_that_changed_is_marked_and_counted_and_nothing_else():
    after = SENTENCES[1].replace("ten", "eleven")
    found = compare(text(SENTENCES[0], SENTENCES[1]), text(SENTENCES[0], after))
    assert kinds(found) == ["same", "changed"]
    pieces = found.paragraphs[1].pieces
    assert [(piece.kind, piece.text) for piece in pieces if piece.kind != "same"] == [
        ("removed", "ten"),
        ("added", "eleven"),
    ]
    assert (found.added, found.removed, found.touched, found.moved) == (1, 1, 1, 0)
    assert not found.coarse


def test_paragraphs_that_came_and_went_stand_where_they_came_and_went():
    found = compare(text(*SENTENCES[:3]), text(SENTENCES[0], SENTENCES[2], SENTENCES[4]))
    assert kinds(found) == ["same", "removed", "same", "added"]
    assert found.touched == 2


def test_a_paragraph_that_moved_is_one_paragraph():
    found = compare(text(*SENTENCES), text(*SENTENCES[1:5], SENTENCES[0], SENTENCES[5]))
    assert kinds(found) == ["left", "same", "same", "same", "same", "moved", "same"]
    assert (found.moved, found.touched, found.added, found.removed) == (1, 0, 0, 0)
    assert not next(each for each in found.paragraphs if each.kind == "moved").up


def test_a_paragraph_that_moved_and_changed_a_little_is_known_again():
    rewritten = SENTENCES[4].replace("dried", "dried in 1953")
    found = compare(text(*SENTENCES), text(rewritten, *SENTENCES[:4], SENTENCES[5]))
    moved = next(each for each in found.paragraphs if each.kind == "moved")
    assert moved.up
    assert [piece.text.strip() for piece in moved.pieces if piece.kind == "added"] == ["in 1953"]
    assert "removed" not in kinds(found)


def test_the_longer_part_stays_and_the_shorter_has_moved_rewritten_or_not():
    rewritten = SENTENCES[1].replace("ten", "noon")
    found = compare(text(*SENTENCES[:3]), text(SENTENCES[2], SENTENCES[0], rewritten))
    assert kinds(found) == ["moved", "same", "changed", "left"]


def test_another_text_in_the_same_place_is_not_the_same_paragraph():
    found = compare(text(SENTENCES[0], "Entirely different matter: bees."), text(SENTENCES[0], SENTENCES[4]))
    assert sorted(kinds(found)) == ["added", "removed", "same"]


def test_two_equal_texts_have_no_differences():
    found = compare(text(*SENTENCES), text(*SENTENCES))
    assert found.is_empty
    assert set(kinds(found)) == {"same"}


def test_fields_are_compared_in_words(write, author, editor):
    category = save_category(Category(name="Harbours"))
    old = {"title": "The noon gun", "category_id": None, "is_featured": False, "tags": ["Clocks"], "author_id": 1}
    new = {**old, "title": "The evening gun", "category_id": category.pk, "is_featured": True, "tags": ["Guns"]}
    fields = {found.name: found for found in compare(old, new).fields}
    assert set(fields) == {"title", "category_id", "is_featured", "tags"}
    assert [(piece.kind, piece.text) for piece in fields["title"].pieces] == [
        ("same", "The "),
        ("removed", "noon"),
        ("added", "evening"),
        ("same", " gun"),
    ]
    assert (fields["category_id"].label, fields["category_id"].after) == ("Category", "Harbours")
    assert (fields["is_featured"].before, fields["is_featured"].after) == ("No", "Yes")


def test_an_indented_line_is_not_the_line_without_its_indent():
    found = compare(text("Before.", "    code"), text("Before.", "code"))
    assert found.touched


# --- languages ---------------------------------------------------------------------------------------------------
def test_chinese_and_japanese_are_compared_by_character():
    found = compare(text("港口有两座钟，一座在上。"), text("港口有三座钟，一座在上。"))
    assert [(piece.kind, piece.text) for piece in found.paragraphs[0].pieces if piece.kind != "same"] == [
        ("removed", "两"),
        ("added", "三"),
    ]
    assert (found.added, found.removed) == (1, 1)
    assert words_of("時計は二つ") == ["時", "計", "は", "二", "つ"]


@pytest.mark.parametrize(
    ("word", "whole"),
    [
        ("cafe\u0301s", ["cafe\u0301s"]),  # an accent of its own
        ("हिन्दी", ["हिन्दी"]),
        ("שָׁלוֹם", ["שָׁלוֹם"]),
        ("👩‍👧 🇳🇴", ["👩‍👧", " ", "🇳🇴"]),
        ("👍🏽!", ["👍🏽", "!"]),
        ("don’t", ["don’t"]),
        ("ก็", ["ก็"]),
    ],
)
def test_nothing_readers_see_as_one_is_torn(word, whole):
    assert words_of(word) == whole


def test_right_to_left_text_keeps_its_words():
    pieces = compare_words("السلام عليكم يا صديقي", "السلام عليكم يا أخي")
    assert [(piece.kind, piece.text) for piece in pieces] == [
        ("same", "السلام عليكم يا "),
        ("removed", "صديقي"),
        ("added", "أخي"),
    ]


# --- nothing is lost ---------------------------------------------------------------------------------------------
pieces_of_text = st.lists(st.sampled_from([*SENTENCES, "\n\n", "\n", "\n \n", " ", "a", "b ", "港", "e\u0301", ""]))


@settings(max_examples=300, deadline=None)
@given(pieces_of_text, pieces_of_text)
def test_both_texts_can_be_rebuilt_from_their_comparison(before, after):
    old, new = "".join(before), "".join(after)
    found = compare({"content_markdown": old}, {"content_markdown": new})
    assert older(found) == old
    assert newer(found) == new


@settings(max_examples=300, deadline=None)
@given(st.text(), st.text())
def test_words_joined_again_are_the_text(one, other):
    assert "".join(words_of(one)) == one
    found = compare({"content_markdown": one}, {"content_markdown": other})
    assert older(found) == one
    assert newer(found) == other


def test_texts_edited_at_random_can_be_rebuilt():
    dice = random.Random(7)
    for _ in range(200):
        before = [dice.choice(SENTENCES) for _ in range(dice.randrange(12))]
        after = [each for each in before if dice.random() > 0.2]
        dice.shuffle(after)
        after = [each.replace("the", "one") if dice.random() < 0.3 else each for each in after]
        found = compare(text(*before), text(*after))
        assert older(found) == "\n\n".join(before)
        assert newer(found) == "\n\n".join(after)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 3), max_size=40))
def test_what_is_called_common_is_common_and_as_long_as_can_be(old, new):
    longest = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, mine in enumerate(old):
        for j, theirs in enumerate(new):
            longest[i + 1][j + 1] = longest[i][j] + 1 if mine == theirs else max(longest[i][j + 1], longest[i + 1][j])
    runs = align(old, new, Effort(10**6))
    assert all(old[run.old : run.old + run.length] == new[run.new : run.new + run.length] for run in runs)
    assert sum(run.length for run in runs) == longest[-1][-1]


# --- in time -----------------------------------------------------------------------------------------------------
def long_text(seed):
    dice = random.Random(seed)
    words = [f"w{number}" for number in range(4000)]
    return [" ".join(dice.choices(words, k=90)) for _ in range(1800)]


def edited(paragraphs):
    dice = random.Random(3)
    after = [each.replace(" w7", " seven") for each in paragraphs]
    for _ in range(60):
        after.insert(dice.randrange(len(after)), after.pop(dice.randrange(len(after))))
    return after


LONG = long_text(1)
HARD = {
    "one word for ever": ("noon " * 200_000, "noon " * 150_000 + "gun " + "noon " * 49_000),
    "no line breaks": (" ".join(LONG), " ".join(edited(LONG))),
    "no line breaks, all new": (" ".join(LONG), " ".join(long_text(2))),
    "all paragraphs alike": ("Noon.\n\n" * 20_000, "Noon.\n\n" * 12_000 + "Gun.\n\n" + "Noon.\n\n" * 9_000),
    "all paragraphs nearly alike": (
        "\n\n".join(f"The gun at noon {number % 7} was late." for number in range(20_000)),
        "\n\n".join(f"The gun at noon {number % 5} was early." for number in range(20_000)),
    ),
    "two letters": (
        "".join(random.Random(4).choices("a b\n", k=400_000)),
        "".join(random.Random(5).choices("a b\n", k=400_000)),
    ),
    "a megabyte of Chinese": (
        "".join(map(chr, random.Random(6).choices(range(0x4E00, 0x5200), k=330_000))),
        "".join(map(chr, random.Random(8).choices(range(0x4E00, 0x5200), k=330_000))),
    ),
    "everything edited": ("\n\n".join(LONG), "\n\n".join(edited(LONG))),
    "backwards": ("\n\n".join(LONG), "\n\n".join(reversed(LONG))),
    "blank lines": ("\n" * 500_000, "\n \n" * 200_000),
}


@pytest.mark.once
@pytest.mark.parametrize("name", HARD)
def test_an_answer_comes_in_time_whatever_is_compared(name):
    old, new = HARD[name]
    began = time.process_time()
    found = compare({"content_markdown": old}, {"content_markdown": new})
    spent = time.process_time() - began
    assert older(found) == old
    assert newer(found) == new
    assert spent < 6, f"{spent:.1f} s"  # two at most on a machine with nothing else to do


def test_a_long_text_with_ordinary_edits_is_still_compared_word_by_word():
    old, new = HARD["everything edited"]
    found = compare({"content_markdown": old}, {"content_markdown": new})
    assert not found.coarse
    assert found.moved > 40
    edits = old.count(" w7")
    assert edits <= found.added == found.removed < edits * 1.1  # a lone word between two edits counts with them


# --- as readers see it -------------------------------------------------------------------------------------------
def html_of(old, new):
    return "".join(each.html for each in comparing.compare_rendered(text(*old), text(*new)).paragraphs)


def test_words_are_marked_in_what_readers_see():
    html = html_of(["It fired at *ten* each day."], ["It fired at *noon* each day."])
    assert html == "<p>It fired at <em><del>ten</del> <ins>noon</ins></em> each day.</p>"


def test_a_word_that_became_bold_is_a_change():
    html = html_of(["It fired at noon."], ["It fired at **noon**."])
    assert "<strong><del>noon</del> <ins>noon</ins></strong>" in html


def test_items_of_a_list_are_compared_one_by_one():
    html = html_of(["* One gun\n* Two clocks\n* A tower"], ["* One gun\n* Three clocks\n* A tower"])
    assert html.count("<li>") == 3
    assert "<del>Two</del> <ins>Three</ins> clocks" in html


def test_pictures_that_came_and_went_are_marked():
    html = html_of(["A ![clock](/media/a.png) here."], ["A ![clock](/media/b.png) here."])
    assert re.search(r"<del><img [^>]*a\.png[^>]*></del>", html)
    assert re.search(r"<ins><img [^>]*b\.png[^>]*></ins>", html)


def test_no_name_is_given_twice_and_no_link_leads_within_the_page():
    html = html_of(["## Noon\n\nGun[^1].\n\n[^1]: Note."], ["## Noon\n\nGun and gun[^1].\n\n[^1]: Note more."])
    assert "id=" not in html
    assert 'href="#' not in html


@pytest.mark.parametrize(
    "evil",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "[go](javascript:alert(1))",
        '"><svg onload=alert(1)>',
        "`<script>alert(1)</script>`",
    ],
)
def test_what_is_marked_is_as_safe_as_what_is_published(evil):
    for html in (html_of(["Noon gun."], [f"Noon gun {evil}."]), html_of([f"Noon gun {evil}."], ["Noon gun."])):
        assert "<script" not in html
        assert "javascript:" not in html
        assert "<svg" not in html
        assert "onerror=" not in html.replace("&lt;img src=x onerror=alert(1)&gt;", "")


def test_even_html_that_was_never_cleaned_is_cleaned_with_its_marks(monkeypatch):
    evil = Rendered(html="<p onclick=x>One <script>alert(1)</script> <a href='javascript:x'>gun</a></p>")
    monkeypatch.setattr(writing, "rendered", lambda source, language: evil if source == "evil" else Rendered(html=""))
    html = html_of([], ["evil"]) + html_of(["evil"], [])
    assert "gun" in html
    assert not any(part in html for part in ("onclick", "<script", "javascript:"))


def test_the_words_readers_see_are_all_there():
    dice = random.Random(11)
    marks = ["*{}*", "**{}**", "{}", "{}", "`{}`", "[{}](https://example.org/)"]
    for _ in range(60):
        words = [dice.choice(marks).format(word) for word in SENTENCES[dice.randrange(6)].split()]
        others = [dice.choice(marks).format("new") if dice.random() < 0.2 else word for word in words]
        both = html_of([" ".join(words), "* a\n* b c"], [" ".join(others), "* a\n* c\n* d"])
        assert (
            plain_text(without(both, "del")).split()
            == plain_text(html_of([], [" ".join(others), "* a\n* c\n* d"])).split()
        )


def without(html, element):
    return re.sub(rf"<{element}>.*?</{element}>", "", html)


def test_a_text_too_long_to_render_is_refused():
    with pytest.raises(MarkupError):
        comparing.compare_rendered(text("a " * 200_000), text("b"))


def test_an_addition_stands_where_it_reads_as_one():
    pieces = compare_words("The gun fired. It was noon.", "The gun fired. Nobody minded. It was noon.")
    assert [piece.text for piece in pieces if piece.kind == "added"] == [" Nobody minded."]
    pieces = compare_words("One is above the rest.", "Two are above the rest. Nobody minded.")
    assert pieces[-1].text == " Nobody minded."


def test_what_the_writer_struck_out_is_no_difference():
    html = html_of(
        ["A ~~wrong~~ word and <ins>one put in</ins>."], ["A ~~wrong~~ word and <ins>one put in</ins>, too."]
    )
    assert "<s>wrong</s>" in html
    assert "<del>" not in html
    assert html.count("<ins>") == 1
