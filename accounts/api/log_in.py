"""Logging in and out, and registering: the site's own forms and steps, answered with tokens."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import second_factor, tokens
from accounts.addresses import client_address, shortened
from accounts.api import limits
from accounts.api.resources import Resource
from accounts.devices import name_of
from accounts.forms import LoginForm, NameTaken, SignupForm
from accounts.limits import CannotCount
from accounts.models import User

WRONG = gettext_lazy("The name or the password is not right. Check both, or reset the password.")
# What is signed is not guessed at: its brake is that of all who write, and it goes on while nobody can count.
UNGUESSED = ""
# As the site's own limit of wrong passwords from one address has it (ACCOUNT_RATE_LIMITS).
LOG_IN_AGAIN_AFTER = 300


class Credentials(serializers.Serializer):
    login = serializers.CharField(max_length=254, help_text="Username or e-mail address.")
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)
    code = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="Of an authenticator app, or a recovery code; where the account asks for one.",
    )


class RefreshToken(serializers.Serializer):
    refresh = serializers.CharField(max_length=2000, help_text="The refresh token; it is good once.")


class TokenPair(serializers.Serializer):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Brings the next pair. Used a second time it ends all of its family.")
    expires_in = serializers.IntegerField(help_text="Seconds the access token is good for.")
    token_type = serializers.CharField(default="Bearer")


class Registration(serializers.Serializer):
    email = serializers.EmailField(max_length=254)
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)


class Told(serializers.Serializer):
    detail = serializers.CharField()


class LogIn(Resource):
    """Tokens for names and passwords, for refresh tokens, and their end."""

    authentication_classes = ()
    is_secret = True
    throttle_scope = "log-in"

    def get_serializer_class(self) -> type[serializers.Serializer]:
        return {"token": Credentials, "register": Registration}.get(self.action, RefreshToken)

    def checked(self) -> dict[str, Any]:
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data

    def handle_exception(self, error: Exception) -> Response:
        return super().handle_exception(limits.CannotCount() if isinstance(error, CannotCount) else error)

    @extend_schema(request=Credentials, responses=TokenPair)
    @action(detail=False, methods=["post"])
    def token(self, request: Request) -> Response:
        """Log in: a pair of tokens for a name and a password, and a code where the account has a second factor."""
        user = log_in(request._request, **self.checked())
        agent = request.headers.get("User-Agent", "")
        try:
            pair = tokens.begin(user, device=name_of(agent) or plain(agent), network=network_of(request._request))
        except tokens.TokenRefused:
            raise exceptions.AuthenticationFailed(WRONG, "password") from None
        user_logged_in.send(sender=User, request=request._request, user=user)
        return self.pair(pair)

    @extend_schema(request=RefreshToken, responses=TokenPair)
    @action(detail=False, methods=["post"], url_path="token/refresh", throttle_scope=UNGUESSED)
    def refresh(self, request: Request) -> Response:
        """The next pair. A refresh token that was used before ends its whole family."""
        try:
            return self.pair(tokens.refresh(self.checked()["refresh"], network=network_of(request._request)))
        except tokens.TokenRefused:
            raise exceptions.AuthenticationFailed(_("This token lets nobody in; log in again."), "token") from None

    @extend_schema(request=RefreshToken, responses={204: None})
    @action(detail=False, methods=["post"], url_path="token/revoke", throttle_scope=UNGUESSED)
    def revoke(self, request: Request) -> Response:
        """Log out: end the family of this refresh token. Of one that is unknown the answer is the same."""
        tokens.end_with(self.checked()["refresh"])
        return Response(status=204)

    @extend_schema(request=Registration, responses={202: Told})
    @action(detail=False, methods=["post"], throttle_scope="register")
    def register(self, request: Request) -> Response:
        """Open an account. The answer is the same whether the address has one already; a letter says what is so."""
        register(request._request, **self.checked())
        said = _("We have sent a letter to that address. Follow the link in it, then log in.")
        return Response({"detail": said}, status=202)

    def pair(self, pair: tokens.Pair) -> Response:
        said = {"access": pair.access, "refresh": pair.refresh, "expires_in": pair.expires_in, "token_type": "Bearer"}
        return Response(said, headers={"Cache-Control": "no-store"})


def plain(agent: str) -> str:
    """What a program calls itself, short enough and fit to be shown."""
    return "".join(letter for letter in agent[:1000] if letter.isprintable())[:60]


def network_of(request: HttpRequest) -> str:
    return shortened(client_address(request)).partition("/")[0]


class TooMany(exceptions.APIException):
    status_code = 429
    default_code = "locked"

    def __init__(self, detail: str, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


def log_in(request: HttpRequest, login: str, password: str, code: str = "") -> User:
    """Whose name and password these are, once everything the site asks of them is answered as well."""
    form = LoginForm({"login": login, "password": password}, request=request)
    if not form.is_valid():
        wrong = next(iter(form.errors.as_data().values()))[0]
        if wrong.code == "too_many_login_attempts":
            raise TooMany(wrong.messages[0], LOG_IN_AGAIN_AFTER)
        raise exceptions.AuthenticationFailed(wrong.messages[0], "password")
    user: User = form.user
    if not user.is_active:
        raise exceptions.PermissionDenied(
            _("This account is closed. Write to the editors to have it opened again."), "closed"
        )
    if user.email and not EmailAddress.objects.filter(user=user, verified=True).exists():
        address = EmailAddress.objects.filter(user=user, email__iexact=user.email).first()
        if address is not None:
            send_verification_email_to_address(request, address)
        raise exceptions.PermissionDenied(
            _("Follow the link in the letter we have sent to your address, then log in."), "unconfirmed"
        )
    if second_factor.is_on(user):
        ask_for_code(request, user, code)
    return user


def ask_for_code(request: HttpRequest, user: User, code: str) -> None:
    """Raises AuthenticationFailed unless this is a code of the account that was not used yet."""
    if not code.strip():
        raise exceptions.AuthenticationFailed(
            _("This account asks for a second factor: send the code of your app, or a recovery code, as well."),
            "second_factor",
        )
    try:
        good = second_factor.accept(request, user, code)
    except second_factor.TooManyCodes as error:
        raise TooMany(_("Too many codes were tried for this account. Wait, then try again."), error.seconds) from None
    if good is None:
        raise exceptions.AuthenticationFailed(
            _("This is not the code of this moment. Wait for the next one, and send that."), "second_factor"
        )


def register(request: HttpRequest, email: str, username: str, password: str) -> None:
    """As on the site: one letter, and the same answer whether the address is known here or not."""
    form = SignupForm({"email": email, "username": username, "password1": password, "password2": password})
    if form.is_valid():
        try:
            user, _answer = form.try_save(request)
            if user is not None:
                address = EmailAddress.objects.get(user=user, email__iexact=email)
                send_verification_email_to_address(request, address, signup=True)
            return
        except NameTaken:
            form.add_error("username", _("This username is taken. Choose another one."))
    errors = {("password" if name.startswith("password") else name): list(said) for name, said in form.errors.items()}
    raise exceptions.ValidationError(errors)
