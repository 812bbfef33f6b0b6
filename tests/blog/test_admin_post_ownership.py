"""An author sees and edits only their own posts, by every door of the admin."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.roles import Role
from blog import publishing
from blog.models import Post
from tests.blog.admin_form import change_address, filled
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
SIDE_VIEWS = ("change", "delete", "history", "versions")


@pytest.fixture
def foreign(write, db):
    return write("Somebody else's secret", by=make_person("stranger", Role.AUTHOR))


@pytest.mark.parametrize("view", SIDE_VIEWS)
def test_side_views_of_anothers_post_are_not_there(client_of, author, foreign, view):
    address = reverse(f"admin:blog_post_{view}", args=[foreign.pk])
    assert client_of(author).get(address).status_code == 404
    assert client_of(author).post(address, filled(foreign, title="Mine now")).status_code == 404
    foreign.refresh_from_db()
    assert foreign.title == "Somebody else's secret"


@pytest.mark.parametrize("verb", ["send_back", "archive", "trash", "restore"])
def test_no_step_can_be_taken_with_anothers_post(client_of, author, foreign, verb):
    address = reverse("admin:blog_post_step", args=[foreign.pk, verb])
    assert client_of(author).get(address).status_code == 404
    assert client_of(author).post(address).status_code == 404
    foreign.refresh_from_db()
    assert (foreign.status, foreign.is_trashed) == ("draft", False)


def test_anothers_versions_are_neither_read_nor_restored(client_of, author, foreign):
    for view in ("version", "restore_version"):
        address = reverse(f"admin:blog_post_{view}", args=[foreign.pk, 1])
        assert client_of(author).get(address).status_code == 404
        assert client_of(author).post(address).status_code == 404
    assert foreign.versions.count() == 1


def test_anothers_version_is_not_reached_through_ones_own_post(client_of, author, write, foreign):
    own = write()
    foreign.versions.create(number=7, snapshot={"title": "Secret"}, kind="save", created_at=foreign.created_at)
    assert client_of(author).get(reverse("admin:blog_post_version", args=[own.pk, 7])).status_code == 404


def test_the_saved_preview_of_anothers_post_is_not_there(client_of, author, foreign):
    assert client_of(author).get(reverse("admin:blog_post_preview"), {"post": foreign.pk}).status_code == 404


def test_lists_searches_tabs_and_the_dashboard_leave_anothers_out(client_of, author, foreign, write):
    write("My own")
    listing = reverse("admin:blog_post_changelist")
    client = client_of(author)
    addresses = [reverse("admin:index"), listing]
    addresses += [f"{listing}?q=secret", f"{listing}?state=draft", f"{listing}?_popup=1"]
    addresses.append(f"{listing}?author={foreign.author_id}")
    for address in addresses:
        assert "secret" not in client.get(address, follow=True).content.decode().replace("q=secret", "").replace(
            'value="secret"', ""
        )
    page = client.get(listing).content.decode()
    assert "My own" in page
    assert "All <span>1</span>" in page


def test_the_autocomplete_leaves_anothers_out(client_of, author, foreign, write):
    own = write("My secret")
    parameters = {"app_label": "blog", "model_name": "post", "field_name": "pillar_post", "term": "secret"}
    answer = client_of(author).get(reverse("admin:autocomplete"), parameters)
    assert [row["id"] for row in answer.json()["results"]] == [str(own.pk)]


@pytest.mark.parametrize("action", ["trash_chosen", "publish_chosen", "archive_chosen", "delete_selected"])
def test_bulk_actions_do_not_reach_anothers(client_of, author, foreign, action):
    data = {"action": action, "_selected_action": [foreign.pk], "index": 0, "post": "yes"}
    client_of(author).post(reverse("admin:blog_post_changelist"), data)
    foreign.refresh_from_db()
    assert (foreign.status, foreign.is_trashed) == ("draft", False)


def test_a_co_author_may_work_on_it(client_of, author, foreign):
    foreign.co_authors.add(author)
    assert client_of(author).get(change_address(foreign)).status_code == 200


def test_a_reader_gets_nowhere(client_of, reader, write):
    post = write()
    for view in SIDE_VIEWS:
        assert client_of(reader).get(reverse(f"admin:blog_post_{view}", args=[post.pk])).status_code == 302
    assert client_of(reader).post(reverse("admin:blog_post_preview")).status_code == 302


def test_an_author_sees_taxonomy_but_changes_none(client_of, author):
    client = client_of(author)
    assert client.get(reverse("admin:blog_category_changelist")).status_code == 200
    assert client.post(reverse("admin:blog_category_move"), {"category": 1}).status_code == 403
    assert client.get(reverse("admin:blog_category_add")).status_code == 403
    assert client.get(reverse("admin:blog_redirect_changelist")).status_code == 403


def test_only_an_editor_deletes_for_good_and_only_out_of_the_trash(client_of, author, editor, write):
    post = write()
    address = reverse("admin:blog_post_delete", args=[post.pk])
    step = reverse("admin:blog_post_step", args=[post.pk, "trash"])
    assert client_of(editor).post(address, {"post": "yes"}).url == step
    publishing.trash(post, by=editor)
    assert client_of(author).post(address, {"post": "yes"}).status_code == 403
    assert Post.objects.filter(pk=post.pk).exists()
    client_of(editor).post(address, {"post": "yes"})
    assert not Post.objects.filter(pk=post.pk).exists()


def test_who_may_only_look_is_shown_and_changes_nothing(client_of, write):
    looker = make_person("looker", is_staff=True)
    lookers = Group.objects.create(name="Lookers")
    lookers.permissions.add(Permission.objects.get(codename="view_post"))
    looker.groups.add(lookers)
    post = write("Look at me")
    post.co_authors.add(looker)
    type(looker).objects.filter(pk=looker.pk).update(is_staff=True)
    page = client_of(looker).get(change_address(post))
    assert page.status_code == 200
    assert "Look at me" in page.content.decode()
    assert client_of(looker).post(change_address(post), filled(post, title="Mine")).status_code == 403
    assert client_of(looker).get(reverse("admin:blog_post_versions", args=[post.pk])).status_code == 403
