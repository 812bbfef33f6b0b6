"""Telling search engines (IndexNow) and feed hubs (WebSub) that something was published or changed.

A row is written in the transaction that changes what readers see; a worker sends it afterwards through the safe client.
Claiming is a conditional update that puts off the next try: a sender killed in the middle leaves a row that is due
again, and being told twice harms nobody. What changes while it is being told waits to be told anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from blog.feed_formats import addresses_under
from blog.models import Category, Ping, Post
from core import languages, publication
from core.outbound import AddressRefused, OutboundError, fetch

log = logging.getLogger(__name__)

Service, State = Ping.Service, Ping.State
INDEXNOW = "https://api.indexnow.org/indexnow"
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
CLAIM_LASTS = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)
# How many addresses one request tells of: a hub takes one topic, IndexNow a whole list.
TOGETHER = {Service.INDEXNOW: 500, Service.WEBSUB: 1}
SECONDS = 10.0


def is_wanted() -> bool:
    """Whether anybody is to be told at all."""
    site = publication.current()
    return bool(site.indexnow_key or site.websub_hub)


# --- What is to be told ---------------------------------------------------------------------------------------------
def tell(post: Post, *, at: datetime, left: Iterable[str] = ()) -> None:
    """Keep that a post was published, changed or taken down, inside the transaction that does it.

    `left` are the feeds it was in before (`feeds_to_tell`): one that it is gone from has changed as well.
    """
    site = publication.current()
    if site.indexnow_key:
        address = site.url + post.get_absolute_url()
        if _is_findable(post) or _is_known(post, address, at):
            keep(Service.INDEXNOW, [address], at)
        else:
            # What nobody may read any more, or is to find, is told to nobody who has not heard of it.
            Ping.objects.filter(service=Service.INDEXNOW, address=address, state=State.WAITING).delete()
    keep(Service.WEBSUB, {*left, *feeds_to_tell(post)}, at)


def _is_findable(post: Post) -> bool:
    return post.is_public and not post.noindex and not post.canonical_url


def _is_known(post: Post, address: str, at: datetime) -> bool:
    """Whether search engines may show an address that is to be found no more; they look again when told, and drop it.

    Rows are forgotten after a while; what was there to be found for so long has been found.
    """
    if Ping.objects.filter(service=Service.INDEXNOW, address=address, state=State.SENT).exists():
        return True
    was_findable = not post.noindex and not post.canonical_url
    return was_findable and post.published_at is not None and post.published_at < at - KEPT_FOR


def feeds_to_tell(post: Post) -> list[str]:
    """The feeds whose change the hub is to hear of when this post changes; none of pages and without a hub."""
    return feeds_with(post) if publication.current().websub_hub and post.kind == Post.Kind.POST else []


def feeds_with(post: Post) -> list[str]:
    """Every feed a post is in, in every format, in the edition of its language."""
    with translation.override(languages.edition_of(post.content_language)):
        lists = [reverse("home")]
        if post.category_id:
            above = Category.objects.get(pk=post.category_id).get_ancestors(include_self=True)
            lists += [category.get_absolute_url() for category in above]
        lists += [tag.get_absolute_url() for tag in post.tags.all()]
        lists += [thing.get_absolute_url() for thing in (post.topic_cluster, post.series) if thing]
        people = [post.author, *post.co_authors.select_related("author_profile")]
        profiles = [profile for person in people if (profile := getattr(person, "author_profile", None))]
        lists += [profile.get_absolute_url() for profile in profiles]
    site = publication.current().url
    return [site + address for path in lists for _, address in addresses_under(path)]


def tell_correction(*, at: datetime) -> None:
    """Keep that a correction was published or reworded, inside the transaction that does it; all editions list it."""
    site = publication.current()
    if not site.websub_hub:
        return
    told = []
    for code in (languages.main(), *languages.editions()):
        with translation.override(code):
            told += [site.url + address for _, address in addresses_under(reverse("corrections"))]
    keep(Service.WEBSUB, told, at)


def keep(service: str, addresses: Iterable[str], at: datetime) -> None:
    """A row for each address, due now; one that waits already is due again, also while it is being told."""
    longest = Ping._meta.get_field("address").max_length or 0
    wanted = sorted({address for address in addresses if len(address) <= longest})
    waiting = Ping.objects.filter(service=service, address__in=wanted, state=State.WAITING)
    # Locked in one order, so that two who publish at once do not wait for each other crosswise.
    held = dict(waiting.order_by("address").select_for_update().values_list("pk", "address"))
    if held:
        Ping.objects.filter(pk__in=held).update(next_try_at=at, attempts=0)
    new = [address for address in wanted if address not in held.values()]
    rows = [Ping(service=service, address=address, next_try_at=at) for address in new]
    Ping.objects.bulk_create(rows, ignore_conflicts=True)


# --- Telling it -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Said:
    """What came of a request; `for_good`: trying again would change nothing."""

    heard: bool
    answer: str
    for_good: bool = False


def send_due(limit: int = 100) -> int:
    """Tell what is due, oldest first; returns how many addresses were heard. Safe to run twice at once."""
    heard = 0
    for service in Service.values:
        due = Ping.objects.filter(service=service, state=State.WAITING, next_try_at__lte=timezone.now())
        waiting = list(due.order_by("next_try_at", "pk")[: max(limit, TOGETHER[Service(service)])])
        while waiting:
            together, waiting = waiting[: TOGETHER[Service(service)]], waiting[TOGETHER[Service(service)] :]
            claimed = [ping for ping in together if _claim(ping)]
            if not claimed:
                continue
            said = _say(service, [ping.address for ping in claimed])
            for ping in claimed:
                _write(ping, said)
            if said.heard:
                heard += len(claimed)
            elif not said.for_good:
                # Nobody there, or too many at once: the others would only be answered the same.
                break
    return heard


def forget_old(now: datetime) -> int:
    """Delete what was told, or given up, more than 30 days ago; returns how many."""
    return Ping.objects.exclude(state=State.WAITING).filter(updated_at__lt=now - KEPT_FOR).delete()[0]


def _claim(ping: Ping) -> bool:
    """Whether this sender got it. Attempts count from here: one that kills its sender is given up in the end."""
    until = timezone.now() + CLAIM_LASTS
    mine = Ping.objects.filter(pk=ping.pk, state=State.WAITING, next_try_at=ping.next_try_at)
    if not mine.update(next_try_at=until, attempts=F("attempts") + 1):
        return False
    ping.next_try_at, ping.attempts = until, ping.attempts + 1
    return True


def _say(service: str, addresses: list[str]) -> Said:
    site = publication.current()
    if service == Service.INDEXNOW:
        if not site.indexnow_key:
            return Said(False, "It was switched off meanwhile.", for_good=True)
        key_file = site.url + reverse("indexnow_key", args=[site.indexnow_key])
        told = {
            "host": urlsplit(site.url).netloc,
            "key": site.indexnow_key,
            "keyLocation": key_file,
            "urlList": addresses,
        }
        return _post(INDEXNOW, json.dumps(told).encode(), "application/json; charset=utf-8")
    if not site.websub_hub:
        return Said(False, "There is no hub any more.", for_good=True)
    form = [("hub.mode", "publish"), *(("hub.url", address) for address in addresses)]
    return _post(site.websub_hub, urlencode(form).encode(), "application/x-www-form-urlencoded")


def _post(url: str, body: bytes, content_type: str) -> Said:
    try:
        answer = fetch(url, method="POST", body=body, headers={"Content-Type": content_type}, timeout=SECONDS)
    except AddressRefused as error:
        return Said(False, str(error), for_good=True)
    except OutboundError as error:
        return Said(False, str(error))
    words = " ".join(answer.content[:200].decode("utf-8", "replace").replace("\0", " ").split())
    return Said(200 <= answer.status < 300, f"{answer.status} {words}".strip())


def _write(ping: Ping, said: Said) -> None:
    """What came of it; nothing where it changed meanwhile and waits to be told anew."""
    mine = Ping.objects.filter(pk=ping.pk, state=State.WAITING, next_try_at=ping.next_try_at)
    now = timezone.now()
    facts: dict[str, object] = {"answer": said.answer[:300], "updated_at": now}
    if said.heard:
        mine.update(**facts, state=State.SENT, sent_at=now)
        return
    log.warning("%s was not told of %s (attempt %s): %s", ping.service, ping.address, ping.attempts, said.answer)
    if said.for_good or ping.attempts > len(RETRY_AFTER):
        mine.update(**facts, state=State.FAILED)
    else:
        mine.update(**facts, next_try_at=now + RETRY_AFTER[ping.attempts - 1])
