"""Two people saved: their texts put together."""

from __future__ import annotations

from blog.admin.parts import Part


class MergePart(Part):
    """Two people saved: their texts put together."""
