"""What moderators and editors see of the conversation."""

from comments.admin import bans, queue, settings, words

__all__ = ["bans", "queue", "settings", "words"]
