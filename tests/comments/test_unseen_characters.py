"""What eyes do not see hides no word from the filter."""

import pytest
from django.utils import timezone

from comments import posting, spam, teaching, writing
from comments.forms import CommentForm
from comments.models import ConversationSettings
from comments.rules import Writer

UNSEEN = ["\u200b", "\u00ad", "\u2060", "\u200d", "\u034f", "\ufeff", "\ufe0f", "\u061c", "\u180e", "\U000e0061"]
BLANK = ["\u3164", "\u2800", "\u115f", "\uffa0", "\u00a0", "\u2003"]
SOLD = "Buy these excellent watches from our shop today"


def blocked(text):
    return spam._blocked(text, ConversationSettings(blocked_words="casino"))


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_a_blocked_word_is_known_through_them(character):
    assert blocked(f"Come to cas{character}ino now") and blocked(f"{character}casino{character}")
    assert blocked("cas\u00adi\u200bno") and not blocked(f"oc{character}casino{character}s")


@pytest.mark.parametrize("character", BLANK, ids=ascii)
def test_what_looks_like_a_space_parts_words_and_joins_none(character):
    assert blocked(f"Come to{character}casino{character}now") and not blocked(f"cas{character}ino")


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_a_copy_is_one_with_them_too(publish, reader, character):
    writer = Writer(user=reader)
    posting.post_comment(publish(), writer, SOLD)
    hidden = SOLD.replace("excellent", f"excel{character}lent")
    found = spam._copies(writer, hidden, ConversationSettings(), own=None, at=timezone.now())
    assert [each["code"] for each in found] == ["copy"]


def test_the_words_that_are_taught_are_those_that_are_seen():
    assert teaching.words_in("<p>excel\u200blent cas\u00adino</p>") == {"excellent", "casino"}


def test_letters_stay():
    assert writing.seen_of("Grüße, naïve 한국어 العربية") == "Grüße, naïve 한국어 العربية"


@pytest.mark.parametrize("character", [*UNSEEN, *BLANK, "\ufe00", "\U000e0100", "\u2066", "\u0007"], ids=ascii)
def test_alone_they_are_no_comment_and_no_name(character):
    assert writing.is_empty(writing.render(f"{character} {character}"))
    form = CommentForm({"content": "Words", "name": f"{character} {character}", "email": "a@example.org"}, user=None)
    assert form.errors == {"name": ["Tell us what to call you."]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana\u200b \u202e Bo\u00ad ", "Ana Bo"),
        ("Ana\u3164Bo\nCid", "Ana Bo Cid"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("Vera \u2764\ufe0f", "Vera \u2764\ufe0f"),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f469\u200d\U0001f467"),
    ],
    ids=ascii,
)
def test_a_name_keeps_what_shapes_its_letters_and_loses_what_hides_in_it(typed, kept):
    assert writing.name_of(typed) == kept
