"""Deleting a file: never under somebody's feet, with everything that was made of it, once it is certain."""

import threading

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, connections, transaction

from accounts.authors import ensure_profile
from accounts.models import AuditEntry, AuthorProfile
from core.refusals import Refusal
from media_assets import storage
from media_assets.models import MediaAsset, Rendition
from media_assets.removing import remove
from media_assets.signals import asset_removed
from tests.conftest import make_person
from tests.media_assets.making_assets import make_asset

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]


@pytest.fixture
def asset(author):
    """One with an original, a copy at its address, a rendition, and a rendition no row knows."""
    asset = make_asset(name="Harbour", uploaded_by=author)
    storage.originals().save(asset.file.name, ContentFile(b"original"))
    for name in (asset.public_name, f"{asset.key}/0a1b2c3d-w640.avif", f"{asset.key}/0a1b2c3d-w320.avif"):
        storage.public().save(name, ContentFile(b"copy"))
    Rendition.objects.create(
        asset=asset,
        spec="w640.avif",
        file=f"{asset.key}/0a1b2c3d-w640.avif",
        mime_type="image/avif",
        width=640,
        height=480,
        size_bytes=4,
    )
    return asset


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def show(asset, *names):
    for name in names:
        profile = ensure_profile(make_person(name, first_name=name))
        profile.avatar = asset
        profile.save()


def test_all_its_files_go_with_it_and_nobody_elses(asset, editor, own_store, django_capture_on_commit_callbacks):
    other = make_asset()
    storage.originals().save(other.file.name, ContentFile(b"other"))
    storage.public().save(other.public_name, ContentFile(b"other"))
    heard = []
    asset_removed.connect(lambda **facts: heard.append(facts), weak=False, dispatch_uid="heard")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            remove(asset, by=editor)
    finally:
        asset_removed.disconnect(dispatch_uid="heard")
    assert list(MediaAsset.objects.all()) == [other]
    assert not Rendition.objects.exists()
    assert files(own_store) == [other.file.name.rpartition("/")[2]] * 2
    assert not (own_store / "media" / asset.key).exists()
    ((fact),) = heard
    assert (fact["asset_id"], fact["url"]) == (asset.pk, asset.url)
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.action, entry.target_name, entry.note) == (editor, "deleted", "Harbour", "")


def test_nothing_is_deleted_before_the_change_is_certain(asset, editor, own_store):
    before = files(own_store)

    class TurnedBack(Exception):
        pass

    with pytest.raises(TurnedBack), transaction.atomic():
        remove(asset, by=editor)
        raise TurnedBack
    assert MediaAsset.objects.filter(pk=asset.pk).exists()
    assert files(own_store) == before


def test_only_those_who_may_delete_it_do(asset, author, moderator, reader):
    for somebody in (author, moderator, reader):
        with pytest.raises(Refusal, match="role"):
            remove(asset, by=somebody)
        with pytest.raises(Refusal, match="role"):
            remove(asset, by=somebody, anyway=True)
    assert MediaAsset.objects.filter(pk=asset.pk).exists()


def test_what_is_used_stays_and_five_uses_are_named(asset, editor, own_store):
    before = files(own_store)
    show(asset, *"ABCDEFG")
    with pytest.raises(Refusal) as refusal:
        remove(asset, by=editor)
    assert refusal.value.sentence.count("“") == 6  # the file and five places
    assert "and 2 more places" in refusal.value.sentence
    assert MediaAsset.objects.filter(pk=asset.pk).exists()
    assert files(own_store) == before
    assert not AuditEntry.objects.exists()


def test_against_its_uses_it_goes_when_that_is_confirmed_and_the_trail_says_from_where(
    asset, editor, own_store, django_capture_on_commit_callbacks
):
    show(asset, "Ada")
    with django_capture_on_commit_callbacks(execute=True):
        remove(asset, by=editor, anyway=True)
    assert files(own_store) == []
    profile = AuthorProfile.objects.get(user__username="Ada")
    assert profile.avatar is None
    assert str(profile) in AuditEntry.objects.get().note


def test_deleting_it_twice_says_so(asset, editor):
    remove(asset, by=editor)
    with pytest.raises(Refusal, match="deleted already"):
        remove(asset, by=editor)


def test_a_store_that_does_not_delete_leaves_files_and_no_error(
    asset, editor, own_store, monkeypatch, django_capture_on_commit_callbacks
):
    def fail(name):
        raise OSError("the disk is read-only")

    monkeypatch.setattr(storage.originals(), "delete", fail)
    with django_capture_on_commit_callbacks(execute=True):
        remove(asset, by=editor)
    assert not MediaAsset.objects.exists()
    assert files(own_store) == [asset.file.name.rpartition("/")[2]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["use", "remove"])
def test_used_and_deleted_at_the_same_moment_no_field_points_at_nothing(asset, editor, first):
    """Whichever commits first, the other is refused or undone by the database."""
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    profile = ensure_profile(make_person("Ada"))
    looked, used, said = threading.Event(), threading.Event(), []

    def use():
        try:
            with transaction.atomic():
                AuthorProfile.objects.filter(pk=profile.pk).update(avatar=asset)
                used.set()
                assert first == "use" or looked.wait(30)
        except DatabaseError as error:
            said.append(type(error).__name__)
        finally:
            connections.close_all()

    thread = threading.Thread(target=use)
    thread.start()
    assert used.wait(30)
    if first == "use":
        thread.join(30)
        with pytest.raises(Refusal, match="is used in"):
            remove(asset, by=editor)
        assert said == []
    else:
        remove(asset, by=editor)  # the use is not committed yet, so nobody sees it
        looked.set()
        thread.join(30)
        assert said == ["IntegrityError"]
    profile.refresh_from_db()
    assert profile.avatar_id == (asset.pk if first == "use" else None)


@pytest.mark.django_db(transaction=True)
def test_a_use_that_comes_between_the_look_and_the_deletion_keeps_the_file(asset, editor, own_store, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    profile, before = ensure_profile(make_person("Ada")), files(own_store)
    really_delete = MediaAsset.delete

    def delete_late(self):
        def use():
            with connections["default"].cursor() as cursor:
                # Without the check that waits for the lock of whoever deletes.
                cursor.execute("BEGIN")
                cursor.execute("UPDATE accounts_authorprofile SET avatar_id = %s WHERE id = %s", [self.pk, profile.pk])
                began.set()
                try:
                    cursor.execute("COMMIT")
                except DatabaseError as error:
                    said.append(type(error).__name__)
            connections.close_all()

        threads.append(threading.Thread(target=use))
        threads[0].start()
        assert began.wait(30)
        return really_delete(self)

    threads, said, began = [], [], threading.Event()
    monkeypatch.setattr(MediaAsset, "delete", delete_late)
    remove(asset, by=editor)
    threads[0].join(30)
    profile.refresh_from_db()
    assert said == ["IntegrityError"]
    assert profile.avatar_id is None
    assert len(files(own_store)) < len(before)
