"""Signed addresses: the same for everybody for a while, good for hours, worthless when touched."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.core import signing
from django.core.cache import caches

from core.refusals import Refusal
from media_assets import signed, tasks
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 21, 9, tzinfo=UTC)
IN_MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


@pytest.fixture
def clock(settings):
    """A frozen clock that the cache follows as well; Redis has its own."""
    settings.CACHES = {**settings.CACHES, "kept": {**IN_MEMORY, "LOCATION": "signed"}}
    caches["kept"].clear()
    signed._asked._here.clear()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def document(**fields):
    facts = {"kind": "document", "mime_type": "application/pdf", "extension": "pdf", "width": None, "height": None}
    return make_asset(**(facts | fields))


def token_of(address):
    return address.removeprefix("/media/signed/")


def opened(address):
    return signed.open_name(token_of(address))


def test_an_address_names_the_file_its_type_and_what_it_is_saved_as(clock):
    asset = document(name="Tide tables")
    found = opened(signed.address_of(asset))
    assert (found.name, found.mime_type) == (asset.file.name, "application/pdf")
    assert found.disposition == 'attachment; filename="Tide tables.pdf"'
    assert found.expires == START.timestamp() + 4 * 3600


def test_a_film_is_shown_in_place_unless_it_is_to_be_saved(clock):
    film = make_asset(kind="video", mime_type="video/mp4", extension="mp4", name="Harbour")
    assert opened(signed.address_of(film)).disposition == 'inline; filename="Harbour.mp4"'
    saved = opened(signed.address_of(film, download_name="häfen\r\nSet-Cookie: a=b.mp4"))
    assert saved.disposition.startswith("attachment; filename*=utf-8''")
    assert unquote(saved.disposition).endswith("häfenSet-Cookie: a=b.mp4")


def test_a_drawing_is_never_shown_where_it_could_run(clock):
    drawing = make_asset(mime_type="image/svg+xml", extension="svg")
    assert opened(signed.address_of(drawing)).disposition.startswith("attachment")


def test_everybody_is_given_the_same_address_for_45_minutes(clock):
    asset = document()
    first = signed.address_of(asset)
    clock.shift(timedelta(minutes=44))
    assert signed.address_of(asset) == first
    clock.shift(timedelta(minutes=2))
    assert signed.address_of(asset) != first


@pytest.mark.parametrize("minutes", range(0, 200, 7))
def test_what_is_handed_out_holds_for_three_hours_more(clock, minutes):
    asset = document()
    signed.address_of(asset)
    clock.shift(timedelta(minutes=minutes))
    assert opened(signed.address_of(asset)).expires >= time.time() + 3 * 3600


def test_an_address_opens_nothing_once_it_has_run_out(clock):
    address = signed.address_of(document())
    clock.shift(timedelta(hours=4, seconds=-1))
    assert opened(address)
    clock.shift(timedelta(seconds=1))
    with pytest.raises(signing.SignatureExpired):
        opened(address)


@pytest.mark.parametrize("place", [0, 10, 30, -1, -20])
def test_an_address_that_was_touched_opens_nothing(clock, place):
    token = list(token_of(signed.address_of(document())))
    token[place] = "A" if token[place] != "A" else "B"
    with pytest.raises(signing.BadSignature):
        signed.open_name("".join(token))


@pytest.mark.parametrize("token", ["", ":", "a:b", "é", ".:", "../../etc/passwd"])
def test_what_was_never_signed_opens_nothing(clock, token):
    with pytest.raises(signing.BadSignature):
        signed.open_name(token)


def test_something_else_that_was_signed_here_opens_nothing(clock):
    other = signing.Signer(salt="another purpose").sign_object(["secret.pdf", "text/html", "inline", 2**40])
    with pytest.raises(signing.BadSignature):
        signed.open_name(other)


def test_the_secret_key_can_be_changed_under_addresses_that_were_given_out(clock, settings):
    address = signed.address_of(document())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-of-the-same-site"
    assert opened(address)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(signing.BadSignature):
        opened(address)


@pytest.mark.parametrize("state", [state for state in MediaAsset.State if state != "ready"])
def test_what_is_not_ready_has_no_address_even_if_it_had_one(clock, state):
    asset = document()
    signed.address_of(asset)
    asset.state = state
    with pytest.raises(Refusal, match="cannot be read"):
        signed.address_of(asset)


def test_a_file_that_was_replaced_has_another_address_at_once(clock):
    asset = document()
    before = opened(signed.address_of(asset))
    asset.file.name, asset.sha256 = "2026/11/another.pdf", "f" * 64
    asset.save()
    after = opened(signed.address_of(MediaAsset.objects.get(pk=asset.pk)))
    assert (before.name, after.name) != (after.name, before.name)
    assert after.name == "2026/11/another.pdf"


def test_what_is_asked_for_is_signed_anew_before_it_runs_out(clock):
    asset = document()
    first = signed.address_of(asset)
    clock.shift(timedelta(minutes=30))
    signed.address_of(asset)
    assert signed.renew_ahead() == 0
    clock.shift(timedelta(minutes=10))
    tasks.renew_signed_addresses()
    renewed = signed._kept.peek(signed._key(asset, ""))
    assert renewed[0] != first
    clock.shift(timedelta(minutes=40))
    assert signed.address_of(asset) == renewed[0]


def test_what_nobody_asks_for_any_more_is_left_alone(clock):
    signed.address_of(document())
    clock.shift(timedelta(seconds=signed.ASKED_WITHIN + 1))
    assert signed.renew_ahead() == 0


def test_what_is_gone_or_not_ready_any_more_is_not_signed_anew(clock):
    gone, rejected = document(), document()
    for asset in (gone, rejected):
        signed.address_of(asset)
    gone.delete()
    MediaAsset.objects.filter(pk=rejected.pk).update(state="rejected", rejection="Eicar.")
    clock.shift(timedelta(minutes=40))
    assert signed.renew_ahead() == 0


def test_renewing_asks_the_database_once(clock, django_assert_num_queries):
    for _ in range(12):
        signed.address_of(document())
    clock.shift(timedelta(minutes=40))
    with django_assert_num_queries(1):
        assert signed.renew_ahead() == 12


def test_no_more_is_remembered_than_is_renewed(clock, monkeypatch):
    monkeypatch.setattr(signed._asked, "most", 3)
    for _ in range(5):
        signed.address_of(document())
    assert len(signed._asked.names()) == 3


def test_processes_that_share_a_cache_share_addresses_and_what_was_asked_for(settings):
    asset = document()
    if "redis" not in settings.CACHES["kept"]["BACKEND"].lower():
        pytest.skip("the cache is this process's own")
    signed._asked._here.clear()
    first = signed.address_of(asset)
    signed._asked._here.clear()
    assert signed._asked.names() == [f"{asset.pk}:"]
    assert signed.address_of(asset) == first
