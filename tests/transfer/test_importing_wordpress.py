"""A WordPress site comes in whole, may be brought in again, and never says more than it did before."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import AuthorProfile, User
from accounts.roles import Role, role_of
from blog import publishing, writing
from blog.models import Category, Post, PostVersion, Redirect, Tag
from core.cache import generation
from media_assets.models import MediaAsset
from tests.transfer.wxr import VERSION, export, item, meta
from transfer.importing import import_wordpress
from transfer.models import ImportedRecord

pytestmark = pytest.mark.django_db
ADA = (
    "<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ada</wp:author_login>"
    "<wp:author_email>Ada@quay.example</wp:author_email>"
    "<wp:author_display_name>Ada Byron</wp:author_display_name></wp:author>"
)


def category(slug: str, parent: str = "", name: str = "") -> str:
    return (
        f"<wp:category><wp:category_nicename>{slug}</wp:category_nicename><wp:category_parent>{parent}</wp:category_parent>"
        f"<wp:cat_name>{name or slug.title()}</wp:cat_name></wp:category>"
    )


def in_category(*slugs: str) -> str:
    return "".join(
        f'<category domain="category" nicename="{slug}"><![CDATA[{slug.title()}]]></category>' for slug in slugs
    )


def everything() -> list:
    """All rows an import could touch, times included."""
    models = (Post, PostVersion, Redirect, Category, Tag, User, AuthorProfile, ImportedRecord)
    return [list(model.objects.order_by("pk").values()) for model in models]


# People


def test_an_author_becomes_a_person_who_cannot_log_in(tmp_path, mailoutbox):
    import_wordpress(export(tmp_path, VERSION, ADA, item(), head=""))
    ada = Post.objects.get().author
    assert (ada.username, ada.display_name, ada.email) == ("ada", "Ada Byron", "Ada@quay.example")
    assert role_of(ada) == Role.AUTHOR and not ada.has_usable_password() and ada.author_profile.slug
    assert mailoutbox == []


def test_an_author_with_a_known_address_is_that_person(tmp_path, editor):
    User.objects.filter(pk=editor.pk).update(email="ada@QUAY.example")
    import_wordpress(export(tmp_path, VERSION, ADA, item(), head=""))
    assert Post.objects.get().author == editor and not User.objects.filter(username="ada").exists()
    assert role_of(User.objects.get(pk=editor.pk)) == Role.EDITOR


def test_the_same_name_with_another_address_is_another_person(tmp_path, admin):
    head = ADA.replace("<wp:author_login>ada", "<wp:author_login>admin")
    import_wordpress(export(tmp_path, VERSION, head, item(more="<dc:creator>admin</dc:creator>"), head=""))
    author = Post.objects.get().author
    assert author != admin and author.username == "admin-2" and role_of(author) == Role.AUTHOR


def test_an_item_without_author_gets_one_nobody_knows(tmp_path):
    import_wordpress(export(tmp_path, item(more="<dc:creator></dc:creator>")))
    assert Post.objects.get().author.display_name == "Unknown author"


def test_co_authors_are_kept(tmp_path):
    bob = ADA.replace("ada", "bob").replace("Ada", "Bob")
    named = '<category domain="author" nicename="cap-bob"><![CDATA[Bob Byron]]></category>'
    import_wordpress(export(tmp_path, VERSION, ADA, bob, item(more=named), head=""))
    assert [person.username for person in Post.objects.get().co_authors.all()] == ["bob"]


# Filing


def test_categories_hang_as_they_did_even_when_children_come_first(tmp_path):
    import_wordpress(export(tmp_path, VERSION, category("tides", "sea"), category("sea"), item(), head=""))
    assert set(Category.objects.values_list("path", flat=True)) == {"sea", "sea/tides"}


def test_categories_in_a_circle_do_not_hang_it(tmp_path):
    import_wordpress(export(tmp_path, VERSION, category("a", "b"), category("b", "a"), item(), head=""))
    assert Category.objects.count() == 2


def test_a_post_goes_where_its_most_precise_category_is(tmp_path):
    head = VERSION + category("sea") + category("tides", "sea")
    import_wordpress(export(tmp_path, item(more=in_category("uncategorized", "sea", "tides")), head=head))
    assert Post.objects.get().category.path == "sea/tides"
    assert ImportedRecord.objects.get(kind="post").payload["categories"] == ["uncategorized", "sea"]


def test_a_title_of_four_thousand_letters_is_cut_in_words_and_kept_whole(tmp_path):
    title = "Donaudampfschiff" * 250
    report = import_wordpress(export(tmp_path, item(1, title=title, body="All of it."), item(2)))
    post = Post.objects.get(slug="item-1")
    assert (post.title, post.content_markdown) == (title[:300], "All of it.")
    record = ImportedRecord.objects.get(kind="post", target_id=post.pk)
    assert record.payload["title"] == title
    (said,) = [notes for entry in report.as_json()["items"] for notes in entry["notes"] if "title" in notes]
    assert said == "The title was cut to 300 characters; the whole of it is kept with the record of the import."
    other = ImportedRecord.objects.get(kind="post", target_id=Post.objects.exclude(pk=post.pk).get().pk)
    assert "title" not in other.payload


def test_tags_keep_their_slugs(tmp_path):
    tag = '<category domain="post_tag" nicename="c-plus"><![CDATA[C++]]></category>'
    import_wordpress(export(tmp_path, item(more=tag)))
    assert [(tag.name, tag.slug) for tag in Post.objects.get().tags.all()] == [("C++", "c-plus")]


# States and times


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"status": "publish"}, "published"),
        ({"status": "draft"}, "draft"),
        ({"status": "pending"}, "pending"),
        ({"status": "private"}, "draft"),
        ({"status": "publish", "post_password": "sesame"}, "draft"),
        ({"status": "future"}, "published"),
        ({"status": "future", "post_date": "2120-07-01 12:00:00", "post_date_gmt": "2120-07-01 11:00:00"}, "scheduled"),
        ({"status": "wc-hidden"}, "draft"),
    ],
)
def test_states_become(tmp_path, fields, status):
    import_wordpress(export(tmp_path, item(**fields)))
    post = Post.objects.get()
    assert post.status == status and post.is_public == (status == "published")


def test_what_was_in_the_trash_is_in_the_trash(tmp_path):
    import_wordpress(export(tmp_path, item(status="trash", post_name="tide__trashed")))
    post = Post.objects.get()
    assert post.is_trashed and post.slug == "tide" and post.status == "draft"


def test_times_are_those_of_the_old_site(tmp_path):
    local_only = item(2, post_date="2020-08-01 12:00:00", post_date_gmt="0000-00-00 00:00:00")
    import_wordpress(export(tmp_path, item(1), local_only))
    first, second = Post.objects.order_by("published_at")
    assert first.published_at == datetime(2020, 7, 1, 11, tzinfo=UTC) == first.created_at
    assert second.published_at == datetime(2020, 8, 1, 11, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["nav_menu_item", "revision", "wp_block", "wpcf7_contact_form"])
def test_what_has_no_place_here_is_listed(tmp_path, kind):
    report = import_wordpress(export(tmp_path, item(post_type=kind)))
    assert not Post.objects.exists() and report.counts["other", "skipped"] == 1


def test_pages_are_pages_and_keep_out_of_the_products_addresses(tmp_path, client):
    import_wordpress(
        export(tmp_path, item(1, post_type="page", post_name="about"), item(2, post_type="page", post_name="admin"))
    )
    assert set(Post.objects.pages().values_list("slug", flat=True)) == {"about", "admin-2"}
    assert client.get("/about/").status_code == 200


# Content


def test_search_fields_come_along(tmp_path):
    fields = (
        meta("_yoast_wpseo_title", "%%title%% %%sep%% %%sitename%%")
        + meta("_yoast_wpseo_metadesc", "All about tides")
        + meta("rank_math_focus_keyword", "tide, sea")
        + meta("_yoast_wpseo_canonical", "javascript:alert(1)")
        + meta("rank_math_robots", 'a:1:{i:0;s:7:"noindex";}')
    )
    import_wordpress(export(tmp_path, item(more=fields)))
    post = Post.objects.get()
    assert (post.meta_title, post.meta_description) == ("High water – Quay News", "All about tides")
    assert (post.focus_keyword, post.canonical_url, post.noindex) == ("tide", "", True)


def test_a_version_of_kind_import_is_kept_and_nobody_is_its_editor(tmp_path):
    import_wordpress(export(tmp_path, item()))
    version = PostVersion.objects.get()
    assert (version.kind, version.editor, version.snapshot["slug"]) == ("import", None, "item-1")


def test_a_body_too_large_is_lost_with_a_reason_and_the_rest_comes_in(tmp_path):
    report = import_wordpress(export(tmp_path, item(1, body="word " * 250_000), item(2)))
    assert Post.objects.get().slug == "item-2" and report.counts["posts", "lost"] == 1
    assert "MB" in next(entry for entry in report.items if entry["outcome"] == "lost")["notes"][0]


def test_serialised_php_is_never_taken_apart(tmp_path):
    import_wordpress(export(tmp_path, item(more=meta("_yoast_wpseo_title", 'O:8:"Exploit":0:{}'))))
    assert Post.objects.get().meta_title == 'O:8:"Exploit":0:{}'


def test_the_same_slug_twice_gets_a_number_and_both_old_addresses_lead_right(tmp_path, client):
    import_wordpress(
        export(
            tmp_path,
            item(1, post_name="tide"),
            item(2, "Page", post_name="tide", post_type="page", more="<link>https://quay.example/tide/</link>"),
        )
    )
    assert set(Post.objects.values_list("slug", flat=True)) == {"tide", "tide-2"}
    assert client.get("/2020/07/tide/")["Location"] == "/blog/tide/"
    assert client.get("/tide/")["Location"] == "/tide-2/"


# Old addresses


def test_every_old_address_is_one_step_from_its_post(tmp_path, client):
    import_wordpress(export(tmp_path, item(7, more=meta("_wp_old_slug", "ebb"))))
    for old in ("/2020/07/item-7/", "/2020/07/ebb/", "/?p=7"):
        answer = client.get(old)
        assert (answer.status_code, answer["Location"]) == (301, "/blog/item-7/"), old
    assert client.get("/2020/07/")["Location"] == "/archive/2020/7/"


def test_links_inside_texts_lead_straight_to_their_new_address(tmp_path):
    body = '<a href="https://www.quay.example/2020/07/item-2/#tide">next</a> <a href="https://else.example/">away</a>'
    import_wordpress(export(tmp_path, item(1, body=body), item(2)))
    assert (
        "[next](/blog/item-2/#tide) [away](https://else.example/)" in Post.objects.get(slug="item-1").content_markdown
    )


def test_a_redirect_made_by_hand_stays(tmp_path):
    Redirect.objects.create(old_path="/2020/07/item-1/", new_path="/elsewhere/")
    import_wordpress(export(tmp_path, item()))
    assert Redirect.objects.get(old_path="/2020/07/item-1/").new_path == "/elsewhere/"


# Again, and again


def test_running_it_twice_changes_nothing(tmp_path):
    place = export(tmp_path, VERSION, ADA, category("sea"), item(1, more=in_category("sea")), item(2), head="")
    import_wordpress(place)
    before = everything()
    report = import_wordpress(place)
    assert everything() == before
    assert report.counts["posts", "unchanged"] == 2 and not report.counts["posts", "updated"]


def test_a_change_there_is_a_new_version_here(tmp_path):
    import_wordpress(export(tmp_path, item()))
    report = import_wordpress(export(tmp_path, item(body="The tide went out.")))
    assert report.counts["posts", "updated"] == 1
    assert Post.objects.get().content_markdown == "The tide went out." and PostVersion.objects.count() == 2


def test_what_was_edited_here_is_not_overwritten(tmp_path, editor):
    import_wordpress(export(tmp_path, item()))
    post = Post.objects.get()
    post.content_markdown = "Mine."
    writing.save(post, by=editor)
    report = import_wordpress(export(tmp_path, item(body="Theirs.")))
    publishing.update(post, by=editor)
    assert Post.objects.get().content_markdown == "Mine." and report.counts["posts", "skipped"] == 1


def test_what_was_taken_down_here_stays_down(tmp_path, editor):
    import_wordpress(export(tmp_path, item()))
    publishing.archive(Post.objects.get(), by=editor)
    import_wordpress(export(tmp_path, item(body="Theirs.")))
    assert Post.objects.get().status == "archived"


def test_what_was_deleted_here_stays_deleted(tmp_path):
    place = export(tmp_path, item())
    import_wordpress(place)
    Post.objects.all().delete()
    import_wordpress(export(tmp_path, item(body="Again.")))
    assert not Post.objects.exists()


@pytest.mark.parametrize("at", [1, 3, 4])
def test_stopped_and_started_again_it_ends_the_same(tmp_path, monkeypatch, at):
    monkeypatch.setattr("transfer.posts.BATCH", 2)
    place = export(tmp_path, *(item(number) for number in range(1, 6)))
    done = 0

    def stop(word, number):
        nonlocal done
        done += word == "done"
        if done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_wordpress(place, progress=stop)
    there = at // 2 * 2
    assert Post.objects.count() == ImportedRecord.objects.filter(kind="post").count() == there
    report = import_wordpress(place)
    assert Post.objects.count() == PostVersion.objects.count() == 5
    assert (report.counts["posts", "unchanged"], report.counts["posts", "created"]) == (there, 5 - there)


def test_a_fault_in_the_middle_of_an_item_leaves_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.posts.lead_all", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        import_wordpress(export(tmp_path, item()))
    assert not Post.objects.exists() and not PostVersion.objects.exists()


def test_two_items_of_one_id_both_come_in_and_a_repeated_one_once(tmp_path):
    report = import_wordpress(export(tmp_path, item(1), item(1, "Other", post_name="other"), item(1)))
    assert Post.objects.count() == 2 and report.counts["posts", "skipped"] == 1


def test_a_broken_file_leaves_nothing(tmp_path):
    place = export(tmp_path, VERSION, ADA, category("sea"), item(), head="")
    place.write_text(place.read_text()[:-30])
    before = everything()
    with pytest.raises(CommandError, match="line .* cut off"):
        call_command("import_wordpress", place, verbosity=0)
    assert everything() == before


def test_a_dry_run_tells_everything_and_writes_nothing(tmp_path, capsys):
    place = export(tmp_path, VERSION, ADA, category("sea"), item(1, body='[form to="x"] a'), item(2), head="")
    before = everything()
    call_command("import_wordpress", place, dry_run=True, report=tmp_path / "report.json", verbosity=0)
    assert everything() == before
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["counts"]["posts"] == {"created": 2} and told["items"][0]["notes"]
    assert "nothing was written" in capsys.readouterr().out


def test_a_scheduled_import_is_published_by_the_clock(tmp_path):
    soon = timezone.now() + timedelta(hours=1)
    import_wordpress(export(tmp_path, item(status="future", post_date_gmt=f"{soon:%Y-%m-%d %H:%M:%S}")))
    publishing.publish_due(soon + timedelta(seconds=1))
    assert Post.objects.get().is_public and not MediaAsset.objects.exists()


@pytest.mark.parametrize("name", ["posts", "taxonomy"])
def test_kept_pages_are_made_anew_after_an_import_but_not_after_a_dry_run(
    tmp_path, name, django_capture_on_commit_callbacks
):
    place, before = export(tmp_path, item()), generation(name)
    with django_capture_on_commit_callbacks(execute=True):
        import_wordpress(place, dry_run=True)
    assert generation(name) == before
    with django_capture_on_commit_callbacks(execute=True):
        import_wordpress(place)
    assert generation(name) != before
