"""Each check of the publish gate: what it finds, where it points, and what it lets pass."""

from datetime import timedelta
from time import thread_time

import pytest
from django.core.files.base import ContentFile

from blog import anatomy, gate, publishing, redirects
from blog.models import Category, Post, Redirect, Severity, TopicCluster
from blog.taxonomy import save_category
from core.markup import MAX_SOURCE_BYTES
from media_assets.models import MediaAsset
from tests.blog.conftest import NOON


@pytest.fixture
def found(write):
    """The findings on a text, by check: found("text", title=…) → {"alt_text": [Finding]}."""

    def look(text: str = "Some words.", *, at=NOON, **fields) -> dict[str, list[gate.Finding]]:
        said: dict[str, list[gate.Finding]] = {}
        for finding in gate.findings(write("The noon gun", text=text, **fields), at=at):
            said.setdefault(finding.check, []).append(finding)
        return said

    return look


@pytest.fixture
def picture(db):
    """A picture in the library: picture(alt_text="…", size_bytes=…)."""
    numbers = iter(range(1, 100))

    def make(**fields) -> MediaAsset:
        number = next(numbers)
        row = {"name": f"gun-{number}.png", "mime_type": "image/png", "size_bytes": 40_000, "sha256": f"{number:064}"}
        row["extension"] = "png"
        asset = MediaAsset(**{**row, "width": 1200, "height": 800, **fields})
        asset.file.save(f"gun-{number}.png", ContentFile(b"png"), save=True)
        return asset

    return make


@pytest.mark.parametrize(
    ("fields", "check", "field"),
    [
        ({"title": "  "}, "title", "title"),
        ({"content_markdown": " \n"}, "text", "content_markdown"),
        ({"unpublish_at": NOON}, "comes_down", "unpublish_at"),
        ({"content_markdown": "x" * (MAX_SOURCE_BYTES + 1)}, "text", "content_markdown"),
    ],
)
def test_what_no_post_goes_live_without_is_essential(author, fields, check, field):
    post = Post(**{"title": "The noon gun", "slug": "gun", "content_markdown": "Words.", "author": author, **fields})
    finding = gate.findings(post, at=NOON)[0]
    assert (finding.check, finding.field, finding.severity) == (check, field, Severity.BLOCKING)
    assert finding.essential


def test_a_post_with_everything_has_no_findings(found, picture):
    asset = picture()
    said = found(
        f"It fires.\n\n## At noon\n\n![The gun]({asset.url})\n\n### Who fires it\n\nSee [the times](#at-noon).",
        excerpt="A gun has been fired at noon since 1911, and four thousand people still set their clocks by it.",
        category=save_category(Category(name="Places")),
        featured_image=asset,
        featured_image_alt="The gun on its wall",
    )
    assert said == {}


def test_every_picture_needs_alt_text_or_to_be_marked_decorative(found, picture):
    plain, known, decorative = picture(), picture(alt_text="A gun"), picture(is_decorative=True)
    said = found(
        f"![]({plain.url})\n\n![ ]({known.url})\n\n![]({decorative.url})\n\n![A gun]({plain.url})\n\n"
        "![](https://example.org/far.png)\n\n![](https://example.org/line.png){role=presentation}"
    )["alt_text"]
    assert [finding.place for finding in said] == [
        f"![]({plain.url})",
        f"![ ]({known.url})",
        "![](https://example.org/far.png)",
    ]
    assert {finding.severity for finding in said} == {Severity.BLOCKING}
    assert "The library says “A gun”." in said[1].sentence


def test_the_featured_picture_needs_it_too(found, picture):
    said = found(featured_image=picture())["alt_text"]
    assert [finding.field for finding in said] == ["featured_image_alt"]
    assert "alt_text" not in found(featured_image=picture(alt_text="A gun"))


def test_a_file_name_is_no_alt_text(found):
    said = found("![IMG_2034.jpg](https://example.org/a.jpg) ![A gun.](https://example.org/b.jpg)")
    assert [finding.place for finding in said["alt_words"]] == ["![IMG_2034.jpg](https://example.org/a.jpg)"]
    assert "alt_text" not in said


def test_a_picture_that_left_the_library_is_missed(found):
    (finding,) = found("![A gun](/media/gone.png)")["picture_gone"]
    assert finding.place == "![A gun](/media/gone.png)"


@pytest.mark.parametrize(
    ("text", "levels"),
    [("## A\n\n### B\n\n## C\n\n### D\n\n#### E", 0), ("### A\n\nText", 1), ("## A\n\n#### B\n\n##### C", 1)],
)
def test_no_level_of_headings_is_left_out(found, text, levels):
    said = found(text).get("heading_order", [])
    assert len(said) == levels
    assert all(finding.place in text and finding.place.startswith("#") for finding in said)


def test_the_section_of_notes_is_no_heading_of_the_writer(found):
    assert "heading_order" not in found("## A\n\nText[^1]\n\n### B\n\n[^1]: Note.")


def test_internal_links_must_lead_to_something_live(found, publish, write, editor):
    publish("Live")
    publish("About", kind="page")
    write("Secret draft")
    later = write("Later")
    publishing.schedule(later, by=editor, at=NOON + timedelta(days=1), now=NOON)
    category = save_category(Category(name="Places"))
    TopicCluster.objects.create(name="Clocks", slug="clocks")
    text = (
        "[live](/blog/live/) [bare](/blog/live) [whole](http://localhost:8000/blog/live/?from=here#top) [page](/about/)"
        f" [home](/) [list]({category.get_absolute_url()}) [topic](/topic/clocks/) [feed](/feed/) [own](/blog/the-noon-"
        "gun/) [away](https://example.org/blog/none/) [mail](mailto:a@example.org) [beside](../live/) "
        "[draft](/blog/secret-draft/) [later](/blog/later/) [none](/blog/none/) [tag](/tag/none/) [odd](/a/b/c/)"
    )
    broken = [finding.place for finding in found(text)["broken_link"]]
    assert broken == [
        "[draft](/blog/secret-draft/)",
        "[later](/blog/later/)",
        "[none](/blog/none/)",
        "[tag](/tag/none/)",
        "[odd](/a/b/c/)",
    ]


def test_what_is_live_by_then_counts(found, publish, write, editor):
    later = write("Later")
    publishing.schedule(later, by=editor, at=NOON + timedelta(days=1), now=NOON)
    leaving = publish("Leaving")
    Post.objects.filter(pk=leaving.pk).update(unpublish_at=NOON + timedelta(days=1))
    text = "[later](/blog/later/) [leaving](/blog/leaving/)"
    assert [finding.place for finding in found(text)["broken_link"]] == ["[later](/blog/later/)"]
    then = found(text, at=NOON + timedelta(days=2))["broken_link"]
    assert [finding.place for finding in then] == ["[leaving](/blog/leaving/)"]


def test_a_broken_link_tells_nothing_of_what_is_hidden(found, write):
    write("Merger with Acme", slug="plan")
    (finding,) = found("[see](/blog/plan/)")["broken_link"]
    (absent,) = found("[see](/blog/plam/)")["broken_link"]
    assert finding.sentence.replace("plan", "plam") == absent.sentence


def test_old_addresses_are_told_apart_by_where_they_lead(found, publish, write):
    live, draft = publish("Live"), write("Draft")
    redirects.remember_post("/2019/live/", live)
    redirects.remember_post("/2019/draft/", draft)
    for old, new, kind in [("/gone/", "", 410), ("/hop/", "/2019/live/", 301), ("/into-nothing/", "/blog/no/", 301)]:
        Redirect.objects.create(old_path=old, new_path=new, type=kind)
    Redirect.objects.create(old_path="/away/", new_path="https://example.org/", type=302)
    said = found(
        "[a](/2019/live/) [b](/2019/draft/) [c](/gone/) [d](/hop/) [e](/into-nothing/) [f](/away/)",
    )
    assert "broken_link" not in said
    assert [finding.place[:3] for finding in said["dead_redirect"]] == ["[b]", "[c]", "[e]"]
    assert [finding.place[:3] for finding in said["moved_link"]] == ["[a]", "[d]", "[f]"]
    assert "/blog/live/" in said["moved_link"][0].sentence


def test_a_link_within_the_page_needs_its_heading(found):
    said = found("[there](#at-noon) [nowhere](#at-one) [up](#top)\n\n## At noon\n\nText[^1]\n\n[^1]: Note.")
    assert [finding.place for finding in said["anchor"]] == ["[nowhere](#at-one)"]


@pytest.mark.parametrize(
    "link", ["[words]()", "[words](#)", "[words](javascript:alert(1))", "[](/)", "[words](https://)"]
)
def test_a_link_without_address_or_words_blocks(found, link):
    (finding,) = found(f"Before {link} after.")["empty_link"]
    assert finding.severity == Severity.BLOCKING
    assert finding.place in f"Before {link} after."


def test_a_picture_with_alt_text_is_words_enough_for_a_link(found):
    assert "empty_link" not in found("[![The gun](https://example.org/gun.png)](/)")


def test_oversize_pictures_are_named_with_their_size(found, picture):
    heavy, wide, fine = picture(size_bytes=2_400_000), picture(width=6_000), picture()
    said = found(f"![a]({heavy.url}) ![b]({wide.url}) ![c]({fine.url})", featured_image=heavy)["large_picture"]
    assert [finding.place or finding.field for finding in said] == [
        f"![a]({heavy.url})",
        f"![b]({wide.url})",
        "featured_image",
    ]
    assert "2.4 MB" in said[0].sentence
    assert "6,000 px" in said[1].sentence


def test_posts_want_a_category_and_pages_do_not(found):
    assert "category" in found()
    assert "category" not in found(kind="page")


def test_the_description_is_measured(found):
    assert found()["description"][0].field == "meta_description"
    assert "px wide; from" in found(excerpt="Short.")["description"][0].sentence
    assert "Shorten it" in found(meta_description="wide words " * 20)["description"][0].sentence
    assert "description" not in found(meta_description="A line of ordinary length that says what the post is about.")


def test_long_titles_and_empty_addresses_are_advice(found):
    said = found(meta_title="A very long search title " * 4, slug="1234")
    assert said["title_length"][0].severity == said["slug"][0].severity == Severity.ADVICE


def test_live_posts_with_the_same_keyword_are_named_whatever_their_capitals(found, publish, write):
    publish("First", focus_keyword="noon gun")
    write("A draft", focus_keyword="noon gun")
    (finding,) = found(focus_keyword="Noon Gun")["focus_keyword"]
    assert "“First” has the focus keyword" in finding.sentence
    assert "draft" not in finding.sentence
    assert "focus_keyword" not in found(focus_keyword="noon")


def test_the_most_severe_come_first(found, publish):
    order = [finding.severity for findings in [gate.findings(publish("A"), at=NOON)] for finding in findings]
    assert order == sorted(order, key=gate.ORDER.__getitem__)


def test_questions_do_not_grow_with_links_and_pictures(write, picture, django_assert_max_num_queries):
    few = write(text="[a](/blog/a/) ![x](/media/x.png) [p](/p/) [c](/category/c/)")
    many = write(
        text=" ".join(
            f"[a{n}](/blog/a-{n}/) ![x](/media/{n}.png) [p](/p-{n}/) [c](/category/c-{n}/) [t](/tag/t-{n}/)"
            for n in range(200)
        )
    )
    gate.findings(few, at=NOON)
    with django_assert_max_num_queries(8):
        gate.findings(few, at=NOON)
    with django_assert_max_num_queries(8):
        assert len(gate.findings(many, at=NOON)) > 10


def test_several_posts_are_looked_at_in_the_questions_of_one(write, django_assert_max_num_queries):
    posts = [write(text=f"[a](/blog/a-{number}/) [own](/blog/post-number-{number}/)") for number in range(1, 9)]
    with django_assert_max_num_queries(6):
        every = gate.findings_of(posts, at=NOON)
    assert [len([each for each in found if each.check == "broken_link"]) for found in every] == [1] * 8


@pytest.mark.parametrize(
    "text",
    [
        "[a](/blog/x/) " * 5_000,
        " ".join(f"[a](/blog/x{number}/)" for number in range(5_200)),
        "\n\n".join(f"![](/media/{number}.png)" for number in range(2_000)),
        "[a](http://[bad) [b](//) [c](/%00%ff/) [d](/\u202e/) [e](#%) [f](?x) [g](/blog/" + "x" * 900 + "/)",
        "مرحبا بالعالم [رابط](/blog/مرحبا/) 灯塔[链接](/blog/灯塔/)",
    ],
)
def test_odd_and_enormous_texts_are_looked_at_in_time(write, text):
    post = write(text=text)
    began = thread_time()
    found = gate.findings(post, at=NOON)
    assert thread_time() - began < 5
    assert len(found) < 100


@pytest.mark.once
@pytest.mark.parametrize("piece", ["[", "](", "![](", "<a ", "`", "```\n", "[a](b ", '[a](b "', "(", "#", "[a]: x\n"])
def test_where_things_stand_is_found_in_linear_time(piece):
    text = piece * (1_000_000 // len(piece))
    began = thread_time()
    assert len(anatomy.prose_of(text)) == len(text)
    anatomy.Places(text).of_link(anatomy.Link("/x/", "x"))
    anatomy.Places(text).of_heading(anatomy.Heading(2, "x"))
    assert thread_time() - began < 5
