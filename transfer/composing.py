"""An item of the old site as a post that is not saved yet: its text, its fields, where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.models import User
from blog.addresses import RESERVED
from blog.arriving import Arrival
from blog.models import Category, Post, Tag
from blog.slugs import MAX_LENGTH, make_slug
from media_assets.models import MediaAsset
from transfer import people
from transfer.ledger import Ledger
from transfer.media import Media
from transfer.old_addresses import path_at
from transfer.post_fields import (
    SHARE_PICTURE,
    SHARE_PICTURE_URL,
    category_of,
    search_fields,
    standing_of,
    summary_of,
)
from transfer.records import Item
from transfer.survey import Survey, plain_words
from transfer.wordpress_body import Attachment, Surroundings, body_to_markdown, footnotes_of

OURS = RESERVED | {"contact"}


def free(wanted: str, kind: str, taken: set[str]) -> str:
    """The slug, or the slug and a number where another post or the site itself has it."""
    candidate, number = wanted, 1
    while candidate in taken or (kind == "page" and candidate in OURS):
        number += 1
        candidate = f"{wanted[: MAX_LENGTH - 8]}-{number}"
    return candidate


@dataclass
class Composer:
    """Knows who and what was brought in before the posts, and every address that will be."""

    survey: Survey
    ledger: Ledger
    media: Media
    authors: dict[str, User]
    categories: dict[str, Category]
    tags: dict[str, Tag]
    now: datetime
    dry_run: bool = False
    slugs: dict[tuple[str, str], str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    nobody: User | None = None

    def plan_slugs(self) -> None:
        """Decide every address before the first text is written, so that texts can link to each other directly."""
        posts = dict(Post.objects.values_list("pk", "slug"))
        taken = set(posts.values())
        for wanted in self.survey.wanted:
            known = self.ledger.find(wanted.kind, wanted.identity)
            slug = posts.get(known.target_id) if known else None
            if slug is None:
                slug = free(make_slug(wanted.slug.removesuffix("__trashed") or wanted.title), wanted.kind, taken)
                taken.add(slug)
            self.slugs[wanted.kind, wanted.identity] = slug
            here = reverse("page" if wanted.kind == "page" else "post", args=[slug])
            for address in wanted.addresses:
                self.addresses.setdefault(address.rstrip("/"), here)
        self.plan_pages_of_files()

    def plan_pages_of_files(self) -> None:
        """The old site had a page for each file: here that is the file itself, else the post it was in."""
        for file in self.survey.files.values():
            old = path_at(file.link, self.survey.host).rstrip("/")
            asset, parent = self.media.assets.get(file.old_id), self.survey.links.get(file.parent, "").rstrip("/")
            here = asset.url if asset else self.addresses.get(parent)
            if old and here:
                self.addresses.setdefault(old, here)

    def compose(self, item: Item, identity: str, post: Post) -> tuple[Arrival, str]:
        """Fill `post` from the item; returns it with its standing and notes, and the HTML its text was made of."""
        standing = standing_of(item, self.survey, self.now)
        converted = body_to_markdown(item.body, self.surroundings(item))
        post.slug = self.slugs[item.kind, identity]
        post.content_markdown = converted.markdown
        notes = [f"Its date “{date}” is not one we can use." for date in item.odd_dates]
        notes += standing.notes + converted.notes + self.fill(post, item, converted.lead)
        moment = self.survey.clock.moment(item) or standing.published_at or self.now
        arrival = Arrival(
            post,
            status=standing.status,
            created_at=min(moment, self.now),
            changed_at=min(item.modified_utc or moment, self.now),
            published_at=standing.published_at,
            scheduled_at=standing.scheduled_at,
            trashed_at=self.now if standing.is_trashed else None,
            tags=self.tags_of(item),
            co_authors=self.co_authors_of(item, post),
            reason=f"Imported from {self.survey.source}"[:300],
            notes=notes,
        )
        return arrival, converted.html

    def surroundings(self, item: Item) -> Surroundings:
        return Surroundings(
            attachment=self.attachment,
            own=self.survey.own_files.get(item.old_id, []),
            footnotes=footnotes_of(item.meta_value("footnotes")),
            rewrite=self.rewrite,
        )

    def attachment(self, old_id: str) -> Attachment | None:
        file = self.survey.files.get(old_id)
        if file is None or not file.url:
            return None
        return Attachment(file.url, file.alt, file.caption, file.title or file.url.rpartition("/")[2])

    def rewrite(self, url: str) -> str:
        """A picture's address here, the address here of what an internal link means, or the same as before."""
        asset = self.media.asset_at(url)
        if asset is not None:
            return asset.url
        path = path_at(url, self.survey.host) if url.startswith(("http", "/")) else ""
        if not path:
            return url
        here = self.addresses.get(path.rstrip("/"))
        fragment = url.partition("#")[2]
        return (f"{here}#{fragment}" if fragment else here) if here else url

    def fill(self, post: Post, item: Item, before_more: str) -> list[str]:
        notes = []
        title = plain_words(item.title)
        if not title:
            notes.append("It has no title; it is called “Untitled” here.")
        if len(title) > 300:
            notes.append("The title was cut to 300 characters; the whole of it is kept with the record of the import.")
        post.title = title[:300] or "Untitled"
        post.author = self.author_of(item)
        post.excerpt, more = summary_of(item, before_more)
        fields, cut = search_fields(item, self.survey.site.title)
        for name, value in fields.items():
            setattr(post, name, value)
        slug, others = category_of(item, self.survey)
        post.category = self.categories.get(slug)
        if others:
            notes.append("A post has one category here; its further ones are kept with the record of the import.")
        post.is_featured = item.is_sticky
        post.comments_policy = Post.CommentsPolicy.OPEN if item.comments_open else Post.CommentsPolicy.CLOSED
        if self.survey.site.language:
            post.content_language = self.survey.site.language.replace("_", "-")[:12]
        notes += more + cut + self.illustrate(post, item)
        further = {domain for domain, *_ in item.terms} - {"category", "post_tag", "author"}
        notes += [f"Terms of “{domain[:40]}” have no place here." for domain in sorted(further)]
        if item.meta_value("enclosure"):
            notes.append("Its enclosure (a sound or film for podcasts) is kept with the record of the import.")
        return notes

    def illustrate(self, post: Post, item: Item) -> list[str]:
        wanted = item.meta_value("_thumbnail_id")
        file, asset = self.survey.files.get(wanted), self.picture(self.media.assets.get(wanted))
        post.featured_image = asset
        post.featured_image_alt = (file.alt if file and asset else "")[:500]
        post.featured_image_caption = (file.caption if file and asset else "")[:1000]
        shared = self.picture(self.media.assets.get(item.meta_value(*SHARE_PICTURE)))
        post.og_image = shared or self.picture(self.media.asset_at(item.meta_value(*SHARE_PICTURE_URL)))
        if wanted.strip("0-") and asset is None:
            return ["Its featured picture is not here." if file else "Its featured picture is not in the file."]
        return []

    def picture(self, asset: MediaAsset | None) -> MediaAsset | None:
        """The file where it is a picture; on old sites a film can stand at the head of a post."""
        return asset if asset and asset.kind == MediaAsset.Kind.IMAGE else None

    def author_of(self, item: Item) -> User:
        user = self.authors.get(item.author)
        if user is None and self.nobody is None:
            self.nobody = User(pk=0) if self.dry_run else people.nobody(self.ledger)
        return user or self.nobody  # type: ignore[return-value]

    def tags_of(self, item: Item) -> list[Tag]:
        return [self.tags[slug] for domain, slug, _ in item.terms if domain == "post_tag" and slug in self.tags]

    def co_authors_of(self, item: Item, post: Post) -> list[User]:
        named = [(slug.removeprefix("cap-"), name) for domain, slug, name in item.terms if domain == "author"]
        by_name = {login.casefold(): user for login, user in self.authors.items()}
        by_name |= {make_slug(login): user for login, user in self.authors.items()}
        by_name |= {user.display_name.casefold(): user for user in self.authors.values()}
        found = [by_name.get(slug.casefold()) or by_name.get(name.casefold()) for slug, name in named]
        return [user for user in dict.fromkeys(found) if user is not None and user.pk != post.author_id]

    def payload(self, item: Item) -> dict[str, Any]:
        """What has no place here yet, kept for features to come."""
        _, others = category_of(item, self.survey)
        title = plain_words(item.title)
        kept: dict[str, Any] = {
            "title": title if len(title) > 300 else "",
            "categories": others,
            "terms": [term for term in item.terms if term[0] not in ("category", "post_tag", "author")],
            "enclosures": item.meta.get("enclosure", []),
            "link": item.link,
            "status": item.status,
        }
        return {name: value for name, value in kept.items() if value}
