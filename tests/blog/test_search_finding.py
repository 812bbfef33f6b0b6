"""What a question finds and in which order; the same on every database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import publishing
from blog.models import Post
from blog.search import finding, index, questions
from blog.search.finding import Filters

from .conftest import NOON


def ask(typed, *, edition="en-gb", exactly=False, filters=None):
    question = questions.read(typed, finding.languages_read())
    return finding.answer(question, filters or Filters(), edition=edition, exactly=exactly)


def titles(typed, **how):
    found = [hit.post for hit in ask(typed, **how).found.hits]
    names = dict(Post.objects.filter(pk__in=found).values_list("pk", "title"))
    return [names[pk] for pk in found]


def test_the_title_beats_the_summary_and_that_the_text_and_of_equals_the_newest_comes_first(publish):
    publish("Old news of a ferry", at=NOON)
    publish("In the text", text="Somebody saw the ferry once.", at=NOON + timedelta(days=9))
    publish("In the summary", excerpt="All about the ferry.", at=NOON + timedelta(days=5))
    publish("New news of a ferry", at=NOON + timedelta(days=1))
    publish("Nothing of the kind", text="Boats, perhaps.")
    assert titles("ferry") == ["New news of a ferry", "Old news of a ferry", "In the summary", "In the text"]


def test_what_a_text_says_again_and_again_it_is_about(publish):
    publish("Once", text="A lighthouse stood there. " + "Other words were said. " * 20, at=NOON + timedelta(days=1))
    publish("Often", text="The lighthouse is a lighthouse. Every lighthouse has a lighthouse keeper.", at=NOON)
    assert titles("lighthouse") == ["Often", "Once"]


@pytest.mark.parametrize(
    ("language", "text", "typed"),
    [
        ("en", "Three ferries were running.", "ferry run"),
        ("de", "Die Häuser am Hafen.", "haus"),
        ("de", "Die Straße nach Süden.", "strasse suden"),
        ("fr", "Les élèves chantaient.", "eleve chanter"),
        ("es", "Las canciones del mar.", "canción"),
        ("ru", "Новые книги о море.", "новая книга"),
        ("tr", "İstanbul'da kapılar.", "istanbul"),
        ("el", "Τα βιβλία της θάλασσας.", "ΒΙΒΛΙΑ"),
        ("ar", "كتاب البحر", "الكِتَاب"),
        ("ja", "今日は東京タワーへ行きました。", "東京タワー"),
        ("th", "สวัสดีชาวโลก", "ชาวโลก"),
        ("en", "Written in C++ by Łukasz O’Brien, 1,000 times.", "lukasz o'brien 1,000"),
    ],
)
def test_words_are_found_in_their_other_forms_and_spellings(publish, language, text, typed):
    publish("Hit", text=text, content_language=language)
    publish("Miss", text="Nothing that anybody asked for.", content_language=language)
    assert titles(typed, exactly=True) == ["Hit"]


def test_words_are_stemmed_in_the_languages_the_publication_is_written_in(publish):
    publish("Deutsch", text="Wir sahen die Häuser.", content_language="de-AT")
    publish("English", text="We saw the houses.", content_language="en")
    assert (titles("Hauses"), titles("house")) == (["Deutsch"], ["English"])


def test_quotes_ask_for_a_phrase_and_minus_for_what_is_not_there(publish):
    publish("One", text="The red ferry left.")
    publish("Two", text="The ferry was red.")
    assert titles('"red ferry"') == ["One"]
    assert titles("ferry -left") == ["Two"]
    assert titles('red -"red ferry"') == ["Two"]
    assert titles("e-mail ferry", exactly=True) == []
    assert not ask("-ferry").found and not ask('""').found and not ask('-"').found


def test_no_phrase_reaches_from_one_field_into_the_next(publish):
    publish("A red", excerpt="Ferry of mine.", tags=["wide", "sea"])
    assert titles('"red ferry"', exactly=True) == titles('"wide sea"', exactly=True) == []


def test_all_words_must_be_there_wherever_they_are(publish):
    publish("A harbour", text="With a crane.", tags=["Norway"])
    publish("Another harbour", text="Without.")
    assert titles("crane norway harbour") == ["A harbour"]


def test_a_slip_is_mended_and_said_and_can_be_insisted_on(publish):
    publish("A ferry timetable", text="Ferries leave at noon.")
    for typed, meant in (("fery", "ferry"), ("ferrry", "ferry"), ("efrry", "ferry"), ("timetabel", "timetable")):
        answer = ask(typed)
        assert answer.mended == ((typed, meant),) and len(answer.found.hits) == 1, typed
        assert answer.asked.typed == meant
    assert not ask("fery", exactly=True).found
    assert ask("fery timetable").asked.typed == "ferry timetable"
    assert not ask("zzzzqqqq").found and not ask("zzzzqqqq").mended


def test_of_two_words_as_near_the_more_common_is_meant(publish):
    publish("A boat", text="One tower.")
    publish("A power", text="The power of power.")
    publish("More power", text="Again.")
    assert ask("sower").mended == (("sower", "power"),)


def test_a_word_that_no_live_text_has_is_never_offered(publish, write, editor):
    publishing.archive(publish("The wombat"), by=editor)
    write("A quokka")
    publish("A boat")
    assert not ask("wombot").mended and not ask("quoka").mended


def test_where_nothing_has_all_words_what_has_some_is_offered(publish):
    publish("A ferry")
    publish("A tower")
    answer = ask("ferry tower")
    assert answer.has_some and {hit.post for hit in answer.found.hits} == set(Post.objects.values_list("pk", flat=True))


def test_an_edition_finds_its_own_language_and_the_main_one_the_rest(publish, monkeypatch):
    monkeypatch.setattr("core.languages.editions", lambda: ("de",))
    publish("Ferry", content_language="en")
    publish("Ferry nach Wien", content_language="de-at")
    publish("Ferry pour Paris", content_language="fr")
    assert titles("ferry", edition="de") == ["Ferry nach Wien"]
    assert set(titles("ferry")) == {"Ferry", "Ferry pour Paris"}


def test_more_than_anybody_reads_is_cut_but_titles_come_first(publish, monkeypatch):
    monkeypatch.setattr(finding, "MOST", 3)
    publish("The ferry itself", at=NOON)
    for number in range(5):
        publish(f"Number {number}", text="It has a ferry.", at=NOON + timedelta(days=1 + number))
    found = ask("ferry")
    assert titles("ferry")[0] == "The ferry itself" and not found.found.is_complete
    assert len(found.found.hits) == 3


def test_posts_of_one_second_are_all_found(publish):
    for number in range(3):
        publish(f"Ferry {number}", at=NOON)
    assert len(titles("ferry")) == 3


def test_a_year_long_ago_is_no_harm(publish):
    post = publish("An ancient ferry")
    Post.objects.filter(pk=post.pk).update(published_at=timezone.now().replace(year=201))
    from blog import search

    search.keep(post)
    assert titles("ferry") == ["An ancient ferry"]


def test_posts_of_every_year_are_found_and_of_too_many_the_newest_of_all_years(publish, time_machine, monkeypatch):
    """Years are looked through from this one back; the oldest, and what is dated ahead, are met with the rest."""
    time_machine.move_to(NOON.replace(year=2026), tick=False)
    ages = [*range(18), 30, 45]
    for age in reversed(ages):
        publish(f"Ferry {2026 - age}", at=NOON.replace(year=2026 - age))
    newest_first = [f"Ferry {2026 - age}" for age in ages]
    assert titles("ferry") == newest_first
    monkeypatch.setattr(finding, "MOST", 5)
    assert titles("ferry", exactly=True) == newest_first[:5]
    asked = index.of_question(questions.read("ferry", finding.languages_read()))
    places = [place for place, _ in index.newest(asked, 19)]
    assert len(places) == 19 and places == sorted(places, reverse=True) and index.count(asked, 12) == 12
    time_machine.move_to(NOON.replace(year=2020), tick=False)
    assert {place for place, _ in index.newest(asked, 99)} > set(places)
