"""Views of a list under a name: one's own, local, bounded."""

import pytest
from django.urls import reverse

from accounts import saved_filters
from accounts.models import SavedFilter
from core.refusals import Refusal

PAGE = "admin:accounts_user_changelist"
LIST = "/admin/accounts/user/"
VIEWS = f"{LIST}views/"


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_the_same_view_is_the_same_text_whatever_the_order_of_its_parts():
    assert (
        saved_filters.tidy("?q=ann&role=Editor&p=3&e=1")
        == saved_filters.tidy("role=Editor&q=ann")
        == "q=ann&role=Editor"
    )


@pytest.mark.parametrize("query", ["?next=https://evil.example/", "//evil.example/?q=x", "q=x#//evil.example", "q=%00"])
def test_a_query_is_never_more_than_a_query(query):
    tidied = saved_filters.tidy(query)
    assert not tidied.startswith(("/", "http"))
    assert "\0" not in tidied


def test_a_view_is_kept_under_a_trimmed_name_and_the_name_again_takes_the_new_one(editor):
    saved_filters.keep(editor, PAGE, name="  My   editors ", query="role=Editor")
    saved_filters.keep(editor, PAGE, name="My editors", query="role=Author")
    assert [(view.name, view.query) for view in saved_filters.of(editor, PAGE)] == [("My editors", "role=Author")]


@pytest.mark.parametrize(
    ("name", "query"), [("  ", "q=x"), ("x" * 61, "q=x"), ("All", "p=2"), ("Long", "q=" + "x" * 1000)]
)
def test_what_is_no_view_is_refused(editor, name, query):
    with pytest.raises(Refusal):
        saved_filters.keep(editor, PAGE, name=name, query=query)
    assert not SavedFilter.objects.exists()


def test_a_list_has_thirty_views_at_most_and_each_list_its_own(editor, admin):
    for number in range(30):
        saved_filters.keep(editor, PAGE, name=f"View {number}", query="q=x")
    with pytest.raises(Refusal, match="at most 30"):
        saved_filters.keep(editor, PAGE, name="One more", query="q=x")
    saved_filters.keep(editor, PAGE, name="View 3", query="q=y")
    saved_filters.keep(editor, "admin:blog_tag_changelist", name="One more", query="q=x")
    saved_filters.keep(admin, PAGE, name="One more", query="q=x")


def test_nobody_deletes_or_sees_the_view_of_another(editor, admin):
    saved = saved_filters.keep(admin, PAGE, name="Mine", query="q=x")
    assert saved_filters.forget(editor, PAGE, saved.pk) == ""
    assert saved_filters.of(editor, PAGE) == []
    assert saved_filters.forget(admin, PAGE, saved.pk) == "Mine"


def test_a_list_offers_to_save_what_is_chosen_and_shows_it_as_a_tab(client_of, editor):
    client = client_of(editor)
    assert "Save this view" not in client.get(LIST).content.decode()
    assert "Save this view" in client.get(f"{LIST}?role=Editor").content.decode()
    response = client.post(VIEWS, {"name": "<b>Editors</b>", "query": "role=Editor&p=2"}, follow=True)
    assert response.redirect_chain == [(f"{LIST}?role=Editor", 302)]
    page = client.get(LIST).content.decode()
    assert '<a href="?role=Editor">&lt;b&gt;Editors&lt;/b&gt;</a>' in page
    assert "<b>Editors</b>" not in page
    assert 'aria-current="page">&lt;b&gt;Editors' in client.get(f"{LIST}?role=Editor").content.decode()


@pytest.mark.parametrize("query", ["next=https://evil.example/", "password__startswith=a", "role=Editor&x=1"])
def test_a_query_the_list_does_not_understand_is_not_kept(client_of, editor, query):
    response = client_of(editor).post(VIEWS, {"name": "Odd", "query": query}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert messages_of(response) == ["The list does not understand this view, so it was not saved."]
    assert not SavedFilter.objects.exists()


def test_a_view_is_deleted_from_its_list_by_its_owner_alone(client_of, editor, admin):
    saved = saved_filters.keep(editor, PAGE, name="Editors", query="role=Editor")
    other = client_of(admin).post(VIEWS, {"delete": saved.pk}, follow=True)
    assert messages_of(other) == ["There is no such view any more."]
    assert SavedFilter.objects.exists()
    own = client_of(editor).post(VIEWS, {"delete": saved.pk, "query": "role=Editor"}, follow=True)
    assert messages_of(own) == ["The view “Editors” is deleted."]
    assert own.redirect_chain == [(f"{LIST}?role=Editor", 302)]


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 30])
def test_nonsense_deletes_nothing(client_of, editor, number):
    saved_filters.keep(editor, PAGE, name="Editors", query="role=Editor")
    assert client_of(editor).post(VIEWS, {"delete": number}).status_code == 302
    assert SavedFilter.objects.count() == 1


def test_only_a_post_changes_anything_and_only_for_who_may_see_the_list(client_of, editor, author, reader):
    assert client_of(editor).get(VIEWS).status_code == 405
    assert client_of(author).post(VIEWS, {"name": "x", "query": "q=x"}).status_code == 403
    assert client_of(reader).post(VIEWS, {"name": "x", "query": "q=x"}).status_code == 302
    assert not SavedFilter.objects.exists()


def test_every_list_of_the_admin_has_both(client_of, admin):
    from django.contrib import admin as site_admin

    from accounts.admin.lists import ListTools

    ours = {"accounts", "blog", "media_assets", "auth"}
    bare = [
        model._meta.label
        for model, model_admin in site_admin.site._registry.items()
        if model._meta.app_label in ours and not isinstance(model_admin, ListTools)
    ]
    assert bare == ["blog.CheckSetting", "blog.SiteSettings"]  # pages of settings, not lists
    assert (
        reverse("admin:auth_group_csv") in client_of(admin).get(reverse("admin:auth_group_changelist")).content.decode()
    )
