"""What ends tokens ends them at once, and the sessions with them."""

import datetime as dt

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import idempotency, people, tokens
from accounts.models import AuditEntry, IdempotentAnswer, PersonalToken, TokenFamily, User
from accounts.roles import Role, set_role
from accounts.tasks import clear_expired_sessions
from tests.accounts.test_passwords import ask_for_link, use
from tests.api.conftest import Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "three grey horses"


class Open:
    """All the ways somebody is let in at once: an access token, a refresh token, a personal one, a session."""

    def __init__(self, user, client_of) -> None:
        pair = tokens.begin(user, device="a program", network="")
        tomorrow = timezone.now() + dt.timedelta(days=1)
        made = tokens.make_personal(user, "sync", ["read", "account"], expires_at=tomorrow)[1]
        self.refresh, self.programs, self.browser = pair.refresh, [Program(pair.access), Program(made)], client_of(user)
        self.browser.get("/me/")

    def ways(self) -> list[bool]:
        programs = [program.get("/posts/").status_code == 200 for program in self.programs]
        browser = self.browser.get("/me/").status_code == 200
        refreshed = Program().post("/auth/token/refresh/", {"refresh": self.refresh}).status_code == 200
        return [*programs, refreshed, browser]

    def all_ended(self) -> bool:
        return self.ways() == [False] * 4


@pytest.fixture
def opened(author, client_of):
    return Open(author, client_of)


def test_all_ways_are_open_while_nothing_happens(opened, reader, client_of):
    people.deactivate(User.objects.create_superuser("root", "root@example.org"), reader)
    assert opened.ways() == [True] * 4, "somebody else's end is not theirs"


def test_a_changed_password_ends_all_but_the_session_that_changed_it(opened, author, client_of):
    here = client_of(author)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert opened.all_ended() and here.get("/me/").status_code == 200
    assert TokenFamily.objects.get().ended_because == "password" and not PersonalToken.objects.exists()


def test_a_reset_password_ends_all(opened, author, client):
    use(client, ask_for_link(client, "author@example.org"))
    assert opened.all_ended()


def test_a_password_set_by_any_other_door_ends_all(opened, author):
    author.set_password(NEW)
    author.save()
    assert opened.all_ended()


def test_a_lower_role_ends_all(opened, author):
    set_role(author, Role.READER)
    assert opened.all_ended() and TokenFamily.objects.get().ended_because == "role"


def test_a_lower_role_from_the_side_of_the_group_ends_all(opened, author):
    Group.objects.get(name=Role.AUTHOR).user_set.remove(author)
    assert opened.all_ended() and TokenFamily.objects.get().ended_because == "role"


def test_an_emptied_group_ends_all(opened):
    Group.objects.get(name=Role.AUTHOR).user_set.clear()
    assert opened.all_ended()


def test_a_higher_role_ends_nothing_and_is_there_at_once(opened, author):
    set_role(author, Role.EDITOR)
    assert opened.ways() == [True] * 4


def test_a_closed_account_ends_all_and_stays_ended_when_it_is_opened_again(
    opened, author, admin, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        people.deactivate(admin, author)
    assert opened.all_ended()
    people.reactivate(admin, author)
    assert opened.all_ended()


def test_an_account_that_was_switched_off_by_hand_is_let_in_by_nothing(opened, author):
    User.objects.filter(pk=author.pk).update(is_active=False)
    assert opened.all_ended()


def test_tokens_of_somebody_who_is_gone_let_nobody_in(opened, author):
    author.delete()
    assert opened.all_ended() and not TokenFamily.objects.exists() and not PersonalToken.objects.exists()


def test_logging_out_ends_the_family_and_says_the_same_of_any_token(opened, author):
    for sent in (opened.refresh, opened.refresh, "x", "a.b.c"):
        answer = Program().post("/auth/token/revoke/", {"refresh": sent})
        assert answer.status_code == 204 and not answer.content
    assert TokenFamily.objects.get().ended_because == "logged out"
    assert opened.ways() == [False, True, False, True], "the program that logged out, and nothing else"


def test_a_refresh_token_that_comes_again_is_written_down(opened, author):
    first = Program().post("/auth/token/refresh/", {"refresh": opened.refresh}).json()
    again = Program().post("/auth/token/refresh/", {"refresh": opened.refresh})
    assert again.status_code == 401 and again.json()["code"] == "token"
    assert Program(first["access"]).get("/posts/").status_code == 401
    assert Program().post("/auth/token/refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert AuditEntry.objects.filter(action="ended the tokens of").count() == 1, "once, however often it comes"


def test_who_knew_the_old_password_gets_no_family_after_the_change(author):
    knew = User.objects.get(pk=author.pk)
    author.set_password(NEW)
    author.save()
    with pytest.raises(tokens.TokenRefused):
        tokens.begin(knew, device="", network="")
    assert not TokenFamily.objects.exists()


def test_each_of_them_runs_out(opened, author):
    begun = timezone.now()
    for wait, ways in [
        (dt.timedelta(minutes=4, seconds=50), [True, True]),
        (dt.timedelta(minutes=5, seconds=2), [False, True]),
        (dt.timedelta(days=1, seconds=2), [False, False]),
    ]:
        with time_machine.travel(begun + wait):
            assert [each.get("/posts/").status_code == 200 for each in opened.programs] == ways, wait
    with time_machine.travel(begun + tokens.REFRESH_LASTS + dt.timedelta(seconds=2)):
        assert Program().post("/auth/token/refresh/", {"refresh": opened.refresh}).status_code == 401


def test_what_is_over_is_swept(opened, author):
    IdempotentAnswer.objects.create(key="k", request_digest="d", created_at=timezone.now())
    now = timezone.now()
    with time_machine.travel(now + idempotency.LASTS - dt.timedelta(minutes=1)):
        clear_expired_sessions()
        assert IdempotentAnswer.objects.exists() and TokenFamily.objects.exists() and PersonalToken.objects.exists()
    with time_machine.travel(now + idempotency.LASTS + dt.timedelta(minutes=1)):
        clear_expired_sessions()
        assert not IdempotentAnswer.objects.exists() and PersonalToken.objects.exists(), "seen for a month as run out"
    with time_machine.travel(now + tokens.REFRESH_LASTS + tokens.KEPT_AFTER_END + dt.timedelta(minutes=1)):
        clear_expired_sessions()
        assert not TokenFamily.objects.exists() and not PersonalToken.objects.exists()


def test_a_token_asks_one_question(author, django_assert_num_queries):
    pair = tokens.begin(author, device="", network="")
    secret = tokens.make_personal(author, "x", ["read"], expires_at=timezone.now() + dt.timedelta(days=1))[1]
    tokens.holder_of_personal(secret, network="")
    with django_assert_num_queries(2):
        assert tokens.holder_of(pair.access)[0] == author
        assert tokens.holder_of_personal(secret, network="")[0] == author
