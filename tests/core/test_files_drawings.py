"""Drawings come in without what runs or fetches, or not at all."""

import time

import pytest

from core.files import FileError, Limits, clean
from tests.core.corpora import SHARED

LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=20 << 20)
SHAPE = '<rect width="4" height="4" fill="red"/>'


def drawing(inside=SHAPE, attributes='width="40" height="20"', before=""):
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'


def cleaned(text, tmp_path, limits=LIMITS):
    (tmp_path / "source").write_text(text)
    return clean(tmp_path / "source", tmp_path / "clean", limits=limits)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (40, 20)),
        ('width="1in" height="12pt"', (96, 16)),
        ('viewBox="0 0 300 200"', (300, 200)),
        ('width="150" viewBox="0 0 300 200"', (150, 100)),
        ('width="100%" height="100%" viewBox="0,0,30,20"', (30, 20)),
        ("", (300, 150)),
        ('width="1e99" height="-5"', (20_000, 5)),
    ],
)
def test_a_drawing_has_the_size_it_is_shown_in(attributes, size, tmp_path):
    kept = cleaned(drawing(attributes=attributes), tmp_path)
    assert (kept.mime_type, kept.extension, kept.kind) == ("image/svg+xml", "svg", "image")
    assert (kept.width, kept.height) == size


def test_the_head_of_a_drawing_program_does_no_harm(tmp_path):
    head = (
        '<?xml version="1.0"?><!-- made by --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'
    )
    kept = cleaned(drawing(before=head), tmp_path).path.read_text()
    assert "DOCTYPE" not in kept
    assert "rect" in kept


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<image href="https://evil.example/x.png"/>',
        '<use href="https://evil.example/x.svg#a"/>',
        "<style>@import url(https://evil.example/x.css); rect { fill: url(https://evil.example/y) }</style>",
        '<rect onclick="alert(1)" style="fill: url(https://evil.example/z)"/>',
        '<a href="javascript:alert(1)"><rect/></a>',
        '<animate attributeName="href" values="javascript:alert(1)"/>',
        '<set attributeName="onload" to="alert(1)"/>',
        '<?xml-stylesheet href="https://evil.example/x.css"?>',
        "<style>@\\69mport 'https://evil.example/x.css';</style>",
        "<style>rect { fill: u\\72l(https://evil.example/z) }</style>",
        '<rect mask="u\\72l(https://evil.example/z)"/>',
        "<style>rect { fill: url/**/(https://evil.example/z) }</style>",
        "<style>rect { background: image-set('https://evil.example/z' 1x) }</style>",
        "<rect style=\"background: image-set('https://evil.example/z' 1x)\"/>",
        "<rect mask=\"image-set('https://evil.example/z' 1x)\"/>",
        "<style>rect { fill: url(evil.png) }</style>",
        "<style>" + ".a { fill: red } " * 511 + "b { fill: url(//evil.example/z) }</style>",
    ],
)
def test_what_runs_or_fetches_is_taken_out_or_refuses_the_drawing(inside, tmp_path):
    try:
        kept = cleaned(drawing(SHAPE + inside), tmp_path).path.read_text().lower()
    except FileError as error:
        assert str(error).endswith(".")
        return
    assert "rect" in kept
    for word in ("script", "evil", "onclick", "onload", "foreignobject", "import", "<?xml-"):
        assert word not in kept


def test_entities_that_unfold_without_end_are_refused_at_once(tmp_path):
    source = SHARED / "corpora" / "images" / "own-svg-lol.svg"
    if not source.exists():
        pytest.skip("the picture corpus is not on this machine")
    began = time.perf_counter()
    with pytest.raises(FileError, match="entities"):
        clean(source, tmp_path / "clean", limits=LIMITS)
    assert time.perf_counter() - began < 5  # a second on a quiet machine


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "“café”"),
        ("utf-8-sig", "“café”"),
        ("windows-1252", "“café”"),
        ("ISO-8859-1", "café"),
        ("UTF-16", "“café”"),
        ("shift_jis", "波"),
        ("gb18030", "波"),
    ],
)
def test_letters_are_read_as_the_drawing_says_and_kept_as_utf_8(encoding, words, tmp_path):
    first = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    text = drawing(f"<text y='9'>{words}</text><script>alert(1)</script>", before=first)
    (tmp_path / "source").write_bytes(text.encode(encoding))
    kept = clean(tmp_path / "source", tmp_path / "clean", limits=LIMITS).path.read_text("utf-8")
    assert words in kept
    assert "script" not in kept


@pytest.mark.parametrize("said", ["utf-8", "UTF-16", "utf-7", "cp037", "no-such", "idna", "rot13", "unicode_escape"])
def test_letters_written_in_another_way_than_it_says_ask_for_utf_8(said, tmp_path):
    text = drawing('<text y="9">café</text>', before=f'<?xml version="1.0" encoding="{said}"?>')
    (tmp_path / "source").write_bytes(text.encode("windows-1252"))
    with pytest.raises(FileError, match="Save it as UTF-8"):
        clean(tmp_path / "source", tmp_path / "clean", limits=LIMITS)


@pytest.mark.parametrize(
    "text", ["<svg><rect", drawing("<g>" * 200 + "</g>" * 200), "<feed><svg/></feed>", drawing("")]
)
def test_what_is_no_drawing_to_show_is_refused(text, tmp_path):
    with pytest.raises(FileError):
        cleaned(text, tmp_path)


def test_a_site_that_takes_no_drawings_says_so(tmp_path):
    with pytest.raises(FileError, match="does not take them"):
        cleaned(drawing(), tmp_path, Limits(1 << 20, 1 << 20, drawings=False))


def test_a_huge_drawing_is_refused(tmp_path):
    with pytest.raises(FileError, match="larger than 1 MB"):
        cleaned(drawing(SHAPE * 40_000), tmp_path)
