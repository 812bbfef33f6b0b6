"""Which pictures and files texts show: kept exact by reading what is saved, in the transaction that saves it.

`writing`, `versions` and `arriving` keep it for posts and versions, a receiver for snippets. Texts nobody saved yet are
read when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Q, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from blog.models import Autosave, Post, PostAsset, PostVersion, Snippet, SnippetAsset, VersionAsset
from blog.querysets import HEAVY
from media_assets import addresses, usage
from media_assets.models import MediaAsset

# The fields of a post that hold a picture.
PICTURES = ("featured_image", "og_image")
BATCH = 200

usage.told |= {
    (Post, "featured_image"): usage.Told(place="featured picture"),
    (Post, "og_image"): usage.Told(place="share picture"),
    (PostAsset, "asset"): usage.Told("post", "text"),
    (VersionAsset, "asset"): usage.Told("version__post", number="version__number"),
    (SnippetAsset, "asset"): usage.Told("snippet", "text"),
}


class Shown(NamedTuple):
    """The files something shows: keys in its text, ids in its fields."""

    keys: set[str]
    ids: set[int]

    @property
    def condition(self) -> Q:
        return Q(key__in=self.keys) | Q(pk__in=self.ids)

    def among(self, there: Mapping[str, int]) -> set[int]:
        """The ids of those there are."""
        return {there[key] for key in self.keys & there.keys()} | (self.ids & set(there.values()))


def in_text(text: str) -> Shown:
    return Shown(addresses.keys_in(text), set())


def in_snapshot(said: Mapping[str, Any]) -> Shown:
    """What a version shows, or the part of it that is in `said`."""
    ids = {said[f"{name}_id"] for name in PICTURES if isinstance(said.get(f"{name}_id"), int)}
    return Shown(addresses.keys_in(str(said.get("content_markdown") or "")), ids)


def _together(several: Iterable[Shown]) -> Shown:
    together = Shown(set(), set())
    for each in several:
        together.keys.update(each.keys)
        together.ids.update(each.ids)
    return together


# --- Kept while saving ------------------------------------------------------------------------------------------------
def hold(text: str) -> None:
    """Let no file that `text` mentions change until the transaction ends, so that what is rendered of it stays true."""
    shown = in_text(text)
    if shown.keys:
        _held(shown)


def keep(post: Post) -> None:
    """What the text of the row mentions; call it in the transaction that writes the text and holds the row."""
    _mend(PostAsset, "post_id", {post.pk: in_text(post.content_markdown)})


def keep_version(version: PostVersion) -> None:
    """What a version shows; call it in the transaction that makes it."""
    shown = in_snapshot(version.snapshot)
    if any(shown):
        found = shown.among(_held(shown))
        VersionAsset.objects.bulk_create(VersionAsset(version=version, asset_id=pk) for pk in sorted(found))


def keep_snippet(snippet: Snippet) -> None:
    """What a snippet mentions."""
    with transaction.atomic():
        _mend(SnippetAsset, "snippet_id", {snippet.pk: in_text(snippet.content_markdown)})


def keep_new(posts: Collection[Post], versions: Collection[PostVersion], *, since: datetime) -> None:
    """What posts and versions just brought in show, in a handful of queries. They were rendered some time after
    `since`; where a picture changed after it they wait to be rendered once more."""
    texts = {post.pk: in_text(post.content_markdown) for post in posts}
    said = {version.pk: in_snapshot(version.snapshot) for version in versions}
    shown = _together([*texts.values(), *said.values()])
    if not any(shown):
        return
    there = _held(shown)
    PostAsset.objects.bulk_create(
        [PostAsset(post_id=pk, asset_id=each) for pk, found in texts.items() for each in found.among(there)],
        batch_size=1000,
    )
    VersionAsset.objects.bulk_create(
        [VersionAsset(version_id=pk, asset_id=each) for pk, found in said.items() for each in found.among(there)],
        batch_size=1000,
    )
    changed = MediaAsset.objects.filter(pk__in=there.values(), updated_at__gte=since)
    Post.objects.filter(pk__in=PostAsset.objects.filter(post__in=texts, asset__in=changed).values("post")).update(
        render_version=0
    )


def _held(shown: Shown) -> dict[str, int]:
    """The ids of those files there are, by key. Nobody changes or deletes them until the transaction ends; elsewhere
    than on PostgreSQL whoever writes is alone anyway."""
    rows = MediaAsset.objects.filter(shown.condition).order_by("pk").values_list("key", "pk")
    if connection.vendor != "postgresql":
        return dict(rows)
    question, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"{question} FOR SHARE", values)
        return dict(cursor.fetchall())


def _mend(model: Any, owner: str, shown: Mapping[int, Shown]) -> int:
    """Make the rows of `model` say what these owners show; returns how many rows were missing or wrong."""
    there = list(
        model.objects.filter(**{f"{owner}__in": shown}).values_list("pk", owner, "asset__key", "asset_id").order_by()
    )
    gone = [pk for pk, who, key, asset_id in there if key not in shown[who].keys and asset_id not in shown[who].ids]
    if gone:
        model.objects.filter(pk__in=gone).delete()
    known = {(who, each) for _, who, key, asset_id in there for each in (key, asset_id)}
    lacking = {
        who: Shown({key for key in keys if (who, key) not in known}, {pk for pk in ids if (who, pk) not in known})
        for who, (keys, ids) in shown.items()
    }
    wanted = _together(lacking.values())
    held = _held(wanted) if any(wanted) else {}
    new = [model(**{owner: who, "asset_id": pk}) for who, each in lacking.items() for pk in sorted(each.among(held))]
    model.objects.bulk_create(new, batch_size=1000)
    return len(gone) + len(new)


# --- From scratch -----------------------------------------------------------------------------------------------------
_READ: tuple[tuple[Any, str, Any, str], ...] = (
    (PostAsset, "post_id", Post, "content_markdown"),
    (VersionAsset, "version_id", PostVersion, "snapshot"),
    (SnippetAsset, "snippet_id", Snippet, "content_markdown"),
)


def texts_to_read() -> int:
    """How much `rebuild` reads, in posts, versions and snippets."""
    return sum(things.objects.count() for _, _, things, _ in _READ)


def rebuild(progress: Callable[[int], None] = lambda number: None) -> int:
    """Read every post, version and snippet again and put right what is kept of them; returns how many rows were wrong.

    Each batch is a transaction that holds its texts, so whoever saves one of them meanwhile waits for that batch alone,
    and what was read before somebody stopped it stays right. `progress` is told how many were read.
    """
    mended = 0
    for kept, owner, things, name in _READ:
        last = 0
        while True:
            with transaction.atomic():
                rows = things.objects.select_for_update(no_key=True).filter(pk__gt=last).order_by("pk")
                batch = dict(rows.values_list("pk", name)[:BATCH])
                if not batch:
                    break
                shown = {
                    pk: in_text(said) if isinstance(said, str) else in_snapshot(said) for pk, said in batch.items()
                }
                mended += _mend(kept, owner, shown)
            last = max(batch)
            progress(len(batch))
    return mended


# --- Not saved yet ----------------------------------------------------------------------------------------------------
def in_unsaved_texts() -> Iterator[usage.Mention]:
    """What is in open forms, as far as the database has it: a picture just dropped into a text is no unused one."""
    text, *ids = (Cast(KeyTextTransform(name, "fields"), TextField()) for name in ("content_markdown", *PICTURES))
    mentions = Q(featured__gt="") | Q(shared__gt="")
    for start in addresses.starts():
        mentions |= Q(text__contains=start)
    rows = Autosave.objects.annotate(text=text, featured=ids[0], shared=ids[1]).filter(mentions)
    for row in rows.select_related("user", "post").defer("fields", *(f"post__{name}" for name in HEAVY)):
        chosen = frozenset(int(pk) for pk in (row.featured, row.shared) if pk and pk.isascii() and pk.isdigit())
        use = usage.Use(
            label=str(row.post) if row.post else "A new post",
            kind="Unsaved text",
            url=usage.admin_address(row.post) if row.post else "",
            place=f"what {row.user.display_name} has not saved yet",
        )
        yield usage.Mention(use, frozenset(addresses.keys_in(row.text or "")), chosen)


usage.finders.append(in_unsaved_texts)
