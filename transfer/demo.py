"""The demo publication: Letterpress' own guide beside a few pieces of a sample magazine, from `demo_content`.

Dates in it are relative ("-3 days 08:00"), so it always looks alive.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.authors import ensure_profile
from accounts.models import User
from accounts.roles import Role, may, set_role
from blog import publishing, redirects, writing
from blog.models import Category, Post, Redirect, Series, TopicCluster
from blog.taxonomy import save_category
from media_assets.intake import take_in
from media_assets.models import MediaAsset
from transfer.demo_conversation import make_conversation

CONTENT = Path(__file__).parent / "demo_content"
# Its pieces link to each other in both directions, and one of two has to come first.
TOGETHER = "It links to pieces that go live together with it."


def is_wanted() -> bool:
    """Whether nobody has begun to use this database."""
    return not Post.objects.exists() and not User.objects.exists()


@transaction.atomic
def create(password: str, now: datetime | None = None) -> dict[str, int]:
    """Fill an empty database with the demo publication, whole or not at all; returns what was made."""
    now = now or timezone.now()
    publication = yaml.safe_load((CONTENT / "publication.yaml").read_text())
    people = make_people(publication["authors"], password)
    images = take_in_all("images", publication["images"], people["editor"])
    attached = images | take_in_all("files", publication["files"], people["editor"])
    for person in publication["authors"]:
        if avatar := person.get("avatar"):
            profile = ensure_profile(people[person["username"]])
            profile.avatar = images[avatar]
            profile.save()
    categories = make_categories(publication["categories"])
    topics = {
        row["slug"]: TopicCluster.objects.create(
            name=row["name"], slug=row["slug"], description=row.get("description", "")
        )
        for row in publication.get("topics", [])
    }
    series = {row["slug"]: Series.objects.create(**row) for row in publication.get("series", [])}
    files = sorted((CONTENT / "posts").glob("*.md")) + sorted((CONTENT / "pages").glob("*.md"))
    documents = sorted((frontmatter.load(str(path)) for path in files), key=lambda document: goes_live(document, now))
    for document in documents:
        make_post(document, people, attached, categories, topics, series, now)
    for row in publication.get("redirects", []):
        make_redirect(row)
    said = make_conversation(yaml.safe_load((CONTENT / "conversation.yaml").read_text())["comments"], people, now)
    return {
        "people": len(people),
        "pictures": len(images),
        "files": len(attached) - len(images),
        "categories": len(categories),
        "posts": len(documents),
        "comments": said,
    }


def make_people(rows: list[dict[str, Any]], password: str) -> dict[str, User]:
    people = {}
    hashed = make_password(password)
    for row in rows:
        first, _, last = row["name"].partition(" ")
        user = User.objects.create(
            username=row["username"], email=row["email"], first_name=first, last_name=last, password=hashed
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        role = Role(row["role"].capitalize())
        if role == Role.ADMINISTRATOR:
            user.is_superuser = True
            user.save(update_fields=["is_superuser"])
        set_role(user, role)
        people[user.username] = user = User.objects.get(pk=user.pk)
        if role != Role.READER:
            profile = ensure_profile(user)
            profile.slug = row["slug"]
            profile.bio = row.get("bio", "").strip()
            profile.website = row.get("website") or ""
            expertise = row.get("expertise") or ""
            profile.expertise = expertise if isinstance(expertise, str) else ", ".join(expertise)
            profile.save()
    return people


def take_in_all(folder: str, rows: list[dict[str, Any]], by: User) -> dict[str, MediaAsset]:
    """The files of a folder in the library, by name; their sizes are made later, by the worker or when asked for."""
    found = {}
    for row in rows:
        with (CONTENT / folder / row["file"]).open("rb") as file:
            asset = take_in(
                File(file, name=row["file"]),
                by=by,
                name=row["name"],
                alt_text=row.get("alt") or "",
                caption=row.get("caption") or "",
                credit=row.get("credit") or "",
                tags=row["tags"],
            )
        if focus := row.get("focus"):
            asset.focal_x, asset.focal_y = focus
            asset.save(update_fields=["focal_x", "focal_y"])
        found[row["file"]] = asset
    return found


def make_categories(rows: list[dict[str, Any]]) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    for row in rows:
        parent_path, _, slug = row["path"].rpartition("/")
        categories[row["path"]] = save_category(
            Category(
                name=row["name"],
                slug=slug,
                description=row.get("description", ""),
                parent=categories.get(parent_path),
                review_after_days=row.get("review_after_days"),
            )
        )
    return categories


def make_post(
    document: frontmatter.Post,
    people: dict[str, User],
    files: dict[str, MediaAsset],
    categories: dict[str, Category],
    topics: dict[str, TopicCluster],
    series: dict[str, Series],
    now: datetime,
) -> None:
    author = people[document["author"]]
    editor = people["editor"]
    written_at = min(goes_live(document, now), now) - timedelta(days=2)
    topic = topics.get(document.get("topic") or "")
    post = Post(
        kind=document.get("kind", "post"),
        title=document["title"],
        slug=document.get("slug", ""),
        content_markdown=with_addresses(document.content, files),
        excerpt=document.get("excerpt", ""),
        author=author,
        category=categories.get(document.get("category") or ""),
        topic_cluster=topic,
        series=series.get(document.get("series") or ""),
        series_position=document.get("part"),
        is_featured=document.get("is_featured", False),
        featured_image=files.get(document.get("featured_image") or ""),
        featured_image_alt=document.get("featured_image_alt", ""),
        featured_image_caption=document.get("featured_image_caption", ""),
        meta_title=document.get("meta_title", ""),
        meta_description=document.get("meta_description", ""),
        focus_keyword=document.get("focus_keyword", ""),
        content_language="en-GB",
    )
    decides = may(author, "blog.publish_post")
    writing.save(
        post,
        by=author if decides or not (post.is_featured or post.kind == Post.Kind.PAGE) else editor,
        tags=document.get("tags", []),
        co_authors=[people[name] for name in document.get("co_authors", [])],
        at=written_at,
    )
    status = document.get("status", "published")
    if status == "pending":
        reviewer = people.get(document.get("reviewer") or "")
        asked_at = now - timedelta(hours=2)
        publishing.submit(post, by=author, note=document.get("review_note", ""), reviewer=reviewer, at=asked_at)
    elif status == "scheduled":
        publishing.schedule(post, by=editor, at=goes_live(document, now), now=now, override=TOGETHER)
    elif status in {"published", "archived"}:
        publishing.publish(post, by=editor, at=goes_live(document, now), override=TOGETHER)
        if status == "archived":
            publishing.archive(post, by=editor)
    last_touched = {"pending": now - timedelta(hours=2), "scheduled": now - timedelta(hours=20)}.get(status, written_at)
    if status in {"published", "archived"}:
        last_touched = goes_live(document, now)
    Post.objects.filter(pk=post.pk).update(created_at=written_at, updated_at=last_touched)
    if addition := document.get("addition"):
        add_in_private(post, addition, by=author, at=now - timedelta(hours=3))
    if topic and document.get("pillar"):
        topic.pillar_post = post
        topic.save()


def add_in_private(post: Post, addition: str, *, by: User, at: datetime) -> None:
    """A live post with a change that waits, as somebody leaves it over lunch."""
    opened = Post.objects.get(pk=post.pk)
    opened.content_markdown += f"\n\n{addition}"
    writing.save(opened, by=by, reason="What has happened since", at=at)


def with_addresses(markdown: str, files: dict[str, MediaAsset]) -> str:
    """Pictures and files are named by path in the texts; here they get the address they were stored at."""
    return re.sub(
        r"""(\]\(|\bsrc=")(?:images|files)/([\w.-]+)(?=[\s)"])""",
        lambda match: match[1] + (files[match[2]].url if match[2] in files else match[2]),
        markdown,
    )


def goes_live(document: frontmatter.Post, now: datetime) -> datetime:
    written = document.get("published") or document.get("scheduled")
    return relative(str(written), now) if written else now


def relative(words: str, now: datetime) -> datetime:
    """ "-3 days 08:00" as a moment: days from today, at that hour in the site's zone."""
    match = re.fullmatch(r"([+-]?\d+) days?(?: (\d\d):(\d\d))?", words.strip())
    if match is None:
        raise ValueError(f"“{words}” is no relative date; write it like “-3 days 08:00”.")
    day = timezone.localtime(now).date() + timedelta(days=int(match[1]))
    return timezone.make_aware(datetime.combine(day, time(int(match[2] or 8), int(match[3] or 0))))


def make_redirect(row: dict[str, Any]) -> None:
    """`to` names the slug of a post, or a path or address; a 410 leads nowhere."""
    target = row.get("to") or ""
    post = Post.objects.filter(slug=target).first() if target and "/" not in target else None
    if post is not None:
        redirects.remember_post(row["from"], post, origin=Redirect.Origin.HAND)
        return
    Redirect.objects.create(
        old_path=row["from"], new_path=target, type=row.get("type", 301), origin=Redirect.Origin.HAND
    )
