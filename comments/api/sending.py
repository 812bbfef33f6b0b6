"""What programs send to a conversation, and when it is too much. The rules are those of the forms of the site."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from accounts import rates
from comments import writing
from comments.models import Comment, CommentReport
from comments.models.comment import LONGEST

OF_GUESTS = ("name", "email")


class TooOften(exceptions.APIException):
    status_code = 429
    default_code = "too_often"

    def __init__(self, seconds: int) -> None:
        super().__init__(_("That was too often. Wait a minute, then try again."))
        self.wait = seconds


class NewComment(serializers.Serializer):
    """A comment, and of a guest a name and an address; a member's are those of the account."""

    content = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text=f"Small Markdown, at most {LONGEST} characters."
    )
    parent = serializers.IntegerField(  # type: ignore[assignment]
        required=False, allow_null=True, min_value=1, max_value=2**63 - 1, help_text="Which comment it answers."
    )
    name = serializers.CharField(
        required=False, max_length=Comment._meta.get_field("guest_name").max_length, help_text="Of a guest."
    )
    email = serializers.EmailField(required=False, max_length=254, help_text="Of a guest; shown to nobody.")
    replies = serializers.BooleanField(required=False, default=False, help_text="Tell me of replies by mail.")
    token = serializers.CharField(
        required=False, allow_blank=True, help_text="Of a guest: from `comments/form/`, fetched with the form."
    )
    homepage = serializers.CharField(
        required=False, allow_blank=True, help_text="A field people do not see. Whoever fills it in is no person."
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if self.context["request"].user.is_authenticated:
            return {name: value for name, value in said.items() if name not in OF_GUESTS}
        said["name"] = writing.name_of(said.get("name", ""))
        wrong = {
            "name": [] if said["name"] else [_("Tell us what to call you.")],
            "email": [] if said.get("email") else [_("We need an address, and show it to nobody.")],
        }
        if any(wrong.values()):
            raise serializers.ValidationError({name: why for name, why in wrong.items() if why})
        return said


class CommentChange(serializers.Serializer):
    content = serializers.CharField(trim_whitespace=False, allow_blank=True)


class CommentLiking(serializers.Serializer):
    liked = serializers.BooleanField(default=True, help_text="False takes it back.")


class CommentLiked(serializers.Serializer):
    liked = serializers.BooleanField()
    count = serializers.IntegerField(help_text="How many like it now.")


class CommentReporting(serializers.Serializer):
    reason = serializers.ChoiceField(CommentReport.Reason.choices)
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=CommentReport._meta.get_field("note").max_length
    )


class CommentAppeal(serializers.Serializer):
    appeal = serializers.CharField(max_length=Comment._meta.get_field("appeal").max_length)


class CommentDecision(serializers.Serializer):
    seen = serializers.CharField(
        required=False, max_length=50, help_text="`moderation.seen` of what you read: other words are not decided."
    )


class CommentFormToken(serializers.Serializer):
    token = serializers.CharField()


class CommentReported(serializers.Serializer):
    reported = serializers.BooleanField()


def brake(request: Request, what: str) -> None:
    """Count one more of what somebody sends. Raises TooOften."""
    if seconds := rates.seconds_to_wait(request._request, what):
        raise TooOften(seconds)
