"""Every string readers see is in every catalogue, says as much as the original, and can be read by the program."""

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from core import catalogues
from core.management.commands.catalogues import in_python, in_template, is_translated, read, strings_in_use

PLURALS = {"de": 2, "fr": 2, "ar": 6}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]+\}|</?\w+")
# What Arabic, and German and French where a word says it, need not repeat beside a number in words.
COUNTS = {"%(counter)s", "%(total)s", "%(times)s", "%(count)s", "%(number)s", "%(others)s"}


@pytest.fixture(scope="module")
def used() -> dict:
    return strings_in_use()


@pytest.fixture(params=PLURALS)
def catalogue(request) -> Catalog:
    return read(next(text for text in catalogues.texts() if text.parent.parent.name == request.param))


def test_nothing_is_missing(catalogue, used):
    missing = [
        f"{said} ({places[0]})"
        for (context, said), places in used.items()
        if not is_translated(catalogue, context, said)
    ]
    assert not missing, f"{catalogue.locale}: manage.py catalogues, then translate {missing}"


def test_nothing_is_there_that_nobody_says_and_nothing_is_only_supposed(catalogue, used):
    said = {(context, each if isinstance(each, str) else each[0]) for context, each in used}
    there = {(each.context, each.id if isinstance(each.id, str) else each.id[0]): each for each in catalogue if each.id}
    assert not there.keys() - said
    assert not [each.id for each in there.values() if each.fuzzy]


def test_each_has_the_placeholders_of_its_original(catalogue):
    wrong = []
    for each in (each for each in catalogue if each.id):
        originals = [each.id] if isinstance(each.id, str) else list(each.id)
        strings = [each.string] if isinstance(each.string, str) else list(each.string)
        wanted = set(PLACEHOLDER.findall(originals[-1]))
        for number, said in enumerate(strings):
            found = set(PLACEHOLDER.findall(said))
            may_say_it_in_words = len(strings) > 1 and number < len(strings) - 1
            if found - wanted or wanted - found - (COUNTS | {"<b", "</b"} if may_say_it_in_words else set()):
                wrong.append((said, wanted ^ found))
    assert not wrong


def test_counted_strings_have_every_form_of_their_language(catalogue):
    forms = {len(each.string) for each in catalogue if each.id and isinstance(each.id, tuple | list)}
    assert forms == {PLURALS[str(catalogue.locale)]}


def test_what_the_program_reads_is_what_is_written(settings):
    with translation.override("de"):
        assert translation.gettext("All posts") == "Alle Beiträge"
    with translation.override("ar"):
        assert translation.ngettext("%(counter)s post", "%(counter)s posts", 3) % {"counter": 3} == "3 مقالات"
    with translation.override("en-gb"):
        assert translation.gettext("All posts") == "All posts"


@pytest.fixture
def copied(settings, tmp_path) -> Path:
    shutil.copytree(settings.BASE_DIR / "locale" / "de", tmp_path / "de", ignore=shutil.ignore_patterns("*.mo"))
    settings.LOCALE_PATHS = [tmp_path]
    return tmp_path / "de" / "LC_MESSAGES" / "django.po"


def test_a_catalogue_is_compiled_once_and_again_when_it_is_newer(copied):
    import os

    assert catalogues.compile_newer() == 1
    assert catalogues.compile_newer() == 0
    os.utime(copied, (2_000_000_000, 2_000_000_000))
    assert catalogues.compile_newer() == 1


def test_where_nothing_can_be_written_and_where_a_catalogue_is_broken_the_program_starts(copied, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError("read-only")

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.NamedTemporaryFile", refuse)
        assert catalogues.compile_newer() == 0
    copied.write_text('msgid "no end', encoding="utf-8")
    assert catalogues.compile_newer() == 0
    assert not list(copied.parent.glob("*.part"))


def test_strings_are_found_in_templates_and_in_python():
    counted = "{% blocktrans trimmed count n=x %}\n {{ a }} {{ n }} thing{% plural %}{{ n }} things{% endblocktrans %}"
    text = "{% trans 'One' %}" + counted
    assert list(in_template(text + '{% include "a" with b=_("Two") %}{% trans "Three" context "c" %}')) == [
        (None, "One"),
        (None, ("%(a)s %(n)s thing", "%(n)s things")),
        (None, "Two"),
        ("c", "Three"),
    ]
    code = 'from django.utils.translation import gettext as _\n_("Four" " five")\nother("Six")\n_(name)'
    assert list(in_python(code)) == [(None, "Four five")]
