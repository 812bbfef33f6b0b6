"""What no row of the library may say, whoever writes it; and what rows said before they were forbidden to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from media_assets.models import MediaAsset, Rendition, ScannerOutage, UploadTicket
from tests.media_assets.making_assets import make_asset

BEFORE = [("media_assets", "0004_remember_scanner_outages")]
AFTER = [("media_assets", "0005_say_what_rows_must_say")]


def refused(rows, rule, **fields):
    """Whether just this rule forbids the change."""
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        rows.update(**fields)
    return True


def ticket_of(by, **fields):
    now = timezone.now()
    row = {"by": by, "name": "a.png", "mime_type": "image/png", "size_bytes": 9, "key": "incoming/a"}
    row |= {"created_at": now, "expires_at": now + timedelta(minutes=15)}
    return UploadTicket.objects.create(**row | fields)


@pytest.mark.django_db
def test_a_file_that_is_ready_is_there_and_has_an_extension():
    asset = make_asset()
    rows = MediaAsset.objects.filter(pk=asset.pk)
    assert refused(rows, "media_ready_has_a_file", file="")
    assert refused(rows, "media_ready_has_a_file", extension="")
    rows.update(state="scanning", file="", extension="")
    assert refused(rows, "media_ready_has_a_file", state="ready")


@pytest.mark.django_db
def test_a_rejected_file_says_why():
    rows = MediaAsset.objects.filter(pk=make_asset().pk)
    assert refused(rows, "media_rejected_says_why", state="rejected")
    assert rows.update(state="rejected", rejection="The virus scanner found Eicar in it.", file="")


@pytest.mark.django_db
def test_a_file_has_two_sides_or_none():
    rows = MediaAsset.objects.filter(pk=make_asset().pk)
    assert refused(rows, "media_both_sides_or_none", width=None)
    assert refused(rows, "media_both_sides_or_none", height=None)
    assert rows.update(width=None, height=None)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["width", "height", "size_bytes"])
def test_a_rendition_is_never_empty(field):
    facts = {"width": 1, "height": 1, "size_bytes": 1}
    row = Rendition.objects.create(asset=make_asset(), spec="w640.webp", file="x", mime_type="image/webp", **facts)
    assert refused(Rendition.objects.filter(pk=row.pk), "media_rendition_not_empty", **{field: 0})


@pytest.mark.django_db
def test_a_ticket_with_an_outcome_says_when_and_an_open_one_may(author):
    rows = UploadTicket.objects.filter(pk=ticket_of(author).pk)
    assert refused(rows, "media_ticket_outcome_has_a_time", state="completed")
    assert refused(rows, "media_ticket_outcome_has_a_time", state="refused")
    assert rows.update(state="abandoned")
    assert rows.update(state="open", completed_at=timezone.now())
    assert rows.update(state="completed")
    assert refused(rows, "media_ticket_outcome_has_a_time", completed_at=None)


@pytest.mark.django_db
def test_a_ticket_is_for_some_bytes_and_some_time(author):
    ticket = ticket_of(author)
    rows = UploadTicket.objects.filter(pk=ticket.pk)
    assert refused(rows, "media_ticket_not_empty", size_bytes=0)
    assert refused(rows, "media_ticket_lasts_a_while", expires_at=ticket.created_at)


@pytest.mark.django_db
def test_an_outage_does_not_end_before_it_began():
    now = timezone.now()
    rows = ScannerOutage.objects.filter(pk=ScannerOutage.objects.create(reason="x", began_at=now).pk)
    assert refused(rows, "media_outage_ends_after_it_began", ended_at=now - timedelta(seconds=1))
    assert rows.update(ended_at=now)


@pytest.fixture
def migrated():
    """Brings the database to another state of its migrations, and back in the end; returns the models of that time."""

    def to(targets):
        executor = MigrationExecutor(connection)
        executor.migrate(targets)
        return executor.loader.project_state(targets).apps

    yield to
    to(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_rows_from_before_are_mended_and_the_way_back_is_open(author, migrated):
    before = migrated(BEFORE)
    assets, now = before.get_model("media_assets", "MediaAsset").objects, timezone.now()

    def old(name, **fields):
        row = {"name": name, "key": name, "file": f"{name}.jpg", "extension": "jpg", "sha256": name, "size_bytes": 1}
        return assets.create(**row | {"mime_type": "image/jpeg", "width": 3, "height": 2, "state": "ready"} | fields)

    sound = old("sound", renditions_made_at=now)
    old("gone", file="")
    old("unnamed", extension="")
    old("silent", state="rejected", file="")
    old("narrow", height=None)
    hollow = old("hollow", renditions_made_at=now)
    facts = {"file": "x", "mime_type": "image/webp", "width": 1, "height": 1}
    renditions = before.get_model("media_assets", "Rendition").objects
    renditions.create(asset=sound, spec="w320.webp", size_bytes=1, **facts)
    renditions.create(asset=hollow, spec="w320.webp", size_bytes=0, **facts)
    tickets = before.get_model("media_assets", "UploadTicket").objects
    ticket = {"by_id": author.pk, "name": "a", "mime_type": "image/png", "created_at": now, "size_bytes": 1}
    tickets.create(key="done", state="completed", expires_at=now + timedelta(1), **ticket)
    tickets.create(key="over", expires_at=now, **ticket)
    outages = before.get_model("media_assets", "ScannerOutage").objects
    outages.create(reason="x", began_at=now, ended_at=now - timedelta(1))

    migrated(AFTER)

    found = {row.name: row for row in MediaAsset.objects.all()}
    assert {name: row.state for name, row in found.items() if row.state != "ready"} == {
        "gone": "rejected",
        "silent": "rejected",
    }
    assert found["gone"].rejection.startswith("There is no file behind it.")
    assert found["silent"].rejection == "The scanner did not let it pass."
    assert found["unnamed"].extension == "jpg"
    assert (found["narrow"].width, found["narrow"].height) == (None, None)
    assert (found["sound"].width, found["sound"].height) == (3, 2)
    assert found["sound"].renditions_made_at and not found["hollow"].renditions_made_at
    assert [row.asset.name for row in Rendition.objects.all()] == ["sound"]
    (kept,) = UploadTicket.objects.all()
    assert (kept.key, kept.completed_at) == ("done", kept.expires_at)
    assert ScannerOutage.objects.get().ended_at == now

    migrated(BEFORE)
    assert assets.filter(pk=sound.pk).update(file="")
    assets.filter(pk=sound.pk).delete()
