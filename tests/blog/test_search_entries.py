"""The index follows what is live, by whatever door it changes."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.authors import ensure_profile
from blog import search, taxonomy
from blog.models import Category, Post, SearchEntry, SearchWord
from blog.search import entries, finding, questions


def found(typed):
    question = questions.read(typed, ["en"])
    return len(finding.find(question, finding.Filters()).hits)


@pytest.fixture
def ferry(publish, author):
    ensure_profile(author)
    category = taxonomy.save_category(Category(name="Places"))
    return publish("A ferry", tags=["boats"], category=category)


def test_other_names_of_what_it_is_filed_under_are_read_by_the_clock(ferry, author):
    tag = ferry.tags.get()
    tag.name = "vessels"
    taxonomy.save_named(tag)
    ferry.category.name = "Regions"
    taxonomy.save_category(ferry.category)
    author.first_name = "Zebedee"
    author.save()
    assert (found("vessels"), found("regions"), found("zebedee")) == (0, 0, 0)
    assert entries.keep_waiting() == 1
    assert (found("vessels"), found("regions"), found("zebedee"), found("boats")) == (1, 1, 1, 0)
    assert SearchEntry.objects.get(person__user=author).title.startswith("zebedee")
    assert entries.keep_waiting() == 0


def test_signing_in_makes_nothing_due(ferry, author):
    author.last_login = timezone.now()
    author.save(update_fields=["last_login"])
    assert not SearchEntry.objects.filter(is_due=True).exists()


def test_somebody_is_found_only_while_something_of_theirs_is_live(ferry, author):
    assert SearchEntry.objects.filter(person__user=author).exists()
    Post.objects.filter(pk=ferry.pk).update(status="archived")
    search.keep(ferry)
    assert not SearchEntry.objects.exists()


def test_the_nightly_check_puts_right_what_drifted(ferry, publish):
    Post.objects.filter(pk=publish("Another").pk).update(title="A renamed one")
    Post.objects.filter(pk=ferry.pk).update(status="archived")
    assert entries.check(timezone.now()) == 2
    assert entries.keep_waiting() == 1
    assert (found("renamed"), found("ferry")) == (1, 0)


def test_everything_can_be_read_again_or_only_what_is_missing(ferry, author, capsys):
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    call_command("rebuild_search", missing=True, verbosity=0)
    assert found("ferry") == 1 and SearchWord.objects.filter(word="ferry").exists()
    before = set(SearchEntry.objects.values_list("pk", flat=True))
    call_command("rebuild_search", verbosity=0)
    assert set(SearchEntry.objects.values_list("pk", flat=True)) == before and len(before) == 2
    assert "Read 1 post." in capsys.readouterr().out


def test_deleting_a_post_takes_it_out(ferry):
    ferry.delete()
    assert not SearchEntry.objects.filter(post__isnull=False).exists() and not found("ferry")
