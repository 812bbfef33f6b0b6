"""Tokens: who gets them, what ends them, and what no token is."""

import jwt
import pytest

from accounts import tokens
from accounts.models import TokenFamily
from tests.conftest import PASSWORD


def log_in(program, name="author", password=PASSWORD):
    return program().post("/auth/token/", {"login": name, "password": password})


def test_a_name_and_a_password_bring_a_pair(program, author):
    said = log_in(program)
    assert said.status_code == 200 and said["Cache-Control"] == "no-store"
    assert (
        program().client.get("/api/v1/posts/", headers={"authorization": f"Bearer {said.json()['access']}"}).status_code
        == 200
    )
    wrong = log_in(program, password="something else")
    assert wrong.status_code == 401 and wrong.json()["detail"].startswith("The name or the password")
    assert log_in(program, "nobody").json() == wrong.json()


def test_a_refresh_token_is_good_once_and_used_twice_ends_its_family(program, author):
    pair = log_in(program).json()
    second = program().post("/auth/token/refresh/", {"refresh": pair["refresh"]})
    assert second.status_code == 200
    assert program().post("/auth/token/refresh/", {"refresh": pair["refresh"]}).status_code == 401
    assert program().post("/auth/token/refresh/", {"refresh": second.json()["refresh"]}).status_code == 401
    assert TokenFamily.objects.get().ended_because == "reused"
    with pytest.raises(tokens.TokenRefused):
        tokens.holder_of(second.json()["access"])


def test_what_is_not_ours_lets_nobody_in(program, author, settings):
    good = tokens.begin(author, device="", network="").access
    claims = jwt.decode(good, options={"verify_signature": False})
    none = jwt.encode(claims, "", algorithm="none")
    other_key = jwt.encode(claims, "x" * 32, algorithm="HS256", headers=jwt.get_unverified_header(good))
    for token in ("", "x", "a.b.c", none, other_key, good[:-2], "lpp_x", "lpp_" + "ä"):
        answer = program().client.get("/api/v1/posts/", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer"), token


def test_a_new_key_reads_what_the_old_one_signed_until_that_is_forgotten(author, settings):
    old = tokens.begin(author, device="", network="").access
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key" * 4, [settings.SECRET_KEY]
    assert tokens.holder_of(old)[0] == author
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(tokens.TokenRefused):
        tokens.holder_of(old)
