"""What is stored about a person, for that person alone."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django_redis.exceptions import ConnectionInterrupted

from accounts import follows, mail_choices, personal_data, views
from accounts.models import AuditEntry
from blog import follows as subjects
from blog import likes as post_likes
from blog import publishing, reading
from blog.likes import Reader
from blog.models import Post, Tag
from comments import likes as comment_likes
from comments import posting
from comments.models import Comment
from comments.rules import Writer
from media_assets.models import MediaAsset
from tests.blog.conftest import NOON
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
PAGE = "/me/data/"


def download(client, kind: str = "document") -> bytes:
    answer = client.post(PAGE, {"as": kind})
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    return b"".join(answer.streaming_content)


def test_a_download_holds_what_is_theirs_and_nothing_of_others(client_of, author, editor, publish, write):
    write("My draft", text="Not for “everybody”.\n<script>")
    theirs = publish("Theirs", by=editor)
    reading.keep(author, theirs)
    follows.follow(author, editor)
    whole = download(client_of(author))
    held = json.loads(whole)
    assert held["account"]["account"]["email"] == "author@example.org"
    assert held["account"]["follows"][0]["author"] == "editor"
    assert len(held["account"]["signed_in"]) == 1
    (post,) = held["blog"]["posts"]
    assert (post["title"], post["text"], post["status"]) == ("My draft", "Not for “everybody”.\n<script>", "draft")
    assert held["blog"]["versions_saved"] == 1
    assert [row["post"] for row in held["blog"]["readings"]] == ["theirs"]
    assert "editor@example.org" not in whole.decode() and "password" not in held["account"]["account"]


def test_a_download_says_what_somebody_liked_follows_and_wants_by_mail(client_of, author, reader, editor, publish):
    post = publish("Tides", tags=["Ferries"])
    said = posting.post_comment(post, Writer(author), "Well said.").comment
    other = posting.post_comment(post, Writer(author), "And this.").comment
    for pk, person in ((said.pk, reader), (other.pk, editor)):
        comment_likes.like(Comment.objects.get(pk=pk), Reader(person), wanted=True)
    for person in (reader, editor):
        post_likes.like(post, Reader(person))
    subjects.follow(reader, Tag.objects.get(slug="ferries"))
    mail_choices.choose(reader, {"news": "never"})
    held = json.loads(download(client_of(reader)))
    assert [row["post"] for row in held["blog"]["likes"]] == ["tides"]
    assert [row["comment"] for row in held["comments"]["likes"]] == [said.pk]
    assert [row["tag"] for row in held["blog"]["follows"]] == ["ferries"]
    assert [(row["about"], row["mail"]) for row in held["account"]["mails_chosen"]] == [("news", "never")]
    assert held["account"]["account"]["feed_address_made_at"] is None


def test_the_archive_has_the_posts_beside_it(client_of, author, write):
    write("A / draft", text="Body.")
    with zipfile.ZipFile(io.BytesIO(download(client_of(author), "archive"))) as archive:
        names = archive.namelist()
        assert names[0] == "data.json" and json.loads(archive.read("data.json"))["blog"]["posts"]
        assert names[1].startswith("blog/posts/") and archive.read(names[1]) == b"# A / draft\n\nBody.\n"


def test_of_what_others_own_the_co_author_takes_the_title_and_no_word(client_of, author, editor, publish, write):
    shared, draft = publish("Shared", by=editor, text="The owner's words."), write("Unsaid", by=editor, text="Secret.")
    publish("Own", text="My words.")
    for post in (shared, draft):
        post.co_authors.add(author)
    whole = download(client_of(author)).decode()
    held = json.loads(whole)["blog"]
    assert held["co_written"] == [{"title": "Shared", "address": "shared"}]
    assert [post["title"] for post in held["posts"]] == ["Own"]
    assert not any(words in whole for words in ("Unsaid", "The owner's words", "Secret."))
    with zipfile.ZipFile(io.BytesIO(download(client_of(author), "archive"))) as archive:
        assert len(archive.namelist()) == 2


@pytest.mark.parametrize("step", [publishing.archive, publishing.trash])
def test_what_came_down_is_in_no_list_and_no_download_and_back_when_it_is_live(
    client_of, reader, author, editor, publish, step
):
    post = publish("A secret by now")
    reading.keep(reader, post)
    follows.follow(reader, author)
    client = client_of(reader)
    pages = ("/me/", "/me/reading-list/", "/me/feed/")
    assert all("A secret by now" in client.get(page).content.decode() for page in pages)
    step(Post.objects.get(pk=post.pk), by=editor)
    Post.objects.filter(pk=post.pk).update(slug="merger-of-two-harbours")
    assert not any("A secret by now" in client.get(page).content.decode() for page in pages)
    whole = download(client).decode()
    (held,) = json.loads(whole)["blog"]["readings"]
    assert held["post"] is None and held["kept_at"]
    assert "merger" not in whole and "A secret by now" not in whole
    assert client.post("/blog/merger-of-two-harbours/keep/", {"keep": "1"}).status_code == 404
    Post.objects.filter(pk=post.pk).update(status="published", trashed_at=None)
    assert "A secret by now" in client.get("/me/reading-list/").content.decode()


def test_uploads_are_listed_without_their_bytes(client_of, author, editor):
    facts = {"extension": "jpg", "mime_type": "image/jpeg", "size_bytes": 2048}
    for number, person in enumerate((author, editor)):
        MediaAsset.objects.create(
            name=f"Pier {number}", file="pier.jpg", sha256=str(number), uploaded_by=person, **facts
        )
    (upload,) = json.loads(download(client_of(author)))["media"]["uploads"]
    own = MediaAsset.objects.get(uploaded_by=author)
    assert upload.pop("uploaded_at").startswith(f"{own.created_at:%Y-%m-%d}")
    assert upload == {"name": "Pier 0", "kind": "image", "size_bytes": 2048, "address": own.url}


def test_after_six_in_an_hour_it_is_refused_in_words_and_costs_nothing(client_of, reader, author, time_machine):
    time_machine.move_to(NOON, tick=False)
    client = client_of(reader)
    for _ in range(6):
        download(client)
    refused = client.post(PAGE)
    assert refused.status_code == 429 and refused["Retry-After"] == "3600"
    assert "That was too often in a short time" in refused.content.decode()
    assert AuditEntry.objects.count() == 6
    assert client.get(PAGE).status_code == 200
    download(client_of(author))
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    download(client_of(reader))


def test_it_is_given_while_nobody_can_count(client_of, reader, monkeypatch):
    def gone(*args, **kwargs):
        raise ConnectionInterrupted(None)

    monkeypatch.setattr(views, "get_usage", gone)
    download(client_of(reader))


def test_it_is_noted_and_asked_for_by_form_alone(client, client_of, reader):
    assert client_of(reader).get(PAGE).status_code == 200
    assert not AuditEntry.objects.exists()
    download(client_of(reader))
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target_id) == (reader, "downloaded what is stored about", reader.pk)
    assert client.post(PAGE).status_code == 302
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(reader, backend="accounts.backends.RoleBackend")
    assert forged.post(PAGE).status_code == 403
    assert AuditEntry.objects.count() == 1


def test_a_large_account_is_read_a_few_rows_at_a_time(reader, monkeypatch):
    asked = []

    def many(user):
        yield "rows", ({"number": asked.append(number) or number} for number in range(10_000))

    monkeypatch.setitem(personal_data._registered, "many", (many, None))
    pieces = personal_data.as_json(reader, reader.date_joined)
    for _ in range(200):
        next(pieces)
    assert 0 < len(asked) < 200
    text = "".join(pieces)
    assert len(asked) == 10_000 and text.endswith("}\n")


def test_the_pages_of_one_person_are_linked_and_the_dashboard_for_staff_alone(client_of, reader, editor):
    for person, staff in ((reader, False), (editor, True)):
        text = client_of(person).get("/me/").content.decode()
        for address in ("/me/feed/", "/me/reading-list/", "/me/notifications/", "/me/sessions/", "/me/data/"):
            assert f'href="{address}"' in text
        assert 'href="/accounts/email/"' in text
        assert ('href="/admin/"' in text) is staff
    make_person("other")
    assert "other@example.org" not in client_of(reader).get("/me/").content.decode()
