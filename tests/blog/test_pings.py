"""Search engines and hubs are told what readers can see, once it is committed, until they have heard it."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from django.db import transaction

from accounts.authors import ensure_profile
from blog import pending, pings, publishing, taxonomy, writing
from blog.models import Category, Ping, Post, SiteSettings
from core import publication

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = "0123456789abcdef0123456789abcdef"
SITE = "http://localhost:8000"


class Ear(BaseHTTPRequestHandler):
    """A hub, or a search engine, that answers what it was told to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.headers["Content-Type"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def ear(settings, monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.heard, server.status = [], 202
    server.url = f"http://127.0.0.1:{server.server_port}/"
    settings.OUTBOUND_ALLOW_PRIVATE = [f"127.0.0.1:{server.server_port}"]
    monkeypatch.setattr(pings, "INDEXNOW", server.url)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def speak(as_publication, ear):
    """Switch on what is to be told: speak(indexnow_key=…, websub_hub=…)."""

    def choose(**fields):
        as_publication(**fields)
        return ear

    return choose


def told(service):
    return list(Ping.objects.filter(service=service).order_by("address").values_list("address", flat=True))


def test_nothing_is_told_unless_somebody_wants_it(publish, db, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        publish("Quiet")
    assert not Ping.objects.exists()
    assert not [name for name, _ in queued if "pings" in name]


def test_search_engines_hear_the_address_of_what_was_published(
    speak, publish, queued, django_capture_on_commit_callbacks
):
    ear = speak(indexnow_key=KEY)
    with django_capture_on_commit_callbacks(execute=True):
        publish("The harbour")
        publish("About us", kind="page")
    assert [name for name, _ in queued].count("blog.tasks.send_pings") == 2
    assert pings.send_due() == 2
    ((kind, body),) = ear.heard
    said = json.loads(body)
    assert kind.startswith("application/json")
    assert said["urlList"] == [f"{SITE}/blog/the-harbour/", f"{SITE}/about-us/"]
    assert (said["host"], said["key"], said["keyLocation"]) == ("localhost:8000", KEY, f"{SITE}/{KEY}.txt")
    ping = Ping.objects.first()
    assert ping.state == Ping.State.SENT and ping.sent_at and ping.answer == "202"
    assert pings.send_due() == 0 and len(ear.heard) == 1


def test_the_hub_hears_every_feed_a_post_is_in(speak, publish, author):
    ear = speak()
    speak(websub_hub=ear.url)
    ensure_profile(author)
    places = taxonomy.save_category(Category(name="Places"))
    bridges = taxonomy.save_category(Category(name="Bridges", parent=places))
    publish("The harbour", category=bridges, tags=["ferries"])
    lists = ["/", "/category/places/", "/category/places/bridges/", "/tag/ferries/", "/author/author/"]
    feeds = {f"{SITE}{path}feed/{end}" for path in lists for end in ("", "atom/", "json/")}
    assert set(told("websub")) == feeds
    assert pings.send_due() == len(feeds)
    heard = [dict(parse_qsl(body.decode())) for _, body in ear.heard]
    assert {said["hub.url"] for said in heard} == feeds
    assert {said["hub.mode"] for said in heard} == {"publish"}


@pytest.mark.parametrize("how", ["draft", "scheduled", "noindex", "elsewhere", "archived", "trashed"])
def test_what_is_not_to_be_found_is_told_to_no_search_engine(speak, write, publish, editor, how):
    speak(indexnow_key=KEY)
    match how:
        case "draft":
            write("Hidden")
        case "scheduled":
            publishing.schedule(write("Hidden"), by=editor, at=datetime(2099, 1, 1, tzinfo=UTC))
        case "noindex":
            publish("Hidden", noindex=True)
        case "elsewhere":
            publish("Hidden", canonical_url="https://elsewhere.example/")
        case "archived":
            publishing.archive(publish("Hidden"), by=editor)
        case "trashed":
            publishing.trash(publish("Hidden"), by=editor)
    assert not Ping.objects.exists()


def test_an_update_is_told_and_what_only_waits_is_not(speak, publish, editor):
    speak(indexnow_key=KEY)
    post = publish("The harbour")
    Ping.objects.all().delete()
    post.content_markdown = "Other words."
    writing.save(post, by=editor)
    assert not Ping.objects.exists()
    publishing.update(post, by=editor)
    assert told("indexnow") == [f"{SITE}/blog/the-harbour/"]


def test_a_publication_that_is_taken_back_is_not_told(speak, write, editor):
    speak(indexnow_key=KEY)
    post = write("The harbour")
    with transaction.atomic():
        publishing.publish(post, by=editor)
        transaction.set_rollback(True)
    assert not Ping.objects.exists()


def test_twice_before_it_is_sent_is_told_once(speak, publish, editor):
    ear = speak(indexnow_key=KEY)
    post = publish("The harbour")
    publishing.archive(post, by=editor)
    publishing.publish(post, by=editor)
    assert pings.send_due() == 1 and len(ear.heard) == 1


def test_who_does_not_hear_is_told_later_and_given_up_after_a_day(speak, publish, time_machine):
    ear = speak(indexnow_key=KEY)
    ear.status = 503
    now = NOON
    time_machine.move_to(now, tick=False)
    publish("The harbour")
    waits = []
    for _ in range(7):
        assert pings.send_due() == 0
        assert pings.send_due() == 0, "not again before its time"
        ping = Ping.objects.get()
        if ping.state == Ping.State.FAILED:
            break
        waits.append(ping.next_try_at - now)
        now = ping.next_try_at
        time_machine.move_to(now, tick=False)
    assert waits[0] == timedelta(minutes=1) and waits[-1] == timedelta(hours=24) and waits == sorted(waits)
    assert ping.state == Ping.State.FAILED and ping.attempts == 7 == len(ear.heard)
    assert ping.answer.startswith("503")


def test_a_sender_killed_in_the_middle_leaves_it_to_the_next(speak, publish, monkeypatch, time_machine):
    ear = speak(indexnow_key=KEY)
    time_machine.move_to(NOON, tick=False)
    publish("The harbour")
    with monkeypatch.context() as killed:
        killed.setattr(pings, "_say", lambda *told: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pings.send_due()
    assert pings.send_due() == 0, "it may still be on its way"
    time_machine.move_to(NOON + timedelta(minutes=3), tick=False)
    assert pings.send_due() == 1 and len(ear.heard) == 1


def test_what_changes_while_it_is_being_told_is_told_again(speak, publish, monkeypatch, editor):
    ear = speak(indexnow_key=KEY)
    post = publish("The harbour")
    say = pings._say

    def meanwhile(service, addresses):
        monkeypatch.setattr(pings, "_say", say)
        pings.tell(post, at=datetime.now(UTC))
        return say(service, addresses)

    monkeypatch.setattr(pings, "_say", meanwhile)
    pings.send_due()
    assert Ping.objects.get().state == Ping.State.WAITING
    assert pings.send_due() == 1 and len(ear.heard) == 2


def test_two_senders_tell_it_once(speak, publish):
    ear = speak(indexnow_key=KEY)
    publish("The harbour")
    (first,) = Ping.objects.all()
    (second,) = Ping.objects.all()
    assert pings._claim(first) and not pings._claim(second)
    assert ear.heard == []


def test_a_hub_inside_is_not_called(speak, publish, settings):
    ear = speak()
    speak(websub_hub=ear.url)
    settings.OUTBOUND_ALLOW_PRIVATE = []
    publish("The harbour")
    assert pings.send_due() == 0 and ear.heard == []
    states = Ping.objects.order_by("state").values_list("state", flat=True).distinct()
    assert list(states) == [Ping.State.FAILED]
    assert "not an address of the public internet" in Ping.objects.first().answer


def test_what_was_switched_off_meanwhile_is_dropped(speak, publish):
    ear = speak(indexnow_key=KEY)
    publish("The harbour")
    speak(indexnow_key="")
    assert pings.send_due() == 0 and ear.heard == []
    assert Ping.objects.get().state == Ping.State.FAILED


def test_the_key_is_where_search_engines_look_and_no_other_is(client, as_publication, db):
    assert client.get(f"/{KEY}.txt").status_code == 404
    as_publication(indexnow_key=KEY)
    response = client.get(f"/{KEY}.txt")
    assert response.content.decode() == KEY and response["Content-Type"].startswith("text/plain")
    assert client.get("/another.txt").status_code == client.get("/.txt").status_code == 404
    assert client.post(f"/{KEY}.txt").status_code == 405


def test_a_month_later_it_is_forgotten(speak, publish, time_machine):
    speak(indexnow_key=KEY)
    time_machine.move_to(NOON, tick=False)
    publish("Told")
    pings.send_due()
    publish("Waits")
    assert pings.forget_old(NOON + timedelta(days=29)) == 0
    assert pings.forget_old(NOON + timedelta(days=31)) == 1
    assert Ping.objects.get().address.endswith("/waits/")


def test_administrators_read_what_was_told_and_change_nothing(speak, publish, client_of, admin, editor):
    speak(indexnow_key=KEY)
    publish("The harbour")
    ping = Ping.objects.get()
    reader = client_of(admin)
    assert ping.address in reader.get("/admin/blog/ping/").content.decode()
    assert reader.get(f"/admin/blog/ping/{ping.pk}/change/").status_code == 200
    assert reader.get("/admin/blog/ping/add/").status_code == 403
    assert reader.post(f"/admin/blog/ping/{ping.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client_of(editor).get("/admin/blog/ping/").status_code == 403
    assert Ping.objects.exists()


def test_the_settings_reach_the_sender(db, publish, admin):
    """The row, not only the word for it."""
    SiteSettings.objects.create(tell_indexnow=True, indexnow_key=KEY, websub_hub="https://hub.example/")
    site = publication.current()
    assert (site.indexnow_key, site.websub_hub) == (KEY, "https://hub.example/")
    assert pings.is_wanted()


def later(post):
    """The row as it is now, with all that hangs on it."""
    return Post.objects.get(pk=post.pk)


@pytest.mark.parametrize("how", ["archive", "trash"])
def test_what_was_told_and_is_gone_is_told_again_so_that_it_is_dropped(speak, publish, editor, how):
    ear = speak(indexnow_key=KEY)
    post = publish("The harbour")
    assert pings.send_due() == 1
    getattr(publishing, how)(later(post), by=editor)
    assert pings.send_due() == 1
    assert [json.loads(body)["urlList"] for _, body in ear.heard] == [[f"{SITE}/blog/the-harbour/"]] * 2


def test_what_was_there_long_before_anybody_was_told_is_told_when_it_goes(speak, publish, editor, time_machine):
    time_machine.move_to(NOON, tick=False)
    old, unlisted = publish("The harbour"), publish("Unlisted", noindex=True)
    time_machine.move_to(NOON + timedelta(days=31), tick=False)
    speak(indexnow_key=KEY)
    for post in (old, unlisted):
        publishing.archive(later(post), by=editor)
    assert told("indexnow") == [f"{SITE}/blog/the-harbour/"]


def test_what_is_to_be_found_no_more_is_told_once_more(speak, publish, editor):
    speak(indexnow_key=KEY)
    post = publish("The harbour")
    pings.send_due()
    post.noindex = True
    writing.save(post, by=editor)
    publishing.update(later(post), by=editor)
    assert list(Ping.objects.values_list("state", flat=True).order_by("state")) == [Ping.State.SENT, Ping.State.WAITING]


@pytest.mark.parametrize("how", ["archive", "trash"])
def test_what_waited_for_a_post_that_goes_is_told_to_nobody(speak, publish, editor, how):
    ear = speak()
    speak(indexnow_key=KEY, websub_hub=ear.url)
    post = publish("The harbour", tags=["ferries"])
    pings.send_due()
    pending.open_newest(post)
    post.title, post.slug = "A secret", "a-secret"
    writing.save(post, by=editor, tags=["secret plans"])
    Ping.objects.all().delete()
    getattr(publishing, how)(later(post), by=editor)
    assert later(post).slug == "a-secret", "what waited was folded in"
    assert f"{SITE}/tag/ferries/feed/" in told("websub")
    assert not [address for address in told("websub") + told("indexnow") if "secret" in address]


def test_the_hub_hears_of_the_feeds_a_post_has_left(speak, publish, editor):
    ear = speak()
    speak(websub_hub=ear.url)
    places, hours = (taxonomy.save_category(Category(name=name)) for name in ("Places", "Hours"))
    post = publish("The harbour", category=places, tags=["ferries"])
    Ping.objects.all().delete()
    pending.open_newest(post)
    post.category = hours
    writing.save(post, by=editor, tags=["tides"])
    assert not Ping.objects.exists()
    publishing.update(later(post), by=editor)
    for path in ("/category/places/", "/category/hours/", "/tag/ferries/", "/tag/tides/"):
        assert f"{SITE}{path}feed/" in told("websub"), path


def test_the_hub_hears_of_a_post_that_is_kept_out_of_feeds_from_now_on(speak, publish, editor):
    ear = speak()
    speak(websub_hub=ear.url)
    post = publish("The harbour")
    Ping.objects.all().delete()
    post.noindex = True
    writing.save(post, by=editor)
    publishing.update(later(post), by=editor)
    assert f"{SITE}/feed/" in told("websub")
