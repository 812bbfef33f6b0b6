"""Who calls: by a token in the Authorization header, or by the session of a page of ours that is open."""

from __future__ import annotations

from typing import Any

import structlog
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import tokens
from accounts.addresses import client_address, shortened

CHALLENGE = 'Bearer realm="api"'


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`, an access token or a personal one (RFC 6750). `request.auth` is its row."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _space, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        try:
            text = secret.strip().decode("ascii")
            if text.startswith(tokens.PERSONAL):
                network = shortened(client_address(request)).partition("/")[0]
                return tokens.holder_of_personal(text, network=network)
            return tokens.holder_of(text)
        except (tokens.TokenRefused, UnicodeDecodeError) as error:
            structlog.get_logger(__name__).info("token_refused", why=str(error))
            raise exceptions.AuthenticationFailed(_("This token lets nobody in; log in again."), "token") from None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class PageAuthentication(SessionAuthentication):
    """The session of a page that is open; what it sends carries the token of forms, as any form does."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise exceptions.PermissionDenied(
                _("Send the token of the page as X-CSRFToken, or use a token of your own."), "csrf"
            ) from None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE
