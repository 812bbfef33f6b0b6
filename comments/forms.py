"""What readers fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from comments import writing
from comments.models import Comment, CommentReport


class GuestForm(forms.Form):
    """What a guest says and a member need not: an address. `homepage` is a field people do not see."""

    OF_GUESTS = ("email",)

    email = forms.EmailField(
        max_length=254,
        label=_("E-mail address, never shown"),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": _("We need an address, and show it to nobody."),
            "invalid": _("The address is not complete. Is there a part missing?"),
        },
    )
    homepage = forms.CharField(
        required=False,
        label=_("Leave this field empty"),
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name in self.OF_GUESTS if user is not None else ():
            del self.fields[name]


class CommentForm(GuestForm):
    """A comment, and of a guest a name and an address."""

    OF_GUESTS = ("name", "email")

    content = forms.CharField(
        strip=False,
        label=_("Your comment"),
        help_text=_("*emphasis*, [link](address), > quote and `code` work."),
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Write something first.")},
    )
    name = forms.CharField(
        max_length=Comment._meta.get_field("guest_name").max_length,
        label=_("Name"),
        widget=forms.TextInput({"autocomplete": "name", "dir": "auto"}),
        error_messages={"required": _("Tell us what to call you.")},
    )
    replies = forms.BooleanField(required=False, label=_("Tell me of replies by mail"))
    token = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("content", "name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "comment-%s")
        super().__init__(*args, **kwargs)

    def clean_name(self) -> str:
        name = writing.name_of(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Tell us what to call you."))
        return name


class EditForm(forms.Form):
    """What somebody said, to be said otherwise."""

    content = forms.CharField(
        strip=False,
        label=_("Your comment"),
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        kwargs.setdefault("auto_id", "comment-%s")
        super().__init__(*args, **kwargs)


class HearingForm(GuestForm):
    """Where to tell of new comments: a guest says an address, a member has one."""

    thread = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)


class AppealForm(forms.Form):
    """Why what was refused should be shown."""

    appeal = forms.CharField(
        max_length=Comment._meta.get_field("appeal").max_length,
        label=_("Why should it be shown?"),
        help_text=_("A moderator reads this and looks at your comment once more."),
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Say why it should be shown.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class ReportForm(forms.Form):
    """What is wrong with a comment somebody else wrote."""

    reason = forms.ChoiceField(
        choices=CommentReport.Reason.choices,
        label=_("What is wrong with it?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with it.")},
    )
    note = forms.CharField(
        required=False,
        max_length=CommentReport._meta.get_field("note").max_length,
        label=_("What should the moderators know?"),
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
