"""What the toolbar asks the server: links to other posts, snippets."""

from __future__ import annotations

from blog.admin.parts import Part


class TextToolPart(Part):
    """What the toolbar asks the server: links to other posts, snippets."""
