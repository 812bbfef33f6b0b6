"""The library: looked at as tiles or rows, filled, described, replaced and cleared."""

from media_assets.admin import asset

__all__ = ["asset"]
