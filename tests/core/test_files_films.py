"""Films made by hand to harm the one who cleans them, or to pass with nothing in them, are refused soon."""

import struct

import pytest

from core.files import FileError, Limits, clean, films

LIMITS = Limits(upload_bytes=20 << 20, recording_bytes=600 << 20)
HEAD = struct.pack(">I", 28) + b"ftypisom\0\0\2\0isomiso2avc1"


def box(name, content=b""):
    return struct.pack(">I", len(content) + 8) + name + content


def full(name, content):
    return box(name, bytes(4) + content)


def places(chunks, size, count=None):
    """The table of a track: where each chunk begins, one sample in each, all of one size."""
    return (
        full(b"stco", struct.pack(f">I{len(chunks)}I", len(chunks), *chunks))
        + full(b"stsc", struct.pack(">4I", 1, 1, 1, 1))
        + full(b"stsz", struct.pack(">II", size, len(chunks) if count is None else count))
    )


def track(kind, codec, table, settings=b"", size=(0, 0)):
    head = bytes(76) + struct.pack(">II", size[0] << 16, size[1] << 16)
    entry = box(codec, bytes(24) + struct.pack(">HH", *size) + bytes(50) + settings)
    inside = box(b"stbl", full(b"stsd", struct.pack(">I", 1) + entry) + table)
    handler = full(b"hdlr", bytes(4) + kind + bytes(13))
    return box(b"trak", box(b"tkhd", head) + box(b"mdia", handler + box(b"minf", inside)))


SETTINGS = box(b"avcC", b"\1")


def video(table=None, settings=SETTINGS, size=(64, 48)):
    return track(b"vide", b"avc1", table or places([START], 8), settings, size)


# The content stands before the movie, so that its place is known.
START = len(HEAD) + 8


def film(tmp_path, *tracks, content=b"x" * 64, more=b""):
    movie = box(b"moov", box(b"mvhd", bytes(100)) + b"".join(tracks))
    place = tmp_path / "film.mp4"
    place.write_bytes(HEAD + box(b"mdat", content) + movie + more)
    return place


def cleaned(place, tmp_path):
    return clean(place, tmp_path / "clean", limits=LIMITS)


def test_a_film_made_by_hand_with_pictures_in_it_is_kept(tmp_path):
    kept = cleaned(film(tmp_path, video()), tmp_path)
    assert (kept.mime_type, kept.width, kept.height) == ("video/mp4", 64, 48)


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [video(size=(0, 0))],
        [video(table=b"\0\0\0\x08free")],
        [video(table=places([], 0))],
        [video(table=places([START], 0, count=0))],
        [video(table=places([1 << 31], 8))],
        [video(settings=b"")],
    ],
)
def test_a_film_with_nothing_in_it_is_refused(tracks, tmp_path):
    with pytest.raises(FileError):
        cleaned(film(tmp_path, *tracks), tmp_path)


def test_notes_beside_the_pictures_are_wiped_and_the_pictures_stay(tmp_path):
    notes = track(b"meta", b"mett", places([START + 8, START + 12], 4))
    content = b"PICTURESSECRET!!" + b"more"
    kept = cleaned(film(tmp_path, video(), notes, content=content), tmp_path).path.read_bytes()
    assert kept[START : START + 20] == b"PICTURES" + bytes(8) + b"more"
    assert b"mett" not in kept


@pytest.mark.parametrize("at", [0, 4, START - 4, START + 60, START + 64, 1 << 31])
def test_notes_that_claim_to_lie_elsewhere_wipe_nothing(at, tmp_path):
    notes = track(b"meta", b"mett", places([at], 40))
    with pytest.raises(FileError, match="damaged"):
        cleaned(film(tmp_path, video(), notes), tmp_path)


def test_notes_that_name_the_same_place_many_times_are_refused_before_anything_is_wiped(tmp_path):
    size = 4 << 20
    notes = track(b"meta", b"mett", places([START] * 200_000, size))
    place = film(tmp_path, video(), notes, content=b"x" * size)
    with pytest.raises(FileError, match="damaged"):
        films.clean(place, tmp_path / "clean", "video/mp4")
    assert (tmp_path / "clean").read_bytes()[: START + size] == place.read_bytes()[: START + size]
