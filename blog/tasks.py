"""What the clock asks of this app; each is idempotent."""

from celery import shared_task
from django.utils import timezone

from blog import (
    autosave,
    changes,
    missing_paths,
    news,
    pings,
    publishing,
    redirects,
    rendering,
    review_cycle,
    sharing,
    taxonomy,
    webhook_desk,
)
from blog.search import entries, misses
from core.background import enqueue


@shared_task
def publish_due() -> int:
    return len(publishing.publish_due())


@shared_task
def collect_unsaved_texts() -> int:
    return autosave.collect()


@shared_task
def forget_old_unsaved_texts() -> int:
    return autosave.forget_old(timezone.now())


@shared_task
def write_redirect_hits() -> int:
    return redirects.write_hits()


@shared_task
def write_missing_paths() -> int:
    return missing_paths.write(timezone.now())


@shared_task
def forget_missing_paths() -> int:
    return missing_paths.forget_old(timezone.now())


@shared_task
def write_shares() -> int:
    return sharing.write_counts()


@shared_task
def check_category_tree() -> bool:
    return taxonomy.mend_tree()


@shared_task
def renew_review_dates() -> int:
    return review_cycle.renew_all()


@shared_task
def render_waiting() -> int:
    """A batch, and the next one after it, so that nothing else waits long behind many."""
    done = rendering.render_waiting(rendering.BATCH)
    if done == rendering.BATCH:
        enqueue(render_waiting)
    return done


@shared_task
def tell_followers() -> int:
    return news.tell_waiting()


@shared_task
def send_pings() -> int:
    return pings.send_due()


@shared_task
def forget_old_pings() -> int:
    return pings.forget_old(timezone.now())


@shared_task
def read_for_search() -> int:
    """A batch, and the next one after it, so that nothing else waits long behind many."""
    done = entries.keep_waiting()
    if done >= entries.BATCH:
        enqueue(read_for_search)
    return done


@shared_task
def check_search() -> int:
    return entries.check(timezone.now())


@shared_task
def write_search_misses() -> int:
    return misses.write(timezone.now())


@shared_task
def forget_old_search_misses() -> int:
    return misses.forget_old(timezone.now())


@shared_task
def take_in_changes() -> int:
    return changes.take_in()


@shared_task
def forget_old_tombstones() -> int:
    return changes.sweep()


@shared_task
def tell_of_stopped_webhooks() -> int:
    return webhook_desk.tell_of_stopped(timezone.now())
