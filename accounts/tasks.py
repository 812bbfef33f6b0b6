"""What the clock and the queue ask of this app; config/schedule.py names them."""

from celery import shared_task
from django.core.management import call_command

from accounts import devices, digest, idempotency, mailing, notifications, second_factor, tokens


@shared_task(name="accounts.tasks.send_waiting_mail")
def send_waiting_mail() -> int:
    return mailing.send_due()


@shared_task(name="accounts.tasks.forget_sent_mail")
def forget_sent_mail() -> int:
    return mailing.forget_old()


@shared_task(name="accounts.tasks.forget_expired_notifications")
def forget_expired_notifications() -> int:
    return notifications.forget_expired()


@shared_task(name="accounts.tasks.send_digests")
def send_digests() -> int:
    return digest.send_due()


@shared_task(name="accounts.tasks.clear_expired_sessions")
def clear_expired_sessions() -> None:
    call_command("clearsessions")
    devices.sweep()
    tokens.sweep()
    idempotency.sweep()
    second_factor.bring_under_newest_key()
