"""People on the desk: who may give which role to whom, and what nobody may."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from accounts import mailing, people
from accounts.authors import ensure_profile
from accounts.models import OutgoingMail, User
from accounts.roles import Role, may, role_of
from core.refusals import Refusal
from tests.conftest import PASSWORD, make_person

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


def page_of(user):
    return f"{LIST}{user.pk}/change/"


def fields_of(user, **changes):
    stored = User.objects.get(pk=user.pk)
    fields = {
        "username": stored.username,
        "first_name": stored.first_name,
        "last_name": stored.last_name,
        "email": stored.email,
        "role": role_of(stored).value,
        "is_active": "on",
    } | changes
    if hasattr(stored, "author_profile"):
        profile = stored.author_profile
        fields |= {
            "author_profile-TOTAL_FORMS": "1",
            "author_profile-INITIAL_FORMS": "1",
            "author_profile-0-user": str(stored.pk),
            "author_profile-0-id": str(profile.pk),
            "author_profile-0-slug": profile.slug,
            "author_profile-0-links": "[]",
        }
    return {name: value for name, value in fields.items() if value is not None}


def test_an_administrator_gives_a_role_and_the_desk_opens(client_of, admin, reader):
    answer = client_of(admin).post(page_of(reader), fields_of(reader, role="Editor"))
    assert answer.status_code == 302, answer.context["errors"]
    stored = User.objects.get(pk=reader.pk)
    assert role_of(stored) == Role.EDITOR and stored.is_staff and stored.author_profile


def test_taking_a_role_away_closes_the_desk(client_of, admin, editor):
    client_of(admin).post(page_of(editor), fields_of(editor, role="Reader"))
    assert not User.objects.get(pk=editor.pk).is_staff
    assert client_of(User.objects.get(pk=editor.pk)).get("/admin/").status_code == 302


@pytest.mark.parametrize("name", ["reader", "author", "moderator", "editor"])
def test_only_administrators_change_people(client_of, request, name, admin):
    actor = request.getfixturevalue(name)
    answer = client_of(actor).post(page_of(admin), fields_of(admin, role="Reader"))
    assert answer.status_code in {302, 403} and role_of(User.objects.get(pk=admin.pk)) == Role.ADMINISTRATOR


def test_editors_read_the_list_and_others_do_not(client_of, editor, author):
    assert client_of(editor).get(LIST).status_code == 200
    assert client_of(editor).get(page_of(author)).status_code == 200
    assert client_of(author).get(LIST).status_code == 403


def test_nobody_changes_their_own_role_or_closes_their_own_account(client_of, admin):
    make_person("second", Role.ADMINISTRATOR)
    client = client_of(admin)
    assert b"You cannot change your own role" in client.post(page_of(admin), fields_of(admin, role="Reader")).content
    closing = client.post(page_of(admin), fields_of(admin, is_active=None))
    assert b"You cannot close your own account" in closing.content
    stored = User.objects.get(pk=admin.pk)
    assert stored.is_active and role_of(stored) == Role.ADMINISTRATOR


def test_the_last_administrator_stays(admin, editor):
    boss = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    User.objects.filter(pk=boss.pk).update(is_active=False)
    for step in (lambda: people.change_role(boss, admin, Role.READER), lambda: people.deactivate(boss, admin)):
        boss.is_active = True
        with pytest.raises(Refusal, match="last administrator"):
            step()
    assert role_of(User.objects.get(pk=admin.pk)) == Role.ADMINISTRATOR


def test_one_of_two_administrators_can_be_removed(admin):
    second = make_person("second", Role.ADMINISTRATOR)
    people.change_role(admin, second, Role.AUTHOR)
    assert role_of(User.objects.get(pk=second.pk)) == Role.AUTHOR


@pytest.mark.parametrize("role", list(Role))
def test_nobody_gives_a_role_above_their_own(editor, reader, role):
    Group.objects.get(name=Role.EDITOR).permissions.add(Permission.objects.get(codename="change_user"))
    actor = User.objects.get(pk=editor.pk)
    if role == Role.ADMINISTRATOR:
        with pytest.raises(Refusal, match="you cannot make somebody Administrator"):
            people.change_role(actor, reader, role)
    else:
        people.change_role(actor, reader, role)
    assert (role_of(User.objects.get(pk=reader.pk)) == role) is (role != Role.ADMINISTRATOR)


def test_nobody_touches_an_account_above_their_own(client_of, editor, admin):
    Group.objects.get(name=Role.EDITOR).permissions.add(Permission.objects.get(codename="change_user"))
    actor = User.objects.get(pk=editor.pk)
    with pytest.raises(Refusal, match="stands above you"):
        people.change_role(actor, admin, Role.READER)
    client = client_of(actor)
    client.post(page_of(admin), fields_of(admin, email="mine@example.org"))
    assert client.post(f"{LIST}{admin.pk}/password/", {"password1": "mine", "password2": "mine"}).status_code == 403
    assert User.objects.get(pk=admin.pk).email == "admin@example.org"


def test_an_administrator_does_not_take_over_a_superuser(client_of, admin):
    boss = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    client = client_of(admin)
    for address in (f"{LIST}{boss.pk}/password/", f"{LIST}{boss.pk}/delete/"):
        assert client.post(address, {"password1": "x", "post": "yes"}).status_code == 403
    assert User.objects.get(pk=boss.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "smuggled", [{"is_superuser": "on"}, {"is_staff": "on"}, {"groups": "5"}, {"user_permissions": "1"}]
)
def test_flags_and_groups_cannot_be_smuggled_past_the_role(client_of, admin, reader, smuggled):
    client_of(admin).post(page_of(reader), fields_of(reader, **smuggled))
    stored = User.objects.get(pk=reader.pk)
    assert not stored.is_superuser and not stored.is_staff and role_of(stored) == Role.READER


def test_a_role_that_does_not_exist_is_refused(client_of, admin, reader):
    page = client_of(admin).post(page_of(reader), fields_of(reader, role="Emperor"))
    assert page.status_code == 200 and role_of(User.objects.get(pk=reader.pk)) == Role.READER


@pytest.mark.django_db(transaction=True)
def test_closing_an_account_ends_its_sessions_and_opening_it_does_not_bring_them_back(client_of, admin, editor):
    session, stranger = client_of(editor), client_of(admin)
    client_of(admin).post(page_of(editor), fields_of(editor, is_active=None))
    assert session.get("/me/").status_code == 302
    people.reactivate(admin, User.objects.get(pk=editor.pk))
    assert session.get("/me/").status_code == 302
    assert stranger.get("/me/").status_code == 200


def test_a_person_made_on_the_desk_can_sign_in_at_once(client, client_of, admin):
    answer = client_of(admin).post(
        f"{LIST}add/",
        {
            "username": "vera",
            "email": "Vera@example.org",
            "role": "Author",
            "usable_password": "true",
            "password1": "three grey horses",
            "password2": "three grey horses",
        },
    )
    assert answer.status_code == 302, answer.context["errors"]
    vera = User.objects.get(username="vera")
    assert role_of(vera) == Role.AUTHOR and vera.is_staff and vera.author_profile.slug == "vera"
    assert client.post("/accounts/login/", {"login": "vera", "password": "three grey horses"})["Location"] == "/admin/"


def test_an_address_changed_on_the_desk_counts_and_the_old_one_does_not(client_of, admin, reader):
    client_of(admin).post(page_of(reader), fields_of(reader, email="new@example.org"))
    assert EmailAddress.objects.filter(user=reader).values_list("email", "verified", "primary").get() == (
        "new@example.org",
        True,
        True,
    )


def test_an_address_of_somebody_else_is_refused(client_of, admin, reader, author):
    page = client_of(admin).post(page_of(reader), fields_of(reader, email="AUTHOR@example.org"))
    assert b"Another account has this e-mail address" in page.content


def test_an_author_profile_is_written_with_its_person(client_of, admin, author):
    fields = fields_of(author) | {"author_profile-0-bio": "Writes about tides.", "author_profile-0-expertise": "tides"}
    assert client_of(admin).post(page_of(author), fields).status_code == 302
    assert User.objects.get(pk=author.pk).author_profile.bio == "Writes about tides."


def test_the_list_shows_role_and_finds_people_in_few_queries(client_of, admin, django_assert_max_num_queries):
    for number in range(30):
        make_person(f"person{number}", Role.AUTHOR)
    client = client_of(admin)
    with django_assert_max_num_queries(12):
        page = client.get(LIST)
    assert page.content.count(b">Author<") >= 30
    assert b"person7" in client.get(f"{LIST}?q=person7").content
    found = client.get(f"{LIST}?role=Administrator").content
    assert b"admin@example.org" in found and b"person7@" not in found


@pytest.mark.parametrize(
    "query", ["?role=Emperor", "?q=%00", "?q=' OR 1=1", "?o=99", "?password__startswith=a", "?p=x"]
)
def test_naughty_queries_do_not_break_the_list(client_of, admin, query):
    assert client_of(admin).get(LIST + query).status_code in {200, 302, 400}


def test_groups_are_edited_while_the_publication_runs_but_keep_their_names(client_of, admin, author):
    group = Group.objects.get(name="Author")
    extra = Permission.objects.get(codename="publish_post")
    keep = list(group.permissions.values_list("pk", flat=True))
    address = f"/admin/auth/group/{group.pk}/change/"
    assert client_of(admin).post(address, {"name": "Writers", "permissions": [*keep, extra.pk]}).status_code == 302
    group.refresh_from_db()
    assert group.name == "Author" and may(User.objects.get(pk=author.pk), "blog.publish_post")
    assert client_of(admin).post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client_of(author).get("/admin/auth/group/").status_code == 403


def test_the_own_password_is_changed_on_the_account_page(client_of, editor):
    assert client_of(editor).get("/admin/password_change/")["Location"] == reverse("account_change_password")


def test_a_deleted_person_takes_profile_and_mails_along(client_of, admin, author):
    mailing.queue("test", author.email, "Hello", "x", "y", user=author)
    assert client_of(admin).post(f"{LIST}{author.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=author.pk).exists() and not OutgoingMail.objects.exists()


def test_no_new_name_looks_like_an_address_but_old_ones_stay(client_of, admin, reader):
    desk = client_of(admin)
    answer = desk.post(page_of(reader), fields_of(reader, username="admin@example.org"))
    assert "A username has no @ in it" in answer.content.decode()
    new = {"username": "a@b", "email": "", "role": "Reader", "password1": PASSWORD, "password2": PASSWORD}
    assert "A username has no @ in it" in desk.post(f"{LIST}add/", new).content.decode()
    User.objects.filter(pk=reader.pk).update(username="reader@old")
    assert desk.post(page_of(reader), fields_of(reader, first_name="Rea")).status_code == 302
    assert User.objects.get(pk=reader.pk).username == "reader@old"


def test_the_short_cut_from_an_object_to_its_page_leads_nowhere(client_of, author, editor):
    profile = ensure_profile(editor)
    kind = ContentType.objects.get_for_model(profile)
    for path in (f"/admin/r/{kind.pk}/{profile.pk}/", f"/admin/r/{kind.pk}/{profile.pk}"):
        assert client_of(author).get(path).status_code == 404
    page = client_of(editor).get(f"/admin/accounts/authorprofile/{profile.pk}/change/").content.decode()
    assert f'href="{profile.get_absolute_url()}"' in page and "/admin/r/" not in page
