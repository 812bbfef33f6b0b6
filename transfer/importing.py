"""A whole site comes in: one walk to see that the file is whole, one to write, in transactions of a few things each.

Run again it changes nothing; stopped half-way and started again it ends the same.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from blog.addresses import normalise_old_address, without_size
from blog.models import Post
from blog.signals import addresses_changed
from core.events import announce
from transfer.checking import tell_findings
from transfer.composing import Composer
from transfer.conversations import Conversations
from transfer.filing import take_categories, take_tags
from transfer.ledger import Ledger
from transfer.media import Media, take_files
from transfer.old_addresses import Lead, lead_all, path_at
from transfer.people import take_people
from transfer.posts import Writer
from transfer.records import Item
from transfer.report import Report
from transfer.survey import CONTENT, Identities, Survey, survey
from transfer.wordpress import read_wxr

Progress = Callable[[str, int], None]


def import_wordpress(
    path: str | Path,
    *,
    uploads: Path | None = None,
    fetch_media: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring in a WordPress export and tell what became of everything in it.

    `uploads` is a local copy of wp-content/uploads; `fetch_media` fetches files from the old site. `progress` is told
    ("total", n) once and ("done", 1) for each thing. Raises BrokenFile before anything is written.
    """
    found = survey(path)
    tell = progress or (lambda _word, _number: None)
    tell("total", found.counts["post"] + found.counts["page"] + found.counts["attachment"])
    report = Report(Path(path).name, found.source, dry_run)
    ledger = Ledger(found.source)
    authors = take_people(list(found.authors.values()), ledger, report, dry_run=dry_run)
    categories = take_categories(found.categories, ledger, report, dry_run=dry_run)
    tags = take_tags(found.tags, ledger, report, dry_run=dry_run)
    media = take_files(
        found.files,
        ledger,
        report,
        uploads=uploads,
        fetch_media=fetch_media,
        dry_run=dry_run,
        tick=lambda: tell("done", 1),
        host=found.host,
    )
    composer = Composer(found, ledger, media, authors, categories, tags, timezone.now(), dry_run)
    composer.plan_slugs()
    writer = Writer(composer, report)
    identities = Identities()
    for record in read_wxr(path):
        if isinstance(record, Item) and record.kind in CONTENT and record.status not in ("auto-draft", "inherit"):
            writer.take(record, identities.of(record))
            tell("done", 1)
    writer.finish()
    if found.comments:
        Conversations(found, ledger, authors, report, composer.now, dry_run).take_all(path)
    for what, number in found.ignored.most_common():
        for _ in range(number):
            report.add("other", "skipped")
        report.reasons["other", "skipped", f"{what} is not something this site has"] += number
    if not dry_run:
        _lead_from_lists(found, ledger, media, report)
        announce(addresses_changed, post_ids=[], category_ids=[])
        tell_findings(writer.written, report, at=composer.now)
    return report


def _lead_from_lists(found: Survey, ledger: Ledger, media: Media, report: Report) -> None:
    """Old months lead to the archive, files to those here; the page of a file to its post, else to the file itself."""
    leads = [
        Lead([f"/{year}/{month:02d}/"], new_path=reverse("month", args=[year, month])) for year, month in found.months
    ]
    leads += [Lead([f"/{year}/"], new_path=reverse("year", args=[year])) for year in {year for year, _ in found.months}]
    parents = ledger.targets("post") | ledger.targets("page")
    posts = Post.objects.only("slug", "kind").in_bulk(
        [parents[file.parent] for file in found.files.values() if file.parent in parents]
    )
    for file in found.files.values():
        old = [path_at(file.link, found.host), f"/?attachment_id={file.old_id}"]
        post = posts.get(parents.get(file.parent, 0))
        asset = media.assets.get(file.old_id)
        if post is not None:
            leads.append(Lead(filter(None, old), post=post))
        elif asset is not None:
            leads.append(Lead(filter(None, old), new_path=asset.url))
        if asset is not None and (place := path_at(file.url, found.host)):
            leads.append(Lead([place], new_path=asset.url))
    # Sizes lead where their picture does (blog.redirects), once its name is known; a picture of that name comes first.
    leads += [
        Lead([without_size(place)], new_path=asset.url)
        for old_id, asset in media.assets.items()
        if (place := path_at(found.files[old_id].url, found.host)) and without_size(place) != place
    ]
    # What a post or page claims is its own, also when it was unchanged and nothing was led to it this time.
    ledger.led.update(normalise_old_address(address) for wanted in found.wanted for address in wanted.addresses)
    for start in range(0, len(leads), 200):
        report.redirects += lead_all(leads[start : start + 200], ledger, report)
