"""Letters from readers: stored first, mailed after."""

import hashlib
import json
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string

from accounts import mailing
from accounts.models import OutgoingMail
from blog.hreflang import FORM as SLUG
from blog.models import ContactMessage, Post
from core import publication


def page_above() -> Post | None:
    """The page editors wrote to stand above the form: /contact/ itself, in another edition its translation."""
    live = Post.objects.published().pages()
    group = live.filter(slug=SLUG, translation_group__isnull=False).values("translation_group")
    found = live.in_edition().filter(Q(slug=SLUG) | Q(translation_group__in=group)).order_by("pk")
    return min(found, key=lambda page: page.slug != SLUG, default=None)


def id_of(opened: str, letter: dict[str, str]) -> str:
    """The Message-ID of the mail about a letter: the same for one form however often it is sent with the same words."""
    said = hashlib.sha256(json.dumps([opened, *sorted(letter.items())]).encode()).hexdigest()
    return f"<contact-{said[:40]}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def is_here(message_id: str) -> bool:
    """Whether the letter whose mail has this id was received already: somebody pressed the button twice."""
    return OutgoingMail.objects.filter(message_id=message_id).exists()


def receive(*, name: str, email: str, subject: str, message: str, message_id: str = "") -> ContactMessage | None:
    """Keep a reader's message and mail it to the publication; an answer goes to the reader.

    None where a letter of the same `message_id` (`id_of`) came in at the same moment: no two mails have one id.
    """
    try:
        return _receive(name, email, subject, message, message_id)
    except IntegrityError:
        if message_id and is_here(message_id):
            return None
        raise


def _receive(name: str, email: str, subject: str, message: str, message_id: str) -> ContactMessage:
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
            message_id=message_id,
        )
    return kept
