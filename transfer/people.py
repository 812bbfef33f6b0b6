"""The people of an export: matched by e-mail address, else made with the role Author and no password."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.authors import ensure_profile
from accounts.models import AuthorProfile, User
from accounts.roles import Role, at_least, set_role
from transfer.ledger import Ledger, fingerprint
from transfer.old_addresses import lead
from transfer.records import Author
from transfer.report import Report

NOBODY = "unknown-author"


def take_people(authors: list[Author], ledger: Ledger, report: Report, *, dry_run: bool) -> dict[str, User]:
    """Everybody the export names, by log-in name there. In a dry run those who would be made are not in the answer."""
    known = User.objects.in_bulk(list(ledger.targets("author").values()))
    wanted = {author.email.casefold() for author in authors if author.email}
    by_email = {
        user.email.casefold(): user for user in User.objects.exclude(email="") if user.email.casefold() in wanted
    }
    found: dict[str, User] = {}
    for author in authors:
        mark = fingerprint(author.login, author.email, author.display_name, author.first_name, author.last_name)
        remembered = ledger.find("author", author.login[:200])
        user = known.get(remembered.target_id) if remembered else None
        if user is not None:
            report.add("authors", "unchanged")
        elif author.email and (user := by_email.get(author.email.casefold())):
            reason = "has an account here with the same e-mail address"
            report.add("authors", "unchanged", old_id=author.login, title=author.display_name, reason=reason)
            if not dry_run:
                with transaction.atomic():
                    ensure_profile(user)
                    ledger.remember("author", author.login[:200], user, mark)
        else:
            report.add("authors", "created")
            if dry_run:
                continue
            with transaction.atomic():
                user = make_author(author)
                ledger.remember("author", author.login[:200], user, mark)
            by_email[user.email.casefold()] = user
        found[author.login] = user
    return found


def make_author(author: Author) -> User:
    """An account nobody can log in to until its owner asks for a new password by e-mail."""
    first, last = author.first_name[:150], author.last_name[:150]
    if author.display_name and author.display_name != f"{first} {last}".strip():
        first, last = ("", "") if author.display_name == author.login else (author.display_name[:150], "")
    user = User(username=free_username(author.login), email=valid_email(author.email), first_name=first, last_name=last)
    user.set_unusable_password()
    user.save()
    set_role(user, Role.AUTHOR)
    if at_least(user, Role.AUTHOR):
        ensure_profile(user)
    profile = AuthorProfile.objects.get(user=user)
    old = f"/author/{author.login}/"
    if re.fullmatch(r"[-\w.@ ]+", author.login) and old != profile.get_absolute_url():
        if not AuthorProfile.objects.filter(slug=author.login).exists():
            lead([old], new_path=profile.get_absolute_url())
    return user


def valid_email(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email[:254]


def free_username(login: str) -> str:
    """The log-in name with only characters a username may have, and a number where another person has it."""
    base = re.sub(r"[^\w.@+-]", "", unicodedata.normalize("NFKC", login))[:140] or "author"
    candidate, number = base, 1
    while User.objects.filter(username__iexact=candidate).exists():
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def nobody(ledger: Ledger) -> User:
    """Who stands in for the author of an item that names none."""
    remembered = ledger.find("author", NOBODY)
    user = User.objects.filter(pk=remembered.target_id).first() if remembered else None
    if user is None:
        with transaction.atomic():
            user = make_author(Author(old_id="", login=NOBODY, display_name="Unknown author"))
            ledger.remember("author", NOBODY, user, fingerprint(NOBODY))
    return user
