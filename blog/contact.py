"""Letters from readers: stored first, mailed after."""

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from accounts import mailing
from blog.models import ContactMessage
from core import publication


def receive(*, name: str, email: str, subject: str, message: str) -> ContactMessage:
    """Keep a reader's message and mail it to the publication; an answer goes to the reader."""
    # A header is one line.
    subject = " ".join(subject.split())
    title = f"Message from {' '.join(name.split())}" + (f": {subject}" if subject else "")
    site = {"site_name": publication.current().name, "site_url": settings.SITE_URL}
    with transaction.atomic():
        kept = ContactMessage.objects.create(name=name, email=email, subject=subject, message=message)
        mailing.queue(
            kind="contact",
            recipient=publication.current().contact_email,
            subject=f"[{publication.current().name}] {title}"[:300],
            text=f"{name} <{email}> wrote through the contact form of {settings.SITE_URL}:\n\n{message}\n",
            html=render_to_string("blog/contact_mail.html", {"letter": kept, **site}),
            reply_to=email,
        )
    return kept
