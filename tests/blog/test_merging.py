"""Two people's changes put together: what does not overlap is merged, what does is asked, and nothing is lost."""

import random
import time

import pytest

from blog import merging
from blog.merging import MAX_CONFLICTS, TEXT, blocks, changes, merge, merge_text

# Two texts and no database.
pytestmark = pytest.mark.once

SEED = 20261121
PAIRS = 8_000
WORDS = {
    "en": "noon gun harbour clock wind tide keeper ladder brass salt".split(),
    "zh": list("正午炮声港口钟楼风潮守望铜盐"),
    "ar": "ساعة ميناء ظهر مدفع ريح مد حارس نحاس ملح سلم".split(),
}


def texts(base: str, theirs: str, mine: str) -> merging.Merge:
    return merge({TEXT: base}, {TEXT: theirs}, {TEXT: mine})


def merged(base: str, theirs: str, mine: str, **choices) -> str:
    return texts(base, theirs, mine).settle({name.replace("_", "-"): side for name, side in choices.items()})[TEXT]


# --- the text by paragraphs -------------------------------------------------------------------------------------------
def test_two_paragraphs_changed_by_two_people_are_both_there():
    found = texts("One.\n\nTwo.\n\nThree.\n", "One!\n\nTwo.\n\nThree.\n", "One.\n\nTwo.\n\nThree!\n")
    assert not found.conflicts
    assert found.settle({})[TEXT] == "One!\n\nTwo.\n\nThree!\n"


def test_neighbouring_paragraphs_do_not_overlap():
    assert not texts("One.\n\nTwo.", "One!\n\nTwo.", "One.\n\nTwo!").conflicts
    assert merged("One.\n\nTwo.", "One!\n\nTwo.", "One.\n\nNew.\n\nTwo.") == "One!\n\nNew.\n\nTwo."


def test_the_same_paragraph_changed_by_two_is_asked_and_both_until_then():
    found = texts("One.\n\nTwo.", "One!\n\nTwo.", "One?\n\nTwo.")
    assert found.conflicts == ["text-0"]
    assert found.settle({})[TEXT] == "One!\n\nOne?\n\nTwo."
    assert found.settle({"text-0": "theirs"})[TEXT] == "One!\n\nTwo."
    assert found.settle({"text-0": "mine"})[TEXT] == "One?\n\nTwo."
    assert found.settle({}, {"text-0": "One, by hand.\r\n"})[TEXT] == "One, by hand.\n\nTwo."
    assert found.settle({}, {"text-0": ""})[TEXT] == "Two."


def test_neighbours_rewritten_by_one_are_decided_apart():
    base = "The keeper climbs up at noon.\n\nThe gun is fired once.\n\nShips set their clocks."
    theirs = base.replace("at noon", "before noon").replace("once", "twice").replace("Ships", "All ships")
    found = texts(base, theirs, base.replace("fired once", "loaded once"))
    assert found.conflicts == ["text-0"]
    assert found.settle({"text-0": "mine"})[TEXT] == theirs.replace("fired twice", "loaded once")


def test_neighbours_that_became_something_else_stay_together():
    found = texts("One.\n\nTwo.\n\nThree.", "Alpha.\n\nBeta.\n\nThree.", "One.\n\nTwo, mine.\n\nThree.")
    assert found.settle({"text-0": "mine"})[TEXT] == "One.\n\nTwo, mine.\n\nThree."


def test_a_deletion_against_a_change_is_asked():
    found = texts("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\nTwo, and more.\n\nThree.")
    assert found.conflicts == ["text-0"]
    assert found.settle({"text-0": "theirs"})[TEXT] == "One.\n\nThree."


def test_a_deletion_against_nothing_is_done():
    assert merged("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\nTwo.\n\nThree!") == "One.\n\nThree!"


def test_two_additions_at_one_place_stand_one_after_the_other():
    found = texts("One.\n", "One.\n\nTheirs.\n", "One.\n\nMine.\n")
    assert not found.conflicts
    assert [chunk.kind for chunk in found.chunks] == ["same", "both"]
    assert found.settle({})[TEXT] == "One.\n\nTheirs.\n\nMine.\n"


def test_the_same_addition_by_two_stands_once():
    assert merged("One.", "One.\n\nNew.", "One.\n\nNew.\n\nMore.") == "One.\n\nNew.\n\nMore."
    assert merged("One.", "One.\n\nNew.\n\nMore.", "One.\n\nMore.") == "One.\n\nNew.\n\nMore."


def test_code_between_fences_is_one_paragraph():
    code = "```python\na = 1\n\n\nb = 2\n```"
    assert [block.text for block in blocks(f"One.\n\n{code}\n\nTwo.")[1]] == ["One.", code, "Two."]
    other, own = code.replace("a = 1", "a = 9"), code.replace("b = 2", "b = 8")
    assert texts(code, other, own).conflicts == ["text-0"]


def test_a_fence_nobody_closed_hides_nothing():
    assert "Theirs." in merged("One.\n\nTwo.", "One.\n\nTwo.\n\nTheirs.", "One.\n\n~~~\nTwo.\n\n\n")


def test_what_only_one_changed_is_taken_to_the_letter():
    odd = "\n\n  One.\n \n\n\nTwo.  \n\n"
    assert merged("One.\n\nTwo.", "One.\n\nTwo.", odd) == odd
    assert merged("One.\n\nTwo.", odd, "One.\n\nTwo.") == odd
    assert merged("One.", odd, odd) == odd


def test_line_ends_of_browsers_are_no_change():
    found = texts("One.\r\n\r\nTwo.", "One.\n\nTwo!", "One!\r\n\r\nTwo.")
    assert not found.conflicts
    assert found.settle({})[TEXT] == "One!\n\nTwo!"


def test_without_a_known_beginning_every_difference_is_asked():
    found = merge(None, {TEXT: "One.\n\nTheirs.\n\nTwo.", "title": "A"}, {TEXT: "One.\n\nTwo.\n\nMine.", "title": "B"})
    assert found.conflicts == ["title", "text-0", "text-1"]
    assert found.settle({})[TEXT] == "One.\n\nTheirs.\n\nTwo.\n\nMine."


def test_an_empty_text_takes_nothing_away():
    assert merged("", "Theirs.", "") == merged("", "", "Theirs.") == "Theirs."
    assert texts("One.", "", "One. More.").conflicts == ["text-0"]
    assert merged("One.", "", "One.") == ""


# --- the other fields -------------------------------------------------------------------------------------------------
def test_fields_are_merged_whole():
    base = {"title": "Noon", "excerpt": "Old.", "meta_title": "", "noindex": False, "category_id": 1}
    found = merge(
        base,
        base | {"title": "Noon gun", "excerpt": "Theirs.", "noindex": True},
        base | {"category_id": 2, "excerpt": "Mine.", "noindex": True},
    )
    assert found.conflicts == ["excerpt"]
    assert found.fields["title"] == "theirs"
    assert found.fields["category_id"] == "mine"
    assert found.fields["noindex"] == "agreed"
    assert "meta_title" not in found.fields
    content = found.settle({"excerpt": "theirs"})
    assert (content["title"], content["category_id"], content["excerpt"]) == ("Noon gun", 2, "Theirs.")
    assert content["noindex"] is True
    assert found.settle({})["excerpt"] == "Mine."


def test_tags_and_co_authors_are_merged_one_by_one():
    base = {"tags": ["Clocks", "Old"], "co_authors": [3]}
    found = merge(base, {"tags": ["Clocks", "Theirs"], "co_authors": [3, 4]}, {"tags": ["Clocks", "Mine", "Old"]})
    assert not found.conflicts
    assert found.settled["tags"] == ["Clocks", "Mine", "Theirs"]
    assert found.settled["co_authors"] == [4]
    assert (found.fields["tags"], found.fields["co_authors"]) == ("both", "both")


def test_a_save_without_own_changes_is_all_theirs():
    assert texts("One.", "Two.", "One.").is_all_theirs
    assert texts("One.", "Two.", "Two.").is_all_theirs
    assert not texts("One.", "Two.", "Three.").is_all_theirs
    assert not merge({"title": "A"}, {"title": "A"}, {"title": "B"}).is_all_theirs


# --- nothing is ever lost ---------------------------------------------------------------------------------------------
class Typist:
    """Somebody who edits at random, and remembers every sentence they added."""

    def __init__(self, chance: random.Random, name: str) -> None:
        self.chance, self.name, self.added = chance, name, []

    def sentence(self) -> str:
        script = self.chance.choice(list(WORDS))
        words = self.chance.choices(WORDS[script], k=self.chance.randint(1, 5))
        self.added.append(f"{self.name}{len(self.added)} {' '.join(words)}.")
        return self.added[-1]

    def edit(self, text: str) -> str:
        parts = [part for part in text.split("\n\n") if part]
        for _ in range(self.chance.choice([0, 1, 1, 2, 3, 6])):
            at = self.chance.randrange(len(parts) + 1)
            step = self.chance.randrange(9)
            if step <= 2 or not parts:
                parts.insert(at, self.sentence())
            elif step == 3:
                del parts[at - 1]
            elif step == 4:
                parts[at - 1] += f" {self.sentence()}"
            elif step == 5:
                parts[at - 1] = f"{self.sentence()}\n{parts[at - 1]}"
            elif step == 6:
                parts.insert(self.chance.randrange(len(parts)), parts.pop(at - 1))
            elif step == 7:
                parts.insert(at, f"```\n{self.sentence()}\n\n\n{self.sentence()}\n```")
            else:
                parts.insert(at, parts[at - 1])
        ends = self.chance.choice(["", "\n", "\n\n"])
        text = "\n\n".join(parts) + ends
        return text.replace("\n", "\r\n") if self.chance.random() < 0.2 else text

    def standing_in(self, text: str) -> list[str]:
        """Those of the sentences that were not deleted again."""
        return [sentence for sentence in self.added if sentence in text]


def random_base(chance: random.Random) -> str:
    writer = Typist(chance, "base")
    paragraphs = [writer.sentence() for _ in range(chance.choice([0, 0, 1, 2, 4, 8]))]
    if paragraphs and chance.random() < 0.3:
        paragraphs += [chance.choice(paragraphs), "***", "***"]
    return "\n\n".join(paragraphs) + chance.choice(["", "\n"])


@pytest.mark.once
@pytest.mark.parametrize("part", range(4))
def test_over_thousands_of_pairs_no_added_sentence_disappears(part):
    for number in range(PAIRS // 4):
        seed = f"{SEED}-{part}-{number}"
        chance = random.Random(seed)
        base = random_base(chance)
        ana, ben = Typist(chance, "ana"), Typist(chance, "ben")
        theirs, mine = ana.edit(base), ben.edit(base)
        if chance.random() < 0.2:
            mine += theirs[len(theirs) // 2 :]
        found = texts(base, theirs, mine)
        content = found.settle({})[TEXT]
        for sentence in (*ana.standing_in(theirs), *ben.standing_in(mine)):
            assert sentence in content, seed
        for paragraph in [block.text for block in blocks(base)[1]]:
            # Of one that stands twice each may have deleted another.
            if paragraph in theirs and paragraph in mine and base.count(paragraph) == 1:
                assert paragraph in content, seed
        # Whosoever’s side is chosen everywhere, all of that side is there, and of the other what was not asked.
        choices = dict.fromkeys(found.conflicts, "theirs")
        assert all(sentence in found.settle(choices)[TEXT] for sentence in ana.standing_in(theirs)), seed
        choices = dict.fromkeys(found.conflicts, "mine")
        assert all(sentence in found.settle(choices)[TEXT] for sentence in ben.standing_in(mine)), seed
        asked = [chunk for chunk in found.chunks if chunk.kind == "conflict"]
        shown = "\n\n".join(merging.said(chunk.theirs) for chunk in asked)
        for sentence in ana.standing_in(theirs):
            assert sentence in found.settle(choices)[TEXT] or sentence in shown, seed


def test_over_a_thousand_texts_one_sided_changes_are_taken_to_the_letter():
    for number in range(1_000):
        chance = random.Random(f"{SEED}-{number}")
        base = random_base(chance)
        other = Typist(chance, "ana").edit(base)
        expected = merging.lines_of(other)
        assert merging.lines_of(merged(base, base, other)) == expected
        assert merging.lines_of(merged(base, other, base)) == expected
        assert merging.lines_of(merged(base, other, other)) == expected
        assert not texts(base, other, base).conflicts
        lead, found = blocks(expected)
        assert lead + "".join(block.text + block.gap for block in found) == expected


def test_over_a_thousand_pairs_whoever_comes_second_is_asked_the_same():
    for number in range(1_000):
        chance = random.Random(f"turned-{SEED}-{number}")
        base = random_base(chance)
        ana, ben = Typist(chance, "ana").edit(base), Typist(chance, "ben").edit(base)
        assert texts(base, ana, ben).conflicts == texts(base, ben, ana).conflicts


def test_changes_lead_from_one_sequence_to_the_other():
    for number in range(2_000):
        chance = random.Random(number)
        old = [chance.randrange(6) for _ in range(chance.randrange(14))]
        new = [chance.randrange(6) for _ in range(chance.randrange(14))]
        again, at = [], 0
        for change in changes(old, new):
            again += [*old[at : change.start], *new[change.new_start : change.new_end]]
            at = change.end
        assert [*again, *old[at:]] == new


# --- bounds -----------------------------------------------------------------------------------------------------------
LONG = {
    "paragraphs of one letter": "a\n\n" * 330_000,
    "two letters in turn": "a\n\nb\n\n" * 165_000,
    "every paragraph another": "\n\n".join(f"paragraph {number}" for number in range(60_000)),
    "one line": "word " * 200_000,
    "blank lines": "\n" * 1_000_000,
    "fences": "```\n" * 250_000,
    "list marks": "- " * 500_000,
    "ticks": "`" * 1_000_000,
    "quotes": "> > > " * 160_000,
}


@pytest.mark.once
@pytest.mark.parametrize("name", LONG)
def test_a_megabyte_of_anything_is_merged_in_bounded_time(name):
    base = LONG[name]
    half = len(base) // 2
    theirs = base[:half] + "\n\nTheirs.\n\n" + base[half:].replace("a", "c", 5_000)
    mine = "Mine.\n\n" + base[: half // 2] + base[half // 2 + 300 :][::-1]
    start = time.process_time()
    content = merge_text(base, theirs, mine)
    assert time.process_time() - start < 10
    assert sum(chunk.kind == "conflict" for chunk in content) <= MAX_CONFLICTS


def test_hundreds_of_conflicts_become_few_and_keep_every_word():
    base = "\n\n".join(f"Paragraph {number}." for number in range(1_000))
    theirs, mine = base.replace(".", " theirs."), base.replace(".", " mine.")
    theirs = theirs.replace("Paragraph 998 theirs.", "Paragraph 998.")
    base, theirs, mine = (
        "\n\n".join(f"{part}\n\nBetween {number}." for number, part in enumerate(text.split("\n\n")))
        for text in (base, theirs, mine)
    )
    found = texts(base, theirs, mine)
    assert len(found.conflicts) == MAX_CONFLICTS
    content = found.settle({})[TEXT]
    assert all(f"Paragraph {number} theirs." in content for number in range(998))
    assert all(f"Paragraph {number} mine." in content for number in range(1_000))
