"""Tokens nobody here signed, or signed for something else (RFC 8725), and clocks that differ."""

import base64
import datetime as dt
import json

import jwt
import pytest
import time_machine
from django.conf import settings as site

from accounts import tokens
from accounts.models import PersonalToken, TokenFamily
from tests.api.conftest import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(author):
    return tokens.begin(author, device="", network="")


def key():
    return next(iter(tokens._signing().items()))


def forged(token: str, *, headers: dict | None = None, signed_by: bytes | None = None, **changes) -> str:
    """The token with other claims, rightly signed unless another key is named; a claim that is None is left out."""
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    known = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(known, signed_by or key()[1], algorithm="HS256", headers={"kid": key()[0], **(headers or {})})


def part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def is_refused(token: str) -> bool:
    answer = Program(token).get("/posts/")
    assert answer.status_code in {200, 401}, answer.content
    if answer.status_code == 401:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"].startswith("Bearer") and answer.json()["code"] == "token"
    return answer.status_code == 401


def test_what_is_rightly_signed_lets_in(pair):
    assert not is_refused(forged(pair.access))


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "", None, 7, ["HS256"]]
)
def test_no_other_algorithm_is_believed(pair, algorithm):
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    for header in ({"alg": algorithm, "kid": key()[0], "typ": "JWT"}, {"kid": key()[0]}):
        head = f"{part(header)}.{part(claims)}"
        for signature in ("", "x", pair.access.split(".")[2]):
            assert is_refused(f"{head}.{signature}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_right_key_with_another_algorithm_is_refused(pair, algorithm):
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    assert is_refused(jwt.encode(claims, key()[1], algorithm=algorithm, headers={"kid": key()[0]}))


def test_what_stands_beside_the_algorithm_is_not_followed(pair):
    own = "x" * 32
    for header in (
        {"kid": "../../dev/null"},
        {"kid": ["a"]},
        {"kid": {}},
        {"jku": "https://evil.example/keys", "kid": "evil"},
        {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(own.encode()).decode()}},
        {"crit": ["exp"], "exp": 1},
    ):
        raw = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key()[0]} | header)}.{pair.access.split('.')[1]}"
        signed = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(raw.encode(), own.encode())
        assert is_refused(f"{raw}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": []},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"use": "refresh"},
        {"use": None},
        {"sub": "0"},
        {"sub": "x"},
        {"sub": 7},
        {"sub": None},
        {"fam": None},
        {"fam": "1"},
        {"fam": True},
        {"fam": 10**30},
        {"fam": -1},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 1},
        {"iat": None},
        {"jti": None},
    ],
)
def test_a_token_for_something_else_or_of_somebody_else_is_refused(pair, changes):
    assert is_refused(forged(pair.access, **changes))


def test_a_family_answers_for_its_own_person_alone(pair, reader):
    assert is_refused(forged(pair.access, sub=str(reader.pk)))


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(pair):
    assert is_refused(pair.refresh)
    assert Program().post("/auth/token/refresh/", {"refresh": pair.access}).status_code == 401
    assert TokenFamily.objects.get().ended_at is None


def test_a_number_no_pair_was_made_with_does_not_pass_for_a_used_one(pair):
    for serial in (0, 2, 10**12):
        changed = forged(pair.refresh, ser=serial, signed_by=b"x" * 32)
        assert Program().post("/auth/token/refresh/", {"refresh": changed}).status_code == 401
    assert TokenFamily.objects.get().ended_at is None, "what we did not sign ends nobody's family"


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "..",
        "a.b.c",
        "e30.e30.",
        "[" * 6000,
        base64.urlsafe_b64encode(b"[" * 6000).decode() + ".e30.e30",
        base64.urlsafe_b64encode(b'{"a":' * 3000).decode() + ".e30.e30",
        "\u00e4" * 10,
        "lpp_",
        "lpp_" + "x" * 43,
        "lpp_' OR 1=1 --",
    ],
)
def test_what_is_no_token_at_all_lets_nobody_in(pair, token):
    assert is_refused(token)


@pytest.mark.parametrize("refresh", ["x", "a.b.c", base64.urlsafe_b64encode(b"[" * 1400).decode() + ".e30.e30"])
def test_what_is_no_refresh_token_is_refused_and_revoked_in_silence(refresh):
    assert Program().post("/auth/token/refresh/", {"refresh": refresh}).status_code == 401
    assert Program().post("/auth/token/revoke/", {"refresh": refresh}).status_code == 204


# --- Clocks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("ahead", "lets_in"), [(-10, False), (-5, False), (-4, True), (4, True), (5, True), (6, False)]
)
def test_servers_whose_clocks_differ_by_five_minutes_believe_each_other(author, ahead, lets_in):
    """Ahead: believed up to five minutes. Behind: for as long as it lasts by our own clock."""
    now = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
    there = tokens.begin(author, device="", network="", at=now + dt.timedelta(minutes=ahead))
    with time_machine.travel(now, tick=False):
        assert is_refused(there.access) is not lets_in
        refreshed = Program().post("/auth/token/refresh/", {"refresh": there.refresh}).status_code
        assert refreshed == (401 if ahead > 5 else 200), "who is told that it is too old asks for the next one"


def test_an_old_key_reads_until_it_is_forgotten_and_signs_nothing(pair, author, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-secret-key" * 4, [site.SECRET_KEY]
    assert not is_refused(pair.access)
    following = Program().post("/auth/token/refresh/", {"refresh": pair.refresh}).json()
    settings.SECRET_KEY_FALLBACKS = []
    assert is_refused(pair.access) and not is_refused(following["access"])


def test_the_database_alone_makes_no_token(pair, author):
    secret = tokens.make_personal(author, "sync", ["read"], expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1))[
        1
    ]
    row = PersonalToken.objects.get()
    assert secret not in {str(value) for value in vars(row).values()} and row.hint == secret[-4:]
    assert not is_refused(secret)
    assert is_refused(f"lpp_{row.digest}") and is_refused(row.digest)
