"""The calendar of what goes live."""

from __future__ import annotations

from blog.admin.parts import Part


class CalendarPart(Part):
    """The calendar of what goes live."""
