"""Sound and films come in whole, and without what tells of places and people."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.files import FileError, Limits, clean, recordings

SAMPLES = Path(__file__).parent / "samples"
LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=600 << 20)


def cleaned(source, tmp_path):
    return clean(source, tmp_path / "clean", limits=LIMITS)


def changed(name, tmp_path, change):
    place = tmp_path / "source"
    place.write_bytes(change((SAMPLES / name).read_bytes()))
    return place


@pytest.mark.parametrize(
    ("name", "mime_type", "size"),
    [
        ("film.mp4", "video/mp4", (64, 48)),
        ("film.mov", "video/mp4", (64, 48)),
        ("film.webm", "video/webm", (64, 48)),
        ("sound.mp3", "audio/mpeg", (None, None)),
        ("sound.m4a", "audio/mp4", (None, None)),
        ("opus.ogg", "audio/ogg", (None, None)),
        ("vorbis.ogg", "audio/ogg", (None, None)),
    ],
)
def test_a_recording_is_kept_with_its_length_and_without_its_labels(name, mime_type, size, tmp_path):
    assert b"SECRET" in (SAMPLES / name).read_bytes()
    kept = cleaned(SAMPLES / name, tmp_path)
    content = kept.path.read_bytes()
    assert (kept.mime_type, kept.width, kept.height) == (mime_type, *size)
    assert 0.9 < kept.duration_seconds < 1.2
    assert b"SECRET" not in content
    assert b"51.5" not in content


@pytest.mark.parametrize("name", ["film.mp4", "film.webm", "opus.ogg", "vorbis.ogg", "sound.m4a"])
def test_what_is_cleaned_once_does_not_change_again(name, tmp_path):
    once = cleaned(SAMPLES / name, tmp_path)
    again = clean(once.path, tmp_path / "again", limits=LIMITS)
    assert again.sha256 == once.sha256


@pytest.mark.parametrize("name", ["film.mp4", "film.webm", "opus.ogg"])
def test_a_recording_cut_in_the_middle_is_refused(name, tmp_path):
    with pytest.raises(FileError, match="damaged or incomplete"):
        cleaned(changed(name, tmp_path, lambda content: content[: len(content) * 2 // 3]), tmp_path)


def test_a_place_a_phone_wrote_is_gone_and_the_film_stays_where_it_was(tmp_path):
    place = b"\0\0\0\x1e\xa9xyz\0\x12\x15\xc7+51.5-000.1/SECRET"

    def with_place(content):
        at = content.index(b"udta") - 4
        size = int.from_bytes(content[at : at + 4], "big")
        return content[: at + 8] + place[:size].ljust(size, b"\0")[: size - 8] + content[at + size :]

    kept = cleaned(changed("film.mp4", tmp_path, with_place), tmp_path)
    assert kept.size_bytes == (SAMPLES / "film.mp4").stat().st_size
    assert b"xyz" not in kept.path.read_bytes()


def test_a_film_of_hevc_says_how_to_record_what_browsers_play(tmp_path):
    with pytest.raises(FileError, match="Most Compatible"):
        cleaned(SAMPLES / "hevc.mov", tmp_path)


def test_a_matroska_film_is_named(tmp_path):
    with pytest.raises(FileError, match="Matroska"):
        cleaned(SAMPLES / "film.mkv", tmp_path)


def test_a_script_behind_the_mark_of_a_sound_is_no_sound(tmp_path):
    place = tmp_path / "source"
    place.write_bytes(b"ID3<script>alert(1)</script>" + b" " * 4000)
    with pytest.raises(FileError, match="damaged"):
        cleaned(place, tmp_path)


def test_a_script_in_the_label_of_a_real_sound_is_cut_off(tmp_path):
    def with_script(content):
        label = b"<script>alert(1)</script>"
        return b"ID3\4\0\0\0\0\0" + bytes([len(label)]) + label + content + b"<script>"

    assert not cleaned(changed("sound.mp3", tmp_path, with_script), tmp_path).path.read_bytes().startswith(b"ID3<")


EMPTY_LABEL = b"ID3\4" + bytes(6)


@pytest.mark.parametrize("before", [EMPTY_LABEL * 4, EMPTY_LABEL + bytes(recordings.MAX_PADDING)])
def test_a_few_labels_and_the_padding_of_programs_are_cut_off(before, tmp_path):
    plain = cleaned(SAMPLES / "sound.mp3", tmp_path).path.read_bytes()
    kept = cleaned(changed("sound.mp3", tmp_path, lambda _: before + plain), tmp_path)
    assert kept.path.read_bytes() == plain


@pytest.mark.parametrize("before", [EMPTY_LABEL * 100_000, EMPTY_LABEL + bytes(recordings.MAX_PADDING + 1)])
def test_countless_labels_or_padding_without_end_are_refused(before, tmp_path):
    with pytest.raises(FileError, match="damaged"):
        cleaned(changed("sound.mp3", tmp_path, lambda content: before + content), tmp_path)


def test_countless_labels_behind_the_sound_are_refused(tmp_path):
    with pytest.raises(FileError, match="damaged"):
        cleaned(changed("sound.mp3", tmp_path, lambda content: content + b"TAG".ljust(128, b" ") * 1000), tmp_path)


@pytest.mark.parametrize("name", ["film.mp4", "film.webm", "opus.ogg", "sound.mp3", "sound.m4a", "vorbis.ogg"])
def test_bytes_turned_anywhere_are_a_refusal_or_a_file(name, tmp_path):
    for at in range(0, 1200, 150):
        source = changed(name, tmp_path, lambda content, at=at: content[:at] + b"\xff" * 8 + content[at + 8 :])
        try:
            assert cleaned(source, tmp_path).size_bytes
        except FileError as error:
            assert str(error).endswith(".")


def test_a_long_film_takes_no_more_memory_than_a_short_one(tmp_path):
    long = tmp_path / "long.mp4"
    shutil.copyfile(SAMPLES / "film.mp4", long)
    with long.open("r+b") as file:
        file.seek(0, 2)
        file.write((300 << 20).to_bytes(4, "big") + b"mdat")
        file.truncate(file.tell() - 8 + (300 << 20))
    program = (
        "import sys, json, resource; from pathlib import Path; from core.files import clean, Limits;"
        "kept = clean(Path(sys.argv[1]), Path(sys.argv[2]), limits=Limits(1, 600 << 20));"
        "own = int(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]);"
        "print(json.dumps([kept.size_bytes, own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, long, tmp_path / "clean"], capture_output=True, cwd=SAMPLES.parents[2]
    )
    size, own, child = json.loads(done.stdout)
    assert size > 300 << 20
    assert max(own, child) < 60_000
