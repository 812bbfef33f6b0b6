"""Old addresses, asked for only when nothing lives at a path."""
