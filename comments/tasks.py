"""What the clock and the queue ask of this app; config/schedule.py names them."""

from celery import shared_task

from comments import correcting, recounting, subscribing, sweeping, teaching, telling


@shared_task(name="comments.tasks.tell_waiting")
def tell_waiting() -> int:
    return telling.tell_waiting()


@shared_task(name="comments.tasks.forget_unconfirmed")
def forget_unconfirmed() -> int:
    return subscribing.forget_unconfirmed()


@shared_task(name="comments.tasks.sweep")
def sweep() -> int:
    return sweeping.sweep()


@shared_task(name="comments.tasks.forget_rare_words")
def forget_rare_words() -> int:
    return teaching.forget_rare()


@shared_task(name="comments.tasks.send_corrections")
def send_corrections() -> int:
    return correcting.send_due()


@shared_task(name="comments.tasks.recount")
def recount() -> int:
    return recounting.recount()
