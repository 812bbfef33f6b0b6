"""Every operation, called with what its description allows and with what it does not, as everybody there is.

Nothing fails on our side, no answer is of a status, a type or a shape that the description does not name. The same
cases come on every run; SCHEMATHESIS_EXAMPLES asks for more of them.
"""

import os
from datetime import timedelta
from functools import cache

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from blog import taxonomy
from blog.models import Category
from config.wsgi import application
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.media_assets.making_assets import make_asset

pytestmark = [pytest.mark.usefixtures("unlimited"), pytest.mark.once]
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
# Where nobody asks for more: so many for each of the cast, however many operations there are, and a few for each.
CASES, FEWEST, MOST = 200, 2, 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What is there to be found: a random address finds nothing, and nothing is all one would try.
KNOWN = {"slug": ["ferries", "mine", "theirs"], "id": ["1", "2"], "pk": ["1", "2"], "number": ["1"], "n": ["1"]}


@cache
def description():
    with override_settings(ALLOWED_HOSTS=["*"]):
        return schemathesis.openapi.from_wsgi("/api/schema/", application)


@cache
def everything():
    """What can be sent to each operation, right and wrong."""
    found = []
    for result in description().get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            try:
                cases = operation.as_strategy(generation_mode=mode)
                cases.validate()
            except Exception:
                # Nothing can be wrong about an operation that takes nothing.
                continue
            found.append((f"{operation.label}, {mode.value}", cases))
    return found


@pytest.fixture
def one_transaction(db):
    """As Django's own client: the end of a request does not close the connection of the test."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world(one_transaction, publish, write, editor, author):  # noqa: F811
    boats = taxonomy.save_category(Category(name="Boats"))
    publish("Ferries", tags=["Rope"], category=boats, featured_image=make_asset())
    write("Mine")
    write("Theirs", by=editor)


def known(case, draw) -> None:
    """Put what there is into the address, most of the time, and let writes through the door of conditions."""
    for name in case.path_parameters or {}:
        value = draw(st.sampled_from([None, *KNOWN.get(name, [])]))
        if value is not None:
            case.path_parameters[name] = value
    if case.method in {"PUT", "PATCH", "DELETE"} and draw(st.booleans()):
        case.headers = {**(case.headers or {}), "If-Match": "*"}


def call_everything(headers: dict[str, str]) -> tuple[dict[int, int], list[str]]:
    """How often each status was answered, and what was wrong with which operation."""
    found: dict[int, int] = {}
    wrong: list[str] = []
    examples = EXAMPLES or min(max(CASES // len(everything()), FEWEST), MOST)
    for name, cases in everything():
        try:
            calls_of(cases, headers, found, examples)()
        except (Exception, BaseExceptionGroup) as error:
            wrong.append(f"{name}: {said_by(error)}")
    return found, wrong


def calls_of(cases, headers, found, examples):
    @seed(7)
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def calls(data):
        case = data.draw(cases)
        known(case, data.draw)
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
        case.validate_response(answer, checks=CHECKS)

    return calls


def said_by(error: BaseException) -> str:
    several = getattr(error, "exceptions", None)
    return "; ".join(map(said_by, several)) if several else f"{type(error).__name__}: {str(error)[:1500]}"


@pytest.mark.parametrize("who", ["stranger", "reader", "author", "editor", "admin"])
def test_every_answer_is_one_that_is_described(who, world, request, settings):
    settings.ALLOWED_HOSTS = ["*"]
    headers = {}
    if who != "stranger":
        tomorrow = timezone.now() + timedelta(days=1)
        person = request.getfixturevalue(who)
        secret = tokens.make_personal(person, "tries everything", tokens.SCOPES, expires_at=tomorrow)[1]
        headers = {"Authorization": f"Bearer {secret}"}
    found, wrong = call_everything(headers)
    assert not wrong, "\n\n".join(wrong)
    print(who, sum(found.values()), dict(sorted(found.items())))
    assert found.get(200, 0) > 5, "hardly anything was let in"
