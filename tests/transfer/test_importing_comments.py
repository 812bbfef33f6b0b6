"""The comments of an export: threads, pings apart, each in its state; nobody is told, and again changes nothing."""

import pytest

from accounts.models import Notification, OutgoingMail, User
from blog.models import Post
from comments import posting, telling, threads
from comments.models import Comment
from comments.writing import words_of
from tests.transfer.wxr import SITES, export, item, shared
from transfer.importing import import_wordpress
from transfer.models import ImportedRecord
from transfer.records import Item
from transfer.wordpress import read_wxr

pytestmark = pytest.mark.django_db


def said(old_id, text="Hi", *, parent="", state="1", kind="", author="Bea", **more):
    fields = {
        "id": old_id,
        "author": author,
        "author_email": f"{author}@example.net".lower(),
        "date_gmt": f"2020-07-0{1 + int(old_id or 0) % 8} 12:00:00",
        "content": text,
        "approved": state,
        "type": kind,
        "parent": parent or "0",
    } | more
    inner = "".join(f"<wp:comment_{name}><![CDATA[{value}]]></wp:comment_{name}>" for name, value in fields.items())
    return f"<wp:comment>{inner}</wp:comment>"


def bring(folder, *comments, **more):
    return import_wordpress(export(folder, item(more="".join(comments), **more)))


def test_threads_come_in_whole_whatever_order_they_stand_in(tmp_path):
    report = bring(tmp_path, said(3, parent="2"), said(2, parent="1"), said(1), said(4))
    one, two, three = (Comment.objects.get(created_at__day=day) for day in (2, 3, 4))
    assert (one.parent, two.parent, three.parent) == (None, one, two)
    assert three.root == two.root == one
    assert report.counts["comments", "created"] == 4
    post = Post.objects.get()
    assert post.comment_count == 4
    page = threads.page_of(post)
    assert [(node.pk, node.depth) for node in page.rows][:3] == [(one.pk, 0), (two.pk, 1), (three.pk, 2)]


def test_states_are_kept_and_only_what_is_approved_is_counted(tmp_path):
    states = ["1", "0", "spam", "trash", "nonsense"]
    bring(tmp_path, *(said(number, state=state) for number, state in enumerate(states, 1)))
    kept = list(Comment.objects.order_by("created_at").values_list("status", flat=True))
    assert kept == ["approved", "pending", "spam", "deleted", "pending"]
    assert Post.objects.get().comment_count == 1


def test_marks_that_comments_do_not_have_leave_their_words(tmp_path):
    text = "<h2>Well</h2>\n\n<q>a</q> <del>x</del> <b>y</b> <i>z</i> <table><tr><td>1</td></tr></table>"
    report = bring(tmp_path, said(1, f"{text}<script>gone</script>"))
    html = Comment.objects.get().content_html
    assert "&lt;" not in html and "<strong>y</strong> <em>z</em>" in html and "gone" not in html
    assert {"Well", "a", "x", "1"} <= set(words_of(html).split())
    assert any("<del>" in str(line) for line in report.items), "what was lost is said"


def test_what_was_said_on_a_page_is_read_there_and_nothing_is_added(client, tmp_path):
    bring(tmp_path, said(1, "On a page"), said(2, "Waits", state="0"), post_type="page")
    page = Post.objects.get()
    html = client.get(page.get_absolute_url()).content.decode()
    assert page.kind == "page" and "On a page" in html and "Waits" not in html
    assert "Pages take no comments" in html and "<textarea" not in html and "data-reply" not in html
    assert client.get(Comment.objects.first().get_absolute_url(), follow=True).status_code == 200
    assert client.post(f"/comments/to/{page.slug}/", {"content": "More"}).status_code == 404


def test_what_other_sites_said_is_apart(tmp_path):
    ping = said(1, kind="pingback", author_url="https://other.example/post/")
    report = bring(tmp_path, ping, said(2, kind="trackback"), said(3, parent="1"))
    post = Post.objects.get()
    assert post.comment_count == 1
    pings = threads.pings_of(post)
    assert len(pings) == 2 and {ping.guest_url for ping in pings} == {"https://other.example/post/", ""}
    assert Comment.objects.get(kind="comment").parent is None
    assert (report.counts["pings", "created"], report.counts["comments", "created"]) == (2, 1)


def test_nobody_is_told_or_mailed(tmp_path, moderator, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        bring(tmp_path, said(1), said(2, parent="1"), said(3, state="0"))
        assert telling.tell_waiting() == 0
    assert not Notification.objects.exists() and not OutgoingMail.objects.exists()
    assert not [name for name, _ in queued if name.startswith("comments.")]


def test_run_again_it_changes_nothing_and_brings_what_is_new(tmp_path):
    bring(tmp_path, said(1), said(2, parent="1"))
    before = list(Comment.objects.values())
    versions = list(Post.objects.values_list("updated_at", "content_version"))
    again = bring(tmp_path, said(1), said(2, parent="1"))
    assert before == list(Comment.objects.values()) and again.counts["comments", "unchanged"] == 2
    bring(tmp_path, said(1), said(2, parent="1"), said(3, parent="2"))
    assert list(Post.objects.values_list("updated_at", "content_version")) == versions
    new = Comment.objects.latest("pk")
    assert new.parent_id == before[1]["id"] and new.root_id == before[0]["id"]
    assert Post.objects.get().comment_count == 3


def test_what_was_decided_here_since_stays(tmp_path, moderator):
    bring(tmp_path, said(1, state="0"), said(2))
    waiting, gone = Comment.objects.order_by("pk")
    waiting.status, waiting.approved_at = "approved", waiting.created_at
    waiting.save()
    gone.delete()
    posting.count(waiting.post_id, 0)
    report = bring(tmp_path, said(1, state="0"), said(2))
    assert list(Comment.objects.values_list("pk", "status")) == [(waiting.pk, "approved")]
    assert report.counts["comments", "created"] == 0


def test_circles_strays_and_twins_lose_no_words(tmp_path):
    bring(
        tmp_path,
        said(1, "Circle one", parent="2"),
        said(2, "Circle two", parent="1"),
        said(3, "Own parent", parent="3"),
        said(4, "Stray", parent="99"),
        said(4, "Twin", parent="1"),
        said("", "No id"),
    )
    assert set(Comment.objects.values_list("content", flat=True)) == {
        "Circle one",
        "Circle two",
        "Own parent",
        "Stray",
        "No id",
    }


def test_a_forged_text_runs_nothing_and_a_long_one_is_cut(tmp_path):
    evil = 'Look <script>alert(1)</script><a href="javascript:alert(1)" onclick="x()">here</a> <b>bold</b>'
    report = bring(tmp_path, said(1, evil), said(2, "word " * 2000))
    shown = Comment.objects.order_by("created_at").first().content_html
    assert "<script" not in shown and "javascript:" not in shown and "onclick" not in shown
    assert "<strong>bold</strong>" in shown
    cut = Comment.objects.order_by("created_at").last()
    assert len(cut.content) <= 5000 and cut.content.endswith("…")
    assert report.reasons["comments", "changed", "It is cut to 5,000 characters."] == 1


def test_who_has_an_account_is_its_owner_and_nobody_else(tmp_path):
    ada = (
        "<wp:author><wp:author_id>7</wp:author_id><wp:author_login>ada</wp:author_login>"
        "<wp:author_email>ada@example.net</wp:author_email></wp:author>"
    )
    both = said(1, author="Ada", user_id="7") + said(2, author="Eve", user_id="7") + said(3, author="Ada")
    import_wordpress(export(tmp_path, ada, item(more=both)))
    own, forged, without = Comment.objects.order_by("created_at")
    assert own.user == User.objects.get(username="ada") and own.guest_email == ""
    assert forged.user is None and forged.guest_name == "Eve"
    assert without.user is None and without.guest_email == "ada@example.net"


def test_names_and_dates_that_are_none(tmp_path):
    bring(tmp_path, said(1, author="", date_gmt="0000-00-00 00:00:00", author_email="not an address"))
    row = Comment.objects.get()
    assert (row.guest_name, row.guest_email) == ("Anonymous", "")
    assert row.created_at == Post.objects.get().published_at


def test_a_dry_run_counts_them_and_writes_nothing(tmp_path):
    place = export(tmp_path, item(more=said(1) + said(2, kind="pingback")))
    report = import_wordpress(place, dry_run=True)
    assert (report.counts["comments", "created"], report.counts["pings", "created"]) == (1, 1)
    assert not Comment.objects.exists() and not ImportedRecord.objects.exists()


def test_a_notice_of_a_shop_is_no_comment(tmp_path):
    report = bring(tmp_path, said(1, kind="action_log"))
    assert not Comment.objects.exists() and report.counts["comments", "skipped"] == 1


def test_a_chain_of_five_hundred_comes_in(tmp_path):
    chain = "".join(said(number, parent=str(number - 1) if number > 1 else "") for number in range(1, 501))
    bring(tmp_path, chain)
    assert Comment.objects.count() == 500
    assert len(set(Comment.objects.filter(root__isnull=False).values_list("root", flat=True))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("site", SITES)
def test_the_counts_of_a_real_site_equal_its_file(site):
    place = shared(SITES[site])
    inside = [
        comment
        for record in read_wxr(place)
        if isinstance(record, Item) and record.kind in ("post", "page")
        for comment in record.comments
    ]
    report = import_wordpress(place)
    pings = [comment for comment in inside if comment.kind in ("pingback", "trackback")]
    assert inside and Comment.objects.count() == len(inside)
    assert Comment.objects.filter(kind="ping").count() == len(pings) == report.counts["pings", "created"]
    assert Comment.objects.filter(status="approved").count() == sum(c.approved == "1" for c in inside)
    assert Comment.objects.filter(parent__isnull=False).count() == sum(bool(c.parent) for c in inside)
    for post in Post.objects.all():
        assert post.comment_count == post.comments.filter(kind="comment", status="approved").count()
    assert all(words_of(row.content_html) for row in Comment.objects.all())
    assert telling.tell_waiting() == 0 and not OutgoingMail.objects.exists()
