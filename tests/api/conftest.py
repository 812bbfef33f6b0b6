"""Programs: clients that speak JSON, as somebody of the cast or as nobody."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.api import limits

API = "/api/v1"


class Program:
    """`program.get("/posts/")`, `.post(path, {...})`, `.patch(path, {...}, etag=…)`: as Django's client answers."""

    def __init__(self, token: str = "") -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"} if token else {})

    def __call__(self, method: str, path: str, data: object = None, *, etag: str = "", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if etag:
            named["If-Match"] = etag
        body = b"" if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
        kind = "application/json"
        return self.client.generic(method, path if path.startswith("/api") else API + path, body, kind, headers=named)

    def __getattr__(self, name: str) -> Callable:
        return lambda *args, **kwargs: self(name.upper(), *args, **kwargs)


@pytest.fixture
def program(db) -> Callable:
    """program(): a stranger's; program(author): one with an access token; program(author, ["read"]): a personal one."""

    def made(user=None, scopes: list[str] | None = None) -> Program:
        if user is None:
            return Program()
        if scopes is None:
            return Program(tokens.begin(user, device="a program", network="").access)
        tomorrow = timezone.now() + timedelta(days=1)
        return Program(tokens.make_personal(user, "test", scopes, expires_at=tomorrow)[1])

    return made


@pytest.fixture
def unlimited(monkeypatch) -> None:
    """As often as a test likes."""
    monkeypatch.setattr(
        limits, "POLICIES", {name: (10**6, seconds) for name, (_most, seconds) in limits.POLICIES.items()}
    )
