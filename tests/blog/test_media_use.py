"""Every door through which a text comes in leaves the graph of its pictures right."""

import pytest
from django.urls import reverse
from django.utils import timezone

from blog import arriving, autosave, bulk, publishing, series, writing
from blog.arriving import Arrival
from blog.models import Post, PostAsset, PostVersion, Series, Snippet, SnippetAsset, Tag, VersionAsset
from blog.taxonomy import merge_tags
from media_assets import usage
from tests.blog.conftest import NOON
from tests.media_assets.making_assets import make_asset


@pytest.fixture
def picture(db):
    return make_asset()


@pytest.fixture
def other(db):
    return make_asset()


def showing(*assets):
    return "\n\n".join(["A text.", *(f"![Alt]({asset.url})" for asset in assets)])


def in_row(post):
    return set(PostAsset.objects.filter(post=post).values_list("asset", flat=True))


def in_versions(post):
    """Number of the version → its pictures."""
    rows = VersionAsset.objects.filter(version__post=post).values_list("version__number", "asset")
    found = {number: set() for number in post.versions.values_list("number", flat=True)}
    for number, pk in rows:
        found[number].add(pk)
    return found


def test_a_draft_is_kept_with_its_pictures_and_without_those_it_loses(write, author, picture, other):
    post = write(text=showing(picture, other, picture))
    assert in_row(post) == {picture.pk, other.pk}
    post.content_markdown = showing(other)
    writing.save(post, by=author)
    assert in_row(post) == {other.pk}
    assert in_versions(post) == {1: {picture.pk, other.pk}, 2: {other.pk}}


def test_an_address_of_a_size_or_with_the_name_of_the_site_is_a_use_and_one_elsewhere_is_none(
    write, settings, picture, other
):
    settings.SITE_URL = "https://paper.example"
    post = write(text=f'<img src="https://paper.example/media/{picture.key}/0a1b2c3d-w640.avif" alt="">')
    assert in_row(post) == {picture.pk}
    assert in_row(write(text=f"https://elsewhere.example/media/{other.key}.jpg")) == set()


def test_fields_count_in_versions_and_by_themselves_in_the_row(write, picture, other):
    post = write(featured_image=picture, og_image=other)
    assert in_row(post) == set()
    assert in_versions(post) == {1: {picture.pk, other.pk}}


def test_a_live_post_with_changes_that_wait_shows_the_old_and_keeps_the_new(publish, author, editor, picture, other):
    post = publish(text=showing(picture))
    post.content_markdown = showing(other)
    writing.save(post, by=author)
    assert in_row(post) == {picture.pk}
    assert in_versions(post)[post.content_version] == {other.pk}
    publishing.update(post, by=editor)
    assert in_row(post) == {other.pk}


def test_discarding_what_waits_leaves_the_row_as_it_was(publish, editor, picture, other):
    post = publish(text=showing(picture))
    post.content_markdown = showing(other)
    writing.save(post, by=editor)
    publishing.discard(post, by=editor)
    assert in_row(post) == {picture.pk}
    post.refresh_from_db()
    assert in_versions(post)[post.content_version] == {picture.pk}


def test_an_update_on_time_brings_the_pictures_out(publish, editor, picture, other):
    post = publish(text=showing(picture), at=NOON)
    post.content_markdown = showing(other)
    writing.save(post, by=editor)
    publishing.plan_update(post, by=editor, at=NOON.replace(year=2100), now=timezone.now())
    publishing.publish_due(NOON.replace(year=2101))
    assert in_row(post) == {other.pk}


def test_restoring_a_version_or_its_text_brings_its_pictures_back(write, author, picture, other):
    post = write(text=showing(picture))
    post.content_markdown = showing(other)
    writing.save(post, by=author)
    first, second = post.versions.get(number=1), post.versions.get(number=2)
    writing.restore(post, first, by=author)
    assert in_row(post) == {picture.pk}
    writing.restore_field(post, second, "content_markdown", by=author)
    assert in_row(post) == {other.pk}
    assert in_versions(post)[4] == {other.pk}


def test_publishing_archiving_and_the_trash_change_nothing(publish, editor, picture):
    post = publish(text=showing(picture))
    publishing.archive(post, by=editor)
    publishing.trash(post, by=editor)
    assert in_row(post) == {picture.pk}
    assert set().union(*in_versions(post).values()) == {picture.pk}


def test_versions_made_by_a_series_by_many_changes_at_once_and_by_merging_tags_show_the_same(
    write, publish, editor, picture, other
):
    live = publish(text=showing(picture), by=editor, tags=["port"])
    live.content_markdown = showing(other)
    writing.save(live, by=editor)
    draft = write(text=showing(picture), by=editor, tags=["port"])
    parts = Series.objects.create(name="Parts", slug="parts")
    series.arrange(parts, [live.pk, draft.pk], by=editor)
    bulk.run([draft], bulk.Change(add_tags=["harbour"]), by=editor)
    port, into = Tag.objects.get(name="port"), Tag.objects.create(name="docks", slug="docks")
    merge_tags([port], into, by=editor)
    assert in_row(live) == in_row(draft) == {picture.pk}
    assert in_versions(draft) == dict.fromkeys(range(1, draft.versions.count() + 1), {picture.pk})
    assert draft.versions.count() > 2
    assert in_versions(live) == {1: {picture.pk}, 2: {picture.pk}, 3: {other.pk}, 4: {other.pk}, 5: {other.pk}}


def test_many_that_arrive_at_once_cost_a_handful_of_questions(author, picture, other, django_assert_max_num_queries):
    def arrive(count, start):
        arrivals = []
        for number in range(start, start + count):
            post = Post(title=f"Old {number}", slug=f"old-{number}", author=author, featured_image=other)
            post.content_markdown = showing(picture)
            arrival = Arrival(post, Post.Status.DRAFT, created_at=NOON, changed_at=NOON)
            arriving.prepare(arrival)
            arrivals.append(arrival)
        with django_assert_max_num_queries(14):
            arriving.add(arrivals, at=timezone.now())
        return [arrival.post for arrival in arrivals]

    for posts in (arrive(1, 0), arrive(40, 1)):
        for post in posts:
            assert in_row(post) == {picture.pk}
            assert in_versions(post) == {1: {picture.pk, other.pk}}


def test_one_that_arrives_with_a_picture_changed_meanwhile_waits_to_be_rendered(author, picture):
    started = timezone.now()
    texts = {"as-it-was": "No picture.", "changed": showing(picture)}
    arrivals = []
    for slug, text in texts.items():
        post = Post(title=slug, slug=slug, author=author, content_markdown=text)
        arrivals.append(Arrival(post, Post.Status.DRAFT, created_at=NOON, changed_at=NOON))
        arriving.prepare(arrivals[-1])
    picture.save()
    arriving.add(arrivals, at=started)
    assert [post.slug for post in Post.objects.filter(render_version=0)] == ["changed"]


def test_a_snippet_is_kept_whatever_saves_it(client_of, editor, picture, other):
    address = reverse("admin:blog_snippet_add")
    client_of(editor).post(address, {"name": "Note", "content_markdown": showing(picture)})
    snippet = Snippet.objects.get()
    assert [row.asset for row in snippet.media.all()] == [picture]
    snippet.content_markdown = showing(other)
    snippet.save()
    assert [row.asset for row in snippet.media.all()] == [other]
    snippet.delete()
    assert not SnippetAsset.objects.exists()


def test_a_refused_save_leaves_no_use_behind(write, author, picture, monkeypatch):
    post = write()
    monkeypatch.setattr("blog.versions.record", lambda *args, **kwargs: 1 / 0)
    post.content_markdown = showing(picture)
    with pytest.raises(ZeroDivisionError):
        writing.save(post, by=author)
    assert in_row(post) == set()


def test_a_picture_that_is_gone_is_no_use_and_no_error(write, picture):
    url = picture.url
    picture.delete()
    post = write(text=f"![]({url})")
    assert in_row(post) == set()
    assert in_versions(post) == {1: set()}


def test_with_a_post_goes_what_it_used(write, picture):
    post = write(text=showing(picture))
    Post.objects.filter(pk=post.pk).delete()
    assert not PostAsset.objects.exists() and not VersionAsset.objects.exists()
    assert picture in usage.unused()


def test_saving_without_a_change_asks_nothing_about_pictures(write, author, picture, django_assert_max_num_queries):
    post = write(text=showing(picture))
    post = Post.objects.get(pk=post.pk)
    with django_assert_max_num_queries(60) as asked:
        assert writing.save(post, by=author) is None
    tables = ("blog_postasset", "blog_versionasset", "media_assets_mediaasset")
    assert not [query for query in asked.captured_queries if any(table in query["sql"] for table in tables)]


def test_saving_another_title_costs_two_questions_for_its_pictures(
    write, author, picture, other, django_assert_max_num_queries
):
    post = write(text=showing(picture), featured_image=other)
    post = Post.objects.get(pk=post.pk)
    post.title = "Another title"
    with django_assert_max_num_queries(60) as asked:
        assert writing.save(post, by=author)
    tables = ("blog_postasset", "blog_versionasset", '"media_assets_mediaasset"')
    assert len([query for query in asked.captured_queries if any(table in query["sql"] for table in tables)]) == 2


def test_what_is_typed_and_not_saved_keeps_a_picture_from_being_unused(write, author, picture, other):
    third = make_asset()
    post = write("The harbour")
    fields = {"title": "x", "content_markdown": showing(picture), "featured_image": str(other.pk), "og_image": ""}
    autosave.keep(author, autosave.new_key(post), fields, base_version=1, sequence=1, at=timezone.now())
    assert set(usage.unused()) == {third}
    (use,) = usage.uses_of(picture)
    assert (use.label, use.kind, use.place) == ("The harbour", "Unsaved text", "what author has not saved yet")
    assert use.url == reverse("admin:blog_post_change", args=[post.pk])
    assert usage.count_uses([picture, other, third]) == {picture.pk: 1, other.pk: 1, third.pk: 0}
    new = autosave.new_key(None)
    autosave.keep(author, new, fields | {"og_image": "¹"}, base_version=None, sequence=1, at=timezone.now())
    assert {(use.label, use.url) for use in usage.uses_of(other)} == {("A new post", ""), (use.label, use.url)}


def test_keeping_an_unsaved_text_asks_nothing_about_pictures(write, author, picture, django_assert_max_num_queries):
    post = write()
    fields = {"content_markdown": showing(picture)}
    with django_assert_max_num_queries(10) as asked:
        autosave.keep(author, autosave.new_key(post), fields, base_version=1, sequence=1, at=timezone.now())
    assert not [query for query in asked.captured_queries if "asset" in query["sql"]]
    assert not PostVersion.objects.filter(post=post, number=2).exists()
