"""Pictures come in bounded before they are decoded, upright, and without anything but the picture."""

import io
import struct
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageOps

from core import files
from core.files import FileError, Limits, clean

SAMPLES = Path(__file__).parent / "samples"
LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=20 << 20)


def cleaned(content, tmp_path, limits=LIMITS):
    (tmp_path / "source").write_bytes(content)
    return clean(tmp_path / "source", tmp_path / "clean", limits=limits)


def saved(image, kind, **options):
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def telling_exif(orientation=6):
    exif = Image.Exif()
    exif[274], exif[0x010E] = orientation, "SECRET"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def two_halves(size=(40, 20)):
    """Red above, blue below."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0], size[1] // 2))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_still_keeps_how_to_turn_it_and_nothing_else_of_its_notes(kind, tmp_path):
    kept = cleaned(saved(two_halves(), kind, exif=telling_exif()), tmp_path)
    content = kept.path.read_bytes()
    assert b"SECRET" not in content
    assert (kept.width, kept.height) == (20, 40)
    with Image.open(kept.path) as image:
        assert set(image.getexif()) <= {274}
        upright = ImageOps.exif_transpose(image).convert("RGB")
    assert upright.size == (20, 40)
    # Turned by a quarter to the right, what was above is at the right.
    assert upright.getpixel((18, 20))[0] > 200 > 60 > upright.getpixel((1, 20))[0]


def test_a_photograph_of_an_iphone_becomes_a_jpeg(tmp_path):
    kept = clean(SAMPLES / "photograph.heic", tmp_path / "clean", limits=LIMITS)
    assert (kept.mime_type, kept.extension, kept.width, kept.height) == ("image/jpeg", "jpg", 60, 40)
    with Image.open(kept.path) as image:
        image.load()
        assert not image.getexif()


def test_four_inks_become_what_screens_show(tmp_path):
    kept = cleaned(saved(Image.new("CMYK", (40, 20), (0, 255, 255, 0)), "JPEG"), tmp_path)
    with Image.open(kept.path) as image:
        assert image.mode == "RGB"
    assert int(kept.average_colour[1:3], 16) > 180 > int(kept.average_colour[3:5], 16)


def test_the_jpeg_data_of_a_photograph_is_not_compressed_again(tmp_path):
    source = saved(two_halves((64, 64)), "JPEG", quality=70, exif=telling_exif(1))
    kept = cleaned(source, tmp_path)
    assert source[source.index(b"\xff\xdb") :] == kept.path.read_bytes()[kept.path.read_bytes().index(b"\xff\xdb") :]


def test_sixteen_bits_for_each_colour_are_kept(tmp_path):
    kept = cleaned(saved(Image.new("I;16", (40, 20), 65_535), "PNG"), tmp_path)
    assert kept.average_colour == "#ffffff"
    assert kept.path.read_bytes()[24] == 16


def test_a_picture_of_several_is_its_first(tmp_path):
    several = saved(two_halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 20), "green")])
    kept = cleaned(several, tmp_path)
    assert kept.mime_type == "image/jpeg"
    assert not kept.is_animated
    assert kept.path.read_bytes().count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_what_hides_behind_the_end_is_cut_off(kind, tmp_path):
    tail = b"\0\0\0\x10free<script>" if kind == "AVIF" else b"<script>alert(1)</script>"
    assert b"<script>" not in cleaned(saved(two_halves(), kind) + tail, tmp_path).path.read_bytes()


@pytest.mark.parametrize(("size", "is_kept"), [(600, True), (200_000, False)])
def test_a_colour_profile_is_kept_when_it_is_small_and_sane(size, is_kept, tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().ljust(size, b"\0")
    profile = struct.pack(">I", len(profile)) + profile[4:]
    kept = cleaned(saved(two_halves(), "JPEG", icc_profile=profile), tmp_path)
    with Image.open(kept.path) as image:
        assert ("icc_profile" in image.info) is is_kept


def png_that_claims(width, height):
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = b"IDAT" + zlib.compress(b"\0" * 100)
    chunks = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (head, end)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + b"\0\0\0\0IEND\xaeB`\x82"


def gif_of(frames, screen, frame):
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"\x2c" + struct.pack("<4HB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\0"
    return head + one * frames + b"\x3b"


def jpeg_that_claims(width, height):
    small = saved(two_halves(), "JPEG")
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + struct.pack(">HH", height, width) + small[at + 4 :]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (jpeg_that_claims(10_000, 10_000), "100 million pixels; at most 65 million"),
        (png_that_claims(10_000, 10_000), "100 million pixels; at most 40 million"),
        (gif_of(1, (1, 1), (20_000, 20_000)), "400 million pixels"),
        (png_that_claims(2**31 - 1, 2**31 - 1), "claims to have more than 1,000 million pixels; at most 40 million"),
        (gif_of(20, (10, 10), (3_000, 3_000)), "20 frames of 3000 × 3000"),
        (gif_of(1_001, (10, 10), (10, 10)), "1,001 frames; at most 1,000"),
    ],
)
def test_what_would_unfold_too_far_is_refused_before_it_is_decoded(content, words, tmp_path):
    with pytest.raises(FileError, match=words):
        cleaned(content, tmp_path)


def test_two_hundred_frames_are_kept(tmp_path):
    frames = [Image.new("RGB", (32, 24), (number, 0, 0)) for number in range(200)]
    kept = cleaned(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=40), tmp_path)
    assert kept.is_animated
    with Image.open(kept.path) as image:
        assert image.n_frames == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_cut_in_the_middle_is_refused(kind, tmp_path):
    image = Image.effect_noise((200, 200), 80).convert("RGB")
    content = saved(image, kind)
    with pytest.raises(FileError, match="damaged or incomplete"):
        cleaned(content[: len(content) // 2], tmp_path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_bytes_turned_anywhere_are_a_refusal_or_a_picture(kind, tmp_path):
    content = saved(two_halves(), kind)
    for at in range(0, len(content), max(1, len(content) // 8)):
        try:
            assert cleaned(content[:at] + b"\xff" * 4 + content[at + 4 :], tmp_path).size_bytes
        except FileError as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<!DOCTYPE html><p>", "web page"),
        (b"BM6", "BMP"),
        (b"II*\0", "TIFF"),
        (b"PK\3\4", "archive"),
        (b"RIFF\0\0\0\0WAVE", "WAV"),
        (b"words", "This is not a picture, document"),
        (b"", "empty"),
    ],
)
def test_other_files_are_refused_by_name(content, word, tmp_path):
    with pytest.raises(FileError, match=word):
        cleaned(content, tmp_path)


class Child:
    """A decoder that does not come to an end as it should."""

    def __init__(self, program):
        self.program = program

    def __call__(self, arguments, **options):
        return REAL_RUN([sys.executable, "-c", self.program, *arguments[4:]], **options)


REAL_RUN = files.subprocess.run


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", files.TOO_MUCH),
        ("import time; time.sleep(60)", files.TOO_MUCH),
        ("raise SystemExit(1)", files.DAMAGED),
        ("from core.files.__main__ import limit_yourself; limit_yourself(); bytearray(400 << 20)", files.DAMAGED),
    ],
)
def test_a_decoder_that_crashes_or_hangs_or_eats_memory_is_a_sentence(program, sentence, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 3)
    monkeypatch.setattr(files.subprocess, "run", Child(program))
    with pytest.raises(FileError) as refused:
        cleaned(b"anything", tmp_path)
    assert str(refused.value) == sentence


def test_no_secret_of_the_site_is_in_reach_of_a_decoder(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "the key of the site")
    monkeypatch.setattr(
        files.subprocess, "run", Child("import os, json; print(json.dumps({'refused': repr(dict(os.environ))}))")
    )
    with pytest.raises(FileError) as said:
        cleaned(b"anything", tmp_path)
    assert "the key of the site" not in str(said.value)
    assert "MALLOC_ARENA_MAX" in str(said.value)


def test_a_picture_with_thousands_of_packed_texts_is_refused_before_they_are_unfolded(tmp_path):
    output = io.BytesIO()
    Image.new("RGB", (4, 4)).save(output, "PNG")
    text = b"iTXtnote\0\1\0\0\0" + zlib.compress(bytes(900_000))
    piece = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    (tmp_path / "source").write_bytes(output.getvalue()[:33] + piece * 5000 + output.getvalue()[33:])
    with pytest.raises(FileError, match="too many texts"):
        clean(tmp_path / "source", tmp_path / "clean", limits=LIMITS)
