"""What every resource of the API is: who may, how often, once, and in which shape. Apps fill in what it is about."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from rest_framework import exceptions, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import idempotency
from accounts.api import limits
from accounts.api.authentication import CHALLENGE
from accounts.models import IdempotentAnswer, PersonalToken, User
from accounts.roles import may
from core.rest import shaping
from core.rest.conditional import Conditional

SAFE = limits.SAFE
PUT_OFF = {429, 503}


class Resource(Conditional, viewsets.GenericViewSet):
    """`permissions`: what a role needs for each action ("blog.publish_post"); actions not named are everybody's, or,
    with `members_only`, everybody's with an account. `scopes`: which scope of a personal token an action needs, where
    it is not "read" and `write_scope`."""

    permissions: dict[str, str] = {}
    members_only: frozenset[str] | bool = False
    write_scope = "write"
    scopes: dict[str, str] = {}
    # Statuses an action answers with and others do not, for the description: {"list": (410,)}.
    other_answers: dict[str, tuple[int, ...]] = {}
    walked_by: tuple[str, ...] = ("-pk",)
    # An answer with a secret in it is kept nowhere.
    is_secret = False
    user: Any
    # Only while a request with a key is answered.
    claimed: IdempotentAnswer | None

    @property
    def by(self) -> Any:
        """Who asks, for what is done in somebody's name."""
        return self.request.user

    @cached_property
    def shape(self) -> shaping.Wanted:
        return shaping.wanted(self.request)

    @property
    def member(self) -> User:
        """Who asks, where only members may."""
        return cast(User, self.request.user)

    # --- Who may ------------------------------------------------------------------------------------------------------
    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if isinstance(request.auth, PersonalToken):
            needed = self.scopes.get(self.action, "read" if request.method in SAFE else self.write_scope)
            if needed not in request.auth.scopes:
                raise exceptions.PermissionDenied(
                    _("This token has no scope “%(scope)s”.") % {"scope": needed}, "scope"
                )
        members = self.members_only if isinstance(self.members_only, bool) else self.action in self.members_only
        permission = self.permissions.get(self.action)
        if (members or permission) and not request.user.is_authenticated:
            raise exceptions.NotAuthenticated(_("Log in first."))
        if permission and not may(request.user, permission):
            raise exceptions.PermissionDenied(_("Your role does not let you do this."), "role")

    def require(self, permission: str, thing: Any) -> None:
        """Raises PermissionDenied unless whoever asks may do this to that."""
        if not may(self.request.user, permission, thing):
            raise exceptions.PermissionDenied(_("This belongs to somebody else."), "role")

    def get_authenticate_header(self, request: Request) -> str:
        return CHALLENGE

    # --- Once, and how often ------------------------------------------------------------------------------------------
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST" or self.is_secret or idempotency.HEADER not in request.headers:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            self.claimed = None
            response: Any = super().dispatch(request, *args, **kwargs)
            if self.claimed is not None and response.status_code in PUT_OFF:
                # It was not done, and will be when it is asked for again with the same key.
                self.claimed.delete()
            elif self.claimed is not None:
                idempotency.keep(self.claimed, response.render())
            return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if hasattr(self, "claimed"):
            self.claimed = idempotency.claim(request)

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, idempotency.AnsweredBefore):
            row = error.row
            again: Any = HttpResponse(
                row.body, status=row.status, headers={**row.headers, "Idempotency-Replayed": "true"}
            )
            return again
        return super().handle_exception(error)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        return limits.say(response, request._request)

    # --- What of it ---------------------------------------------------------------------------------------------------
    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        queryset = super().filter_queryset(queryset)
        serializer: Any = self.get_serializer_class()
        if issubclass(serializer, shaping.Shaped) and self.request.method in SAFE:
            queryset = shaping.brought(queryset, serializer, self.shape)
        return queryset


class Lists(Resource):
    """With a list in pages and each item by itself."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.listed(self.get_paginated_response(self.get_serializer(page, many=True).data))

    # Not every resource has single items: whoever has this method has an address for each.
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.shown(self.get_object())
