"""Lists of the admin as somebody likes to see them: a query under a name, for its owner alone."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from accounts.models import SavedFilter, User
from core.refusals import Refusal

MOST = 30
LONGEST_NAME = 60
LONGEST_QUERY = 1000
# What belongs to one visit and not to the view: the page, an error, a window over another one.
NOT_KEPT = frozenset({"p", "all", "e", "_popup", "_to_field", "_facets", "csrfmiddlewaretoken"})


def tidy(query: str) -> str:
    """The part of a list's query worth keeping, spelled one way, so that the same view is the same text.

    It is a query and nothing else: whatever is put in front of it, it leads to no other page.
    """
    pairs = parse_qsl(query.partition("#")[0].lstrip("?"), max_num_fields=100)
    kept = [(name, value) for name, value in pairs if name not in NOT_KEPT and value and "\0" not in name + value]
    return urlencode(sorted(kept))


def of(user: User, page: str) -> list[SavedFilter]:
    """Somebody's own filters of one list, by name. `page` is its URL name, "admin:blog_post_changelist"."""
    return list(SavedFilter.objects.filter(user=user, page=page).order_by("name")[:MOST])


def keep(user: User, page: str, *, name: str, query: str) -> SavedFilter:
    """Keep the query of a list under a name; the same name again takes the new query. Raises Refusal."""
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise Refusal("The view has no name yet; give it one to save it.", field="name")
    if len(name) > LONGEST_NAME:
        raise Refusal(f"A name has at most {LONGEST_NAME} characters; this one has {len(name)}.", field="name")
    try:
        query = tidy(query)
    except ValueError:
        raise Refusal("This view has too many parts to be saved.") from None
    if not query:
        raise Refusal("Choose a filter, an order or words to search for first; the whole list needs no name.")
    if len(query) > LONGEST_QUERY:
        raise Refusal("This view has too many parts to be saved.")
    with transaction.atomic():
        # Two windows at once: the second waits here, so that the count holds.
        User.objects.select_for_update().get(pk=user.pk)
        others = SavedFilter.objects.filter(user=user, page=page).exclude(name=name)
        if others.count() >= MOST:
            raise Refusal(f"A list has at most {MOST} saved views; delete one first.")
        saved, _ = SavedFilter.objects.update_or_create(user=user, page=page, name=name, defaults={"query": query})
    return saved


def forget(user: User, page: str, pk: int) -> str:
    """Delete one of somebody's own; returns its name, empty when there is none."""
    saved = SavedFilter.objects.filter(user=user, page=page, pk=pk).first()
    if saved is None:
        return ""
    saved.delete()
    return saved.name
