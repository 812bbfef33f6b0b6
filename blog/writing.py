"""Saving a post: the one door for the admin, imports and, later, the API."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import may
from blog import (
    corrections,
    links,
    media_use,
    outgoing,
    pending,
    pings,
    redirects,
    review_cycle,
    reviewing,
    search,
    states,
    trail,
    translations,
    versions,
)
from blog.models import PendingChange, Post, PostVersion, ReviewRequest
from blog.signals import addresses_changed, post_updated
from blog.slugs import is_taken, renew_of_translation, settle_slug
from blog.taxonomy import tags_named
from core import markup
from core.events import announce
from core.refusals import NotAllowed, Refusal
from media_assets.texts import pictures_in

RENDERED_FROM = ("content_markdown", "content_language", "render_version")
# All that `render` fills.
COMPUTED = (
    *("content_html", "table_of_contents", "word_count", "reading_time_minutes", "automatic_excerpt"),
    "render_version",
)
# What belongs to blog.publishing and to whoever counts; a form that was open meanwhile must not turn it back.
NOT_WRITTEN = (
    *("status", "published_at", "scheduled_at", "trashed_at", "content_version", "current_version"),
    *("review_due_at", "translation_group"),
    *("view_count", "like_count", "comment_count", "share_count"),
)
MAX_TAGS = 200
LONGEST_TITLE = Post._meta.get_field("title").max_length or 300


class StaleSave(Refusal):
    """Somebody else saved a newer version meanwhile. `base` and `newest` are the numbers of both."""

    def __init__(self, base: int, newest: int) -> None:
        super().__init__(
            f"Somebody saved version {newest} while you were writing on version {base}. Yours is not lost: put the "
            "two together."
        )
        self.base, self.newest = base, newest


def rendered(source: str, language: str) -> markup.Rendered:
    """A text rendered; the last few are remembered: what was previewed or rendered ahead costs nothing again."""
    return _rendered(source, language, tuple(sorted(pictures_in(source).items())))


@lru_cache(maxsize=8)
def _rendered(source: str, language: str, pictures: tuple[tuple[str, markup.Picture], ...]) -> markup.Rendered:
    return markup.render(source, language=language, pictures=dict(pictures))


def render_ahead(source: str, language: str) -> None:
    """Render before a transaction begins: a long text would otherwise hold up everybody who writes to SQLite."""
    with suppress(markup.MarkupError):
        rendered(source, language)


def render(post: Post) -> None:
    """Fill everything computed from the text. Raises a Refusal when it cannot be rendered."""
    try:
        result = rendered(post.content_markdown, post.content_language)
    except markup.MarkupError as error:
        raise Refusal(str(error), field="content_markdown") from error
    post.content_html = result.html
    post.table_of_contents = list(result.toc)
    post.word_count = result.word_count
    post.reading_time_minutes = markup.reading_time_minutes(result.word_count)
    post.automatic_excerpt = result.excerpt
    post.render_version = markup.RENDER_VERSION


def clean(post: Post) -> None:
    """Bring the text into the one form it is kept in, and refuse what cannot be a post."""
    post.content_markdown = post.content_markdown.replace("\r\n", "\n").replace("\r", "\n")
    if not post.title.strip():
        raise Refusal("The post has no title yet; give it one to save it.", field="title")
    if len(post.title) > LONGEST_TITLE:
        raise Refusal(
            f"The title has {len(post.title):,} characters and {LONGEST_TITLE} fit; shorten it.", field="title"
        )
    if post.pk and post.pillar_post_id == post.pk:
        raise Refusal("A post cannot be its own pillar.", field="pillar_post")


def check_rights(post: Post, row: Post | None, by: User) -> None:
    """Whether `by` may write this; what editors alone decide is not decided by saving either."""
    if not may(by, "blog.change_post" if row else "blog.add_post", row):
        raise NotAllowed("You may change only posts of your own.")
    before = row
    if row is not None and row.is_public:
        # What waits for a live post was decided when it was written; only what this save changes is asked about.
        before = Post.objects.get(pk=row.pk)
        pending.open_newest(before)
    if post.author_id != (before.author_id if before else by.pk) and not by.has_perm("blog.change_others_post"):
        raise NotAllowed("Only editors write in somebody else’s name.", field="author")
    if post.pillar_post_id and post.pillar_post_id != (before.pillar_post_id if before else None):
        pillar = Post.objects.filter(pk=post.pillar_post_id).first()
        if pillar is not None and not pillar.is_public and not may(by, "blog.change_post", pillar):
            raise Refusal("The pillar is a live post or one of your own.", field="pillar_post")
    if may(by, "blog.publish_post", row):
        return
    was = before or Post()
    if post.kind != was.kind:
        raise NotAllowed("Only editors make pages of posts and posts of pages.", field="kind")
    if post.is_featured != was.is_featured:
        raise NotAllowed("Only editors decide what is featured.", field="is_featured")
    if post.unpublish_at != was.unpublish_at:
        raise NotAllowed("Only editors decide when a post comes down.", field="unpublish_at")


def save(
    post: Post,
    *,
    by: User | None,
    reason: str = "",
    kind: str = PostVersion.Kind.SAVE,
    tags: Iterable[str] | None = None,
    co_authors: Iterable[User] | None = None,
    at: datetime | None = None,
    base_version: int | None = None,
) -> PostVersion | None:
    """Save what somebody wrote, with its version, its rendering and, when a public address changed, its redirect.

    What somebody writes at a live post is kept as a pending version, which readers see once `publishing.update` brings
    it out; begin from `pending.open_newest`.

    `tags` and `co_authors` stay as they are when None. `by` is None for imports and the clock; anybody else must be
    allowed to change the post. `base_version` is the version the writing began from; a newer one in the database raises
    StaleSave. Returns the new version, or None when nothing changed. Raises Refusal.
    """
    now = at or timezone.now()
    tags = None if tags is None else list(tags)
    if tags is not None and len(tags) > MAX_TAGS:
        raise Refusal(f"A post has at most {MAX_TAGS} tags; this one has {len(tags)}.", field="tags_text")
    clean(post)
    stored = Post.objects.filter(pk=post.pk).values(*RENDERED_FROM).first() if post.pk else None
    if stored != {**{name: getattr(post, name) for name in RENDERED_FROM[:2]}, "render_version": markup.RENDER_VERSION}:
        render_ahead(post.content_markdown, post.content_language)
    with transaction.atomic():
        before = Post.objects.select_for_update(of=("self",)).filter(pk=post.pk).first() if post.pk else None
        if post.pk and before is None:
            raise Refusal("This post was deleted meanwhile; copy your text before you leave the page.")
        if by is not None:
            check_rights(post, before, by)
        if before and base_version is not None and before.content_version != base_version:
            raise StaleSave(base_version, before.content_version)
        if before is not None and before.is_public and by is not None:
            version = keep_private(
                post, before, by=by, reason=reason, kind=kind, tags=tags, co_authors=co_authors, now=now
            )
        else:
            if before is not None and before.is_public and pending.change_of(before) is not None:
                raise Refusal("Changes to this live post wait here; bring them out or discard them first.")
            version = write(post, before, by=by, reason=reason, kind=kind, tags=tags, co_authors=co_authors, now=now)
            if version and post.is_public:
                pings.tell(post, at=now)
                outgoing.tell("post.updated", post, at=now)
                announce(post_updated, post_id=post.pk, at=now)
            if version and by is not None and post.status == Post.Status.SCHEDULED:
                take_back_plan(post, by=by, now=now)
        trail.record_version(post, version, by=by, at=now)
        return version


def keep_private(
    post: Post,
    row: Post,
    *,
    by: User,
    reason: str,
    kind: str,
    tags: list[str] | None,
    co_authors: Iterable[User] | None,
    now: datetime,
) -> PostVersion | None:
    """A live post edited: a version that waits. What could not go live (an address taken, a text that does not render)
    is refused now, not then."""
    settle_slug(post)
    for name in NOT_WRITTEN:
        setattr(post, name, getattr(row, name))
    translations.refuse_taken_language(post, row.translation_group, by=by)
    render(post)
    post.last_updated_reason = reason[:300]
    if post.unpublish_at != row.unpublish_at:
        # When it comes down is a plan for the live post, not something it says.
        row.unpublish_at = post.unpublish_at
        Post.objects.filter(pk=row.pk).update(unpublish_at=post.unpublish_at)
    named = None if tags is None else tags_named(tags)
    version = pending.keep(post, row, by=by, reason=reason, kind=kind, tags=named, co_authors=co_authors, now=now)
    if version is not None and pending.change_of(row) is None:
        reviewing.close(row, ReviewRequest.Decision.WITHDRAWN, by=by, answer="", at=now)
    return version


def take_back_plan(post: Post, *, by: User, now: datetime) -> None:
    """Words of somebody who may not publish do not go live by a decision about older ones: it goes back to review."""
    if may(by, "blog.publish_post", post):
        return
    post.scheduled_at = None
    states.move(post, post, Post.Status.PENDING, by=by, note="Changed after it was scheduled", at=now)
    reviewing.ask(post, by=by, reviewer=None, note="Changed after it was scheduled; the plan was taken back.", at=now)


def bring_out(row: Post, change: PendingChange, *, by: User | None, note: str, now: datetime) -> PostVersion | None:
    """Make the row say what waits for it, inside the transaction that holds it. `row` has its lock and says the old.

    Raises Refusal, as when the address it wants was taken meanwhile.
    """
    before = Post.objects.get(pk=row.pk)
    tags, co_authors = versions.apply(change.version, row)
    review_cycle.last_look(row, before)
    kind = PostVersion.Kind.PUBLISH if row.is_public else PostVersion.Kind.SAVE
    reason = note or change.version.reason
    change.delete()
    version = write(row, before, by=by, reason=reason, kind=kind, tags=tags, co_authors=co_authors, now=now)
    corrections.publish(row, change, before.current_version, version, by=by, at=now)
    return version


def write(
    post: Post,
    before: Post | None,
    *,
    by: User | None,
    reason: str,
    kind: str,
    tags: list[str] | None,
    co_authors: Iterable[User] | None,
    now: datetime,
) -> PostVersion | None:
    """The row and what hangs on it, inside the transaction that holds it."""
    if before is not None:
        renew_of_translation(post, before)
    made_here = settle_slug(post)
    for name in NOT_WRITTEN if before else ():
        setattr(post, name, getattr(before, name))
    if before is not None and before.content_language != post.content_language:
        translations.refuse_taken_language(post, before.translation_group, by=by)
    if before is None or any(getattr(before, name) != getattr(post, name) for name in RENDERED_FROM[:2]):
        media_use.hold(post.content_markdown)
        render(post)
        post.content_changed_at = now
    elif before.render_version != markup.RENDER_VERSION:
        render(post)
    else:
        # It may have been rendered anew since this was read.
        for name in COMPUTED:
            setattr(post, name, getattr(before, name))
    if reason or not post.show_update_reason:
        # What readers are told stays until there is something newer to tell.
        post.last_updated_reason = reason[:300]
    insert(post, made_here, by=by)
    review_cycle.renew(post)
    if before is None or before.content_html != post.content_html:
        links.keep(post)
    if before is None or before.content_markdown != post.content_markdown:
        media_use.keep(post)
    if tags is not None:
        post.tags.set(tags_named(tags), clear=False)
    if co_authors is not None:
        post.co_authors.set([person for person in co_authors if person.pk != post.author_id])
    if before and before.was_ever_public and before.get_absolute_url() != post.get_absolute_url():
        redirects.remember_post(before.get_absolute_url(), post)
        announce(addresses_changed, post_ids=[post.pk], category_ids=[])
    if post.is_public:
        search.keep(post)
    published = kind == PostVersion.Kind.PUBLISH
    return versions.record(
        post, by=by, kind=kind, reason=reason, at=now, known_new=before is None, even_if_same=published
    )


def insert(post: Post, slug_made_here: bool, *, by: User | None) -> None:
    """Save the row. An address taken since it was looked for costs a number, or is refused when somebody chose it."""
    for _ in range(20):
        try:
            with transaction.atomic():
                post.save()
                return
        except IntegrityError:
            if not is_taken(post):
                translations.refuse_taken_language(post, post.translation_group, by=by)
                raise
        if not slug_made_here:
            raise Refusal(f"Another post or page has the address “{post.slug}”; choose another.", field="slug")
        post.slug = ""
        settle_slug(post)
    raise Refusal("Too many posts of this title are being saved at once; save again.", field="slug")


def restore(post: Post, version: PostVersion, *, by: User, at: datetime | None = None) -> PostVersion | None:
    """Make the post say again what `version` says; the restoring is itself a new version.

    States stay as they are, and so does what only a deliberate step may change: the address and kind of a post that was
    ever public and, for whoever may not decide them, the byline and what is featured.
    """
    current = Post.objects.get(pk=post.pk)
    pending.open_newest(current)
    kept = {"slug", "kind"} if current.was_ever_public else set()
    if not by.has_perm("blog.change_others_post"):
        kept |= {"author_id", "kind", "is_featured"}
    now_so = {name: getattr(current, name) for name in kept}
    tags, co_authors = versions.apply(version, current)
    for name, value in now_so.items():
        setattr(current, name, value)
    reason = f"Restored version {version.number}"
    return save(current, by=by, reason=reason, kind=PostVersion.Kind.RESTORE, tags=tags, co_authors=co_authors, at=at)


def restore_field(
    post: Post, version: PostVersion, name: str, *, by: User, at: datetime | None = None
) -> PostVersion | None:
    """Make one field say again what it says in `version`; the rest stays, and the restoring is itself a new version.

    What a role may not write it cannot restore either. Raises Refusal, also for what the version names and no longer
    exists.
    """
    if name not in versions.RESTORABLE or name not in version.snapshot:
        raise Refusal("This is nothing a version can bring back.", field=name)
    current = Post.objects.get(pk=post.pk)
    pending.open_newest(current)
    said = {name: version.snapshot[name]}
    tags, co_authors = versions.apply(PostVersion(snapshot=said), current)
    label = versions.label_of(name)
    if name in versions.RELATIONS and getattr(current, name) != said[name]:
        raise Refusal(f"What version {version.number} names as its {label} was deleted since.", field=name)
    return save(
        current,
        by=by,
        reason=f"Restored the {label} of version {version.number}",
        kind=PostVersion.Kind.RESTORE,
        tags=tags if name == "tags" else None,
        co_authors=co_authors if name == "co_authors" else None,
        at=at,
    )
