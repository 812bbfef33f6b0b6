"""Letters from readers: stored first, mailed after."""

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from accounts import mailing
from blog.models import ContactMessage


def receive(*, name: str, email: str, subject: str, message: str) -> ContactMessage:
    """Keep a reader's message and mail it to CONTACT_EMAIL; an answer goes to the reader."""
    # A header is one line.
    subject = " ".join(subject.split())
    title = f"Message from {' '.join(name.split())}" + (f": {subject}" if subject else "")
    site = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    with transaction.atomic():
        kept = ContactMessage.objects.create(name=name, email=email, subject=subject, message=message)
        mailing.queue(
            kind="contact",
            recipient=settings.CONTACT_EMAIL,
            subject=f"[{settings.SITE_NAME}] {title}"[:300],
            text=f"{name} <{email}> wrote through the contact form of {settings.SITE_URL}:\n\n{message}\n",
            html=render_to_string("blog/contact_mail.html", {"letter": kept, **site}),
            reply_to=email,
        )
    return kept
