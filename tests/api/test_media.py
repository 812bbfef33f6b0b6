"""The library through the API: the admin's rights and rules, and no address of what readers may not have."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.authors import ensure_profile
from accounts.models import AuditEntry
from media_assets import intake
from media_assets.intake import IntakeRefused, take_in
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset
from tests.media_assets.sending import BLUE, RED, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def send(program, content=RED, name="harbour.png", **fields):
    file = SimpleUploadedFile(name, content, "image/png")
    return program.client.post("/api/v1/media/", {"file": file, **fields})


def names(answer):
    return [each["name"] for each in answer.json()["results"]]


def test_who_writes_sees_the_library_and_nobody_else_does(program, reader, author):
    asset = make_asset(name="Harbour")
    for path in ("/media/", f"/media/{asset.pk}/", f"/media/{asset.pk}/original/"):
        assert program().get(path).status_code == 401
        assert program(reader).get(path).status_code == 403
    assert names(program(author).get("/media/")) == ["Harbour"]
    assert program(author).get("/media/999/").status_code == 404


def test_a_personal_token_reads_and_writes_by_its_scopes(program, author):
    asset = make_asset(uploaded_by=author)
    assert program(author, ["read"]).get("/media/").status_code == 200
    assert program(author, ["write"]).get("/media/").status_code == 403
    refused = program(author, ["read"]).patch(f"/media/{asset.pk}/", {"alt_text": "Boats"})
    assert refused.status_code == 403 and refused.json()["code"] == "scope"
    assert program(author, ["write"]).patch(f"/media/{asset.pk}/", {"alt_text": "Boats"}).status_code == 200


def test_a_picture_comes_with_every_size_there_is(program, author):
    asset = make_asset(width=800, height=600)
    asset.renditions.create(
        spec="w480.avif",
        file="x",
        mime_type="image/avif",
        width=480,
        height=360,
        size_bytes=9,
    )
    said = program(author).get(f"/media/{asset.pk}/").json()
    sizes = {each["spec"]: each for each in said["renditions"]}
    assert sizes["card.jpg"]["width"] == 800 and sizes["w480.avif"]["mime_type"] == "image/avif"
    assert sizes["w480.avif"]["url"].startswith(f"/media/{asset.key}/")
    assert sizes["w480.avif"]["size"] is None, "a file of another name is not this size"
    assert (said["url"], said["use_count"], said["focal_x"]) == (asset.url, 0, 0.5)
    assert "file" not in said and "sha256" not in said and "key" not in said


@pytest.mark.parametrize("state", ["pending", "scanning", "rejected"])
def test_what_is_not_ready_has_no_address(program, author, state):
    asset = make_asset(state=state)
    said = program(author).get(f"/media/{asset.pk}/").json()
    assert (said["url"], said["renditions"], said["state"]) == (None, [], state)
    assert asset.key not in program(author).get("/media/").content.decode()
    assert program(author).get(f"/media/{asset.pk}/original/").status_code == 409


def test_lists_are_narrowed_by_what_is_declared_and_nothing_else(program, author, editor):
    make_asset(name="Mine", uploaded_by=author, alt_text="")
    film = make_asset(name="Film", kind="video", mime_type="video/mp4", extension="mp4", width=None, height=None)
    film.tags.create(name="Boats")
    make_asset(name="Held", state="scanning", uploaded_by=editor)
    mine = program(author)
    for query, found in {
        "kind=video": ["Film"],
        "tag=boats": ["Film"],
        "tag=boat": [],
        "uploaded_by=me": ["Mine"],
        f"uploaded_by={editor.pk}": ["Held"],
        "state=scanning": ["Held"],
        "described=false": ["Mine"],
        "search=film boats": ["Film"],
        "search=%25": [],
        "used=true": [],
        "ordering=oldest&state=ready": ["Mine", "Film"],
        "cursor=&page_size=1": ["Held"],
    }.items():
        assert names(mine.get(f"/media/?{query}")) == found, query
    for wrong in ("sha256=x", "key=x", "file=x", "uploaded_by=%00", "uploaded_by=x", "uploaded_by__email=a", "kind=x"):
        assert mine.get(f"/media/?{wrong}").status_code == 400, wrong


def test_fifty_files_are_as_many_questions_as_five(program, author, django_assert_max_num_queries):
    for number in range(50):
        make_asset(uploaded_by=author).tags.create(name=f"tag {number}")
    mine = program(author)
    with django_assert_max_num_queries(8):
        assert len(mine.get("/media/?page_size=50").json()["results"]) == 50
    with django_assert_max_num_queries(8):
        mine.get(f"/media/{MediaAsset.objects.first().pk}/")


def test_what_one_has_is_not_sent_again(program, author):
    asset = make_asset(uploaded_by=author)
    mine = program(author)
    for path in ("/media/", f"/media/{asset.pk}/"):
        etag = mine.get(path)["ETag"]
        assert mine.get(path, If_None_Match=etag).status_code == 304
        mine.patch(f"/media/{asset.pk}/", {"tags": [path]})
        assert mine.get(path, If_None_Match=etag).status_code == 200


def test_its_owner_describes_it_and_nobody_else_of_that_role(program, author, editor):
    asset = make_asset(uploaded_by=editor, alt_text="Old")
    refused = program(author).patch(f"/media/{asset.pk}/", {"alt_text": "Mine"})
    assert refused.status_code == 403
    said = program(editor).patch(
        f"/media/{asset.pk}/", {"alt_text": "  New\n words ", "tags": ["Boats"], "focal_x": 0.2, "sha256": "0" * 64}
    )
    assert said.status_code == 200 and (said.json()["alt_text"], said.json()["tags"]) == ("New words", ["Boats"])
    was = asset.sha256
    asset.refresh_from_db()
    assert (asset.focal_x, asset.sha256, asset.uploaded_by) == (0.2, was, editor)


def test_a_change_of_what_was_changed_meanwhile_is_refused(program, author):
    asset = make_asset(uploaded_by=author)
    mine, path = program(author), f"/media/{asset.pk}/"
    etag = mine.get(path)["ETag"]
    assert mine.patch(path, {"tags": ["Boats"]}, etag=etag).status_code == 200
    stale = mine.patch(path, {"alt_text": "Late"}, etag=etag)
    assert stale.status_code == 412 and stale["ETag"] == mine.get(path)["ETag"]
    asset.refresh_from_db()
    assert asset.alt_text != "Late"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"focal_x": 1.5}, "focal_x"),
        ({"focal_x": "nan"}, "focal_x"),
        ({"name": ""}, "name"),
        ({"alt_text": "a" * 501}, "alt_text"),
        ({"alt_text": "a\0"}, "alt_text"),
        ({"alt_text": "Boats", "is_decorative": True}, "alt_text"),
        ({"tags": [f"tag {number}" for number in range(10_000)]}, "tags"),
        ({"tags": "boats"}, "tags"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_changed(program, author, said, field):
    asset = make_asset(uploaded_by=author)
    answer = program(author).patch(f"/media/{asset.pk}/", said)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]
    fresh = MediaAsset.objects.get()
    assert (fresh.alt_text, fresh.name, fresh.tags.count()) == (asset.alt_text, asset.name, 0)


def test_what_is_used_is_kept_and_the_answer_names_where(program, author, editor, moderator):
    asset = make_asset()
    profile = ensure_profile(author)
    profile.avatar = asset
    profile.save()
    path = f"/media/{asset.pk}/"
    assert program(moderator).delete(path).status_code == 403
    refused = program(editor).delete(path)
    assert refused.status_code == 409 and str(profile) in refused.json()["detail"]
    assert program(editor).delete(path + "?anyway=perhaps").status_code == 400
    assert MediaAsset.objects.exists()
    assert program(editor).delete(path + "?anyway=true").status_code == 204
    profile.refresh_from_db()
    assert profile.avatar is None and not MediaAsset.objects.exists()
    assert program(editor).delete(path).status_code == 404


def test_a_file_comes_in_as_a_form(program, author):
    answer = send(program(author), alt_text="A red field", tags=["Boats", "Red"], state="rejected", uploaded_by="1")
    asset = MediaAsset.objects.get()
    assert answer.status_code == 201 and answer["Location"].endswith(f"/api/v1/media/{asset.pk}/")
    said = answer.json()
    assert (said["alt_text"], said["tags"], said["name"]) == ("A red field", ["Boats", "Red"], "harbour")
    assert asset.uploaded_by == author and asset.state == "ready"
    assert AuditEntry.objects.filter(action="added").count() == 1


def test_the_same_content_again_is_the_same_file(program, author, editor):
    there = take_in(RED, by=editor, alt_text="Red")
    again = send(program(author), alt_text="Mine")
    assert again.status_code == 200 and (again.json()["id"], again.json()["alt_text"]) == (there.pk, "Red")
    assert MediaAsset.objects.count() == 1


def test_a_page_with_a_session_sends_its_token_with_the_form(client_of, author):
    client = client_of(author, enforce_csrf_checks=True)
    client.get("/admin/")
    file = SimpleUploadedFile("a.png", BLUE, "image/png")
    assert client.post("/api/v1/media/", {"file": file}).status_code == 403
    assert not MediaAsset.objects.exists()
    token = client.cookies["csrftoken"].value
    file.seek(0)
    sent = client.post("/api/v1/media/", {"file": file}, headers={"X-CSRFToken": token, "Idempotency-Key": "one"})
    assert sent.status_code == 201


def test_what_is_no_file_is_refused_with_its_field(program, author, reader):
    mine = program(author)
    assert send(program(reader)).status_code == 403 and send(program()).status_code == 401
    assert list(mine.client.post("/api/v1/media/", {"alt_text": "x"}).json()["errors"]) == ["file"]
    assert send(mine, b"").status_code == 400
    program_of_dos = send(mine, b"MZ" + b"\0" * 100)
    assert program_of_dos.status_code == 422 and "file" in program_of_dos.json()["errors"]
    assert send(mine, alt_text="a" * 501).json()["errors"].keys() == {"alt_text"}
    assert mine.post("/media/", {"file": "x"}).status_code == 415
    assert not MediaAsset.objects.exists()


def test_what_is_too_large_is_not_even_read(program, author, settings):
    settings.MAX_UPLOAD_BYTES = 100
    content = picture(size=(40, 30)) + b"\0" * 70_000
    answer = send(program(author), content)
    assert answer.status_code == 413 and answer.json()["code"] == "too_large"
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize(("refusal", "seconds"), [(intake.Busy(), "2"), (IntakeRefused(intake.NO_ROOM), "60")])
def test_a_busy_or_full_server_says_when_to_come_again(program, author, monkeypatch, refusal, seconds):
    def refuse(*args, **facts):
        raise refusal

    monkeypatch.setattr(intake, "take_in", refuse)
    answer = send(program(author))
    assert answer.status_code == 503 and answer["Retry-After"] == seconds


def test_an_original_is_read_by_an_address_of_some_hours(program, author):
    asset = take_in(RED, by=author)
    said = program(author).get(f"/media/{asset.pk}/original/")
    address = said.json()["url"]
    assert said["Cache-Control"] == "no-store" and "/media/signed/" in address
    assert program().client.get(address.removeprefix("http://testserver")).status_code == 200
