"""Where a file is used: each thing once, told in words, and counted in few questions."""

import time

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.authors import ensure_profile
from blog import publishing, writing
from blog.models import Post, PostAsset, PostVersion, Snippet, VersionAsset
from media_assets import usage
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture(db):
    return make_asset()


def write(title, by, *assets, **fields):
    text = "\n\n".join(["A text.", *(f"![Alt]({asset.url})" for asset in assets)])
    post = Post(title=title, content_markdown=text, author=by, **fields)
    writing.save(post, by=by)
    return post


def told(asset):
    return [(use.label, use.kind, use.place) for use in usage.uses_of(asset)]


def test_a_post_is_one_use_wherever_it_shows_the_file(author, picture):
    post = write("The harbour", author, picture, featured_image=picture, og_image=picture)
    (use,) = usage.uses_of(picture)
    assert (use.label, use.kind) == ("The harbour", "Post")
    assert set(use.place.split(", ")) == {"featured picture", "share picture", "text", "version 1"}
    assert use.url == reverse("admin:blog_post_change", args=[post.pk])
    assert str(use) == "The harbour"


def test_a_post_that_showed_it_once_is_told_after_those_that_do(author, picture):
    post = write("Once", author, picture)
    post.title = "Once upon a time"
    writing.save(post, by=author)
    post.content_markdown = "Without it."
    writing.save(post, by=author)
    write("Now", author, picture)
    assert told(picture) == [
        ("Now", "Post", "text, version 1"),
        ("Once upon a time", "Version", "versions 1–2"),
    ]


def test_what_waits_for_a_live_post_and_what_lies_in_the_trash_count(author, editor, picture):
    live, binned = write("Live", author), write("Binned", author, picture)
    publishing.publish(live, by=editor)
    live.og_image = picture
    writing.save(live, by=author)
    publishing.trash(binned, by=author)
    assert {(label, kind) for label, kind, _ in told(picture)} == {("Live", "Version"), ("Binned", "Post")}


def test_people_and_snippets_are_told(author, picture):
    profile = ensure_profile(author)
    profile.avatar = picture
    profile.save()
    snippet = Snippet.objects.create(name="Correction", content_markdown=f"![]({picture.url})")
    assert set(told(picture)) == {("author", "Author profile", "avatar"), ("Correction", "Snippet", "text")}
    assert {use.url for use in usage.uses_of(picture)} == {
        usage.admin_address(profile),
        reverse("admin:blog_snippet_change", args=[snippet.pk]),
    }


def test_nothing_uses_what_nobody_shows(author, picture):
    other = make_asset()
    write("The harbour", author, other)
    assert told(picture) == []
    assert list(usage.unused()) == [picture]
    assert usage.count_uses([picture, other]) == {picture.pk: 0, other.pk: 1}
    assert usage.count_uses([]) == {}


def test_what_only_the_library_itself_says_is_no_use(picture, author):
    picture.renditions.create(spec="w640.webp", file="x", mime_type="image/webp", width=1, height=1, size_bytes=1)
    assert list(usage.unused()) == [picture]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "version 3"),
        ([2, 1, 2], "versions 1–2"),
        ([1, 3], "versions 1 and 3"),
        ([1, 2, 3, 5, 8, 9], "versions 1–3, 5 and 8–9"),
    ],
)
def test_versions_in_words(numbers, words):
    assert usage.in_words(numbers) == words


def test_many_cost_no_more_questions_than_one(author, django_assert_num_queries):
    pictures = [make_asset() for _ in range(6)]
    for number in range(4):
        write(f"Post {number}", author, *pictures[: number + 1], featured_image=pictures[0])
    for asset in (pictures[3], pictures[0]):
        # Whatever points at it, the posts, and what nobody saved yet.
        with django_assert_num_queries(3):
            usage.uses_of(asset)
    with django_assert_num_queries(2):
        assert usage.count_uses(pictures[:1]) == {pictures[0].pk: 4}
    with django_assert_num_queries(2):
        counts = usage.count_uses(pictures)
    assert [counts[asset.pk] for asset in pictures] == [4, 3, 2, 1, 0, 0]
    assert all(counts[asset.pk] == len(usage.uses_of(asset)) for asset in pictures)


def test_the_unused_of_ten_thousand_are_found_at_once(author, django_assert_num_queries):
    make_asset()
    assets = MediaAsset.objects.bulk_create(
        [
            MediaAsset(
                file="x.jpg",
                name=f"{number}",
                mime_type="image/jpeg",
                extension="jpg",
                size_bytes=1,
                sha256=f"{number:064x}",
            )
            for number in range(10_000)
        ],
        batch_size=1000,
    )
    now = timezone.now()
    posts = Post.objects.bulk_create(
        [
            Post(title="x", slug=f"x-{number}", author=author, featured_image=assets[number + 5000])
            for number in range(1000)
        ]
    )
    versions = PostVersion.objects.bulk_create(
        [
            PostVersion(post=post, number=n, snapshot={}, kind="save", created_at=now)
            for post in posts
            for n in (1, 2, 3)
        ]
    )
    PostAsset.objects.bulk_create(
        [PostAsset(post=post, asset=assets[4 * n + k]) for n, post in enumerate(posts) for k in range(4)]
    )
    VersionAsset.objects.bulk_create(
        [
            VersionAsset(version=version, asset=assets[4 * (n // 3) + k])
            for n, version in enumerate(versions)
            for k in (0, 1)
        ]
    )
    with django_assert_num_queries(2):
        found = usage.unused().count()
    assert found == 10_001 - 5000
    page = list(usage.unused()[:60])
    assert page and not set(page) & set(assets[:4000])
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        usage.unused().count()
        spent.append(time.perf_counter() - began)
    # A row compared with every other takes many times that; a busy machine does not.
    assert min(spent) < 2
