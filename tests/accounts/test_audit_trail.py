"""The audit trail of the accounts: who came, who went, who knocked, and what was changed in the admin."""

import pytest
import structlog
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts import audit
from accounts.middleware import CallerNetworkMiddleware, shortened
from accounts.models import AuditEntry
from accounts.roles import Role
from tests.conftest import PASSWORD, make_person

pytestmark = pytest.mark.django_db


def deeds(**which) -> list[tuple[str, str, str]]:
    return [(entry.actor_name, entry.action, entry.target_name) for entry in AuditEntry.objects.filter(**which)]


def log_in(name: str, password: str = PASSWORD) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": name, "password": password}, REMOTE_ADDR="203.0.113.77")
    return browser


def test_coming_and_going_of_the_staff_is_written_down_with_the_network(editor):
    browser = log_in("editor")
    browser.post("/admin/logout/", REMOTE_ADDR="203.0.113.77")
    assert deeds() == [("editor", "logged out", "editor"), ("editor", "logged in", "editor")]
    came = AuditEntry.objects.get(action="logged in")
    assert came.network == "203.0.113.0/24"
    assert len(came.request_id) == 36


def test_readers_come_and_go_unwritten(reader):
    log_in("reader").post("/accounts/logout/")
    log_in("reader", "wrong")
    log_in("nobody", "wrong")
    assert deeds() == []


@pytest.mark.parametrize("login", ["editor", "EDITOR@example.org"])
def test_who_knocks_at_an_editors_door_is_not_known(editor, login):
    log_in(login, "wrong-password")
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target_id) == (None, "failed to log in as", editor.pk)
    assert "wrong-password" not in repr(entry.__dict__)


def test_a_locked_door_fills_no_pages(editor):
    for _ in range(12):
        log_in("editor", "wrong-password")
    assert AuditEntry.objects.filter(action="failed to log in as").count() == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb:cccc::1", "2001:db8:aaaa::/48"),
        ("0.0.0.0", ""),
    ],
)
def test_addresses_are_kept_shortened(address, network):
    assert shortened(address) == network


def test_the_network_of_one_request_is_not_that_of_the_next(author):
    seen = []

    def answer(request) -> HttpResponse:
        seen.append(audit.record(author, "looked").network)
        if len(seen) == 1:
            raise ZeroDivisionError
        return HttpResponse()

    middleware = CallerNetworkMiddleware(answer)
    with pytest.raises(ZeroDivisionError):
        middleware(RequestFactory().get("/", REMOTE_ADDR="203.0.113.77"))
    assert "network" not in structlog.contextvars.get_contextvars()
    assert audit.record(None, "ticked").network == ""
    middleware(RequestFactory().get("/", REMOTE_ADDR="198.51.100.9"))
    assert seen == ["203.0.113.0/24", "198.51.100.0/24"]


def test_a_change_of_role_is_written_field_by_field(client_of, admin, author):
    fields = {"username": "author", "email": "author@example.org", "first_name": "Vera", "last_name": ""}
    profile = author.author_profile
    inline = {
        "author_profile-TOTAL_FORMS": 1,
        "author_profile-INITIAL_FORMS": 1,
        "author_profile-0-id": profile.pk,
        "author_profile-0-user": author.pk,
        "author_profile-0-slug": profile.slug,
        "author_profile-0-bio": "Writes about tides.",
        "author_profile-0-links": "[]",
    }
    address = f"/admin/accounts/user/{author.pk}/change/"
    answer = client_of(admin).post(address, fields | {"role": Role.EDITOR.value, "is_active": "on"} | inline)
    assert answer.status_code == 302
    entry = AuditEntry.objects.get(action="changed")
    assert entry.actor == admin and entry.target_id == author.pk
    assert entry.changes == {
        "first name": ["", "Vera"],
        "role": ["Author", "Editor"],
        "author profile: biography": ["", "Writes about tides."],
    }


def test_a_refused_change_leaves_no_entry(client_of, admin):
    fields = {"username": "admin", "email": "admin@example.org", "role": Role.READER.value, "is_active": "on"}
    client_of(admin).post(f"/admin/accounts/user/{admin.pk}/change/", fields)
    assert not AuditEntry.objects.filter(action="changed").exists()


def test_a_new_password_is_written_without_the_password(client_of, admin, author):
    new = "quite-another-one-7"
    answer = client_of(admin).post(f"/admin/accounts/user/{author.pk}/password/", {"password1": new, "password2": new})
    assert answer.status_code == 302
    entry = AuditEntry.objects.get(action="changed")
    assert list(entry.changes.values()) == [["", "set anew"]]
    author.refresh_from_db()
    assert author.password not in repr(entry.__dict__) and new not in repr(entry.__dict__)


def test_deleting_somebody_keeps_their_name(client_of, admin):
    gone = make_person("gone", Role.READER)
    assert client_of(admin).post(f"/admin/accounts/user/{gone.pk}/delete/", {"post": "yes"}).status_code == 302
    assert deeds(action="deleted") == [("admin", "deleted", "gone")]


def test_what_a_role_gained_and_lost_is_named(client_of, admin):
    from django.contrib.auth.models import Group, Permission

    group = Group.objects.get(name=Role.MODERATOR)
    kept = list(group.permissions.values_list("pk", flat=True))
    lost = Permission.objects.get(codename="change_contactmessage")
    gained = Permission.objects.get(codename="delete_contactmessage")
    wanted = [pk for pk in kept if pk != lost.pk] + [gained.pk]
    answer = client_of(admin).post(f"/admin/auth/group/{group.pk}/change/", {"permissions": wanted})
    assert answer.status_code == 302
    entry = AuditEntry.objects.get(action="changed")
    assert entry.changes == {"permissions": [str(lost), str(gained)]}


def test_entries_are_only_added_to(author):
    entry = audit.record(author, "looked")
    entry.note = "Changed"
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
