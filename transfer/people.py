"""The people of an export: matched by a confirmed e-mail address, else made with the role Author and no password."""

from __future__ import annotations

import re
import unicodedata

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

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
    by_email, taken = holders(wanted), addresses_in_use(wanted)
    coming: set[str] = set()
    found: dict[str, User] = {}
    for author in authors:
        mark = fingerprint(author.login, author.email, author.display_name, author.first_name, author.last_name)
        remembered = ledger.find("author", author.login[:200])
        user = known.get(remembered.target_id) if remembered else None
        if user is not None:
            report.add("authors", "unchanged")
        elif (user := by_email.get(author.email.casefold())) or author.email.casefold() in coming:
            reason = "has an account here with the same e-mail address"
            report.add("authors", "unchanged", old_id=author.login, title=author.display_name, reason=reason)
            if user is None:
                continue  # a dry run: the account would have been made a moment ago
            if not dry_run:
                with transaction.atomic():
                    ensure_profile(user)
                    ledger.remember("author", author.login[:200], user, mark)
        else:
            report.add("authors", "created")
            email = valid_email(author.email)
            if email.casefold() in taken:
                email = ""
                note = "An account here has the same e-mail address and never confirmed it; made without an address."
                report.note("authors", [note], old_id=author.login, title=author.display_name)
            if dry_run:
                coming.update({email.casefold()} - {""})
                continue
            with transaction.atomic():
                user = make_author(author, email)
                lead_from_old_page(author, user, ledger, report)
                ledger.remember("author", author.login[:200], user, mark)
            if email:
                by_email[email.casefold()] = user
        found[author.login] = user
    return found


def holders(emails: set[str]) -> dict[str, User]:
    """Who is known to be at these addresses: whoever confirmed one, else an account that works here.

    Anybody may sign up with the address of somebody else; that alone gives nobody the texts of a site.
    """
    people = User.objects.annotate(lower=Lower("email")).filter(lower__in=emails).prefetch_related("groups")
    found = {user.lower: user for user in people if user.is_staff or at_least(user, Role.AUTHOR)}
    confirmed = EmailAddress.objects.annotate(lower=Lower("email")).filter(lower__in=emails, verified=True)
    return found | {address.lower: address.user for address in confirmed.select_related("user")}


def addresses_in_use(emails: set[str]) -> set[str]:
    """Which of these addresses some account has, confirmed or not."""
    found: set[str] = set()
    for model in (User, EmailAddress):
        found |= set(
            model.objects.annotate(lower=Lower("email")).filter(lower__in=emails).values_list("lower", flat=True)
        )
    return found


def make_author(author: Author, email: str = "") -> User:
    """An account nobody can log in to until its owner asks for a new password by e-mail."""
    first, last = author.first_name[:150], author.last_name[:150]
    if author.display_name and author.display_name != f"{first} {last}".strip():
        first, last = ("", "") if author.display_name == author.login else (author.display_name[:150], "")
    user = User(username=free_username(author.login), email=email, first_name=first, last_name=last)
    user.set_unusable_password()
    user.save()
    set_role(user, Role.AUTHOR)
    if at_least(user, Role.AUTHOR):
        ensure_profile(user)
    return user


def lead_from_old_page(author: Author, user: User, ledger: Ledger, report: Report) -> None:
    """The old site's page of an author leads to the one here, unless somebody here has that very address."""
    if re.fullmatch(r"[-\w.@ ]+", author.login) and not AuthorProfile.objects.filter(slug=author.login).exists():
        new = AuthorProfile.objects.get(user=user).get_absolute_url()
        report.redirects += lead([f"/author/{author.login}/"], ledger, report, new_path=new)


def valid_email(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email if len(email) <= 254 else ""


def free_username(login: str) -> str:
    """The log-in name with only characters a username may have, and a number where another person has it."""
    # Without what follows an @: a name that could be an e-mail address signs in like one.
    base = re.sub(r"[^\w.+-]", "", unicodedata.normalize("NFKC", login).partition("@")[0])[:140] or "author"
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
