"""Everything that is not live walks past every address there is, for strangers and for who kept and follows it."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import follows as people
from accounts.authors import ensure_profile
from accounts.roles import Role
from blog import follows, pending, publishing, reading, series, sharing, taxonomy, writing
from blog.models import Category, Correction, Post, Series, TopicCluster
from blog.nearest import words_of
from comments.models import Comment
from tests.blog.doors import doors
from tests.blog.maps import map_of
from tests.conftest import make_person
from tests.media_assets.making_assets import make_asset

# No word that readers may see begins so.
SECRET = "wombat"
# Ways not to be live, and the language of the one that is hidden so.
WAYS = {
    "draft": "de",
    "pending": "fr",
    "scheduled": "de-AT",
    "archived": "de-CH",
    "expired": "es",
    "trashed": "it",
    "trashed-from-live": "nl",
}
# Of these no address can be known from outside: secrets, and files that are not there.
SHUT = {
    *("preview", "calendar_feed", "signed_media", "receive_upload", "complete_upload", "media", "indexnow_key"),
    *("account_confirm_email", "account_reset_password_from_key"),
    *("confirm_comment", "confirm_hearing", "end_hearing", "mails_off", "private_feed"),
}
# Of the API these are the desk's, somebody's own, or gone with what they are of; and what asks for words in a question.
OF_PROGRAMS = ("api-", "auth-")
WAYS_IN = ("list", "detail")


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.RATELIMIT_ENABLE = False


@pytest.fixture
def site(publish, write, editor, author, reader, django_capture_on_commit_callbacks, as_publication):
    """A live post, and beside it a hidden one of each kind that shares everything with it and has more of its own."""
    as_publication(editions=("de",), indexnow_key="0" * 32, is_news=True)
    with django_capture_on_commit_callbacks(execute=True):
        return _made(publish, write, editor, author, reader)


def _made(publish, write, editor, author, reader):
    places = taxonomy.save_category(Category(name="Places"))
    hours = TopicCluster.objects.create(name="Hours", slug="hours")
    week = Series.objects.create(name="A week", slug="a-week")
    ensure_profile(author)
    own = {"category": places, "topic_cluster": hours, "content_language": "en"}
    live = publish("A live neighbour", tags=["ferries"], translation_group=uuid.uuid4(), **own)
    publish("About", kind=Post.Kind.PAGE)
    series.arrange(week, [live.pk], by=editor)
    hidden = [_hidden(way, live, publish, write, editor, reader, own) for way in WAYS]
    for subject in (places, hours, *live.tags.all()):
        follows.follow(reader, subject)
    people.follow(reader, author)
    hours.pillar_post = hidden[0]
    hours.save()
    changed = publish("Another live neighbour", **own)
    draft = Post.objects.get(pk=changed.pk)
    pending.open_newest(draft)
    draft.title, draft.slug, draft.content_markdown = f"Waiting {SECRET}", f"{SECRET}-waiting", f"Words {SECRET}."
    writing.save(draft, by=editor, tags=[f"{SECRET} waits"])
    reading.keep(reader, live)
    _say(live, "A fair word.", user=reader)
    _say(live, f"What {SECRET} waits.", status="pending", guest_name=f"The {SECRET} guest")
    for post in hidden:
        _say(post, f"What was said of a {SECRET}.", user=reader)
    return live, hidden


def _say(post, content, *, status="approved", **writer):
    now = timezone.now()
    approved = now if status == "approved" else None
    said = {"content": content, "content_html": f"<p>{content}</p>", "created_at": now, "approved_at": approved}
    Comment.objects.create(post=post, status=status, **said, **writer)
    if approved:
        Post.objects.filter(pk=post.pk).update(comment_count=F("comment_count") + 1)


def _hidden(way, live, publish, write, editor, reader, own):
    secret = make_person(f"{SECRET}-{way}", Role.AUTHOR, first_name=f"Somebody {SECRET} {way}")
    ensure_profile(secret)
    picture = make_asset(alt_text=f"Picture {SECRET} {way}")
    picture.credit = f"{SECRET} {way}"
    picture.save()
    fields = {
        "slug": f"plain-{way}",
        "text": f"## Of a {SECRET}\n\nWords {SECRET} {way}.",
        "tags": ["ferries", f"{SECRET} {way}"],
        "is_featured": True,
        "translation_group": live.translation_group,
        "featured_image": picture,
        "featured_image_alt": picture.alt_text,
        "by": secret,
        **own,
        "content_language": WAYS[way],
    }
    if way in {"draft", "pending", "expired", "trashed-from-live"}:
        fields["series"] = Series.objects.create(name=f"Series {SECRET} {way}", slug=f"{SECRET}-series-{way}")
        topic = TopicCluster.objects.create(name=f"Topic {SECRET} {way}", slug=f"{SECRET}-topic-{way}")
        fields["topic_cluster"] = topic
    else:
        fields["series"] = Series.objects.get(slug="a-week")
    title = f"The {SECRET} {way}"
    if way in {"archived", "expired", "trashed-from-live"}:
        post = publish(title, **fields)
        reading.keep(reader, post)
        reading.remember(reader, post, position=400)
        sharing.count(post, "mail")
        said = {"note": f"Not a {SECRET}.", "wrong_version": 1, "right_version": 2}
        Correction.objects.create(post=post, at=post.published_at, **said)
        if way == "expired":
            Post.objects.filter(pk=post.pk).update(unpublish_at=timezone.now() - timedelta(seconds=1))
            publishing.archive_if_over(post.pk, timezone.now())
        else:
            {"archived": publishing.archive, "trashed-from-live": publishing.trash}[way](post, by=editor)
    else:
        post = write(title, **fields)
        match way:
            case "pending":
                publishing.submit(post, by=secret)
            case "scheduled":
                publishing.schedule(post, by=editor, at=timezone.now() + timedelta(days=1))
            case "trashed":
                publishing.trash(post, by=editor)
    post = Post.objects.get(pk=post.pk)
    if way in {"archived", "expired"}:
        # Its old address is known from when it was live; where it went since is not.
        post.slug = f"{SECRET}-{way}"
        writing.save(post, by=editor)
    return Post.objects.get(pk=post.pk)


def known(live, hidden):
    """Everything somebody could put into an address, by the kind of thing and the parameter."""
    at = timezone.localtime(live.published_at)
    everything = [live, *hidden]
    old = [f"plain-{way}" for way in WAYS]
    return {
        "post": ["about", *(post.slug for post in everything), *old, f"{SECRET}-waiting", f"{SECRET}z"],
        "tag": {tag.slug for post in everything for tag in post.tags.all()},
        "topic": {post.topic_cluster.slug for post in everything},
        "series": {post.series.slug for post in everything if post.series},
        "author": {post.author.author_profile.slug for post in everything},
        "path": ["places", "nowhere"],
        "year": [at.year],
        "month": [at.month, at.month % 12 + 1],
        "pk": list(Comment.objects.values_list("pk", flat=True)),
        "key": ["0" * 32, "llms", "MQ:1:x"],
        "followed": ["author:author", "category:places", f"tag:{SECRET}"],
        "number": [1, 2],
        "uidb36": ["1"],
        "token": ["0" * 32],
        "ticket_id": [uuid.UUID(int=1)],
        "name": [map_of(live), "pages-1", "lists", "tags-1", "authors-1", "news", hidden[0].featured_image.public_name],
        "light": ["204060"],
        "dark": ["a0c0e0"],
    }


def addresses_of(door, values):
    """Every address of a door; what a slug names is the first word of its address, and a post's otherwise."""
    kind = door.template.removeprefix("de/").removeprefix("api/v1/").split("/")[0]
    return door.filled({**values, "slug": values.get(kind, values.get(kind.removesuffix("s"), values["post"]))})


# What is asked about, besides the address itself.
QUESTIONS = {
    "search": [
        f"q={words}" for words in ("neighbour", "neighbour&exactly", "words", "topic", "somebody", "womb", "wombaz")
    ],
    "search_suggest": ["q=womb", "q=neigh", "q=the", "q=topic", "q=some", "q=ser"],
    "reading_list": ["page=1", *(f"removed={number}" for number in range(1, 10))],
}


@pytest.mark.parametrize("edition", ["", "de"])
def test_what_is_not_live_is_seen_through_no_door(site, reader, client_of, edition):
    live, hidden = site
    values = known(live, hidden)
    stranger, follower = Client(), client_of(reader)
    opened, seen = set(), []
    for door in doors(edition):
        for path in addresses_of(door, values):
            queries = ["", *(f"?{question}" for question in QUESTIONS.get(door.name, []))]
            for address in [f"{path}{query}" for query in queries]:
                for visitor in (stranger, follower):
                    if visitor is follower and "feed" in door.name and door.name != "my_feed":
                        continue  # made of nobody who asks
                    response = visitor.get(address)
                    if response.status_code < 400 or response.status_code == 405:
                        opened.add(door.name)
                    if shows(response, address) or (SECRET in path and response.status_code in {200, 204, 301, 302}):
                        seen.append((visitor is follower, response.status_code, address))
    assert not seen
    expected = {door.name for door in doors(edition) if not door.name.startswith(OF_PROGRAMS)} - SHUT - {""}
    public = {
        f"api-{name}-{way}" for name in ("post", "category", "tag", "topic", "series", "author") for way in WAYS_IN
    }
    # Categories are asked for by number, and those tried are numbers of comments.
    public -= {"api-category-detail"}
    assert edition or public <= opened
    # The lists of the other edition are empty: nothing live is in its language.
    assert edition or expected <= opened, "a door that never opened was not tried"


def shows(response, address) -> bool:
    """Whether an answer says what was not in the question."""
    said = "" if getattr(response, "streaming", False) else response.content.decode()
    said += " ".join(f"{name}: {value}" for name, value in response.headers.items())
    # A page that is not there asks for the words of its own address.
    asked = said.replace(address, "").replace(" ".join(words_of(address)), "")
    return SECRET in asked.lower()


def test_nothing_can_be_done_with_what_is_not_live(site, reader, client_of):
    live, hidden = site
    values = known(live, hidden)
    values["post"] = [post.slug for post in hidden]
    told = {"channel": "mail", "keep": "1", "position": "500", "from": "list"}
    here = {"Sec-Fetch-Site": "same-origin"}
    for door in doors():
        if "slug" not in door.parameters:
            continue
        for path in addresses_of(door, values):
            for visitor in (Client(), client_of(reader)):
                response = visitor.post(path, told, headers=here)
                # Programs are asked who they are, and in which words they speak, before anything is looked for.
                refused = {401, 403, 404, 405, 415} if path.startswith("/api/") else {404, 405}
                assert response.status_code in refused, (path, response.status_code)
                assert not shows(response, path), path


def test_it_is_in_no_number(site, client):
    page = client.get("/blog/").content.decode()
    assert ">2 posts<" in page
    assert client.get("/category/places/").content.decode().count(">2 posts<") == 1
    found = client.get("/search/", {"q": "neighbour"})
    assert len(found.context["rows"]) == 2


def test_the_walk_sees_what_is_live(site, client):
    """Without this the tests above could not fail."""
    live, _ = site
    feeds = ("/feed/", "/feed/atom/", "/feed/json/", "/tag/ferries/feed/", "/series/a-week/feed/")
    for address in (
        "/",
        *feeds,
        "/llms.txt",
        f"/sitemap-{map_of(live)}.xml",
        "/search/?q=live",
        live.get_absolute_url(),
    ):
        text = client.get(address).content.decode()
        assert "live neighbour" in text or live.slug in text, address
    assert re.search(r"neighbour", client.get("/search/suggest/?q=neigh").content.decode())
