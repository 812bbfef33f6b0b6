"""What the publish checks say of posts that came in: told in the report, and in nobody's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from blog import gate
from blog.models import Post, Severity
from transfer.report import Report

BATCH = 100
# Advice is for whoever writes on; a report of thousands of posts has room for what readers would notice.
TOLD = {Severity.BLOCKING, Severity.WARNING}


def tell_findings(ids: Sequence[int], report: Report, *, at: datetime) -> None:
    """Look at those of the posts that are live or planned, once all are there and link to each other."""
    shown = Post.objects.filter(status__in=[Post.Status.PUBLISHED, Post.Status.SCHEDULED], trashed_at__isnull=True)
    for start in range(0, len(ids), BATCH):
        posts = list(shown.filter(pk__in=ids[start : start + BATCH]).select_related("featured_image").order_by("pk"))
        for post, found in zip(posts, gate.findings_of(posts, at=at, as_rendered=True), strict=True):
            told = [finding for finding in found if finding.severity in TOLD]
            for finding in told:
                report.findings[gate.CHECKS[finding.check].label, finding.severity] += 1
            if told:
                report.tell_checks(post.pk, post.title, [finding.sentence for finding in told])
