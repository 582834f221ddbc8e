"""What the image bank is worth: images per second, and how long a large set takes to open.

    python -m benchmarks.data
    python -m benchmarks.data --images 2000 --seconds 1      # a minute less, and 4 GB less of disk
    python -m benchmarks.data --files 100000   # only a folder of picture files

Images per second: tasks of 5 ways, 1 shot and 15 queries, drawn and gathered from the bank as a run
does it; beside the same from a picture file per image, opened by PIL as most few-shot code does.
Opening: a set of random coloured images of 84 x 84 in the layout of tieredImageNet (.npz), read
into a bank once, then opened in new processes. "Cold" ones find nothing of it in the memory of the
system, where that can be asked for (Linux).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from PIL import Image

WAYS, SHOTS, QUERIES = 5, 1, 15
TASK = WAYS * (SHOTS + QUERIES)
EACH = 200  # images of a class
FILES = 1000  # picture files that PIL opens, again and again
OPENED = 3  # times

# Opens the set as a run does, draws a task, and says the seconds of both.
_OPEN = """
import json, sys, time
from pathlib import Path
import numpy as np
from workbench.sources import DATASETS
from workbench.engine.episodes import ImagePool, TaskShape
from workbench.sources import SAMPLERS
config = DATASETS.config(sys.argv[3])(path=sys.argv[1], **json.loads(sys.argv[4]))
start = time.perf_counter()
data = DATASETS[sys.argv[3]](config).load(Path(sys.argv[2]), lambda *_: None)
opened = time.perf_counter()
shape = TaskShape(5, 1, 15)
sampler = SAMPLERS["uniform"](SAMPLERS.config("uniform")())
pool = ImagePool(data, "train", shape)
numbers, _ = pool.indices(np.random.default_rng(0), sampler, 1, shape)
data.bank.images[np.sort(numbers.ravel())].sum()
print(opened - start, time.perf_counter() - opened)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--images", type=int, default=100_000, help="of the large set")
    parser.add_argument("--files", type=int, help="a folder of one's own pictures, and no more")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each rate")
    parser.add_argument("--folder", type=Path, help="where there is room for two copies of it")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        if given.files:
            _own(folder, given.files)
            return
        need, free = 2.2 * given.images * 3 * 84 * 84, shutil.disk_usage(folder).free
        if need > free:
            raise SystemExit(f"{need / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free.")
        _rates(folder, given.seconds)
        _opening(folder, given.images)


def _rates(folder: Path, seconds: float) -> None:
    print("| images per second | bank | PIL, a file each | ratio |\n|---|---|---|---|")
    for words, shape, form in (
        ("28 × 28 grey, PNG", (1, 28, 28), "PNG"),
        ("84 × 84 colour, JPEG", (3, 84, 84), "JPEG"),
    ):
        bank, files = _from_bank(shape, seconds), _from_files(folder, shape, form, seconds)
        print(f"| {words} | {bank:,.0f} | {files:,.0f} | {bank / files:,.0f} × |", flush=True)


def _from_bank(shape: tuple[int, int, int], seconds: float) -> float:
    import torch

    from workbench.bank import Bank, ClassInfo
    from workbench.engine.episodes import ImagePool, TaskShape
    from workbench.engine.gather import Pictures
    from workbench.sources import SAMPLERS, ImageData

    images = np.random.default_rng(0).integers(0, 256, (100 * 20, *shape), dtype=np.uint8)
    bank = Bank.of([(ClassInfo(f"{c}", ""), images[20 * c : 20 * c + 20]) for c in range(100)])
    data = ImageData(bank, {"train": tuple(range(100))}, rotations=False, folder="")
    task = TaskShape(WAYS, SHOTS, QUERIES)
    pool, stock = ImagePool(data, "train", task), Pictures(images, False, torch.device("cpu"))
    sampler, random = SAMPLERS["uniform"](SAMPLERS.config("uniform")()), np.random.default_rng(1)

    def four_tasks() -> int:
        numbers, _ = pool.indices(random, sampler, 4, task)
        return int(stock(numbers).shape[:3].numel())

    return _rate(four_tasks, seconds)


def _from_files(folder: Path, shape: tuple[int, int, int], form: str, seconds: float) -> float:
    random = np.random.default_rng(0)
    places = [folder / f"{number}.{form.lower()}" for number in range(FILES)]
    for place in places:
        _picture(random, shape).save(place, form)

    def a_task() -> int:
        chosen = random.choice(FILES, TASK, replace=False)
        images = [np.asarray(Image.open(places[number])) for number in chosen]
        return len(np.stack(images))

    return _rate(a_task, seconds)


def _picture(random: np.random.Generator, shape: tuple[int, int, int]) -> Image.Image:
    """Noise of a few pixels, enlarged: a file of about the size that a photograph's has."""
    channels, size, _ = shape
    few = random.integers(0, 256, (size // 7, size // 7, channels), dtype=np.uint8)
    return Image.fromarray(few.squeeze()).resize((size, size), Image.Resampling.BICUBIC)


def _rate(work: Callable[[], int], seconds: float) -> float:
    work()
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        done += work()
    return done / (time.perf_counter() - start)


def _opening(folder: Path, images: int) -> None:
    place, cache = folder / "set", folder / "cache"
    place.mkdir()
    for side, share in (("train", 0.6), ("val", 0.2), ("test", 0.2)):
        _write_side(place, side, int(share * images))
    built, _ = _opened(place, cache)
    size = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
    print(f"\n| {images:,} colour images of 84 × 84 ({size / 1e9:.2f} GB) | seconds |\n|---|---|")
    print(f"| read into a bank, once | {built:.1f} |", flush=True)
    warm = [_opened(place, cache) for _ in range(OPENED)]
    cold = [_opened(place, cache) for _ in range(OPENED) if _forget(cache) and _forget(place)]
    for words, runs in (("opened again", warm), ("opened again, cold", cold)):
        if runs:
            first, task = (max(column) for column in zip(*runs, strict=True))
            print(f"| {words}, the slowest of {OPENED} | {first:.3f} |")
            print(f"| the first task after that | {task:.3f} |")


def _own(folder: Path, files: int) -> None:
    """A folder for each class, of small photographs of which some are the same, for time's sake."""
    place, cache, random = folder / "own", folder / "cache", np.random.default_rng(0)
    some = []
    for _ in range(EACH):
        picture = io.BytesIO()
        _picture(random, (3, 84, 84)).save(picture, "JPEG")
        some.append(picture.getvalue())
    for number in range(files):
        inside = place / f"class {number // EACH:04d}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{number % EACH:04d}.jpg").write_bytes(some[(number + number // EACH) % EACH])
    own = ("image_folder", {"colour": True, "image_size": 84})
    built, _ = _opened(place, cache, *own)
    again = [_opened(place, cache, *own)[0] for _ in range(OPENED)]
    print(f"| {files:,} picture files in folders | seconds |\n|---|---|")
    print(f"| read into a bank, once | {built:.1f} |")
    print(f"| looked through and opened again, the slowest of {OPENED} | {max(again):.2f} |")


def _write_side(place: Path, side: str, count: int) -> None:
    random = np.random.default_rng(0)
    labels: NDArray[np.int64] = np.arange(count) // EACH
    (place / f"{side}_labels.pkl").write_bytes(pickle.dumps({"labels": labels.tolist()}))
    with (
        zipfile.ZipFile(place / f"{side}_images.npz", "w") as archive,
        archive.open("images.npy", "w", force_zip64=True) as file,
    ):
        shape = (count, 84, 84, 3)
        head = {"descr": "|u1", "fortran_order": False, "shape": shape}
        npy.write_array_header_1_0(file, head)
        for start in range(0, count, 1000):
            file.write(random.bytes(min(1000, count - start) * 84 * 84 * 3))


def _opened(
    place: Path,
    cache: Path,
    name: str = "tiered_imagenet",
    settings: Mapping[str, object] = MappingProxyType({}),
) -> tuple[float, float]:
    """Seconds to open the set and to draw a first task, in a process of its own."""
    words = [sys.executable, "-c", _OPEN, str(place), str(cache), name]
    words.append(json.dumps(dict(settings)))
    found = subprocess.run(words, check=True, capture_output=True, text=True)
    first, task = map(float, found.stdout.split())
    return first, task


def _forget(folder: Path) -> bool:
    """Ask the system to drop what it keeps of the files in memory; False where it cannot."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
    return True


if __name__ == "__main__":
    main()
