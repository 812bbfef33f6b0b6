"""Oneself: who I am here, where I am signed in, and the tokens of my programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.db import models, transaction
from django.db.models import CharField, F, QuerySet, Value
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import devices, people, tokens
from accounts.api.resources import Lists, Resource
from accounts.forms import ProfileForm
from accounts.models import AuthorProfile, PersonalToken, SignedInDevice, TokenFamily, User
from accounts.roles import Role, at_least, role_of
from accounts.sockets import mark_of
from core.rest.conditional import digest, require_version, tag
from core.rest.paging import PagesByNumber


# --- Who I am ---------------------------------------------------------------------------------------------------------
class OwnPage(serializers.ModelSerializer):
    """What readers see of somebody who writes."""

    url = serializers.CharField(source="get_absolute_url", read_only=True)
    links = serializers.ListField(child=serializers.CharField(), read_only=True)
    expertise = serializers.ListField(source="expertise_topics", child=serializers.CharField(), read_only=True)

    class Meta:
        model = AuthorProfile
        fields = ("slug", "url", "bio", "website", "linkedin_url", "links", "expertise")
        read_only_fields = fields


class Oneself(serializers.ModelSerializer):
    """Who somebody is here, to themselves."""

    name = serializers.CharField(source="display_name", read_only=True)
    role = serializers.SerializerMethodField()
    author_page = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            *("id", "username", "first_name", "last_name", "name", "email", "role", "date_joined"),
            *("timezone", "digest_hour", "shows_presence", "author_page"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[role.value.lower() for role in Role]))
    def get_role(self, user: User) -> str:
        return role_of(user).value.lower()

    @extend_schema_field(OwnPage(allow_null=True))
    def get_author_page(self, user: User) -> Any:
        profile = getattr(user, "author_profile", None)
        return OwnPage(profile).data if profile and at_least(user, Role.AUTHOR) else None


class OwnPageWriting(serializers.Serializer):
    bio = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    website = serializers.CharField(required=False, allow_blank=True, max_length=200)
    linkedin_url = serializers.CharField(required=False, allow_blank=True, max_length=200)
    links = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=10)
    expertise = serializers.ListField(child=serializers.CharField(max_length=100), required=False, max_length=30)


class OneselfWriting(serializers.ModelSerializer):
    """What somebody changes of themselves; address and password are changed on the site, which asks for proof."""

    timezone = serializers.CharField(required=False, allow_blank=True, max_length=64, help_text="As “Europe/London”.")
    digest_hour = serializers.IntegerField(required=False, min_value=0, max_value=23)
    author_page = OwnPageWriting(required=False)

    class Meta:
        model = User
        fields = ("timezone", "digest_hour", "shows_presence", "author_page")
        extra_kwargs = {"shows_presence": {"required": False}}

    def validate_timezone(self, name: str) -> str:
        if name and name not in available_timezones():
            raise serializers.ValidationError(_("There is no such time zone. One looks like Europe/London."))
        return name


class Me(Resource):
    """The account whose token or session this is."""

    members_only = True
    write_scope = "account"
    scopes = {"retrieve": "account"}
    serializer_class = Oneself

    def get_object(self) -> Any:
        return User.objects.select_related("author_profile").prefetch_related("groups").get(pk=self.member.pk)

    def version_of(self, thing: User) -> str:
        return f"{thing.pk}.{digest(Oneself(thing).data)}"

    def changed_at(self, thing: User) -> None:
        return None

    @extend_schema(responses=Oneself)
    def retrieve(self, request: Request) -> Response:
        """Who I am here."""
        return self.shown(self.get_object())

    @extend_schema(request=OneselfWriting, responses=Oneself)
    def partial_update(self, request: Request) -> Response:
        """Change whether I am seen, the hour and zone of my daily mail, and my author page."""
        serializer = OneselfWriting(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        said = dict(serializer.validated_data)
        page = said.pop("author_page", None)
        with transaction.atomic():
            held = User.objects.select_for_update(of=("self",), no_key=True).get(pk=self.member.pk)
            version = self.version_of(held)
            require_version(request, version, etag=tag(version, digest(Oneself(held).data)), is_required=False)
            people.change_oneself(held, said)
            if page:
                self.write_page(held, page)
        return self.shown(self.get_object())

    def write_page(self, user: User, said: Mapping[str, Any]) -> None:
        """By the form of the site, which knows what an author may say."""
        profile = AuthorProfile.objects.select_for_update().filter(user=user).first()
        if profile is None or not at_least(user, Role.AUTHOR):
            raise serializers.ValidationError({"author_page": [_("This account has no author page.")]})
        lists = {"links": "\n", "expertise": ", "}
        typed = {
            name: lists[name].join(said[name]) if name in lists and name in said else said.get(name, known)
            for name, known in {
                **{name: getattr(profile, name) for name in ("bio", "website", "linkedin_url", "expertise")},
                "links": "\n".join(profile.links if isinstance(profile.links, list) else []),
            }.items()
        }
        form = ProfileForm(typed, instance=profile)
        if not form.is_valid():
            raise serializers.ValidationError(
                {"author_page": {name: [str(each) for each in why] for name, why in form.errors.items()}}
            )
        people.change_author_page(user, form)


# --- Where I am signed in ---------------------------------------------------------------------------------------------
class OpenSession(serializers.Serializer):
    """A browser or a program that is signed in."""

    id = serializers.CharField(help_text="“browser-7” or “program-7”.")
    kind = serializers.ChoiceField(choices=["browser", "program"])
    device = serializers.CharField(allow_blank=True, help_text="In words; empty where it does not say what it is.")
    network = serializers.CharField(allow_blank=True, help_text="Its address without the last part.")
    created_at = serializers.DateTimeField()
    last_active_at = serializers.DateTimeField()
    is_current = serializers.BooleanField(help_text="Whether it is the one that asks.")

    def to_representation(self, row: Mapping[str, Any]) -> Any:
        at = f"{row['kind']}-{row['pk']}"
        return super().to_representation({**row, "id": at, "is_current": at == self.context["current"]})


KINDS = ("browser", "program")
SESSION_ID = OpenApiParameter("id", str, "path", description="“browser-7” or “program-7”.")


class Sessions(Resource):
    """Browsers and programs that are signed in as me."""

    members_only = True
    write_scope = "account"
    scopes = {"list": "account"}
    serializer_class = OpenSession
    pagination_class = PagesByNumber
    filter_backends = ()
    lookup_value_regex = r"(?:browser|program)-[0-9]{1,18}"

    def current(self) -> str:
        if isinstance(self.request.auth, TokenFamily):
            return f"program-{self.request.auth.pk}"
        key = self.request.session.session_key if self.request.auth is None else ""
        here = SignedInDevice.objects.filter(session_digest=mark_of(key or ""), user=self.member).first()
        return f"browser-{here.pk}" if here else ""

    def get_queryset(self) -> QuerySet[Any, Any]:
        columns = ("kind", "pk", "device", "network", "created_at", "last_active_at")

        def rows(found: QuerySet[Any], kind: str) -> QuerySet[Any, Any]:
            named = found.order_by().annotate(kind=Value(kind, output_field=CharField()))
            return named.values(*columns)

        user = self.member
        both = rows(devices.of(user), "browser").union(rows(tokens.of(user), "program"), all=True)
        return both.order_by("-last_active_at", "kind", "-pk")

    @extend_schema(responses=OpenSession(many=True))
    def list(self, request: Request) -> Response:
        """All of them, the last used first."""
        page = self.paginate_queryset(self.get_queryset())
        context = {**self.get_serializer_context(), "current": self.current()}
        return self.listed(self.get_paginated_response(OpenSession(page, many=True, context=context).data))

    @extend_schema(parameters=[SESSION_ID], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """End one."""
        kind, _hyphen, number = pk.partition("-")
        user = self.member
        ended = devices.sign_out(user, int(number)) if kind == "browser" else tokens.end(user, [int(number)])
        if not ended:
            raise Http404
        return Response(status=204)

    @extend_schema(operation_id="users_me_sessions_destroy_others", responses={204: None})
    def destroy_others(self, request: Request) -> Response:
        """End all but the one that asks. Personal tokens stay."""
        here = request.auth if isinstance(request.auth, TokenFamily) else None
        devices.sign_out_others(self.member, request._request if request.auth is None else None)
        tokens.end_others(self.member, here)
        return Response(status=204)


# --- Tokens of my programs --------------------------------------------------------------------------------------------
class OwnToken(serializers.ModelSerializer):
    """A personal token; the token itself is shown once, when it is made."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(tokens.SCOPES)), read_only=True)

    class Meta:
        model = PersonalToken
        fields: tuple[str, ...] = (
            "id",
            "name",
            "hint",
            "scopes",
            "created_at",
            "expires_at",
            "last_used_at",
            "network",
        )
        read_only_fields = fields


class NewToken(OwnToken):
    token = serializers.CharField(read_only=True, help_text="Shown this once. Send it as `Authorization: Bearer …`.")

    class Meta(OwnToken.Meta):
        fields = (*OwnToken.Meta.fields, "token")
        read_only_fields = fields


class TokenWriting(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="Of the program it is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(tokens.SCOPES)), max_length=len(tokens.SCOPES)
    )
    expires_at = serializers.DateTimeField(help_text="Within a year from now.")


class Tokens(Lists):
    """Personal tokens: for one program, for some scopes, for a while."""

    members_only = True
    is_secret = True
    write_scope = "account"
    scopes = {"list": "account", "retrieve": "account"}
    serializer_class = OwnToken
    lookup_value_regex = r"[0-9]{1,18}"
    walked_by = ("-created_at", "-pk")
    orderings = {"newest": ("-created_at", "-pk"), "used": (F("last_used_at").desc(nulls_last=True), "-pk")}

    def get_queryset(self) -> models.QuerySet[PersonalToken]:
        if getattr(self, "swagger_fake_view", False):
            return PersonalToken.objects.none()
        return tokens.personal_of(self.member)

    @extend_schema(request=TokenWriting, responses={201: NewToken})
    def create(self, request: Request) -> Response:
        """Make one. What it may do is what its scopes and its owner may both do."""
        self.refuse_making()
        serializer = TokenWriting(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        made, secret = tokens.make_personal(self.member, said["name"], said["scopes"], expires_at=said["expires_at"])
        where = request.build_absolute_uri(f"/api/v1/users/me/tokens/{made.pk}/")
        return Response(
            {**OwnToken(made).data, "token": secret},
            status=201,
            headers={"Location": where, "Cache-Control": "no-store"},
        )

    def refuse_making(self) -> None:
        """A token that lasts is made by somebody, not by another one, which would never run out then."""
        if isinstance(self.request.auth, PersonalToken):
            raise exceptions.PermissionDenied(_("Personal tokens make no tokens; log in for that."), "scope")
        if self.request.auth is None and not did_recently_reauthenticate(self.request._request):
            raise exceptions.PermissionDenied(
                _("Show first that it is you: type your password once more on the page of your tokens."),
                "reauthenticate",
            )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Take it back: it lets nobody in from now on."""
        if not tokens.delete_personal(self.member, int(pk)):
            raise Http404
        return Response(status=204)
