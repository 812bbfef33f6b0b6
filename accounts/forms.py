"""The account forms, in our words: labels above, hints below, no placeholders."""

from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account import forms as allauth_forms
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import mail_choices, second_factor, tokens
from accounts.models import AuthorProfile, NotificationChoice, PersonalToken, User

PASSWORD_HINT = _("At least 10 characters. Three or four words that have nothing to do with each other do well.")
WORDS: dict[str, tuple[Any, Any]] = {
    "login": (_("Username or e-mail"), ""),
    "password": (_("Password"), ""),
    "remember": (_("Keep me signed in on this device"), ""),
    "email": (_("E-mail"), ""),
    "username": (_("Username"), _("Letters, digits and . + - _ only. It is shown beside what you write.")),
    "oldpassword": (_("Current password"), ""),
    "password1": (_("Password"), PASSWORD_HINT),
    "password2": (_("Password, once more"), ""),
}


class NameTaken(Exception):
    """Somebody registered under the same username between the check of the form and its saving."""


def bound(field: forms.Field, length: int) -> None:
    """Refuse more than `length` characters, in the browser and here."""
    field.validators.append(MaxLengthValidator(length))
    field.widget.attrs["maxlength"] = length


class WebAddressField(forms.URLField):
    """A web address; one typed without its beginning gets https."""

    default_error_messages = {"invalid": _("This is no web address. One looks like https://vera.example/.")}
    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"assume_scheme": "https", **kwargs})
        self.error_messages["invalid"] = self.default_error_messages["invalid"]


class InOurWords:
    """Gives every field its label and hint from WORDS; `words` of a form come before them."""

    words: dict[str, tuple[Any, Any]] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = {**WORDS, **self.words}.get(name, (field.label, ""))
            field.error_messages |= {"required": _("This is still empty.")}
            if isinstance(field, forms.EmailField):
                field.error_messages |= {"invalid": _("This is no e-mail address. One looks like vera@example.org.")}
            if isinstance(field.widget, forms.PasswordInput):
                bound(field, 1000)
        if "username" in self.fields:
            self.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class LoginForm(InOurWords, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self.fields["login"], 254)
        self.fields["login"].widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }

    def user_credentials(self) -> dict[str, str]:
        # One credential, tried as an address and then as a name: handing over both would check a known account's
        # password twice and an unknown one's once, which a clock can tell apart.
        return {"username": self.cleaned_data["login"], "password": self.cleaned_data["password"]}


class SignupForm(InOurWords, allauth_forms.SignupForm):
    account_already_exists: bool
    words = {"email": (_("E-mail"), _("We send one mail there to confirm that it is yours. It is never shown."))}

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    return super().try_save(request)
            except IntegrityError:
                # Somebody was quicker with the same address or with the same name.
                if not User.objects.filter(email__iexact=self.cleaned_data["email"]).exists():
                    if User.objects.filter(username__iexact=self.cleaned_data["username"]).exists():
                        raise NameTaken from None
                    raise
                self.account_already_exists = True
        make_password(self.cleaned_data["password1"])  # costs the same time as for a new address
        return super().try_save(request)


class ResetPasswordForm(InOurWords, allauth_forms.ResetPasswordForm):
    words = {"email": (_("E-mail"), _("The address of your account. We send a link there that works once."))}


class ResetPasswordKeyForm(InOurWords, allauth_forms.ResetPasswordKeyForm):
    words = {"password1": (_("New password"), PASSWORD_HINT), "password2": (_("New password, once more"), "")}


class ChangePasswordForm(InOurWords, allauth_forms.ChangePasswordForm):
    words = ResetPasswordKeyForm.words


class SetPasswordForm(InOurWords, allauth_forms.SetPasswordForm):
    words = ResetPasswordKeyForm.words


class ChangeEmailForm(InOurWords, allauth_forms.AddEmailForm):
    words = {"email": (_("New e-mail"), _("We send a link there. The change takes effect once you have followed it."))}


class ReauthenticateForm(InOurWords, allauth_forms.ReauthenticateForm):
    pass


class _OneCode(InOurWords):
    """A code is looked at by `accounts.second_factor`, as programs' are."""

    words = {"code": (_("Code"), _("Six digits from your app, or one of your recovery codes."))}
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self.fields["code"], 20)
        self.fields["code"].widget.attrs |= {"autocomplete": "one-time-code", "spellcheck": "false"}

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]  # type: ignore[attr-defined]
        try:
            found = second_factor.accept(context.request, self.user, code)
        except second_factor.TooManyCodes:
            raise forms.ValidationError(
                _("Too many codes were tried for this account. Wait, then try again.")
            ) from None
        if found is None:
            raise second_factor.Factors().validation_error("incorrect_code")
        self.authenticator = found
        return code


class SecondFactorForm(_OneCode, mfa_forms.AuthenticateForm):
    pass


class SecondFactorAgainForm(_OneCode, mfa_forms.ReauthenticateForm):
    pass


class ActivateTOTPForm(InOurWords, totp_forms.ActivateTOTPForm):
    words = {"code": (_("Code"), _("The six digits your app shows now."))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self.fields["code"], 20)
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}


class ResendForm(InOurWords, forms.Form):
    """Asks for another confirmation mail; what happens is the same to look at for every address."""

    words = {"email": (_("E-mail"), _("The address you registered with."))}

    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "email"}))

    def save(self, request: HttpRequest) -> None:
        """Send a new link to an address that waits for one; others get a mail that says how things stand."""
        email = self.cleaned_data["email"].lower()
        address = EmailAddress.objects.select_related("user").filter(email__iexact=email).order_by("verified").first()
        waits = address is not None and not address.verified and address.user.is_active
        known = address is not None
        send_verification_email_to_address(
            request,
            address if waits else EmailAddress(user=None, email=email),
            signup=waits or known,
        )


class ProfileForm(forms.ModelForm):
    """An author's own page; further addresses are typed one a line."""

    links = forms.CharField(
        label=_("Other addresses"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One web address a line, up to ten."),
    )

    class Meta:
        model = AuthorProfile
        fields = ["bio", "expertise", "website", "linkedin_url", "links"]
        field_classes = {"website": WebAddressField, "linkedin_url": WebAddressField}
        labels = {"bio": _("Biography"), "expertise": _("Expertise"), "website": _("Website")}
        help_texts = {
            "bio": _("Plain text; a blank line starts a paragraph."),
            "expertise": _("Topics, separated by commas."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.links if isinstance(self.instance.links, list) else []
        self.initial["links"] = "\n".join(link for link in stored if isinstance(link, str))

    def clean_links(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]
        if len(lines) > 10:
            raise forms.ValidationError(_("Ten at most; these are %(number)d.") % {"number": len(lines)})
        return [WebAddressField(max_length=200).clean(line) for line in lines]


class PresenceForm(forms.ModelForm):
    """Whether somebody is named among those who read a post just now."""

    class Meta:
        model = User
        fields = ["shows_presence"]
        labels = {
            "shows_presence": _("Show others my name while I am here: under the post I read, and on my author page")
        }

    def save(self, commit: bool = True) -> User:
        """This alone: what else is known of them may have changed meanwhile."""
        user = cast(User, self.instance)
        User.objects.filter(pk=user.pk).update(shows_presence=user.shows_presence)
        return user


class MailsForm(forms.ModelForm):
    """For each kind of notice, whether it comes by mail at once, once a day or never; and when the day's mail comes."""

    timezone = forms.ChoiceField(label=_("Time zone"), required=False)
    digest_hour = forms.TypedChoiceField(
        label=_("Mail of the day at"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )

    class Meta:
        model = User
        fields = ["digest_hour", "timezone"]

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, instance=user)
        zones = sorted(available_timezones())
        time_zone = cast(forms.ChoiceField, self.fields["timezone"])
        time_zone.choices = [("", _("The publication’s")), *((zone, zone.replace("_", " ")) for zone in zones)]
        self.chosen = mail_choices.choices_of(user)
        for category, mail in self.chosen.items():
            self.fields[category] = forms.ChoiceField(
                label=mail_choices.WORDS[category],
                choices=NotificationChoice.Mail.choices,
                initial=mail,
                widget=forms.RadioSelect,
            )

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[category] for category in self.chosen]

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        """Keep what differs from what was chosen, or was by default, before."""
        user = cast(User, self.instance)
        User.objects.filter(pk=user.pk).update(
            **{name: self.cleaned_data[name] for name in ("digest_hour", "timezone")}
        )
        changed = {
            kind: self.cleaned_data[kind] for kind, mail in self.chosen.items() if self.cleaned_data[kind] != mail
        }
        mail_choices.choose(user, changed)
        return user


class TokenForm(InOurWords, forms.Form):
    """What a program may do with a token, and for how long."""

    words = {
        "name": (_("Which program is it for?"), _("A name to know it again by.")),
        "scopes": (_("What may it do?"), _("Never more than you may yourself.")),
        "days": (_("For how long?"), ""),
    }

    name = forms.CharField(max_length=100)
    scopes = forms.MultipleChoiceField(choices=list(tokens.SCOPES.items()), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        coerce=int,
        initial=90,
        choices=[(7, _("A week")), (30, _("A month")), (90, _("Three months")), (365, _("A year"))],
    )

    def make(self, user: User, now: datetime) -> tuple[PersonalToken, str]:
        """The token and its text. Raises Refusal."""
        said = self.cleaned_data
        expires_at = now + timedelta(days=said["days"])
        return tokens.make_personal(user, said["name"], said["scopes"], expires_at=expires_at, at=now)
