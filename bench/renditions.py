"""What the whole set of renditions of a 12-megapixel photograph costs: processor, wall time, memory, bytes by format.

The photograph is made here: as much in every octave as in nature, a smooth sky above, grain of a sensor; with paths
given, those pictures are measured instead. Each runs in a process of its own, on SQLite and a disk. User and system
time of all threads count. Kept in var/bench/.
"""

import argparse
import hashlib
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_048_576


def photograph(width: int, height: int) -> bytes:
    from PIL import Image, ImageChops, ImageFilter

    random.seed(12)

    def octave(size: float) -> Image.Image:
        across, down = max(2, round(width / size)), max(2, round(height / size))
        grey = Image.frombytes("L", (across, down), random.randbytes(across * down))
        return grey.resize((width, height), Image.Resampling.BICUBIC)

    def fractal(sizes: list[float], fading: float) -> Image.Image:
        total, weight, summed = octave(sizes[0]), 1.0, 1.0
        for size in sizes[1:]:
            weight *= fading
            summed += weight
            total = Image.blend(total, octave(size), weight / summed)
        return total

    rough = fractal([1500, 700, 350, 170, 80, 40, 20, 10, 5, 2.5, 1.5], 0.84).point(lambda v: v * 2 - 128)
    smooth = fractal([2000, 900, 400], 0.4)
    rising = Image.linear_gradient("L").resize((width, height))
    edge = ImageChops.add(fractal([900, 400, 150, 60, 20, 8], 0.6), rising, 1.2, -60)
    land = edge.point(lambda v: 255 if v > 140 else 0).filter(ImageFilter.GaussianBlur(1))
    ground = Image.merge(
        "RGB",
        (
            rough.point(lambda v: v * 0.9 + 20),
            Image.blend(rough, smooth, 0.15).point(lambda v: v * 0.8 + 15),
            Image.blend(rough, smooth, 0.35).point(lambda v: v * 0.6),
        ),
    )
    sky = Image.merge(
        "RGB",
        (
            smooth.point(lambda v: 120 + v * 0.3),
            smooth.point(lambda v: 150 + v * 0.25),
            smooth.point(lambda v: 190 + v * 0.2),
        ),
    )
    grain = Image.effect_noise((width, height), 7)
    whole = ImageChops.add(Image.composite(ground, sky, land), Image.merge("RGB", (grain, grain, grain)), 1, -128)
    output = io.BytesIO()
    whole.save(output, "JPEG", quality=90)
    return output.getvalue()


def measure(path: Path, keep: str) -> dict[str, object]:
    """In a fresh process: the set of one picture, from the row to the rows."""
    scratch = tempfile.mkdtemp(prefix="bench-renditions-")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{scratch}/bench.sqlite3",
        "REDIS_URL": "",
        "MEDIA_ROOT": keep or f"{scratch}/media",
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command
    from PIL import Image

    from media_assets import making, storage
    from media_assets.models import MediaAsset, Rendition, new_key

    call_command("migrate", verbosity=0)
    content = path.read_bytes()
    with Image.open(path) as picture:
        mime_type, (width, height) = Image.MIME[picture.format or ""], picture.size
    extension = mime_type.removeprefix("image/").replace("jpeg", "jpg")
    key = new_key()
    asset = MediaAsset.objects.create(
        key=key,
        file=storage.originals().save(f"{key}.{extension}", ContentFile(content)),
        extension=extension,
        name=path.stem,
        mime_type=mime_type,
        size_bytes=len(content),
        width=width,
        height=height,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    del content
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    outcome = making.make_all(asset)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    by_format: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in Rendition.objects.all():
        counts = by_format["web" if row.spec.startswith("web.") else row.spec.rpartition(".")[2]]
        counts[0] += 1
        counts[1] += row.size_bytes
    return {
        "picture": path.name,
        "pixels": f"{width} x {height}",
        "original_bytes": asset.size_bytes,
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2),
        "wall_seconds": round(wall, 2),
        "memory_growth_mb": round((after.ru_maxrss - before.ru_maxrss) / 1024, 1),
        "renditions": len(outcome.made),
        "failed": outcome.failed,
        "bytes_by_format": {form: {"files": n, "bytes": size} for form, (n, size) in sorted(by_format.items())},
        "bytes": sum(size for _, size in by_format.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--size", default="4000x3000", help="of the photograph that is made, in pixels")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", default="", help="a folder to look at the renditions in afterwards")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path[0] = str(ROOT)
    if options.one:
        print(json.dumps(measure(options.one, options.keep)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        pictures = options.pictures
        if not pictures:
            width, height = (int(part) for part in options.size.split("x"))
            pictures = [Path(scratch) / f"photograph-{width}x{height}.jpg"]
            pictures[0].write_bytes(photograph(width, height))
        results = []
        for picture in pictures:
            command = [sys.executable, __file__, "--one", str(picture), "--keep", options.keep]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                for _ in range(options.runs)
            ]
            result = min(runs, key=lambda run: run["cpu_seconds"])
            result["cpu_seconds_of_runs"] = [run["cpu_seconds"] for run in runs]
            results.append(result)
            print(json.dumps(result, indent=2))
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"renditions-{datetime.now(UTC):%Y%m%d-%H%M%S}.json").write_text(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
