"""What was typed and not saved: kept, offered again, compared."""

from __future__ import annotations

from blog.admin.parts import Part


class AutosavePart(Part):
    """What was typed and not saved: kept, offered again, compared."""
