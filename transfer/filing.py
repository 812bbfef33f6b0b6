"""The categories and tags of an export, made here where they are missing."""

from __future__ import annotations

from django.db import transaction

from blog.models import Category, Tag
from blog.models.taxonomy import tag_key
from blog.slugs import free_slug, make_slug
from blog.taxonomy import save_category
from core.refusals import Refusal
from transfer.ledger import Ledger, fingerprint
from transfer.old_addresses import lead
from transfer.records import Term
from transfer.report import Report

MAX_NAME = 100


def take_categories(terms: dict[str, Term], ledger: Ledger, report: Report, *, dry_run: bool) -> dict[str, Category]:
    """All categories by old slug, parents first. In a dry run those that would be made are not in the answer."""
    targets = Category.objects.in_bulk(list(ledger.targets("category").values()))
    found: dict[str, Category] = {}
    for slug in in_order(terms):
        term = terms[slug]
        mark = fingerprint(term.name, slug, term.parent, term.description)
        remembered = ledger.find("category", slug[:200])
        category = targets.get(remembered.target_id) if remembered else None
        if category is not None:
            report.add("categories", "unchanged")
            found[slug] = category
            continue
        parent = found.get(term.parent)
        wanted = make_slug(slug, fallback="category")[:120].strip("-")
        category = Category.objects.filter(parent=parent, slug=wanted).first() if parent or not term.parent else None
        report.add("categories", "unchanged" if category else "created")
        if dry_run:
            continue
        with transaction.atomic():
            if category is None:
                category = make_category(term, wanted, parent, report)
            ledger.remember("category", slug[:200], category, mark)
            report.redirects += lead(
                [f"/category/{'/'.join(chain(slug, terms))}/", f"/category/{slug}/"], category=category
            )
            if term.old_id.isdigit():
                report.redirects += lead([f"/?cat={term.old_id}"], category=category)
        found[slug] = category
    return found


def make_category(term: Term, slug: str, parent: Category | None, report: Report) -> Category:
    while True:
        category = Category(name=term.name[:120], slug=slug, parent=parent, description=term.description[:2000])
        try:
            with transaction.atomic():
                return save_category(category)
        except Refusal as refusal:
            if parent is None:
                raise
            # Deeper than trees go here: it hangs one level higher.
            report.note("categories", [refusal.sentence], old_id=term.slug, title=term.name)
            parent = parent.parent


def in_order(terms: dict[str, Term]) -> list[str]:
    """Slugs so that every parent comes before its children; circles are cut where they close."""
    done: dict[str, None] = {}
    for slug in terms:
        for ancestor in chain(slug, terms):
            done.setdefault(ancestor)
    return list(done)


def chain(slug: str, terms: dict[str, Term]) -> list[str]:
    """The slugs from the top down to this one."""
    found: list[str] = []
    while slug in terms and slug not in found:
        found.append(slug)
        slug = terms[slug].parent
    return found[::-1]


def take_tags(terms: dict[str, Term], ledger: Ledger, report: Report, *, dry_run: bool) -> dict[str, Tag]:
    """Every tag by old slug; in a dry run those that would be made are not in the database."""
    targets = Tag.objects.in_bulk(list(ledger.targets("tag").values()))
    by_key = {
        tag.key: tag for tag in Tag.objects.filter(key__in=[tag_key(term.name[:MAX_NAME]) for term in terms.values()])
    }
    found: dict[str, Tag] = {}
    for slug, term in terms.items():
        name = " ".join(term.name[:MAX_NAME].split()) or slug
        remembered = ledger.find("tag", slug[:200])
        tag = targets.get(remembered.target_id) if remembered else None
        if tag is not None:
            report.add("tags", "unchanged")
            found[slug] = tag
            continue
        tag = by_key.get(tag_key(name))
        same = "is the same word as a tag there is" if tag and slug != tag.slug else ""
        report.add("tags", "unchanged" if tag else "created", old_id=slug, title=name, reason=same)
        if dry_run:
            found[slug] = tag or Tag(name=name)
            continue
        with transaction.atomic():
            if tag is None:
                tag = Tag.objects.create(name=name, slug=free_slug(make_slug(slug, fallback="tag")[:110], Tag))
                by_key[tag.key] = tag
            ledger.remember("tag", slug[:200], tag, fingerprint(term.name, slug))
            report.redirects += lead([f"/tag/{slug}/"], new_path=tag.get_absolute_url())
        found[slug] = tag
    return found
