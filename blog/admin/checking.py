"""The publish gate and the search panel beside the text."""

from __future__ import annotations

from blog.admin.parts import Part


class CheckPart(Part):
    """The publish gate and the search panel beside the text."""
