"""Everything that happens by the clock, on one screen.

Each task is idempotent and finds its work in rows, so two beats or a missed tick do no harm. `expires` keeps a queue
from filling while no worker runs.
"""

from typing import Any

from celery.schedules import crontab


def every(seconds: float, task: str) -> dict[str, Any]:
    """A tick that is worthless once the next one is due."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 2)}}


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "publish-due-posts": every(1, "blog.tasks.publish_due"),
    "collect-unsaved-texts": every(2, "blog.tasks.collect_unsaved_texts"),
    "send-waiting-mail": every(10, "accounts.tasks.send_waiting_mail"),
    "write-redirect-hits": every(15, "blog.tasks.write_redirect_hits"),
    "write-missing-paths": every(30, "blog.tasks.write_missing_paths"),
    "write-shares": every(30, "blog.tasks.write_shares"),
    "send-webhooks": every(3, "webhooks.tasks.send_due"),
    "tell-of-stopped-webhooks": every(60, "blog.tasks.tell_of_stopped_webhooks"),
    "send-waiting-pings": every(30, "blog.tasks.send_pings"),
    "write-search-misses": every(30, "blog.tasks.write_search_misses"),
    "tell-followers": every(60, "blog.tasks.tell_followers"),
    "tell-of-comments": every(30, "comments.tasks.tell_waiting"),
    "send-corrections-to-akismet": every(60, "comments.tasks.send_corrections"),
    "take-in-changes": every(60, "blog.tasks.take_in_changes"),
    "read-for-search": every(60, "blog.tasks.read_for_search"),
    "render-waiting-posts": every(60, "blog.tasks.render_waiting"),
    "scan-waiting-files": every(60, "media_assets.tasks.scan_waiting"),
    "make-missing-renditions": every(300, "media_assets.tasks.make_missing_renditions"),
    "renew-signed-addresses": every(300, "media_assets.tasks.renew_signed_addresses"),
    "send-digests": every(300, "accounts.tasks.send_digests"),
    "sweep-abandoned-uploads": every(900, "media_assets.tasks.sweep_uploads"),
    "sweep-files": {"task": "media_assets.tasks.sweep_files", "schedule": crontab(minute=10, hour=4)},
    "forget-sent-mail": {"task": "accounts.tasks.forget_sent_mail", "schedule": crontab(minute=20, hour=3)},
    "forget-expired-notifications": {
        "task": "accounts.tasks.forget_expired_notifications",
        "schedule": crontab(minute=30, hour=3),
    },
    "clear-expired-sessions": {"task": "accounts.tasks.clear_expired_sessions", "schedule": crontab(minute=40, hour=3)},
    "forget-unconfirmed-addresses": {
        "task": "comments.tasks.forget_unconfirmed",
        "schedule": crontab(minute=0, hour=4),
    },
    "forget-old-tombstones": {"task": "blog.tasks.forget_old_tombstones", "schedule": crontab(minute=5, hour=3)},
    "forget-old-pings": {"task": "blog.tasks.forget_old_pings", "schedule": crontab(minute=35, hour=3)},
    "forget-old-webhooks": {"task": "webhooks.tasks.forget_old", "schedule": crontab(minute=5, hour=3)},
    "check-search": {"task": "blog.tasks.check_search", "schedule": crontab(minute=25, hour=3)},
    "forget-old-search-misses": {"task": "blog.tasks.forget_old_search_misses", "schedule": crontab(minute=15, hour=4)},
    "check-category-tree": {"task": "blog.tasks.check_category_tree", "schedule": crontab(minute=50, hour=3)},
    "sweep-comments": {"task": "comments.tasks.sweep", "schedule": crontab(minute=25, hour=4)},
    "forget-rare-words": {"task": "comments.tasks.forget_rare_words", "schedule": crontab(minute=35, hour=4)},
    "recount-the-conversation": {"task": "comments.tasks.recount", "schedule": crontab(minute=45, hour=4)},
    "forget-old-unsaved-texts": {
        "task": "blog.tasks.forget_old_unsaved_texts",
        "schedule": crontab(minute=45, hour=3),
    },
    "forget-missing-paths": {"task": "blog.tasks.forget_missing_paths", "schedule": crontab(minute=5, hour=4)},
    "renew-review-dates": {"task": "blog.tasks.renew_review_dates", "schedule": crontab(minute=55, hour=3)},
}
