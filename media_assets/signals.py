"""The facts this app announces (see core.events). Ids and plain values only.

asset_taken_in: asset_id; a new original lies in the store, scanned or not
asset_ready:    asset_id; it may be served from now on
asset_changed:  asset_id; what readers are shown of it is another: file, focal point, description, renditions
asset_removed:  asset_id, url; it is gone
"""

from django.dispatch import Signal

asset_taken_in = Signal()
asset_ready = Signal()
asset_changed = Signal()
asset_removed = Signal()
