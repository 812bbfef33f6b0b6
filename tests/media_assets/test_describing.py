"""What is said of a picture: within its bounds, by whom it belongs to, told to readers only when they see it."""

import math

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from core.refusals import Refusal
from media_assets.describing import describe
from media_assets.models import MediaAsset, MediaTag
from media_assets.signals import asset_changed
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def asset(author):
    return make_asset(name="Harbour", alt_text="", uploaded_by=author, renditions_made_at=timezone.now())


@pytest.fixture
def changed(django_capture_on_commit_callbacks):
    """What was announced as changed by doing something."""

    def by(do):
        heard = []
        asset_changed.connect(lambda asset_id, **facts: heard.append(asset_id), weak=False, dispatch_uid="heard")
        try:
            with django_capture_on_commit_callbacks(execute=True):
                do()
        finally:
            asset_changed.disconnect(dispatch_uid="heard")
        return heard

    return by


def refused(asset, by, **facts):
    before = MediaAsset.objects.values().get(pk=asset.pk)
    with pytest.raises(Refusal) as refusal:
        describe(asset, by=by, **facts)
    assert MediaAsset.objects.values().get(pk=asset.pk) == before
    assert not AuditEntry.objects.exists()
    assert not MediaTag.objects.exists()
    return refusal.value


def test_what_is_given_is_changed_and_what_is_not_stays(asset, author):
    describe(asset, by=author, alt_text="  The harbour\n at\tnoon ", credit="A. Fisher")
    after = describe(asset, by=author, caption="Seen from the mole")
    assert (after.alt_text, after.caption, after.credit) == ("The harbour at noon", "Seen from the mole", "A. Fisher")
    assert after.name == "Harbour"
    first, second = AuditEntry.objects.order_by("pk")
    assert (first.actor, first.action) == (author, "changed")
    assert first.changes == {"Alt text": ["", "The harbour at noon"], "Credit": ["", "A. Fisher"]}
    assert second.changes == {"Caption": ["", "Seen from the mole"]}


def test_readers_are_shown_it_anew_only_when_they_see_a_difference(asset, author, changed):
    for facts in ({"alt_text": "The harbour"}, {"caption": "Noon"}, {"credit": "A. Fisher"}, {"focal_x": 0.2}):
        assert changed(lambda facts=facts: describe(asset, by=author, **facts)) == [asset.pk]
        assert changed(lambda facts=facts: describe(asset, by=author, **facts)) == []
    assert changed(lambda: describe(asset, by=author, name="Port", tags=["sea"])) == []
    assert AuditEntry.objects.count() == 5


def test_a_new_focal_point_has_the_crops_made_anew_and_nothing_else_does(asset, author, queued, changed):
    changed(lambda: describe(asset, by=author, alt_text="The harbour", focal_x=0.5))
    assert queued == []
    changed(lambda: describe(asset, by=author, focal_y=0.25))
    assert queued == [("media_assets.tasks.make_renditions", (asset.pk,))]
    assert MediaAsset.objects.get().renditions_made_at is None
    asset.refresh_from_db()
    assert (asset.focal_x, asset.focal_y) == (0.5, 0.25)


def test_decorative_means_no_alt_text(asset, author):
    assert refused(asset, author, is_decorative=True, alt_text="The harbour").field == "alt_text"
    describe(asset, by=author, is_decorative=True)
    with pytest.raises(Refusal, match="untick"):
        describe(asset, by=author, alt_text="The harbour")
    after = describe(asset, by=author, alt_text="The harbour", is_decorative=False)
    with pytest.raises(Refusal, match="Empty the alt text"):
        describe(after, by=author, is_decorative=True)
    assert describe(after, by=author, alt_text="", is_decorative=True).is_decorative


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  \n"),
        ("name", "x" * 201),
        ("alt_text", "x" * 501),
        ("caption", "x" * 1001),
        ("credit", "x" * 201),
        ("focal_x", 1.01),
        ("focal_y", -0.01),
        ("focal_x", math.nan),
        ("focal_y", math.inf),
        ("tags", [f"tag {number}" for number in range(21)]),
        ("tags", ["x" * 61]),
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_field(asset, author, field, value):
    assert refused(asset, author, **{field: value}).field == field


@pytest.mark.parametrize(("field", "most"), [("name", 200), ("alt_text", 500), ("caption", 1000), ("credit", 200)])
def test_what_just_fits_is_kept(asset, author, field, most):
    assert len(getattr(describe(asset, by=author, **{field: "x" * most}), field)) == most


def test_tags_are_known_in_any_case_made_when_new_and_exactly_those_given(asset, author):
    sea = MediaTag.objects.create(name="Sea")
    describe(asset, by=author, tags=["sea", " SEA ", "old   town", ""])
    assert [tag.name for tag in asset.tags.all()] == ["Sea", "old town"]
    assert MediaTag.objects.count() == 2
    describe(asset, by=author, tags=["SEA"])
    assert list(asset.tags.all()) == [sea]
    describe(asset, by=author, tags=["sea"])
    assert AuditEntry.objects.count() == 2
    assert AuditEntry.objects.latest("pk").changes == {"Tags": ["Sea, old town", "Sea"]}
    describe(asset, by=author, tags=[])
    assert not asset.tags.exists()


def test_characters_that_steer_are_left_out(asset, author):
    after = describe(asset, by=author, name="Old\0harbour\x1b \u202egpj.exe", tags=["open\0sea"])
    assert after.name == "Old harbour gpj.exe"
    assert [tag.name for tag in after.tags.all()] == ["open sea"]


def test_only_those_who_may_change_it_describe_it(asset, reader, moderator, editor):
    for somebody in (reader, moderator):
        refused(asset, somebody, alt_text="The harbour")
    assert describe(asset, by=editor, alt_text="The harbour").alt_text


def test_a_deleted_one_says_so(asset, author):
    MediaAsset.objects.all().delete()
    with pytest.raises(Refusal, match="deleted meanwhile"):
        describe(asset, by=author, alt_text="The harbour")
