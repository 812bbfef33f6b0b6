"""The versions of a post: listed, read, restored with a question before."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts import audit
from accounts.models import AuditEntry
from blog import pending, publishing, versions, writing
from blog.models import Post, PostVersion
from core.refusals import Refusal
from tests.blog.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice_saved(write, author):
    post = write("First title", text="The *first* text.")
    post.title, post.content_markdown = "Second title", "The second text."
    writing.save(post, by=author, reason="Facts checked")
    return post


def test_the_list_says_number_who_when_and_why(client_of, author, twice_saved):
    page = client_of(author).get(reverse("admin:blog_post_versions", args=[twice_saved.pk])).content.decode()
    assert "2 versions" in page
    assert "by their numbers" not in page
    assert "Facts checked" in page
    assert str(author) in page


def test_one_version_shows_what_it_said_then(client_of, author, twice_saved):
    page = client_of(author).get(reverse("admin:blog_post_version", args=[twice_saved.pk, 1])).content.decode()
    assert "First title" in page
    assert "<em>first</em>" in page
    assert "The *first* text." in page
    assert "The second text." not in page


def test_restoring_asks_before_and_makes_a_new_version(client_of, author, twice_saved):
    address = reverse("admin:blog_post_restore_version", args=[twice_saved.pk, 1])
    client = client_of(author)
    assert "Restore version 1" in client.get(address).content.decode()
    twice_saved.refresh_from_db()
    assert twice_saved.title == "Second title"
    response = client.post(address, follow=True)
    twice_saved.refresh_from_db()
    assert twice_saved.title == "First title"
    assert twice_saved.versions.count() == 3
    assert [str(message) for message in response.context["messages"]] == ["Version 1 is back, as version 3."]


def test_a_version_that_is_not_there_is_not_found(client_of, author, twice_saved):
    assert client_of(author).get(reverse("admin:blog_post_version", args=[twice_saved.pk, 9])).status_code == 404


def test_the_history_is_the_versions(client_of, author, twice_saved):
    response = client_of(author).get(reverse("admin:blog_post_history", args=[twice_saved.pk]))
    assert response.url == reverse("admin:blog_post_versions", args=[twice_saved.pk])


@pytest.mark.parametrize(
    ("verb", "shown"), [("archive", "Readers no longer find it"), ("trash", "restored as a draft")]
)
def test_a_dangerous_step_has_a_page_that_asks(client_of, editor, publish, verb, shown):
    post = publish()
    address = reverse("admin:blog_post_step", args=[post.pk, verb])
    client = client_of(editor)
    assert shown in client.get(address).content.decode()
    post.refresh_from_db()
    assert post.is_public
    client.post(address, {"note": "Because"})
    post.refresh_from_db()
    assert not post.is_public
    assert post.status_changes.first().note == "Because"


def test_a_step_that_is_refused_says_why(client_of, author, publish):
    post = publish()
    address = reverse("admin:blog_post_step", args=[post.pk, "archive"])
    response = client_of(author).post(address, follow=True)
    post.refresh_from_db()
    assert post.is_public
    assert "Your role does not let you archive this post." in [str(m) for m in response.context["messages"]]


@pytest.mark.parametrize("verb", ["publish", "nonsense"])
def test_other_words_are_no_steps(client_of, editor, write, verb):
    post = write()
    assert client_of(editor).post(f"/admin/blog/post/{post.pk}/step/{verb}/").status_code == 404
    post.refresh_from_db()
    assert post.status == "draft"


def test_a_long_history_is_read_page_by_page(client_of, author, write, django_assert_max_num_queries):
    post = write("First title")
    first = post.versions.get()
    PostVersion.objects.bulk_create(
        PostVersion(post=post, number=number, snapshot=first.snapshot, kind="save", created_at=first.created_at)
        for number in range(2, 252)
    )
    client, address = client_of(author), reverse("admin:blog_post_versions", args=[post.pk])
    with django_assert_max_num_queries(12):
        page = client.get(address).content.decode()
    assert "251 versions" in page
    assert "/versions/251/" in page
    assert "/versions/1/" not in page
    assert "/versions/1/" in client.get(address, {"page": 3}).content.decode()


# --- the timeline ------------------------------------------------------------------------------------------------
@pytest.fixture
def timeline_of(client_of):
    def ask(user, post, **query):
        return client_of(user).get(reverse("admin:blog_post_versions", args=[post.pk]), query)

    return ask


@pytest.fixture
def history(write, author, editor):
    """A draft with versions of several people and kinds: history((minutes, person, kind, reason), …)."""

    def make(*lines):
        post = write("The noon gun")
        first = post.versions.get()
        PostVersion.objects.filter(pk=first.pk).update(created_at=NOON - timedelta(hours=5))
        PostVersion.objects.bulk_create(
            PostVersion(
                post=post,
                number=number,
                snapshot={**first.snapshot, "title": f"Title {number}"},
                editor=person,
                kind=kind,
                reason=reason,
                created_at=NOON + timedelta(minutes=minutes),
            )
            for number, (minutes, person, kind, reason) in enumerate(lines, 2)
        )
        Post.objects.filter(pk=post.pk).update(content_version=len(lines) + 1, current_version=len(lines) + 1)
        return post

    return make


def folds(response):
    return [(entry.version.number, [each.number for each in entry.folded]) for entry in response.context["entries"]]


def test_what_was_saved_by_itself_lies_folded_under_what_followed(timeline_of, history, author, editor):
    post = history(
        (0, author, "autosave", ""), (60, author, "autosave", ""), (120, author, "save", ""), (300, editor, "save", "")
    )
    response = timeline_of(author, post)
    assert folds(response) == [(5, []), (4, [3, 2]), (1, [])]
    assert "2 earlier saves" in response.content.decode()
    assert "/versions/2/" in response.content.decode()


def test_the_saves_of_one_sitting_are_folded_and_those_of_others_are_not(timeline_of, history, author, editor):
    post = history(
        *((0, author, "save", ""), (9, author, "save", ""), (18, author, "save", ""), (30, author, "save", "")),
        *((31, editor, "save", ""), (32, author, "save", "")),
    )
    assert folds(timeline_of(author, post)) == [(7, []), (6, []), (5, []), (4, [3, 2]), (1, [])]


@pytest.mark.parametrize("kind", ["publish", "restore", "import"])
def test_steps_are_never_folded(timeline_of, history, author, kind):
    post = history((0, author, kind, ""), (1, author, "save", ""))
    assert folds(timeline_of(author, post)) == [(3, []), (2, []), (1, [])]


def test_what_has_a_reason_or_a_name_stands_for_itself(timeline_of, history, author):
    post = history((0, author, "save", ""), (1, author, "save", "Facts checked"), (2, author, "save", ""))
    assert folds(timeline_of(author, post)) == [(4, []), (3, [2]), (1, [])]
    versions.rename(post.versions.get(number=2), "Before the facts", by=author)
    assert folds(timeline_of(author, post)) == [(4, []), (3, []), (2, []), (1, [])]


def test_versions_are_filtered_by_kind_person_and_name(timeline_of, history, author, editor):
    post = history((0, author, "autosave", ""), (1, editor, "publish", ""), (2, author, "save", ""))
    versions.rename(post.versions.get(number=2), "First thoughts", by=author)
    assert folds(timeline_of(author, post, kind="publish")) == [(3, [])]
    assert folds(timeline_of(author, post, person=editor.pk)) == [(3, [])]
    assert folds(timeline_of(author, post, named="1")) == [(2, [])]
    assert folds(timeline_of(author, post, named="1", kind="publish")) == []
    assert "No version is like that" in timeline_of(author, post, named="1", kind="publish").content.decode()
    assert "4 versions" in timeline_of(author, post, kind="publish").content.decode()


@pytest.mark.parametrize("query", [{"kind": "x"}, {"person": "x"}, {"person": "9" * 40}, {"page": "x"}, {"page": "-1"}])
def test_nonsense_filters_nothing(timeline_of, history, author, query):
    post = history((60, author, "publish", ""))
    assert folds(timeline_of(author, post, **query)) == [(2, []), (1, [])]


def test_the_live_the_waiting_and_the_newest_are_marked(timeline_of, publish, editor, author):
    post = publish("The noon gun")
    live = post.current_version
    post.title = "The evening gun"
    waiting = writing.save(post, by=editor)
    publishing.plan_update(Post.objects.get(pk=post.pk), by=editor, at=NOON.replace(year=2126))
    rows = {entry.version.number: entry.version for entry in timeline_of(editor, post).context["entries"]}
    assert rows[live].is_live and not rows[live].is_waiting and not rows[live].is_newest
    assert rows[waiting.number].is_waiting and rows[waiting.number].is_newest and not rows[waiting.number].is_live
    assert "Waiting, goes live 4 May 2126" in timeline_of(editor, post).content.decode()


def test_a_draft_has_no_live_version(timeline_of, write, author):
    (entry,) = timeline_of(author, write()).context["entries"]
    assert not entry.version.is_live
    assert entry.version.is_newest


def test_the_version_in_review_is_marked(timeline_of, write, author):
    post = write("The noon gun")
    publishing.submit(post, by=author)
    reviewed = [
        entry.version.number for entry in timeline_of(author, post).context["entries"] if entry.version.is_in_review
    ]
    assert reviewed == [versions.latest(post).number]


def test_the_states_tell_updates_plans_and_what_was_discarded_too(timeline_of, publish, write, author, editor):
    post, other = publish("The noon gun"), publish("Another")
    at = timezone.now()

    def after(minutes):
        return at + timedelta(minutes=minutes)

    def change(which, title, minutes):
        which = Post.objects.get(pk=which.pk)
        which.title = title
        writing.save(which, by=editor, at=after(minutes))
        return which

    publishing.update(change(other, "Elsewhere", 1), by=editor, note="Of another post", at=after(2))
    publishing.update(change(post, "One", 3), by=editor, note="Facts mended", at=after(4))
    changed = change(post, "Two", 5)
    publishing.submit(changed, by=author, at=after(6))
    publishing.send_back(changed, by=editor, at=after(7))
    publishing.plan_update(changed, by=editor, at=after(9000))
    publishing.cancel_update(changed, by=editor, at=after(9))
    publishing.discard(changed, by=editor, at=after(10))
    audit.record(None, "held an update", changed, note="A picture is missing.", at=after(11))
    audit.record(editor, "looked at", changed, at=after(12))
    response = timeline_of(editor, post)
    words = [step.words for step in response.context["steps"]]
    planned = f"planned an update for {date_format(timezone.localtime(after(9000)), 'j M Y, H:i')}"
    assert sorted(words) == sorted(
        [
            *("held an update", "discarded changes", "took back a planned update", planned),
            *("sent changes back", "submitted changes for review", "updated", "draft to published"),
        ]
    )
    times = [step.at for step in response.context["steps"]]
    assert times == sorted(times, reverse=True)
    page = response.content.decode()
    assert "Facts mended" in page
    assert "the clock · A picture is missing." in page
    assert "Of another post" not in page


def test_the_states_end_after_a_hundred(timeline_of, write, author):
    post = write("The noon gun")
    for minute in range(103):
        audit.record(author, "updated", post, note=f"Number {minute};", at=NOON + timedelta(minutes=minute))
    page = timeline_of(author, post).content.decode()
    assert "Number 102;" in page and "Number 3;" in page
    assert "Number 2;" not in page


def test_ten_thousand_versions_cost_a_page_of_them(client_of, author, write, django_assert_max_num_queries):
    post = write("First title", text="Long. " * 2000)
    first = post.versions.get()
    PostVersion.objects.bulk_create(
        PostVersion(
            post=post,
            number=number,
            snapshot={},
            kind="autosave",
            editor=author,
            created_at=first.created_at + timedelta(minutes=number),
        )
        for number in range(2, 10_001)
    )
    Post.objects.filter(pk=post.pk).update(content_version=10_000)
    client, address = client_of(author), reverse("admin:blog_post_versions", args=[post.pk])
    with django_assert_max_num_queries(13) as asked:
        page = client.get(address, {"page": 50}).content.decode()
    assert "10,000 versions" in page
    assert "Page 50 of 100" in page
    links = dict(re.findall(r'<a href="\?page=(\d+)">(First|Newer|Older|Last)</a>', page))
    assert links == {"1": "First", "49": "Newer", "51": "Older", "100": "Last"}
    last = client.get(address, {"page": 100, "kind": "autosave"}).content.decode()
    assert 'href="?kind=autosave&amp;page=1">First</a>' in last
    assert ">Last</a>" not in last
    assert f'action="{reverse("admin:blog_post_compare", args=[post.pk])}" class="lp-vfilter lp-vfar"' in page
    assert 'name="from" min="1" max="10000"' in page and 'name="to" min="1" max="10000"' in page
    assert not any('"snapshot"' in query["sql"] for query in asked.captured_queries)
    with django_assert_max_num_queries(15) as asked:
        client.get(reverse("admin:blog_post_compare", args=[post.pk]), {"from": 1, "to": 9_000})
    assert sum('"snapshot"' in query["sql"] for query in asked.captured_queries) <= 2


# --- names -------------------------------------------------------------------------------------------------------
def test_a_version_is_given_a_name_which_is_written_down(client_of, author, twice_saved):
    address = reverse("admin:blog_post_name_version", args=[twice_saved.pk, 1])
    client = client_of(author)
    assert client.get(address).status_code == 200
    page = client.post(address, {"name": "  As sent   to the printer "}, follow=True).content.decode()
    assert "Version 1 is called “As sent to the printer”." in page
    assert twice_saved.versions.get(number=1).name == "As sent to the printer"
    entry = AuditEntry.objects.get(action="named a version")
    assert entry.changes == {"Version 1": ["", "As sent to the printer"]}
    assert entry.actor == author


def test_a_name_is_all_that_changes(author, twice_saved):
    before = PostVersion.objects.values().get(post=twice_saved, number=1)
    version = twice_saved.versions.get(number=1)
    version.snapshot, version.reason = {"title": "Forged"}, "Forged"
    versions.rename(version, "Named", by=author)
    assert PostVersion.objects.values().get(pk=version.pk) == {**before, "name": "Named"}


def test_a_name_too_long_is_refused_with_its_length(client_of, author, twice_saved):
    address = reverse("admin:blog_post_name_version", args=[twice_saved.pk, 1])
    response = client_of(author).post(address, {"name": "x" * 101})
    assert response.status_code == 422
    assert "this one has 101" in response.content.decode()
    assert twice_saved.versions.get(number=1).name == ""


def test_others_name_no_version(twice_saved, moderator, reader):
    for person in (moderator, reader):
        with pytest.raises(Refusal):
            versions.rename(twice_saved.versions.get(number=1), "Mine", by=person)


def test_no_version_is_edited_or_deleted_in_the_admin(client_of, admin, twice_saved):
    from django.contrib import admin as site

    assert PostVersion not in site.site._registry
    client = client_of(admin)
    for address in ("", "1/", "1/change/", "1/delete/"):
        assert client.get(f"/admin/blog/postversion/{address}").status_code == 404
    before = list(PostVersion.objects.values())
    for verb in ("post", "put", "patch", "delete"):
        getattr(client, verb)(reverse("admin:blog_post_version", args=[twice_saved.pk, 1]), {"title": "Forged"})
    assert list(PostVersion.objects.values()) == before


# --- comparing ---------------------------------------------------------------------------------------------------
@pytest.fixture
def compared(client_of):
    def ask(user, post, **query):
        said = {"from" if name == "frm" else name: value for name, value in query.items()}
        return client_of(user).get(reverse("admin:blog_post_compare", args=[post.pk]), said)

    return ask


def test_two_versions_are_compared_as_read_and_as_written(compared, author, twice_saved):
    page = compared(author, twice_saved, frm=1, to=2).content.decode()
    assert "1 word added, 1 removed" in page
    assert "<em><del>first</del></em>" in page or "<del>first</del>" in page
    assert "<del>First</del> <ins>Second</ins> title" in page
    assert "Facts checked" in page
    source = compared(author, twice_saved, frm=1, to=2, view="source").content.decode()
    assert "<del>*first*</del> <ins>second</ins>" in source


def test_left_alone_it_shows_what_changed_last(compared, author, twice_saved):
    response = compared(author, twice_saved)
    assert (response.context["older"].number, response.context["newer"].number) == (1, 2)


def test_a_live_post_is_compared_with_what_readers_see(compared, editor, publish):
    post = publish("The noon gun")
    live = post.current_version
    for title in ("Second", "Third"):
        post.title = title
        writing.save(post, by=editor)
    response = compared(editor, post)
    assert (response.context["older"].number, response.context["newer"].number) == (live, live + 2)
    by_name = compared(editor, post, frm="live", to="waiting")
    assert (by_name.context["older"].number, by_name.context["newer"].number) == (live, live + 2)
    assert "(live)" in response.content.decode()


@pytest.mark.parametrize("query", [{"to": "9"}, {"frm": "x"}, {"frm": "live"}, {"to": "9" * 40}, {"to": "²"}])
def test_what_is_no_version_is_not_found(compared, author, twice_saved, query):
    assert compared(author, twice_saved, **query).status_code == 404


def test_a_version_equals_itself(compared, author, twice_saved):
    assert "Nothing differs." in compared(author, twice_saved, frm=2, to=2).content.decode()


def test_the_only_version_is_compared_with_itself(compared, author, write):
    assert "Nothing differs." in compared(author, write()).content.decode()


def test_what_a_version_says_is_text_not_markup(compared, author, write):
    post = write("<script>alert(1)</script>", text="<script>alert(2)</script> gun")
    post.title, post.content_markdown, post.excerpt = "<b onclick=x>", "`<img onerror=x>` <img src=x onerror=y>", "<i>"
    writing.save(post, by=author)
    for view in ("read", "source"):
        page = compared(author, post, frm=1, to=2, view=view).content.decode()
        assert "<script>alert" not in page
        assert "<b onclick" not in page
        assert "onerror=y>" not in page


def test_a_text_too_long_to_render_is_compared_as_written(compared, author, write):
    post = write("Long", text="word " * 60_000)
    post.content_markdown += "more"
    writing.save(post, by=author)
    page = compared(author, post, frm=1, to=2).content.decode()
    assert "too long to be compared as readers see it. This is its source." in page


# --- restoring one field -----------------------------------------------------------------------------------------
def test_one_field_is_restored_after_a_question_and_the_rest_stays(client_of, author, twice_saved):
    address = reverse("admin:blog_post_restore_field", args=[twice_saved.pk, 1, "title"])
    client = client_of(author)
    page = client.get(address).content.decode()
    assert "Restore the title of version 1?" in page
    assert "<del>Second</del> <ins>First</ins> title" in page
    twice_saved.refresh_from_db()
    assert twice_saved.title == "Second title"
    response = client.post(address, follow=True)
    assert [str(said) for said in response.context["messages"]] == ["The title of version 1 is back, as version 3."]
    twice_saved.refresh_from_db()
    assert (twice_saved.title, twice_saved.content_markdown) == ("First title", "The second text.")
    assert twice_saved.versions.get(number=3).kind == "restore"


def test_tags_come_back_alone(author, write):
    post = write("The noon gun", tags=["Clocks"])
    post.title = "The evening gun"
    writing.save(post, by=author, tags=["Guns"])
    writing.restore_field(post, post.versions.get(number=1), "tags", by=author)
    post.refresh_from_db()
    assert [tag.name for tag in post.tags.all()] == ["Clocks"]
    assert post.title == "The evening gun"
    writing.restore_field(post, post.versions.get(number=1), "title", by=author)
    assert [tag.name for tag in Post.objects.get(pk=post.pk).tags.all()] == ["Clocks"]


def test_a_field_of_a_live_post_is_restored_in_private(client_of, editor, publish):
    post = publish("The noon gun", text="One.")
    post.title, post.content_markdown = "The evening gun", "Two."
    writing.save(post, by=editor)
    address = reverse("admin:blog_post_restore_field", args=[post.pk, 1, "title"])
    response = client_of(editor).post(address, follow=True)
    assert "Readers see it once you update the post." in str(list(response.context["messages"])[0])
    row = Post.objects.get(pk=post.pk)
    waiting = pending.change_of(row).version.snapshot
    assert (waiting["title"], waiting["content_markdown"]) == ("The noon gun", "Two.")
    assert (row.title, row.content_markdown) == ("The noon gun", "One.")


def test_what_a_role_may_not_write_it_does_not_restore(author, editor, write):
    post = write("The noon gun")
    featured = Post.objects.get(pk=post.pk)
    featured.is_featured = True
    writing.save(featured, by=editor)
    with pytest.raises(Refusal):
        writing.restore_field(post, post.versions.get(number=1), "is_featured", by=author)
    assert Post.objects.get(pk=post.pk).is_featured


@pytest.mark.parametrize("name", ["status", "published_at", "unpublish_at", "password", "pk", "content_html"])
def test_what_is_no_field_of_a_version_is_not_restored(client_of, author, twice_saved, name):
    address = reverse("admin:blog_post_restore_field", args=[twice_saved.pk, 1, name])
    assert client_of(author).get(address).status_code == 404
    assert client_of(author).post(address).status_code == 404
    with pytest.raises(Refusal):
        writing.restore_field(twice_saved, twice_saved.versions.get(number=1), name, by=author)


def test_what_was_deleted_since_is_not_restored(author, editor, write):
    from blog.models import Category
    from blog.taxonomy import save_category

    category = save_category(Category(name="Harbours"))
    post = write("The noon gun", category=category)
    post.category = None
    writing.save(post, by=author)
    category.delete()
    with pytest.raises(Refusal, match="deleted since"):
        writing.restore_field(post, post.versions.get(number=1), "category_id", by=author)


def test_every_side_view_asks_for_this_very_post(client_of, write, author, editor, moderator, reader):
    theirs = write("Secret title", by=editor)
    theirs.title = "Another secret"
    writing.save(theirs, by=editor)
    names = [("versions", []), ("compare", []), ("version", [1]), ("name_version", [1]), ("restore_version", [1])]
    names.append(("restore_field", [1, "title"]))
    before = list(PostVersion.objects.values())
    for name, rest in names:
        address = reverse(f"admin:blog_post_{name}", args=[theirs.pk, *rest])
        for person, status in ((author, 404), (moderator, 404), (reader, 302)):
            for response in (client_of(person).get(address), client_of(person).post(address, {"name": "Mine"})):
                assert response.status_code == status, (name, person)
                assert "secret" not in response.content.decode().lower()
        assert client_of(editor).get(address).status_code == 200, name
    assert list(PostVersion.objects.values()) == before


def test_a_version_of_another_post_is_not_reached_through_ones_own(client_of, write, author, editor):
    mine, theirs = write("Mine"), write("Theirs", by=editor)
    writing.save(theirs, by=editor)
    theirs.title = "Theirs again"
    writing.save(theirs, by=editor)
    for name, rest in (("version", [2]), ("restore_version", [2]), ("name_version", [2])):
        assert client_of(author).get(reverse(f"admin:blog_post_{name}", args=[mine.pk, *rest])).status_code == 404
    assert client_of(author).get(reverse("admin:blog_post_compare", args=[mine.pk]), {"to": 2}).status_code == 404
