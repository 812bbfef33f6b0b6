"""Sizes of files as people say them."""

from __future__ import annotations


def in_bytes(size: int) -> str:
    """Thousands, not 1,024s, as phones and shops count: "312 bytes", "425 kB", "1.2 MB"."""
    if size < 1000:
        return f"{size} byte{'' if size == 1 else 's'}"
    for unit, of in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < of * 999.5:
            return f"{size / of:.1f} {unit}" if unit != "kB" and size < of * 99.5 else f"{size / of:.0f} {unit}"
    return f"{size / 1e12:.1f} TB"
