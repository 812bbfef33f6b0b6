"""The sample publication holds together: files only, no database."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import frontmatter
import pytest
import yaml
from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "transfer" / "demo_content"
STATES = {"draft", "pending", "scheduled", "published", "archived"}
ROLES = ["Reader", "Author", "Moderator", "Editor", "Administrator"]
KEYS = set(
    "title slug kind author co_authors category tags topic pillar excerpt featured_image featured_image_alt "
    "featured_image_caption status published scheduled is_featured meta_title meta_description focus_keyword "
    "series part review_note reviewer addition".split()
)
TIME = re.compile(r"[+-]\d+ days \d\d:\d\d")
OWN_PAGES = {"/", "/admin/", "/contact/"}
FILES = sorted(FOLDER.glob("posts/*.md")) + sorted(FOLDER.glob("pages/*.md"))

every_text = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@cache
def publication() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "publication.yaml").read_text(encoding="utf-8"))


@cache
def read(file: Path) -> frontmatter.Post:
    return frontmatter.loads(file.read_text(encoding="utf-8"))


def named(group: str, key: str) -> set[str]:
    return {entry[key] for entry in publication()[group]}


def published() -> list[frontmatter.Post]:
    return [read(file) for file in FILES if read(file)["status"] == "published"]


def prose(text: str) -> str:
    """The text without its code, where links are only shown."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", text, flags=re.S | re.M))


def addresses() -> set[str]:
    """Every path that answers a reader."""
    posts = published()
    return (
        OWN_PAGES
        | {f"/blog/{post['slug']}/" for post in posts if post["kind"] == "post"}
        | {f"/{post['slug']}/" for post in posts if post["kind"] == "page"}
        | {f"/category/{path}/" for path in named("categories", "path")}
        | {f"/topic/{slug}/" for slug in named("topics", "slug")}
        | {f"/author/{slug}/" for slug in named("authors", "slug")}
        | {f"/tag/{tag.casefold().replace(' ', '-')}/" for post in posts for tag in post.get("tags", [])}
        | {redirect["from"] for redirect in publication()["redirects"]}
    )


@every_text
def test_the_head_of_a_text_says_all_it_must_and_nothing_unknown(file):
    head = read(file).metadata
    assert not set(head) - KEYS
    assert head["title"] and head["slug"] == file.stem
    assert head["kind"] == ("page" if file.parent.name == "pages" else "post")
    assert head["status"] in STATES
    assert head["author"] in named("authors", "username")
    assert set(head.get("co_authors", [])) <= named("authors", "username")


@every_text
def test_a_text_is_filed_where_something_exists(file):
    head = read(file).metadata
    if head["kind"] == "post":
        assert head["category"] in named("categories", "path")
        assert head["tags"]
    assert head.get("topic") is None or head["topic"] in named("topics", "slug")


@every_text
def test_a_text_has_the_time_its_state_asks_for(file):
    head = read(file).metadata
    time = head.get(
        {"published": "published", "archived": "published", "scheduled": "scheduled"}.get(head["status"], "")
    )
    assert time is None or TIME.fullmatch(time)
    assert (time is None) == (head["status"] in {"draft", "pending"})
    assert time is None or time.startswith("+" if head["status"] == "scheduled" else "-")


@every_text
def test_every_picture_of_a_text_exists_and_is_described(file):
    post = read(file)
    known = named("images", "file")
    if "featured_image" in post:
        assert post["featured_image"] in known
        assert post["featured_image_alt"]
    shown = re.findall(r"!\[([^\]]*)\]\((images/[^ )]+)", post.content)
    shown += [(alt, path) for path, alt in re.findall(r'<img src="(images/[^"]+)" alt="([^"]*)"', post.content)]
    for alt, path in shown:
        assert alt and path.removeprefix("images/") in known


@every_text
def test_every_file_of_a_text_exists(file):
    paths = re.findall(r"""(?:\]\(|src=")files/([^")\s]+)""", read(file).content)
    assert set(paths) <= named("files", "file")


@pytest.mark.parametrize("group", ["images", "files"])
def test_every_file_lies_where_it_should_and_can_be_found_in_the_library(group):
    rows = publication()[group]
    assert {row["file"] for row in rows} == {path.name for path in (FOLDER / group).iterdir()}
    for row in rows:
        assert row["name"] and row["tags"] and len(row["name"]) <= 200
        assert group == "files" or all(0 <= place <= 1 for place in row["focus"])


def test_files_are_small():
    assert (FOLDER / "files" / "high-water-1911.pdf").stat().st_size <= 10_000
    assert (FOLDER / "files" / "noon-gun.mp3").stat().st_size <= 60_000


@every_text
def test_every_link_inside_the_publication_leads_to_something_readers_can_see(file):
    targets = re.findall(r"\]\((/[^)\s#]*)", prose(read(file).content))
    assert not [target for target in targets if target not in addresses()]


@every_text
def test_every_footnote_mark_has_its_note(file):
    text = prose(read(file).content)
    assert set(re.findall(r"\[\^(\w+)\](?!:)", text)) == set(re.findall(r"^\[\^(\w+)\]:", text, flags=re.M))


@every_text
def test_what_readers_see_has_a_summary_and_search_fields_that_fit(file):
    head = read(file).metadata
    if head["status"] in {"draft", "pending"}:
        pytest.skip("not finished yet")
    assert 20 <= len(head["excerpt"]) <= 300
    assert len(head.get("meta_title", "")) <= 70
    assert len(head["meta_description"]) <= 170


def test_slugs_are_unique():
    slugs = [read(file)["slug"] for file in FILES]
    assert len(slugs) == len(set(slugs))


def test_the_guide_and_the_magazine_are_both_there_in_every_state():
    guide = [post for post in published() if post.get("category", "").startswith("guide")]
    magazine = [post for post in published() if post["kind"] == "post" and post not in guide]
    assert len(guide) >= 12
    assert len(magazine) >= 6
    assert {read(file)["status"] for file in FILES} == STATES
    assert any(post.get("is_featured") for post in published())


def test_every_topic_stands_on_one_pillar_and_has_members():
    for slug in named("topics", "slug"):
        members = [post for post in published() if post.get("topic") == slug]
        assert len(members) >= 3
        assert sum(bool(post.get("pillar")) for post in members) == 1


def test_categories_stand_after_their_parents():
    seen: set[str] = set()
    for category in publication()["categories"]:
        parent = category["path"].rpartition("/")[0]
        assert not parent or parent in seen
        seen.add(category["path"])
        assert category["name"] and category["description"]


def test_the_five_people_have_the_five_roles():
    roles = {author["username"]: author["role"] for author in publication()["authors"]}
    assert roles == dict(zip(["reader", "author", "moderator", "editor", "admin"], ROLES, strict=True))
    assert all(author["email"].endswith("@example.org") for author in publication()["authors"])


def test_redirects_lead_to_something_and_never_away_from_a_live_page():
    slugs = {post["slug"] for post in published()}
    live = {f"/blog/{slug}/" for slug in slugs} | {f"/{slug}/" for slug in slugs}
    for redirect in publication()["redirects"]:
        assert redirect["from"] not in live
        target = redirect.get("to")
        assert (target is None) == (redirect["type"] == 410)
        assert target is None or target in slugs or target in live


def test_every_picture_is_listed_small_and_used():
    files = {file.name: file for file in (FOLDER / "images").iterdir()}
    used = {author.get("avatar") for author in publication()["authors"]}
    for file in FILES:
        used |= {read(file).get("featured_image"), *re.findall(r"\]\(images/([^ )]+)", read(file).content)}
    assert set(files) == named("images", "file") == used - {None}
    for file in files.values():
        assert file.stat().st_size < 200_000
        with Image.open(file) as picture:
            assert picture.size in {(1200, 800), (160, 160)}
    assert all(image["alt"] for image in publication()["images"])
