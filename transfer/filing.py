"""The categories and tags of an export, made here where they are missing."""

from __future__ import annotations

from django.db import transaction

from blog.models import Category, Tag
from blog.models.taxonomy import tag_key
from blog.slugs import free_slug, make_slug
from blog.taxonomy import MAX_DEPTH, MAX_PATH, save_category
from transfer.ledger import Ledger, fingerprint
from transfer.old_addresses import lead
from transfer.records import Term
from transfer.report import Report

MAX_NAME = 100
MAX_SLUG = 120


def take_categories(terms: dict[str, Term], ledger: Ledger, report: Report, *, dry_run: bool) -> dict[str, Category]:
    """All categories by old slug, parents first. In a dry run those that would be made are not in the answer."""
    targets = Category.objects.in_bulk(list(ledger.targets("category").values()))
    found: dict[str, Category] = {}
    paths: dict[str, str] = {}
    made: set[str] = set()
    for slug in in_order(terms):
        term = terms[slug]
        mark = fingerprint(term.name, slug, term.parent, term.description)
        remembered = ledger.find("category", slug[:200])
        category = targets.get(remembered.target_id) if remembered else None
        if category is not None:
            report.add("categories", "unchanged")
            found[slug], paths[slug] = category, category.path
            continue
        path = paths[slug] = place_of(term, paths.get(term.parent, ""), report)
        category = Category.objects.filter(path=path).first()
        report.add("categories", "unchanged" if category or path in made else "created")
        made.add(path)
        if dry_run:
            continue
        with transaction.atomic():
            if category is None:
                category = make_category(term, path)
            ledger.remember("category", slug[:200], category, mark)
            old = [f"/category/{'/'.join(chain(slug, terms))}/", f"/category/{slug}/"]
            old += [f"/?cat={term.old_id}"] if term.old_id.isdigit() else []
            report.redirects += lead(old, ledger, report, category=category)
        found[slug] = category
    return found


def place_of(term: Term, above: str, report: Report) -> str:
    """The path it gets here: below `above`, or higher up where trees do not go that deep or addresses that long."""
    slug = make_slug(term.slug, fallback="category", longest=MAX_SLUG)
    if slug == "feed":
        # That is the address of the feed of the category above.
        slug = "feed-2"
    parts = [part for part in above.split("/") if part]
    if len(parts) >= MAX_DEPTH or len(above) + len(slug) + 1 > MAX_PATH:
        while parts and (len(parts) >= MAX_DEPTH or len("/".join([*parts, slug])) > MAX_PATH):
            parts.pop()
        note = f"Categories go {MAX_DEPTH} levels deep and have short addresses; it hangs higher up here."
        report.note("categories", [note], old_id=term.slug, title=term.name)
    return "/".join([*parts, slug])


def make_category(term: Term, path: str) -> Category:
    above, _, slug = path.rpartition("/")
    parent = Category.objects.get(path=above) if above else None
    return save_category(Category(name=term.name[:120], slug=slug, parent=parent, description=term.description[:2000]))


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
    names = {slug: (" ".join(term.name.split()) or slug)[:MAX_NAME].strip() for slug, term in terms.items()}
    by_key = {tag.key: tag for tag in Tag.objects.filter(key__in=[tag_key(name) for name in names.values()])}
    found: dict[str, Tag] = {}
    for slug, term in terms.items():
        name = names[slug]
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
            found[slug] = by_key.setdefault(tag_key(name), tag or Tag(name=name, slug=slug))
            continue
        with transaction.atomic():
            if tag is None:
                tag = Tag.objects.create(name=name, slug=free_slug(make_slug(slug, fallback="tag")[:110], Tag))
                by_key[tag.key] = tag
            ledger.remember("tag", slug[:200], tag, fingerprint(term.name, slug))
            report.redirects += lead([f"/tag/{slug}/"], ledger, report, new_path=tag.get_absolute_url())
        found[slug] = tag
    return found
