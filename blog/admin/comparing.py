"""Versions side by side, word by word, and restoring one or one field of one."""

from __future__ import annotations

from blog.admin.parts import Part


class ComparePart(Part):
    """Versions side by side, word by word, and restoring one or one field of one."""
