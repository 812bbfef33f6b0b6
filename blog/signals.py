"""The facts this app announces (see core.events). Ids and plain values only.

post_published:    post_id, at (datetime), first (bool: never live before)
post_updated:      post_id, at; a live post was changed
post_unpublished:  post_id, at; archived or trashed, no longer public
addresses_changed: post_ids, category_ids; something public moved
post_saved:        post_id, number (of the new version), kind (PostVersion.Kind), by_id (None: nobody), at
state_moved:       post_id, status, trashed (bool), at; it went from one state to another
taxonomy_changed:  no facts; categories, tags or topics were renamed, moved or made
post_liked:        post_id, count (of its likes now), liked (bool: or taken back), user_id (None: a guest), at
"""

from django.dispatch import Signal

post_published = Signal()
post_updated = Signal()
post_unpublished = Signal()
addresses_changed = Signal()
post_saved = Signal()
state_moved = Signal()
taxonomy_changed = Signal()
post_liked = Signal()
