"""The facts this app announces (see core.events). Ids and plain values only.

comment_created:  comment_id, post_id, status, at; somebody wrote
comment_approved: comment_id, post_id, first (bool: never approved before), at; strangers can read it from now on
comment_changed:  comment_id, post_id, at; what strangers read of it is another text
comment_removed:  comment_id, post_id, status, at; strangers can read it no longer
comment_judged:   comment_id, at; a moderator decided otherwise than a service that judges comments, which is to hear so
comment_liked:    comment_id, post_id, count (of its likes now), liked (bool: or taken back), user_id (None: guest), at
"""

from django.dispatch import Signal

comment_created = Signal()
comment_approved = Signal()
comment_changed = Signal()
comment_removed = Signal()
comment_judged = Signal()
comment_liked = Signal()
