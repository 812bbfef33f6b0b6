"""One refresh token, brought by twenty at the same moment."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from accounts import tokens
from accounts.models import AuditEntry, TokenFamily

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20


def at_once(number: int, act) -> list:
    """What `act(0)`, `act(1)`… answered, each in a thread and with a connection of its own."""
    ready = threading.Barrier(number)

    def one(which: int):
        try:
            ready.wait(30)
            return act(which)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def bring(refresh: str, which: int):
    body = json.dumps({"refresh": refresh})
    return Client(REMOTE_ADDR=f"203.0.113.{which}").post(
        "/api/v1/auth/token/refresh/", body, content_type="application/json"
    )


def test_of_twenty_one_gets_the_next_pair_and_then_the_family_is_dead(author):
    for _round in range(3):
        pair = tokens.begin(author, device="a program", network="")
        answers = at_once(AT_ONCE, lambda which, sent=pair.refresh: bring(sent, which))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] + [401] * (AT_ONCE - 1)
        family = TokenFamily.objects.get(pk=pair.family.pk)
        assert (family.serial, family.ended_because) == (2, "reused")
        won = next(answer for answer in answers if answer.status_code == 200).json()
        assert bring(won["refresh"], 99).status_code == 401
        with pytest.raises(tokens.TokenRefused):
            tokens.holder_of(won["access"])
    assert AuditEntry.objects.filter(action="ended the tokens of").count() == 3


def test_other_families_of_the_same_person_stand(author):
    other = tokens.begin(author, device="another program", network="")
    pair = tokens.begin(author, device="a program", network="")
    at_once(4, lambda which: bring(pair.refresh, which))
    assert tokens.holder_of(other.access)[0] == author
    assert bring(other.refresh, 1).status_code == 200


def test_whoever_logs_in_while_the_password_changes_is_out_afterwards(author):
    def act(which: int):
        if which == 0:
            changed = type(author).objects.get(pk=author.pk)
            changed.set_password("three grey horses")
            changed.save(update_fields=["password"])
            tokens.end_all(changed, tokens.End.PASSWORD)
            return None
        try:
            return tokens.begin(author, device="", network="").access
        except tokens.TokenRefused:
            return None

    for access in filter(None, at_once(8, act)):
        with pytest.raises(tokens.TokenRefused):
            tokens.holder_of(access)
