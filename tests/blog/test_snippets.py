"""Snippets: everybody who writes uses them; authors keep their own, editors all."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from blog.models import Snippet
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
LIST, ADD = "admin:blog_snippet_changelist", "admin:blog_snippet_add"


@pytest.fixture
def theirs(db):
    return Snippet.objects.create(name="Theirs", content_markdown="*x*", created_by=make_person("other", Role.AUTHOR))


def data(**changes):
    return {"name": "Correction note", "content_markdown": "*Corrected on …*"} | changes


def test_an_author_keeps_a_snippet(client_of, author):
    client_of(author).post(reverse(ADD), data(name="  Correction   note "))
    kept = Snippet.objects.get()
    assert (kept.name, kept.content_markdown, kept.created_by) == ("Correction note", "*Corrected on …*", author)


def test_an_author_changes_and_deletes_their_own(client_of, author):
    kept = Snippet.objects.create(name="Mine", content_markdown="x", created_by=author)
    client_of(author).post(reverse("admin:blog_snippet_change", args=[kept.pk]), data(name="Mine still"))
    kept.refresh_from_db()
    assert (kept.name, kept.created_by) == ("Mine still", author)
    client_of(author).post(reverse("admin:blog_snippet_delete", args=[kept.pk]), {"post": "yes"})
    assert not Snippet.objects.exists()


def test_an_author_only_reads_what_others_keep(client_of, author, theirs):
    client, change = client_of(author), reverse("admin:blog_snippet_change", args=[theirs.pk])
    assert "Theirs" in client.get(change).content.decode()
    assert client.post(change, data(name="Taken")).status_code == 403
    assert client.post(reverse("admin:blog_snippet_delete", args=[theirs.pk]), {"post": "yes"}).status_code == 403
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


def test_an_editor_changes_any(client_of, editor, theirs):
    client_of(editor).post(reverse("admin:blog_snippet_change", args=[theirs.pk]), data(name="Ours"))
    theirs.refresh_from_db()
    assert theirs.name == "Ours" and theirs.created_by.username == "other"


def test_who_does_not_write_sees_no_snippets(client_of, reader, theirs):
    assert client_of(reader).get(reverse(LIST)).status_code == 302


def test_a_name_is_given_once(client_of, author, theirs):
    page = client_of(author).post(reverse(ADD), data(name="Theirs"))
    assert "There is a snippet of this name already" in page.content.decode()
    assert client_of(author).post(reverse(ADD), data(name="   ")).status_code == 200
    assert Snippet.objects.count() == 1


def test_a_snippet_is_shown_as_text(client_of, author):
    Snippet.objects.create(name="<b>bold</b>", content_markdown="<script>alert(1)</script>", created_by=author)
    page = client_of(author).get(reverse(LIST)).content.decode()
    assert "<script>alert(1)" not in page and "&lt;b&gt;bold" in page


def test_an_empty_list_says_what_snippets_are_for(client_of, author):
    page = client_of(author).get(reverse(LIST)).content.decode()
    assert "There are no snippets yet" in page and reverse(ADD) in page


def test_the_list_costs_the_same_however_long(client_of, author, django_assert_max_num_queries):
    for number in range(60):
        Snippet.objects.create(name=f"Snippet {number}", content_markdown="x", created_by=author)
    client = client_of(author)
    with django_assert_max_num_queries(8):
        client.get(reverse(LIST))
