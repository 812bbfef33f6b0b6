"""Asking for a review, the queue, and the answers."""

from __future__ import annotations

from blog.admin.parts import Part


class ReviewPart(Part):
    """Asking for a review, the queue, and the answers."""
