"""Categories and tags. Every write to the category tree goes through the lock in `tree_locked`.

django-mptt recomputes neighbouring rows; two writers at once would corrupt the tree silently.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts import audit
from accounts.models import User
from blog import redirects, review_cycle, search, versions
from blog.models import Category, PendingChange, Post, PostVersion, Series, Tag, TaggedPost, TopicCluster
from blog.models.taxonomy import tag_key
from blog.signals import addresses_changed, taxonomy_changed
from blog.slugs import free_slug, longest_slug, make_slug
from core.events import announce
from core.refusals import Refusal

MAX_DEPTH = 8
MAX_PATH = 650
MOST_MERGED = 50


@contextmanager
def tree_locked() -> Iterator[None]:
    """A transaction in which nobody else writes to the tree; on SQLite every transaction is that already."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mptt:blog_category'))")
        yield


def path_of(category: Category) -> str:
    return f"{category.parent.path}/{category.slug}" if category.parent else category.slug


def check_place(category: Category) -> None:
    """Refuse circles, doubles among siblings and trees deeper than anybody reads."""
    if category.slug == "feed":
        raise Refusal("The address “feed” belongs to the feed of the category above; choose another.", field="slug")
    parent = category.parent
    depth = 1
    while parent is not None:
        if parent.pk == category.pk:
            raise Refusal(f"“{category.name}” cannot hang below itself.", field="parent")
        depth += 1
        parent = parent.parent
    if depth > MAX_DEPTH:
        raise Refusal(f"Categories go {MAX_DEPTH} levels deep at most.", field="parent")
    if len(path_of(category)) > MAX_PATH:
        raise Refusal("The address would be too long; choose a shorter slug.", field="slug")
    siblings = Category.objects.filter(parent=category.parent, slug=category.slug).exclude(pk=category.pk)
    if siblings.exists():
        raise Refusal(f"A category beside it already has the slug “{category.slug}”.", field="slug")


def save_category(category: Category) -> Category:
    """Save a new, renamed or moved category and the paths of everything below it.

    Old addresses, its own and those below, lead to the new ones. A new one comes last among its siblings. Raises
    Refusal.
    """
    with tree_locked():
        if category.parent_id:
            category.parent = Category.objects.get(pk=category.parent_id)
        before = Category.objects.filter(pk=category.pk).first() if category.pk else None
        category.slug = make_slug(category.slug or category.name, fallback="category", longest=longest_slug(Category))
        check_place(category)
        if before is not None:
            # The tree's own columns may have been changed by others since this form was read.
            for name in ("lft", "rght", "tree_id", "level"):
                setattr(category, name, getattr(before, name))
        category.path = path_of(category)
        category.save()
        if before is not None and before.path != category.path:
            remember_move(category, before.path)
        if before is not None and (before.path, before.review_after_days) != (
            category.path,
            category.review_after_days,
        ):
            review_cycle.renew_under(Category.objects.get(pk=category.pk))
        if before is not None and before.name != category.name:
            search.renew(Post.objects.filter(category=category))
        announce(taxonomy_changed)
    return category


def move_category(category: Category, *, target: Category | None, position: str = "last-child") -> Category:
    """Put a category somewhere else: `position` is "first-child", "last-child", "left" or "right" of `target`.

    `target` None makes it a top category, last of all. Raises Refusal.
    """
    if position not in {"first-child", "last-child", "left", "right"}:
        raise Refusal(f"“{position}” is no place in the tree.")
    with tree_locked():
        category = Category.objects.get(pk=category.pk)
        target = Category.objects.get(pk=target.pk) if target else None
        category.parent = target if target is None or position.endswith("child") else target.parent
        if target is not None and target.pk == category.pk:
            raise Refusal(f"“{category.name}” cannot be moved next to itself.")
        check_place(category)
        old_path, new_path = category.path, path_of(category)
        category = Category.objects.get(pk=category.pk)
        if target is None:
            category.move_to(None)
        else:
            category.move_to(target, position)
        category = Category.objects.get(pk=category.pk)
        if new_path != old_path:
            Category.objects.filter(pk=category.pk).update(path=new_path)
            category.path = new_path
            remember_move(category, old_path)
            review_cycle.renew_under(Category.objects.get(pk=category.pk))
        announce(taxonomy_changed)
        return category


def remember_move(category: Category, old_path: str) -> None:
    """Bring the paths of all descendants in line and leave redirects at every old address."""
    redirects.remember_category(old_path, category)
    moved = [category.pk]
    for child in Category.objects.get(pk=category.pk).get_descendants():
        before = child.path
        child.path = category.path + before.removeprefix(old_path)
        Category.objects.filter(pk=child.pk).update(path=child.path)
        redirects.remember_category(before, child)
        moved.append(child.pk)
    announce(addresses_changed, post_ids=[], category_ids=moved)


def delete_category(category: Category) -> None:
    """Remove a category nothing hangs on. Raises Refusal when posts or categories do."""
    with tree_locked():
        category = Category.objects.get(pk=category.pk)
        posts, children = category.posts.count(), category.get_descendant_count()
        if posts or children:
            raise Refusal(
                f"“{category.name}” still has {posts} posts and {children} categories below it; move them first."
            )
        category.delete()
        announce(taxonomy_changed)


def save_named(thing: Tag | TopicCluster | Series) -> None:
    """Save a tag, a topic or a series. Its old address, when it had another, leads to the new one with its feed.

    Posts that wait with the old name of a tag wait with the new one, so that bringing them out does not make it again.
    """
    with transaction.atomic():
        if isinstance(thing, Tag) and thing.pk:
            hold_posts(Tag.objects.filter(pk=thing.pk).exclude(name=thing.name), tagged=False)
        before = type(thing)._default_manager.select_for_update().filter(pk=thing.pk).first() if thing.pk else None
        thing.save()
        if before is not None and before.slug != thing.slug:
            redirects.remember_address(before.get_absolute_url(), thing.get_absolute_url())
            announce(addresses_changed, post_ids=[], category_ids=[])
        elif before is None:
            redirects.forget(thing.get_absolute_url())
        if before is not None and isinstance(thing, Tag) and before.name != thing.name:
            rename_in_waiting({before.name: thing.name}, by=None)
        if before is not None:
            search.renew_named(thing, was_called=before.name)
        announce(taxonomy_changed)


def settle_named(thing: Tag | TopicCluster | Series) -> None:
    """Give it a name in one spelling and an address nobody else has. Raises Refusal, naming the field."""
    thing.name = " ".join(thing.name.split())
    if isinstance(thing, Tag):
        refuse_same_tag(thing.name, thing.pk)
    thing.slug = slug_for(type(thing), thing.slug, thing.name, exclude_pk=thing.pk)


def slug_for(model: type[Model], typed: str, name: str, *, exclude_pk: int | None) -> str:
    """What was typed as an address, or one made from the name. Raises Refusal where what was typed is taken."""
    typed = typed.strip()
    wanted = make_slug(typed or name, fallback="untitled")[:110]
    if not typed:
        return free_slug(wanted, model, exclude_pk=exclude_pk)
    if model._default_manager.filter(slug=wanted).exclude(pk=exclude_pk).exists():
        raise Refusal(f"Another one has the address “{wanted}”; choose another.", field="slug")
    return wanted


def refuse_same_tag(name: str, pk: int | None) -> None:
    same = Tag.objects.filter(key=tag_key(name)).exclude(pk=pk).first()
    if same:
        raise Refusal(f"“{name}” is the same tag as “{same.name}”, which there is already.", field="name")


def delete_named(thing: Tag | TopicCluster | Series) -> None:
    """Remove a tag, a topic or a series; its posts stay."""
    with transaction.atomic():
        if isinstance(thing, Tag):
            hold_posts([thing], tagged=True)
        thing.delete()
        announce(taxonomy_changed)


def merge_tags(tags: Sequence[Tag], into: Tag, *, by: User, at: datetime | None = None) -> int:
    """Make several tags one: their posts have `into` instead, their addresses and feeds lead to its own.

    Versions stay as they were; what waits to be brought out is brought in line. It cannot be undone: which post had
    which tag is told by its versions alone. Returns how many posts gained `into`. Raises Refusal.
    """
    now = at or timezone.now()
    wanted = {tag.pk for tag in tags} - {into.pk}
    if not wanted:
        raise Refusal("Choose at least two tags to make one of them.")
    if len(wanted) > MOST_MERGED:
        raise Refusal(f"At most {MOST_MERGED} tags are merged at once; these are {len(wanted)}.")
    with transaction.atomic():
        hold_posts(Tag.objects.filter(pk__in=wanted), tagged=True)
        held = {tag.pk: tag for tag in Tag.objects.select_for_update().filter(pk__in=wanted | {into.pk}).order_by("pk")}
        if len(held) != len(wanted) + 1:
            raise Refusal("One of these tags was deleted meanwhile; choose again.")
        kept = held.pop(into.pk)
        gained = 0
        for tag in held.values():
            has_it = TaggedPost.objects.filter(tag=kept).values("content_object")
            gained += TaggedPost.objects.filter(tag=tag).exclude(content_object__in=has_it).update(tag=kept)
            redirects.remember_address(tag.get_absolute_url(), kept.get_absolute_url())
        names = [tag.name for tag in held.values()]
        Tag.objects.filter(pk__in=held).delete()
        rename_in_waiting(dict.fromkeys(names, kept.name), by=by, at=now)
        posts = f"{gained} post{'' if gained == 1 else 's'} gained it"
        search.renew(Post.objects.filter(tagged__tag=kept))
        audit.record(by, "merged tags", kept, changes={"tags": (", ".join(names), kept.name)}, note=posts, at=now)
        announce(addresses_changed, post_ids=[], category_ids=[])
        announce(taxonomy_changed)
    return gained


def hold_posts(tags: Iterable[Tag], *, tagged: bool) -> None:
    """Lock the posts that wait with these tags and, with `tagged`, those that have them, inside a transaction.

    Whoever saves a post locks it before its tags. Call this before locking tags, or the two wait for each other.
    """
    tags = list(tags)
    if not tags:
        return
    posts = {post for _, post in waiting_with({tag.key for tag in tags})}
    if tagged:
        posts |= set(TaggedPost.objects.filter(tag__in=tags).values_list("content_object", flat=True))
    # In one order for everybody, and some at a time, because SQLite asks about so many only.
    ordered = sorted(posts)
    for first in range(0, len(ordered), 500):
        rows = Post.objects.select_for_update(of=("self",)).filter(pk__in=ordered[first : first + 500])
        list(rows.order_by("pk").only("pk"))


def waiting_with(keys: Container[str]) -> list[tuple[int, int]]:
    """Ids of the changes that name tags of these keys and of their posts, in the order of the posts."""
    # Without their texts, which may be a megabyte each.
    rows = PendingChange.objects.order_by("post").values_list("pk", "post", "version__snapshot__tags")
    return [(pk, post) for pk, post, said in rows if any(tag_key(name) in keys for name in said or ())]


def rename_in_waiting(names: dict[str, str], *, by: User | None, at: datetime | None = None) -> None:
    """Give tags their new names in what waits for live posts, as a version of its own; its plan and reason stay.

    Call it inside a transaction.
    """
    now = at or timezone.now()
    keys = {tag_key(old): new for old, new in names.items()}
    for pk, post in waiting_with(keys):
        row = Post.objects.select_for_update(of=("self",)).filter(pk=post).first()
        # Read only now that nobody else can save: what was written before the lock must not be lost.
        change = PendingChange.objects.select_related("version").filter(pk=pk).first()
        if row is None or change is None:
            continue
        said = change.version.snapshot.get("tags") or ()
        if not any(tag_key(name) in keys for name in said):
            continue
        tags = sorted({keys.get(tag_key(name), name) for name in said})
        content = change.version.snapshot | {"tags": tags}
        # The reason may be told to readers when it goes live, so it stays the one its writers gave.
        reason = change.version.reason
        change.version = versions.keep(row, content, by=by, kind=PostVersion.Kind.SAVE, reason=reason, at=now)
        change.updated_at = now
        change.save(update_fields=["version", "updated_at"])


def tags_named(names: Iterable[str]) -> list[Tag]:
    """The tags of these names, made where missing; News and news are one. At most 100 characters each."""
    found: dict[str, Tag] = {}
    wanted: dict[str, str] = {}
    for name in names:
        name = " ".join(name.split())[:100]
        if key := tag_key(name):
            wanted.setdefault(key, name)
    for tag in Tag.objects.filter(key__in=wanted):
        found[tag.key] = tag
    # In one order for everybody: two posts that bring the same new tags would otherwise wait for each other for ever.
    for key, name in sorted(wanted.items()):
        if key not in found:
            found[key] = make_tag(name)
    return [found[key] for key in wanted]


def make_tag(name: str) -> Tag:
    """A tag of this name, also when somebody makes the same one at the same moment."""
    while True:
        try:
            with transaction.atomic():
                tag, _ = Tag.objects.get_or_create(
                    key=tag_key(name), defaults={"name": name, "slug": free_slug(make_slug(name, fallback="tag"), Tag)}
                )
                return tag
        except IntegrityError:
            continue


def tree_is_sound() -> bool:
    """Whether the tree's bounds nest properly and every path is its parents' slugs."""
    seen: dict[int, list[int]] = {}
    for category in Category.objects.select_related("parent").order_by("tree_id", "lft"):
        if category.path != path_of(category) or category.lft >= category.rght:
            return False
        if category.parent and not (category.parent.lft < category.lft and category.rght < category.parent.rght):
            return False
        seen.setdefault(category.tree_id, []).extend([category.lft, category.rght])
    return all(sorted(bounds) == list(range(1, len(bounds) + 1)) for bounds in seen.values())


def mend_tree() -> bool:
    """Rebuild the tree from its parents when it is not sound; returns whether it was mended."""
    with tree_locked():
        if tree_is_sound():
            return False
        Category.objects.rebuild()
        for category in Category.objects.order_by("level"):
            category.parent = Category.objects.get(pk=category.parent_id) if category.parent_id else None
            Category.objects.filter(pk=category.pk).update(path=path_of(category))
        announce(taxonomy_changed)
        return True
