"""What it costs to examine a file: time, and peak memory of this process and of the child that decodes.

`python bench/intake.py [--corpus FOLDER]`. Each file is examined in a fresh process, for peaks only ever rise. Growth
is what this process gained on top of what it had, and all the child had.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image, ImageCms  # noqa: E402


def peak() -> float:
    """Of this process, in MB."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


def examine(place: str) -> None:
    from core.files import FileError, Limits, clean

    before, began = peak(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            kept = clean(Path(place), Path(folder) / "clean", limits=Limits(100 << 20, 2 << 30))
            said = f"{kept.mime_type} {kept.width} × {kept.height}"
        except FileError as error:
            said = str(error)
    taken = time.perf_counter() - began
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.dump([taken, child.ru_utime + child.ru_stime, peak() - before, child.ru_maxrss / 1024, said], sys.stdout)


def photograph(width: int, height: int, mode: str = "RGB") -> Image.Image:
    grain = Image.frombytes("RGB", (256, 256), os.urandom(256 * 256 * 3))
    return grain.resize((width, height), Image.Resampling.BILINEAR).convert(mode)


def exif() -> Image.Exif:
    notes = Image.Exif()
    notes[274] = 6
    notes[0x927C] = b"note of the maker" * 3000
    notes.get_ifd(0x8825)[1] = "N"
    return notes


def moving(kind: str, frames: int, width: int, height: int) -> bytes:
    parts = [photograph(width, height) for _ in range(min(frames, 10))] * (frames // 10)
    output = io.BytesIO()
    parts[0].save(output, kind, save_all=True, append_images=parts[1:], duration=40)
    return output.getvalue()


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def wide_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile + b"\0" * 3_000_000


FILES: dict[str, Callable[[], bytes]] = {
    "12 MP JPEG, turned": lambda: saved(photograph(4032, 3024), "JPEG", quality=92, exif=exif()),
    "12 MP JPEG, in four inks": lambda: saved(photograph(4032, 3024, "CMYK"), "JPEG", quality=92),
    "12 MP JPEG, 3 MB of profile": lambda: saved(photograph(4032, 3024), "JPEG", icc_profile=wide_profile()),
    "48 MP JPEG, turned": lambda: saved(photograph(8064, 6048), "JPEG", quality=90, exif=exif()),
    "48 MP JPEG, progressive": lambda: saved(photograph(8064, 6048), "JPEG", progressive=True),
    "100 MP JPEG": lambda: saved(Image.new("RGB", (10_000, 10_000)), "JPEG"),
    "24 MP PNG with alpha": lambda: saved(photograph(6000, 4000, "RGBA"), "PNG", compress_level=1),
    "12 MP PNG, 16 bits": lambda: saved(Image.new("I;16", (4032, 3024), 40_000), "PNG", compress_level=1),
    "100 MP PNG": lambda: saved(Image.new("L", (10_000, 10_000)), "PNG", compress_level=1),
    "9 MP WebP": lambda: saved(photograph(3600, 2500), "WEBP", method=0),
    "12 MP AVIF": lambda: saved(photograph(4032, 3024), "AVIF", speed=10),
    "200 frames of GIF": lambda: moving("GIF", 200, 640, 480),
    "40 frames of WebP": lambda: moving("WEBP", 40, 1000, 800),
    "two pictures in one (MPO)": lambda: saved(
        photograph(4032, 3024), "MPO", save_all=True, append_images=[photograph(2016, 1512)]
    ),
}


def files(corpus: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for place in sorted(corpus.glob("*.*")) if corpus.exists() else []:
        if place.suffix != ".json":
            yield place.name, place
    for number, (name, make) in enumerate(FILES.items()):
        place = folder / str(number)
        place.write_bytes(make())
        yield name, place
        place.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/data/corpora/images")
    parser.add_argument("--examine", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.examine:
        return examine(asked.examine)
    print(f"{'file':44} {'clock':>7} {'work':>7} {'here':>6} {'child':>6}")
    most = slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, place in files(asked.corpus, Path(folder)):
            done = subprocess.run([sys.executable, __file__, "--examine", place], capture_output=True, check=True)
            taken, work, here, child, said = json.loads(done.stdout)
            most, slowest = max(most, here + child), max(slowest, work)
            print(f"{name[:44]:44} {taken:6.2f}s {work:6.2f}s {here:4.0f}MB {child:4.0f}MB  {said[:70]}", flush=True)
    print(f"most memory {most:.0f} MB, most work {slowest:.2f} s")


if __name__ == "__main__":
    main()
