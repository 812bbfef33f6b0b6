"""What the filter thinks of a comment, and that it says why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import akismet, rules, spam, teaching, writing
from comments.models import Comment, ConversationSettings, SpamWord
from comments.posting import delete, post_comment
from comments.rules import Writer
from comments.spam import Form
from comments.tasks import forget_rare_words
from core import cache, outbound

GUEST = Writer(name="Ida", email="ida@example.org", fingerprint="f" * 64, user_agent="Firefox")
SAID = "A quiet thought about what was written here."


@pytest.fixture
def set_up(db, django_capture_on_commit_callbacks):
    def save(**fields):
        ConversationSettings.objects.update_or_create(pk=1, defaults=fields)
        with django_capture_on_commit_callbacks(execute=True):
            cache.renew(rules.GENERATION)

    return save


def form(**facts):
    return Form(**{"opened_at": timezone.now() - timedelta(minutes=1)} | facts)


def codes(verdict):
    return [reason["code"] for reason in verdict.reasons]


def test_a_quiet_comment_passes_without_a_reason(publish):
    verdict = spam.judge(publish(), GUEST, SAID, form())
    assert (verdict.says, verdict.reasons, verdict.score) == ("pass", [], 0)


def test_the_staff_is_not_judged(publish, moderator):
    assert spam.judge(publish(), Writer(user=moderator), "https://a.example " * 9, Form(trap="x")).says == "pass"


@pytest.mark.parametrize(
    ("facts", "says", "code"),
    [
        ({"trap": "https://a.example"}, "refuse", "trap"),
        ({"opened_at": None}, "hold", "form"),
        ({"opened_at": timezone.now() + timedelta(days=365)}, "hold", "fast"),
    ],
)
def test_a_form_that_no_person_sent_is_noticed(publish, facts, says, code):
    verdict = spam.judge(publish(), GUEST, SAID, form(**facts))
    assert (verdict.says, codes(verdict)) == (says, [code])


def test_more_links_than_set_wait_and_are_named(publish, set_up):
    post, two = publish(), "https://a.example [b](https://b.example)"
    assert spam.judge(post, GUEST, two, form()).says == "pass"
    verdict = spam.judge(post, GUEST, f"{two} <https://c.example/x>", form())
    assert (verdict.says, codes(verdict)) == ("hold", ["links"])
    assert spam.explain(verdict.reasons) == [
        "It has 3 links: https://a.example, https://b.example, https://c.example/x"
    ]
    assert spam.judge(post, GUEST, " ".join(f"https://{n}.example" for n in range(13)), form()).says == "refuse"
    set_up(most_links=0)
    assert spam.judge(post, GUEST, "https://a.example", form()).says == "hold"


@pytest.mark.parametrize(
    "text", ["Buy CASINO chips", "a casino", "c*asi*no".replace("*", "**"), "see ｃａｓｉｎｏ", "cheap,  watches"]
)
def test_a_word_of_the_list_waits_however_it_is_written(publish, set_up, text):
    set_up(blocked_words="casino\n\ncheap watches\n***\n")
    post = publish()
    verdict = spam.judge(post, GUEST, text, form())
    assert (verdict.says, codes(verdict)) == ("hold", ["words"])
    assert spam.judge(post, GUEST, "The casinos of Monaco, and watches, cheap", form()).says == "pass"


def test_the_name_of_a_guest_is_looked_at_too(publish, set_up):
    set_up(blocked_words="casino")
    assert spam.judge(publish(), Writer(name="Casino", email="a@example.org"), SAID, form()).says == "hold"


def test_the_same_text_again_waits_and_is_refused_where_it_was_spam(publish, reader):
    post = publish()
    first = post_comment(post, GUEST, SAID).comment
    other = f"{SAID.upper()}  *!*"
    assert codes(spam.judge(post, Writer(user=reader), other, form())) == ["copy"]
    assert spam.judge(post, GUEST, other, form()).says == "hold"
    assert spam.judge(post, GUEST, other, own=first.pk).says == "pass"
    Comment.objects.update(status="spam")
    assert spam.judge(post, GUEST, other, form()).says == "refuse"
    Comment.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert spam.judge(post, GUEST, other, form()).says == "pass"


def test_short_texts_and_what_was_deleted_are_no_copies(publish):
    post = publish()
    post_comment(post, GUEST, "Thank you!")
    assert spam.judge(post, GUEST, "Thank you!", form()).says == "pass"
    delete(post_comment(post, GUEST, SAID).comment)
    assert spam.judge(post, GUEST, SAID, form()).says == "pass"


# --- what moderators taught -------------------------------------------------------------------------------------------
SPAM = "Cheap replica watches, casino bonus number {}: https://www.shop.example/{}"
GOOD = "The chapter on rivers and maps was lovely, number {}, thank you for the reading"


def taught(post, *, spam_ones=12, good_ones=12):
    for number in range(spam_ones):
        teaching.learn(post_comment(post, GUEST, SPAM.format(number, number)).comment, "spam")
    for number in range(good_ones):
        teaching.learn(post_comment(post, GUEST, GOOD.format(number)).comment, "good")


def test_words_of_spam_let_a_comment_wait_and_are_shown(publish):
    post = publish()
    taught(post)
    verdict = spam.judge(post, GUEST, "A casino with a bonus and replica watches", form())
    assert (verdict.says, codes(verdict)) == ("hold", ["taught"])
    assert {"casino", "bonus", "replica", "watches"} <= set(verdict.reasons[0]["words"])
    assert "casino" in spam.explain(verdict.reasons)[0]
    assert verdict.reasons[0]["percent"] > 90
    assert "://shop.example" in teaching.opinion_of(writing.render("see https://shop.example/9")).words
    assert spam.judge(post, GUEST, "Lovely reading about rivers and maps, in a chapter", form()).says == "pass"
    assert spam.judge(post, GUEST, "Words nobody ever used before today", form()).says == "pass"


def test_there_is_no_opinion_before_enough_was_taught(publish):
    post = publish()
    taught(post, good_ones=9)
    assert teaching.opinion_of(writing.render("casino bonus")) is None


def test_words_alone_refuse_nothing(publish):
    post = publish()
    taught(post, spam_ones=40)
    words = "casino bonus replica watches cheap number"
    assert spam.judge(post, GUEST, words, form()).says == "hold"


def test_a_lesson_is_learnt_once_and_unlearnt_by_another(publish):
    comment = post_comment(publish(), GUEST, "casino casino chips").comment
    for _ in range(3):
        teaching.learn(comment, "spam")
    assert dict(SpamWord.objects.values_list("word", "spam")) == {"": 1, "casino": 1, "chips": 1}
    teaching.learn(comment, "good")
    assert set(SpamWord.objects.values_list("spam", "good")) == {(0, 1)}
    teaching.learn(comment, "")
    assert set(SpamWord.objects.values_list("spam", "good")) == {(0, 0)}
    assert Comment.objects.get().taught == ""


def test_hostile_words_fit_and_no_text_is_read_beyond_its_measure():
    words = teaching.words_in(writing.render("x" * 4000 + " " + " ".join(f"word{n}a" for n in range(700))))
    assert max(map(len, words)) <= 40
    assert len(words) <= teaching.MOST_WORDS + 10
    assert teaching.words_in(writing.render("[a](https://[::1)")) <= {"a"} | teaching.words_in("[a](https://[::1)")


# --- Akismet ----------------------------------------------------------------------------------------------------------
class Headers(dict):
    pass


@pytest.fixture
def service(monkeypatch, set_up):
    """Answers in the service's place; what was asked is kept."""
    asked = []

    def answer_with(content, **headers):
        def fetch(url, **how):
            asked.append((url, how))
            if isinstance(content, Exception):
                raise content
            return outbound.Answer(200, Headers(headers), content, url)

        monkeypatch.setattr(akismet, "fetch", fetch)
        return asked

    set_up(akismet_key="a-key")
    return answer_with


@pytest.mark.parametrize(
    ("content", "headers", "says", "code"),
    [
        (b"true", {}, "hold", ["akismet"]),
        (b"true", {"X-akismet-pro-tip": "discard"}, "refuse", ["akismet"]),
        (b"false", {}, "pass", []),
        (b"<html>", {}, "pass", ["akismet-silent"]),
        (outbound.TimedOut("took longer"), {}, "pass", ["akismet-silent"]),
    ],
)
def test_akismet_is_heard_where_a_key_is_set(publish, service, content, headers, says, code):
    asked = service(content, **headers)
    verdict = spam.judge(publish(), GUEST, SAID, form(address="192.0.2.7"))
    assert (verdict.says, codes(verdict)) == (says, code)
    url, how = asked[0]
    assert url == "https://rest.akismet.com/1.1/comment-check"
    assert b"user_ip=192.0.2.7" in how["body"] and b"api_key=a-key" in how["body"]


def test_akismet_is_not_told_of_what_is_refused_anyway_or_without_a_key(publish, service, set_up):
    asked = service(b"false")
    post = publish()
    spam.judge(post, GUEST, SAID, form(trap="x"))
    spam.judge(post, GUEST, SAID)
    set_up(akismet_key="")
    spam.judge(post, GUEST, SAID, form())
    assert asked == []


def test_the_filter_asks_little(publish, django_assert_max_num_queries):
    post = publish()
    taught(post)
    rules.current()
    with django_assert_max_num_queries(3):
        spam.judge(post, GUEST, "casino bonus and a good many other words in one line", form())


# --- The table of words -----------------------------------------------------------------------------------------------
def test_the_table_of_words_is_bounded_and_keeps_the_telling_ones(publish, monkeypatch):
    post = publish()
    taught(post)
    monkeypatch.setattr(teaching, "MOST_KEPT", 23)
    SpamWord.objects.create(word="unlearnt")
    teaching.learn(post_comment(post, GUEST, "Seldom used lately").comment, "good")
    assert teaching.forget_rare() > 0
    words = set(SpamWord.objects.values_list("word", flat=True))
    assert len(words) == 23 + 1 and "" in words and "unlearnt" not in words
    assert {"casino", "bonus", "rivers"} <= words and "seldom" not in words
    assert spam.judge(post, GUEST, "A casino with a bonus and replica watches", form()).says == "hold"
    assert teaching.forget_rare() == 0 == forget_rare_words()


def test_of_words_as_rare_as_each_other_those_learnt_first_go(db, monkeypatch):
    monkeypatch.setattr(teaching, "MOST_KEPT", 3)
    SpamWord.objects.bulk_create(SpamWord(word=f"word{n}", good=1) for n in range(5))
    assert teaching.forget_rare() == 2
    assert set(SpamWord.objects.values_list("word", flat=True)) == {"word2", "word3", "word4"}


def test_a_word_that_was_forgotten_is_unlearnt_without_harm(publish, monkeypatch):
    comment = post_comment(publish(), GUEST, "casino chips").comment
    teaching.learn(comment, "spam")
    monkeypatch.setattr(teaching, "MOST_KEPT", 0)
    teaching.forget_rare()
    teaching.learn(comment, "good")
    assert dict(SpamWord.objects.values_list("word", "good")) == {"": 1, "casino": 1, "chips": 1}
