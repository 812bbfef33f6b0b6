"""Who may write where: the publication's switch, the post's own policy, its age, and who is banned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Post
from comments.models import Ban, ClosedConversation, Comment, ConversationSettings
from core import cache, publication
from core.refusals import Refusal

GENERATION = "conversation"
# Replies deeper than this are read on a page of their own.
DEPTH_SHOWN = 4
_kept = cache.Group("conversation", timeout=600)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: a member, or a guest by the name and address they give; `fingerprint` see `core.fingerprints`."""

    user: User | None = None
    name: str = ""
    email: str = ""
    fingerprint: str = ""
    user_agent: str = ""

    @property
    def is_guest(self) -> bool:
        return self.user is None

    @property
    def own(self) -> Q:
        """What else this writer wrote, as far as it can be known."""
        if self.user is not None:
            return Q(user=self.user)
        mine = Q(guest_email=self.email.lower()) if self.email else Q(pk__in=[])
        return mine & Q(user__isnull=True)


def current() -> ConversationSettings:
    """The settings as they were saved, or those a new installation has; renew GENERATION after saving them."""
    return _known()[0]


def closed_by_moderators() -> frozenset[int]:
    """The posts whose room a moderator has closed; renew GENERATION after changing them."""
    return _known()[1]


def _known() -> tuple[ConversationSettings, frozenset[int]]:
    def read() -> tuple[ConversationSettings, frozenset[int]]:
        closed = ClosedConversation.objects.order_by().values_list("pk", flat=True)
        return ConversationSettings.objects.first() or ConversationSettings(), frozenset(closed)

    return _kept.get_or_compute("rules", read, generation=GENERATION)


def has_proved_address(comment: Comment) -> bool:
    """Whether the address of a guest's comment is theirs: they followed the link they were sent. Anybody can type one,
    and whatever the settings say, that is all we know of the others."""
    return comment.confirmed_at is not None


def closes_at(post: Post, rules: ConversationSettings | None = None) -> datetime | None:
    """When comments on a live post close; None where they stay open."""
    days = post.comments_close_after_days
    days = (rules or current()).close_after_days if days is None else days
    return post.published_at + timedelta(days=days) if days is not None and post.published_at else None


def why_closed(post: Post, user: User | None, *, at: datetime) -> str:
    """Why somebody cannot write under a post, in a sentence; empty where they can."""
    if post.kind == Post.Kind.PAGE:
        return _("Pages take no comments; what was said before stays.")
    if not publication.current().comments_enabled or post.comments_policy == Post.CommentsPolicy.CLOSED:
        return _("Comments are closed.")
    if post.pk in closed_by_moderators():
        return _("A moderator has closed the comments.")
    until = closes_at(post)
    if until is not None and until <= at:
        return _("Comments closed some time after the post was published.")
    if post.comments_policy == Post.CommentsPolicy.MEMBERS and user is None:
        return _("Sign in to comment: this post asks its members.")
    return ""


def bans_of(writer: Writer, *, at: datetime) -> QuerySet[Ban]:
    """The bans that hold for somebody now.

    A network and browser are those of more people than one: they keep guests out, and nobody who signed in. Who was
    banned as a member does not go on as a guest, by the same address or in the same browser; nor the other way round by
    an address both proved to be theirs.
    """
    if writer.user:
        whom = Q(user=writer.user)
        if not writer.user.is_staff:
            own = EmailAddress.objects.filter(user=writer.user, verified=True).values_list(Lower("email"))
            whom |= Q(address_is_proved=True, guest_email__in=own)
    else:
        whom = Q(fingerprint_hash=writer.fingerprint) if writer.fingerprint else Q(pk__in=[])
        if writer.email:
            whom |= Q(guest_email=writer.email.lower()) | Q(account_email=writer.email.lower())
    return (
        Ban.objects.alias(account_email=Lower("user__email"))
        .filter(whom)
        .filter(Q(until__isnull=True) | Q(until__gt=at))
    )


def refuse_banned(writer: Writer, *, at: datetime) -> None:
    # The longest, and none is longer than one for good: databases do not agree where they sort that.
    ban = bans_of(writer, at=at).order_by(F("until").desc(nulls_first=True)).first()
    if ban is None:
        return
    why = f" {ban.reason}" if ban.reason else ""
    if ban.until:
        raise Refusal(_("You cannot comment here until %(date)s.") % {"date": f"{ban.until:%Y-%m-%d}"} + why)
    raise Refusal(_("You cannot comment here any more.") + why)


def is_trusted(writer: Writer, rules: ConversationSettings) -> bool:
    """Whether what somebody writes needs no moderator before readers see it, spam apart."""
    if writer.user is not None:
        if writer.user.is_staff or not rules.moderate_members:
            return True
        return Comment.objects.filter(user=writer.user, status=Comment.Status.APPROVED).exists()
    if rules.guests != ConversationSettings.Guests.TRUST or not writer.email:
        return False
    if not rules.trusted_after:
        return True
    # An address is known to more people than its owner: the browser has to be known as well, as it is for a month.
    mine = Comment.objects.filter(writer.own, status=Comment.Status.APPROVED)
    is_known = bool(writer.fingerprint) and mine.filter(fingerprint_hash=writer.fingerprint).exists()
    return is_known and mine[: rules.trusted_after].count() >= rules.trusted_after
