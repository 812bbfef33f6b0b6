"""What the clock and the queue ask of this app; config/schedule.py names them."""

from celery import shared_task
from django.utils import timezone

from webhooks import delivering


@shared_task(name="webhooks.tasks.send_due")
def send_due() -> int:
    return delivering.start_lanes()


@shared_task(name="webhooks.tasks.forget_old")
def forget_old() -> int:
    return delivering.forget_old(timezone.now())
