"""How registration, log-in and their mails behave."""

import textwrap
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import mailing
from accounts.addresses import client_address
from accounts.models import User
from accounts.names import refuse_address_as_name
from core import publication


class AccountAdapter(DefaultAccountAdapter):
    """Our words, our outbox, our idea of a safe address to go on to."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Write to the editors to have it opened again."),
        "duplicate_email": _("This is your address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "email_password_mismatch": _("The name or the password is not right. Check both, or reset the password."),
        "username_password_mismatch": _("The name or the password is not right. Check both, or reset the password."),
        "invalid_login": _("The name or the password is not right. Check both, or reset the password."),
        "max_email_addresses": _("You cannot have more than %d addresses."),
        "too_many_login_attempts": _("Too many wrong passwords came from your address. Wait five minutes."),
        "username_blacklisted": _("This username is reserved. Choose another one."),
        "username_taken": _("This username is taken. Choose another one."),
        "rate_limited": _("That was too often. Wait a minute, then try again."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render subject, text and HTML of an account mail and put them into the outbox."""
        user = context.get("user")
        # Ours come last: the links allauth made follow whatever host the request named.
        whole = {
            **{name: value for name, value in context.items() if name != "request"},
            "site_name": publication.current().name,
            "site_url": settings.SITE_URL,
            "email": email,
            "login_url": f"{settings.SITE_URL}{reverse('account_login')}",
            "signup_url": f"{settings.SITE_URL}{reverse('account_signup')}",
            "reset_url": f"{settings.SITE_URL}{reverse('account_reset_password')}",
            "confirm_days": settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS,
            "reset_hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
        }
        subject, text, html = (
            render_to_string(f"{template_prefix}_{part}", whole)
            for part in ("subject.txt", "message.txt", "message.html")
        )
        mailing.queue(
            template_prefix,
            email,
            subject.strip(),
            _in_columns(text.strip()) + "\n",
            html.strip(),
            user=user if isinstance(user, User) else None,
        )

    # Links in mails lead to the publication's own address, never to what a request claims its host to be.

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return f"{settings.SITE_URL}{reverse('account_confirm_email', args=[emailconfirmation.key])}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, __, token = key.partition("-")
        return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', args=[uid, token])}"

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "accounts.stages.ConfirmedAddressStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of this site: what begins with one slash and cannot be read as a host by any browser."""
        if not url or not url.startswith("/") or url[1:2] in {"/", "\\"} or not url.isprintable():
            return False
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None, require_https=True)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        refuse_address_as_name(username)
        try:
            return super().clean_username(username, shallow)
        except ValidationError as error:
            if getattr(error, "code", None) == "invalid":
                raise ValidationError(_("Use letters, digits and . + - _ only, without spaces.")) from None
            raise

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index") if request.user.is_staff else super().get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("me")

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """False as well when another account took the address in the meantime."""
        try:
            with transaction.atomic():
                return super().confirm_email(request, email_address)
        except IntegrityError:
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])


def _in_columns(text: str) -> str:
    """Plain text in 72 columns; addresses stay whole."""
    return "\n".join(
        textwrap.fill(line, 72, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )
