"""The contact form."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

_SALT = "blog.contact.opened"
# Nobody reads the form and writes a message in less; a form older than a day comes from a copy.
FASTEST = 3
OLDEST = 24 * 3600


def opened_now() -> str:
    """A signed moment at which the form was shown."""
    return signing.dumps(int(time.time()), salt=_SALT)


def age_of(opened: str) -> float | None:
    """How many seconds ago that was; None of what was not signed here."""
    try:
        return time.time() - signing.loads(opened, salt=_SALT)
    except (signing.BadSignature, TypeError):
        return None


class ContactForm(forms.Form):
    """Name, address and message; a field people do not see and a signed time keep machines out."""

    name = forms.CharField(
        max_length=120, label=_("Your name"), widget=forms.TextInput({"autocomplete": "name", "dir": "auto"})
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("We answer to this address and use it for nothing else."),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": _("The address is not complete. Is there a part missing?")},
    )
    subject = forms.CharField(
        max_length=200, required=False, label=_("Subject"), widget=forms.TextInput({"dir": "auto"})
    )
    message = forms.CharField(
        max_length=5000, min_length=10, label=_("Message"), widget=forms.Textarea({"rows": 8, "dir": "auto"})
    )
    homepage = forms.CharField(
        required=False,
        label=_("Leave this field empty"),
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = _("Tell us what to call you.")
        self.fields["email"].error_messages["required"] = _("We need an address to answer to.")
        self.fields["message"].error_messages["required"] = _("The message is empty.")
        self.fields["message"].error_messages["min_length"] = _("A few more words: ten characters at least.")
        self.fields["message"].widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("homepage"):
            raise forms.ValidationError(
                _("A field that people do not see was filled in, so nothing was sent. Empty it and send again.")
            )
        if self.errors:
            # What people can mend comes first; the clock is looked at when they send again.
            return cleaned
        age = age_of(cleaned.get("opened", ""))
        if age is None:
            raise forms.ValidationError(
                _("The form was changed on its way. What you wrote is still here; send it again.")
            )
        if age < FASTEST:
            raise forms.ValidationError(
                _("That was faster than anybody types. What you wrote is still here; send it again.")
            )
        if age > OLDEST:
            raise forms.ValidationError(
                _("The form was open for more than a day. What you wrote is still here; send it again.")
            )
        return cleaned

    def with_a_fair_time(self) -> ContactForm:
        """The same answers, shown again: still opened when it was first, unless that is unknown or too long ago."""
        age = age_of(self.data.get("opened", ""))
        if age is None or age > OLDEST:
            self.data = self.data.copy()
            self.data["opened"] = opened_now()
        return self
