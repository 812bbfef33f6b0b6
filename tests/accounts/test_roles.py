"""Roles: each holds what those below it hold, and the staff flag follows by whatever door the role came."""

import io

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import call_command

from accounts.models import AuthorProfile, User
from accounts.roles import GAINS, STAFF_ROLES, Role, may, permissions_of, role_of, set_role, synchronise
from tests.conftest import PASSWORD, make_person

pytestmark = pytest.mark.django_db
ORDERED = list(Role)


@pytest.fixture
def cast(reader, author, moderator, editor, admin):
    return dict(zip(ORDERED, [reader, author, moderator, editor, admin], strict=True))


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_it_and_those_below_gain_and_nothing_else(cast, role):
    everything = {permission for gained in GAINS.values() for permission in gained}
    held = {permission for permission in everything if may(cast[role], permission)}
    assert held == permissions_of(role)


def test_each_role_holds_more_than_the_one_below():
    for lower, higher in zip(ORDERED, ORDERED[1:], strict=False):
        assert permissions_of(lower) < permissions_of(higher)


@pytest.mark.parametrize(
    ("permission", "lowest"),
    [
        ("blog.add_post", Role.AUTHOR),
        ("blog.publish_post", Role.EDITOR),
        ("blog.change_others_post", Role.EDITOR),
        ("blog.view_contactmessage", Role.MODERATOR),
        ("accounts.change_user", Role.ADMINISTRATOR),
        ("accounts.view_outgoingmail", Role.ADMINISTRATOR),
        ("auth.change_group", Role.ADMINISTRATOR),
    ],
)
def test_the_line_is_drawn_where_the_house_says(cast, permission, lowest):
    for role, user in cast.items():
        assert may(user, permission) is (ORDERED.index(role) >= ORDERED.index(lowest)), role


def test_strangers_and_closed_accounts_may_nothing(editor):
    assert not may(AnonymousUser(), "blog.view_post")
    editor.is_active = False
    assert not may(editor, "blog.view_post")


@pytest.mark.parametrize("role", Role)
def test_the_cast_of_the_tests_is_what_a_role_that_was_set_makes(db, role):
    def rows_of(user):
        profile = AuthorProfile.objects.filter(user=user).values("slug", "bio", "website", "links", "avatar").first()
        names = list(user.groups.values_list("name", flat=True))
        return names, user.is_staff, user.is_active, user.is_superuser, user.has_usable_password(), profile

    short = rows_of(make_person("somebody", role))
    User.objects.all().delete()
    user = User.objects.create_user("somebody", "somebody@example.org", PASSWORD)
    set_role(user, role)
    assert rows_of(User.objects.get(pk=user.pk)) == short


@pytest.mark.parametrize("role", Role)
def test_the_staff_flag_follows_a_role_that_was_set(reader, role):
    set_role(reader, role)
    reader.refresh_from_db()
    assert reader.is_staff is (role in STAFF_ROLES) and role_of(reader) == role


def test_the_staff_flag_follows_groups_from_both_ends(reader, author):
    authors = Group.objects.get(name="Author")
    authors.user_set.add(reader)
    author.groups.remove(authors)
    reader.refresh_from_db()
    author.refresh_from_db()
    assert reader.is_staff and not author.is_staff


def test_clearing_all_groups_takes_the_desk_away(author):
    author.groups.clear()
    author.refresh_from_db()
    assert not author.is_staff


def test_emptying_a_group_from_its_own_end_takes_the_desk_away(author):
    Group.objects.get(name="Author").user_set.clear()
    assert not User.objects.get(pk=author.pk).is_staff


def test_setting_a_role_takes_the_others_away_and_leaves_other_groups(editor):
    chess = Group.objects.create(name="Chess club")
    editor.groups.add(chess)
    set_role(editor, Role.AUTHOR)
    assert set(editor.groups.values_list("name", flat=True)) == {"Author", "Chess club"}


def test_whoever_may_write_has_a_profile_and_keeps_it(reader):
    assert not hasattr(reader, "author_profile")
    set_role(reader, Role.AUTHOR)
    set_role(reader, Role.READER)
    assert User.objects.get(pk=reader.pk).author_profile.slug == "reader"


def test_two_authors_of_one_name_get_two_addresses(db):
    from tests.conftest import make_person

    slugs = [make_person(name, Role.AUTHOR, first_name="Ana").author_profile.slug for name in ("ana1", "ana2")]
    assert slugs == ["ana", "ana-2"]


def test_sync_roles_brings_back_what_was_declared(author):
    group = Group.objects.get(name="Author")
    group.permissions.clear()
    said = io.StringIO()
    call_command("sync_roles", stdout=said)
    assert may(User.objects.get(pk=author.pk), "blog.add_post")
    assert f"Author: {len(permissions_of(Role.AUTHOR))} permissions" in said.getvalue()


def test_every_declared_permission_exists():
    assert synchronise() == {role.value: len(permissions_of(role)) for role in Role}
