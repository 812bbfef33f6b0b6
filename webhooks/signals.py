"""The facts this app announces (see core.events). Ids and plain values only.

endpoint_stopped: endpoint_id, at; nothing is sent to it any more, because it failed for a day or said it is gone
"""

from django.dispatch import Signal

endpoint_stopped = Signal()
