"""The publish gate: one list of checks every door asks before something goes live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from accounts.models import User
from accounts.roles import may
from blog.models import GateOverride, Post, Severity
from core.refusals import Refusal


@dataclass(frozen=True)
class Finding:
    """What one check has to say: a sentence, why it matters, and where to mend it.

    `field` is the form field it is about; `place` is the piece of Markdown to select, when there is one. `essential`
    findings cannot be overridden by anybody.
    """

    check: str
    severity: str
    sentence: str
    why: str = ""
    field: str | None = None
    place: str = ""
    essential: bool = False


class Blocked(Refusal):
    """Something that blocks was found; `findings` are all of those."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(finding.sentence for finding in findings), field=findings[0].field)
        self.findings = list(findings)


def essentials(post: Post, at: datetime) -> list[Finding]:
    """What no post goes live without."""
    found = []

    def say(check: str, field: str, sentence: str) -> None:
        found.append(Finding(check, Severity.BLOCKING, sentence, field=field, essential=True))

    if not post.title.strip():
        say("title", "title", "The post has no title yet; give it one before it goes live.")
    if not post.content_markdown.strip():
        say("text", "content_markdown", "The post has no text yet; write some before it goes live.")
    if post.unpublish_at and post.unpublish_at <= at:
        say("comes_down", "unpublish_at", "The time it comes down has passed; change or empty it first.")
    return found


def findings(post: Post, *, at: datetime) -> list[Finding]:
    """Everything the checks have to say about `post` as it stands in memory, the most severe first."""
    return essentials(post, at)


def let_through(post: Post, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Raise Blocked when something blocks, unless `by` may override and gives a `reason`, which is kept."""
    blocking = [finding for finding in findings(post, at=at) if finding.severity == Severity.BLOCKING]
    if not blocking:
        return
    overridden = by is not None and reason.strip() and may(by, "blog.override_gate_post", post)
    if not overridden or any(finding.essential for finding in blocking):
        raise Blocked(blocking)
    GateOverride.objects.create(
        post_id=post.pk,
        version_number=post.content_version,
        findings=[asdict(finding) for finding in blocking],
        reason=reason.strip()[:300],
        by=by,
        at=at,
    )
