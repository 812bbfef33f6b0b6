"""Secret links for people without an account."""

from __future__ import annotations

from blog.admin.parts import Part


class PreviewLinkPart(Part):
    """Secret links for people without an account."""
