"""Whom and what somebody follows: people who write, categories, tags, topics."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import rates
from accounts.api.resources import Resource
from blog import follows
from core.rest.paging import PagesByNumber

KINDS = ("author", "category", "tag", "topic")
# Of each of people and subjects; more than anybody follows, and they are put in order in memory.
MOST = 1000


class Followed(serializers.Serializer):
    """Somebody or something that is followed."""

    key = serializers.SerializerMethodField(help_text="“author:vera” or “category:places/coast”.")
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(help_text="As readers see it.")
    path = serializers.CharField(help_text="The slug; of a category, with those of the ones above it.")
    url = serializers.CharField(source="address")

    def get_key(self, named: follows.Named) -> str:
        return f"{named.kind}:{named.path}"


class Following(serializers.Serializer):
    kind = serializers.ChoiceField(choices=KINDS)
    path = serializers.CharField(max_length=500, help_text="The slug; of a category, with those of the ones above it.")


KIND = OpenApiParameter("kind", str, enum=KINDS, description="Only these.")
KEY = OpenApiParameter("followed", str, "path", description="“author:vera” or “category:places/coast”.")


class TooOften(exceptions.APIException):
    status_code = 429
    default_code = "too_many_requests"

    def __init__(self, wait: int) -> None:
        super().__init__(_("That was too often. Wait, then try again."))
        self.wait = wait


class Follows(Resource):
    """What I follow."""

    members_only = True
    write_scope = "talk"
    scopes = {"list": "account"}
    serializer_class = Followed
    pagination_class = PagesByNumber
    filter_backends = ()
    lookup_field = "key"
    lookup_url_kwarg = "followed"
    lookup_value_regex = r"(?:author|category|tag|topic):[^?#]{1,500}"

    def get_queryset(self) -> QuerySet[Any]:
        raise NotImplementedError

    @extend_schema(parameters=[KIND], responses=Followed(many=True))
    def list(self, request: Request) -> Response:
        """Whom and what I follow, people first, by name."""
        kind = request.query_params.get("kind", "")
        if kind and kind not in KINDS:
            raise serializers.ValidationError({"kind": [_("Known: %(known)s.") % {"known": ", ".join(KINDS)}]})
        people, subjects = follows.all_of(self.member, MOST)
        found = [each for each in (*people, *subjects) if kind in {"", each.kind}]
        return self.listed(self.get_paginated_response(Followed(self.paginate_queryset(found), many=True).data))  # type: ignore[arg-type]

    @extend_schema(request=Following, responses={200: Followed, 201: Followed})
    def create(self, request: Request) -> Response:
        """Follow somebody or something: 201, or 200 where I did already."""
        serializer = Following(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        thing = follows.found(said["kind"], said["path"])
        if thing is None:
            raise serializers.ValidationError({"path": [_("There is nothing of this name to follow.")]})
        self.count()
        began = thing.switch(self.member, True)
        named = follows.Named(said["kind"], thing.name, thing.key.partition(":")[2])
        return Response(Followed(named).data, status=201 if began else 200)

    @extend_schema(parameters=[KEY], responses={204: None})
    def destroy(self, request: Request, followed: str) -> Response:
        """Stop following it."""
        kind, _colon, path = followed.partition(":")
        thing = follows.mine(self.member, kind, path)
        if thing is None:
            raise Http404
        self.count()
        thing.switch(self.member, False)
        return Response(status=204)

    def count(self) -> None:
        """As the buttons of the site are counted."""
        if wait := rates.seconds_to_wait(self.request._request, "follow"):
            raise TooOften(wait)
