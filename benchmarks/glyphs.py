"""How fast the invented alphabets come, and how they look beside real ones.

    python -m benchmarks.glyphs
    python -m benchmarks.glyphs --sheet sheet.png --omniglot images_background.zip

Times are of the wall clock (and of the processor, which other programs disturb less), in this
process, with an empty cache: until the first alphabet is
there, until all are, and until they are opened again. The sheet shows alphabets row by row, glyphs
on the left and, where real ones are given, Omniglot on the right.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workbench.bank import Bank
from workbench.datasets.glyphs import Config, Glyphs, alphabets

ROWS, COLUMNS, CELL, GAP = 12, 10, 105, 6


def measure(config: Config) -> dict[str, float]:
    """Seconds and rates of one build with an empty cache, and of the opening after it."""
    with tempfile.TemporaryDirectory() as cache:
        begin, used = time.perf_counter(), time.process_time()
        first: list[float] = []

        def progress(done: int, _: int, __: str) -> None:
            if done and not first:
                first.append(time.perf_counter() - begin)

        data = Glyphs(config).load(Path(cache), progress)
        whole, used = time.perf_counter() - begin, time.process_time() - used
        begin = time.perf_counter()
        Glyphs(config).load(Path(cache), lambda *_: None)
        again = time.perf_counter() - begin
        return {
            "characters": len(data.bank.classes),
            "images": len(data.bank.images),
            "first_alphabet_s": first[0],
            "all_s": whole,
            "all_processor_s": used,
            "images_per_s": len(data.bank.images) / whole,
            "from_cache_s": again,
        }


def sheet(config: Config, omniglot: str) -> Image.Image:
    """Both data sets, a row for each alphabet; the drawer changes from cell to cell."""
    blocks = [_block([alphabet.images for alphabet in islice(alphabets(config), ROWS)])]
    if omniglot:
        blocks.append(_block(_real(omniglot)))
    gap = np.full((blocks[0].shape[0], 4 * GAP), 90, np.uint8)
    joined = blocks[0] if len(blocks) == 1 else np.hstack([blocks[0], gap, blocks[1]])
    return Image.fromarray(joined)


def _real(path: str) -> list[NDArray[np.uint8]]:
    from workbench.datasets.omniglot import Config as OmniglotConfig
    from workbench.datasets.omniglot import Omniglot

    with tempfile.TemporaryDirectory() as cache:
        config = OmniglotConfig(path=path, image_size=CELL)
        bank: Bank = Omniglot(config).load(Path(cache), lambda *_: None).bank
        names = sorted({found.group for found in bank.classes})
        picked = [names[i] for i in np.random.default_rng(1).permutation(len(names))[:ROWS]]
        return [
            np.stack(
                [
                    bank.class_images(c)[:20, 0]
                    for c, k in enumerate(bank.classes)
                    if k.group == name
                ]
            )
            for name in picked
        ]


def _block(groups: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Paper white, ink black, from (characters, drawers, 105, 105) of each alphabet."""
    side = CELL + GAP
    page = np.full((len(groups) * side + GAP, COLUMNS * side + GAP), 200, np.uint8)
    for row, images in enumerate(groups):
        for column in range(COLUMNS):
            top, left = row * side + GAP, column * side + GAP
            image = images[column % images.shape[0], (7 * column) % images.shape[1]]
            page[top : top + CELL, left : left + CELL] = 255 - image
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three alphabets in place of thirty")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    parser.add_argument("--sheet", metavar="FILE", help="write a picture of both data sets")
    parser.add_argument("--omniglot", metavar="PATH", default="", help="the real data set")
    options = parser.parse_args()
    figures = measure(Config(alphabets=3, validation=1, test=1) if options.quick else Config())
    for name, value in figures.items():
        print(f"{name:18} {value:10.3f}" if name.endswith("_s") else f"{name:18} {value:10.0f}")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if options.sheet:
        sheet(Config(drawers=8), options.omniglot).save(options.sheet)


if __name__ == "__main__":
    main()
