"""Files come over from the old site through the safe client: each once, of every kind, or with the reason why not."""

from pathlib import Path

import pytest

from blog.models import Post
from media_assets.models import MediaAsset
from tests.transfer.test_importing_files import png
from tests.transfer.test_importing_wordpress import everything
from tests.transfer.wxr import VERSION, export, item, meta
from transfer import fetching
from transfer.importing import import_wordpress
from transfer.models import ImportedRecord

pytestmark = pytest.mark.django_db
FOLDER = "/wp-content/uploads/2015/03/"
DEMO = Path(__file__).resolve().parents[2] / "transfer" / "demo_content" / "files"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def attached(site, name: str, old_id: int = 50, title: str = "Boat", words: str = "", **fields: str) -> str:
    more = meta("_wp_attachment_image_alt", "A boat") + f"<excerpt:encoded>At the pier</excerpt:encoded>{words}"
    fields = {"attachment_url": site.url + FOLDER + name} | fields
    return item(old_id, title, fields.pop("body", ""), more, post_type="attachment", status="inherit", **fields)


def bring(tmp_path, site, *parts: str):
    place = export(tmp_path, *parts, head=VERSION.replace("https://quay.example", site.url))
    return import_wordpress(place, fetch_media=True)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("boat.png", png(), "image"),
        ("boat.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>', "image"),
        ("tide.pdf", (DEMO / "high-water-1911.pdf").read_bytes(), "document"),
        ("gun.mp3", (DEMO / "noon-gun.mp3").read_bytes(), "audio"),
    ],
)
def test_every_kind_of_file_comes_over_with_its_words(tmp_path, old_site, name, content, kind):
    old_site.files[FOLDER + name] = content
    link = f'<a href="{old_site.url}{FOLDER}{name}">It</a>'
    bring(
        tmp_path, old_site, item(body=link), attached(old_site, name, title="No. 4/a boat", body="Built in <b>1902</b>")
    )
    asset = MediaAsset.objects.get()
    assert (asset.kind, asset.alt_text, asset.caption, asset.name) == (kind, "A boat", "At the pier", "No. 4-a boat")
    assert ImportedRecord.objects.get(kind="attachment").payload == {"description": "Built in <b>1902</b>"}
    assert Post.objects.get().content_markdown == f"[It]({asset.url})"


def test_a_picture_shown_in_many_sizes_is_fetched_once(tmp_path, old_site):
    old_site.files[FOLDER + "boat-scaled.png"] = png()
    at = old_site.url + FOLDER
    host = old_site.url.removeprefix("http://")
    body = (
        f'<img src="{at}boat-300x200.png" srcset="{at}boat-768x512.png 768w" alt="x">'
        f' <img src="{at}boat-e1234567890.png">'
        f' <a href="{at}boat.png">whole</a> <img src="https://i0.wp.com/{host}{FOLDER}boat-scaled.png?resize=9%2C9">'
        f' <img src="{FOLDER}boat-1024x683.png">'
    )
    twice = attached(old_site, "boat-scaled.png", 50), attached(old_site, "boat-scaled.png", 51)
    bring(tmp_path, old_site, item(body=body, more=meta("_thumbnail_id", "51")), *twice)
    post, asset = Post.objects.get(), MediaAsset.objects.get()
    assert old_site.asked == [FOLDER + "boat-scaled.png"]
    assert post.content_markdown.count(asset.url) == 5 and "uploads" not in post.content_markdown
    assert post.featured_image == asset


def test_a_gallery_shows_the_new_pictures_with_their_words(tmp_path, old_site):
    old_site.files = {FOLDER + "a.png": png("red"), FOLDER + "b.png": png("blue")}
    files = attached(old_site, "a.png", 50), attached(old_site, "b.png", 51)
    bring(tmp_path, old_site, item(body='[gallery ids="50,51"]'), *files)
    text = Post.objects.get().content_markdown
    assert 'class="gallery"' in text and text.count("At the pier") == text.count('alt="A boat"') == 2
    assert all(asset.url in text for asset in MediaAsset.objects.all()) and old_site.url not in text


def test_a_picture_whose_own_name_looks_like_a_size_stays_itself(tmp_path, old_site):
    old_site.files = {FOLDER + "logo.png": png("red"), FOLDER + "logo-300x200.png": png("blue")}
    body = f'<img src="{old_site.url}{FOLDER}logo-300x200.png">'
    bring(
        tmp_path, old_site, item(body=body), attached(old_site, "logo.png"), attached(old_site, "logo-300x200.png", 51)
    )
    shown = ImportedRecord.objects.get(kind="attachment", old_id="51").target_id
    assert MediaAsset.objects.get(pk=shown).url in Post.objects.get().content_markdown


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "could not be fetched: the old site answered 404"),
        (b"<!DOCTYPE html><html><body>Gone</body></html>", "was refused: This is a web page"),
        (b"x" * 3_000, "is larger than this installation takes"),
        (png()[:300], "was refused: The file is damaged"),
        (FOLDER + "boat.png", "redirects more than 3 times"),
    ],
)
def test_what_cannot_be_had_is_told_with_its_reason_and_stays_linked(tmp_path, old_site, settings, content, reason):
    settings.MAX_UPLOAD_BYTES = 2_500
    old_site.files[FOLDER + "boat.png"] = content
    address = old_site.url + FOLDER + "boat-300x200.png"
    report = bring(tmp_path, old_site, item(body=f'<img src="{address}" alt="x">'), attached(old_site, "boat.png"))
    assert reason in next(entry for entry in report.items if entry["outcome"] == "lost")["notes"][0]
    assert address in Post.objects.get().content_markdown and not MediaAsset.objects.exists()
    assert not list(tmp_path.glob("media*/**/*.png"))


def test_a_file_that_moved_on_the_old_site_is_followed(tmp_path, old_site):
    old_site.files = {FOLDER + "boat.png": "/files/boat.png", "/files/boat.png": png()}
    bring(tmp_path, old_site, attached(old_site, "boat.png"))
    assert MediaAsset.objects.get().width == 600


def test_a_film_may_be_larger_than_a_picture(settings):
    settings.MAX_UPLOAD_BYTES, settings.MAX_RECORDING_BYTES = 10, 100
    sizes = [fetching.most_bytes(f"https://quay.example/a{ending}") for ending in (".png", ".MP4", ".mp3?x=1", "")]
    assert sizes == [10, 100, 100, 10]


def test_a_host_that_does_not_answer_is_left_alone_after_three_files(tmp_path, old_site):
    files = [attached(old_site, f"{number}.png", number) for number in range(50, 55)]
    old_site.files = {f"{FOLDER}{number}.png": b"cut off" for number in range(50, 55)}
    old_site.promised = 900
    report = bring(tmp_path, old_site, *files)
    assert len(old_site.asked) == 3 and report.counts["files", "lost"] == 5
    old_site.promised, old_site.files = (
        0,
        {path: png(colour) for path, colour in zip(old_site.files, COLOURS, strict=True)},
    )
    assert bring(tmp_path, old_site, *files).counts["files", "created"] == 5


COLOURS = ("red", "green", "blue", "black", "white")


def test_stopped_and_started_again_it_fetches_only_what_is_missing(tmp_path, old_site, monkeypatch):
    old_site.files = {FOLDER + "a.png": png("red"), FOLDER + "b.png": png("blue")}
    files = attached(old_site, "a.png", 50), attached(old_site, "b.png", 51)
    place = export(tmp_path, *files, head=VERSION.replace("https://quay.example", old_site.url))

    def stop(word, _number):
        if word == "done" and old_site.asked:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_wordpress(place, fetch_media=True, progress=stop)
    import_wordpress(place, fetch_media=True)
    assert old_site.asked == [FOLDER + "a.png", FOLDER + "b.png"] and MediaAsset.objects.count() == 2
    before = everything(), list(MediaAsset.objects.values())
    import_wordpress(place, fetch_media=True)
    assert before == (everything(), list(MediaAsset.objects.values())) and len(old_site.asked) == 2


def test_what_is_no_picture_is_never_the_featured_one(tmp_path, old_site):
    old_site.files[FOLDER + "gun.mp3"] = (DEMO / "noon-gun.mp3").read_bytes()
    bring(tmp_path, old_site, item(more=meta("_thumbnail_id", "50")), attached(old_site, "gun.mp3"))
    assert MediaAsset.objects.exists() and Post.objects.get().featured_image is None


def test_old_addresses_of_a_file_lead_to_the_new_one_in_every_size(tmp_path, old_site, client):
    old_site.files = {
        FOLDER + "boat-scaled.png": png(),
        FOLDER + "tide.pdf": (DEMO / "high-water-1911.pdf").read_bytes(),
    }
    bring(tmp_path, old_site, attached(old_site, "boat-scaled.png"), attached(old_site, "tide.pdf", 51))
    picture, document = (MediaAsset.objects.get(kind=kind) for kind in ("image", "document"))
    for name in ("boat-scaled.png", "boat.png", "boat-300x200.png", "boat-300x200.png?w=30"):
        answer = client.get(FOLDER + name)
        assert (answer.status_code, answer["Location"]) == (301, picture.url), name
    assert client.get(FOLDER + "tide.pdf")["Location"] == document.url
    assert client.get(FOLDER + "ship-300x200.png").status_code == 404
    assert client.get(picture.url).status_code == 200 and client.get(document.url).status_code == 302
