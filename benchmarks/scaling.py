"""How time and memory grow with what a person may ask for.

    python -m benchmarks.scaling
    python -m benchmarks.scaling --axes ways width --json scaling.json

Along each axis everything else stays as it is: MAML, Conv-4, 5-way 1-shot, 4 tasks, one thread.
Each point is a process of its own; time is the median of an outer step, memory the peak above what
the process had before. A slope is that of log y over log x by least squares: 1 is proportional, 0
is free.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

BASE: dict[str, Any] = {
    "algorithm": "maml",
    "dataset": "glyphs",
    "backbone.downsample": "pool",
    "training.meta_batch": 4,
    "training.threads": 1,
    "training.steps": 10**6,
    "validation.every": 10**6,
    "validation.save_every": 10**6,
    "device": "cpu",
}
# Axis: its values, and the settings that a value means.
SETTINGS: dict[str, tuple[tuple[int, ...], Callable[[int], Mapping[str, Any]]]] = {
    "tasks": ((2, 4, 8, 16), lambda x: {"training.meta_batch": x}),
    "ways": ((5, 10, 20), lambda x: {"task.n_way": x}),
    "shots": ((1, 2, 5), lambda x: {"task.k_shot": x}),
    "inner steps": ((1, 2, 5, 10), lambda x: {"algorithm.inner_steps": x}),
    "inner steps, memory saved": (
        (1, 2, 5, 10),
        lambda x: {"algorithm.inner_steps": x, "algorithm.recompute": True},
    ),
    "width": ((16, 32, 64, 128), lambda x: {"backbone.width": x}),
    "image side": ((28, 56, 84), lambda x: {"dataset.image_size": x}),
}
COUNTS: dict[str, tuple[int, ...]] = {
    "classes in the bank": (1_000, 10_000, 100_000),
    "runs in the store": (100, 1_000, 10_000),
}
STEPS = 4


def memory() -> float:
    """Peak MB of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def train_point(values: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds of an outer step, and MB."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.session import Session
    from workbench.engine.train import Stepped, Trainer
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent

    config = resolve({**BASE, **values})
    session = Session(config, from_cache(config, silent))
    before = memory()
    events = (event for event in Trainer(session).events() if isinstance(event, Stepped))
    next(events)
    seconds = []
    for _ in range(STEPS):
        began = time.perf_counter()
        next(events)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)), memory() - before


def bank_point(classes: int) -> tuple[float, float]:
    """Seconds to draw the tasks of a step from a memory-mapped bank of so many classes of 20
    images, and MB."""
    import torch

    from workbench.bank import Bank, BankBuilder, ClassInfo
    from workbench.engine.session import Session
    from workbench.services.experiment import resolve
    from workbench.sources import ImageData

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        random = np.random.default_rng(0)
        images = (random.random((20, 1, 28, 28)) > 0.9).astype(np.uint8) * 255
        path = Path(folder) / "bank"
        with BankBuilder(path, images.shape[1:]) as builder:
            for number in range(classes):
                builder.add(ClassInfo(str(number), str(number // 40)), images)
        bank = Bank.open(path)
        edge = classes // 5
        splits = {
            "validation": tuple(range(edge)),
            "test": tuple(range(edge, 2 * edge)),
            "train": tuple(range(2 * edge, classes)),
        }
        before = memory()
        session = Session(resolve(BASE), ImageData(bank, splits, rotations=True, folder=str(path)))
        session.tasks("train", 0, 32)
        seconds = []
        for step in range(20):
            began = time.perf_counter()
            session.tasks("train", step, 32)
            seconds.append(time.perf_counter() - began)
        return float(np.median(seconds)), memory() - before


def store_point(runs: int) -> tuple[float, float]:
    """Seconds to list so many runs that nobody changed, and MB."""
    from workbench.store import RunStatus, Store

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for _ in range(runs):
            with store.create({"algorithm": {"name": "maml"}}, {"torch": "2"}) as run:
                run.status(RunStatus.DONE)
        before = memory()
        Store(Path(folder)).runs()
        began = time.perf_counter()
        assert len(Store(Path(folder)).runs()) == runs
        return time.perf_counter() - began, memory() - before


def point(axis: str, x: int) -> tuple[float, float]:
    """One point, in this process."""
    if axis == "classes in the bank":
        return bank_point(x)
    if axis == "runs in the store":
        return store_point(x)
    return train_point(SETTINGS[axis][1](x))


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Of log y over log x, by least squares."""
    return float(np.polyfit(np.log(xs), np.log(np.maximum(ys, 1e-9)), 1)[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    axes = {axis: values for axis, (values, _) in SETTINGS.items()} | COUNTS
    parser.add_argument("--axes", nargs="+", choices=list(axes), default=list(axes))
    parser.add_argument("--quick", action="store_true", help="the first two values of each axis")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--point", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.point:
        print(json.dumps(point(given.point[0], int(given.point[1]))))
        return
    found: dict[str, list[tuple[int, float, float]]] = {}
    print(f"{'axis':26}{'value':>9}{'seconds':>12}{'peak MB':>10}")
    for axis in given.axes:
        found[axis] = []
        for x in axes[axis][: 2 if given.quick else None]:
            command = [sys.executable, "-m", "benchmarks.scaling", "--point", axis, str(x)]
            place = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=place)
            seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
            found[axis].append((x, seconds, megabytes))
            print(f"{axis:26}{x:9,}{seconds:12.4f}{megabytes:10.0f}", flush=True)
        xs, times, sizes = zip(*found[axis], strict=True)
        print(f"{axis:26}{'slope':>9}{slope(xs, times):12.2f}{slope(xs, sizes):10.2f}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
