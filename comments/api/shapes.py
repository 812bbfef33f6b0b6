"""How comments are told: to readers, to who wrote one, and to moderators. Never an address, never a fingerprint."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comments import conversation, moderation, posting, reporting, spam, tokens
from comments.models import Comment, CommentReport
from core.rest.shaping import Shaped

Status = Comment.Status
STATES = ("approved", "pending", "removed", "deleted", "spam")


class CommentAuthor(serializers.Serializer):
    """Who says something, as readers know them."""

    id = serializers.IntegerField(allow_null=True, help_text="Of a member; null of a guest.")
    name = serializers.CharField()
    slug = serializers.CharField(allow_null=True, help_text="Of their page, where they write for the publication.")
    is_guest = serializers.BooleanField()
    is_staff = serializers.BooleanField()


class CommentRead(Shaped):
    """A comment as readers see it. Of what was removed and has answers its place is left, without words or writer."""

    post = serializers.SlugRelatedField(slug_field="slug", read_only=True)  # type: ignore[var-annotated]
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    status = serializers.SerializerMethodField()
    author = serializers.SerializerMethodField()
    content_html = serializers.SerializerMethodField()
    liked = serializers.SerializerMethodField()

    class Meta:
        model = Comment
        fields: tuple[str, ...] = (
            *("id", "url", "post", "parent", "root", "status", "author", "content_html", "like_count", "liked"),
            *("created_at", "edited_at"),
        )
        read_only_fields = fields

    def may_read(self, comment: Comment) -> bool:
        return comment.is_public

    @extend_schema_field(serializers.ChoiceField(STATES))
    def get_status(self, comment: Comment) -> str:
        """What became of it: `pending` waits for a moderator, `deleted` its writer took back, `removed` a moderator;
        `spam` is told to nobody but its writer and moderators."""
        if comment.status == Status.SPAM and not self.may_read(comment):
            return "removed"
        return "removed" if comment.status == Status.REJECTED else comment.status

    @extend_schema_field(CommentAuthor(allow_null=True))
    def get_author(self, comment: Comment) -> dict[str, Any] | None:
        if not self.may_read(comment):
            return None
        user = comment.user
        profile = getattr(user, "author_profile", None)
        return {
            "id": comment.user_id,
            "name": comment.writer_name,
            "slug": profile.slug if profile else None,
            "is_guest": user is None,
            "is_staff": bool(user and user.is_staff),
        }

    def get_content_html(self, comment: Comment) -> str | None:
        return comment.content_html if self.may_read(comment) else None

    def get_liked(self, comment: Comment) -> bool | None:
        """Whether you like it; null for guests."""
        liked: Collection[int] | None = self.context.get("liked")
        return None if liked is None else comment.pk in liked


class CommentInThread(CommentRead):
    """A comment at its place. `more` answers are not told here, but at `more_at`."""

    depth = serializers.IntegerField(source="node.depth", read_only=True)
    more = serializers.IntegerField(source="node.more", read_only=True)
    more_at = serializers.SerializerMethodField()

    class Meta(CommentRead.Meta):
        fields = (*CommentRead.Meta.fields, "depth", "more", "more_at")
        read_only_fields = fields

    def get_more_at(self, comment: Any) -> str | None:
        node = comment.node
        after = f"?after={node.after}" if node.after else ""
        path = f"/api/v1/comments/{comment.pk}/thread/{after}"
        return self.context["request"].build_absolute_uri(path) if node.more else None


class CommentForWriter(serializers.Serializer):
    """What its writer alone is told."""

    content = serializers.CharField(help_text="As it was typed, in the small Markdown of comments.")
    told = serializers.CharField(help_text="What became of it, in a sentence.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="Why it waits or was refused.")
    may_change = serializers.BooleanField()
    changeable_until = serializers.DateTimeField()
    may_appeal = serializers.BooleanField()
    key = serializers.CharField(
        allow_null=True, help_text="Of a guest: send it as `Comment-Key` to see, change or delete this comment."
    )


class CommentReports(serializers.Serializer):
    reason = serializers.ChoiceField(CommentReport.Reason.choices)
    number = serializers.IntegerField()


class CommentForModerators(serializers.Serializer):
    """What moderators decide by."""

    content = serializers.CharField()
    seen = serializers.CharField(help_text="Which words these are; send it with your decision.")
    is_unconfirmed = serializers.BooleanField(help_text="Its writer has not followed the link they were sent.")
    is_banned = serializers.BooleanField(help_text="Whether its writer cannot write at present.")
    spam_score = serializers.FloatField(allow_null=True)
    reasons = serializers.ListField(child=serializers.CharField())
    reports = CommentReports(many=True, help_text="Those that nobody settled.")
    appeal = serializers.CharField(help_text="Why its writer thinks that it should be shown.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)


class CommentWhole(CommentRead):
    """One comment, with what its writer and moderators are told beside the words."""

    mine = serializers.SerializerMethodField()
    moderation = serializers.SerializerMethodField()

    class Meta(CommentRead.Meta):
        fields = (*CommentRead.Meta.fields, "mine", "moderation")
        read_only_fields = fields

    def is_own(self, comment: Comment) -> bool:
        return comment.pk in self.context.get("own", ())

    def may_read(self, comment: Comment) -> bool:
        return comment.is_public or self.is_own(comment) or "known" in self.context

    @extend_schema_field(CommentForWriter(allow_null=True))
    def get_mine(self, comment: Comment) -> dict[str, Any] | None:
        """Null unless it is yours."""
        if not self.is_own(comment):
            return None
        now: datetime = self.context["now"]
        facts = {
            "content": comment.content,
            "told": conversation.told_writer(comment),
            "reasons": spam.explain(comment.reasons),
            "may_change": posting.may_change(comment, at=now),
            "changeable_until": posting.changeable_until(comment),
            "may_appeal": reporting.may_appeal(comment),
            "key": tokens.key_of(comment) if comment.user_id is None else None,
        }
        return CommentForWriter(facts).data

    @extend_schema_field(CommentForModerators(allow_null=True))
    def get_moderation(self, comment: Comment) -> dict[str, Any] | None:
        """Null unless you may moderate."""
        known: Known | None = self.context.get("known")
        if known is None:
            return None
        facts = {
            "content": comment.content,
            "seen": moderation.version_of(comment),
            "is_unconfirmed": comment.is_unconfirmed,
            "is_banned": comment.pk in known.banned,
            "spam_score": comment.spam_score,
            "reasons": spam.explain(comment.reasons),
            "reports": known.reports[comment.pk],
            "appeal": comment.appeal,
            "decided_at": comment.decided_at,
            "decided_by": comment.decided_by.display_name if comment.decided_by else None,
        }
        return CommentForModerators(facts).data


class Known:
    """What moderators are told of several comments, in as many questions for a page as for one."""

    def __init__(self, comments: Iterable[Comment], now: datetime) -> None:
        shown = list(comments)
        self.banned = set(moderation.bans_of(shown, at=now)) if shown else set()
        self.reports: dict[int, list[dict[str, Any]]] = defaultdict(list)
        reported = [comment.pk for comment in shown if comment.report_count]
        open_ones = CommentReport.objects.filter(comment__in=reported, settled_at__isnull=True).order_by()
        counts = Counter(open_ones.values_list("comment_id", "reason")) if reported else Counter()
        for (pk, reason), number in sorted(counts.items()):
            self.reports[pk].append({"reason": reason, "number": number})
