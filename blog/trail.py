"""What saving a post leaves in the audit trail: every version somebody made, field by field."""

from __future__ import annotations

from datetime import datetime

from accounts import audit
from accounts.models import User
from blog import versions
from blog.models import Post, PostVersion

DEEDS = {PostVersion.Kind.RESTORE: "restored a version of", PostVersion.Kind.IMPORT: "imported"}


def record_version(post: Post, version: PostVersion | None, *, by: User | None, at: datetime) -> None:
    """Write down what `version` changed over the one before; nothing when none was made or the clock or an import did.

    Call it in the transaction that made it.
    """
    if version is None or by is None:
        return
    earlier = PostVersion.objects.filter(post=post.pk, number__lt=version.number)
    before = earlier.values_list("snapshot", flat=True).first()
    deed = DEEDS.get(PostVersion.Kind(version.kind), "changed" if before is not None else "wrote")
    changes = versions.changes_in_words(before, version.snapshot) if before is not None else {}
    audit.record(by, deed, post, changes=changes, note=version.reason, at=at)
