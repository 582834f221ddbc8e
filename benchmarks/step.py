"""What a training step costs beside its arithmetic: drawing tasks, the outer update, events, the
store and the live plots.

    python -m benchmarks.step
    python -m benchmarks.step --algorithms maml protonet --seconds 30 --json step.json

- A run trains as the worker trains it: rows, tables and checkpoints into a store, events through a
  pipe. The trainer's clock runs only while it works, so what the wall's clock has more is events
  and store. Another run, under a profiler of its main thread, says what inside the trainer was not
  the map over tasks; the profiler makes these shares of Python's work a little too large.
- A window shows another run live, its Train page in front. The share of the plots is its processor
  time beside that of the worker, without what it needs while nothing trains.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import multiprocessing
import os
import pstats
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

COMMON: dict[str, Any] = {
    "dataset": "glyphs",
    "training.steps": 10**6,
    "validation.every": 50,
    "validation.tasks": 20,
    "device": "cpu",
}
WATCHED = 1_000  # steps of the run that a window shows: about a px of its curves each
PARTS = {
    # of the profile: (file, function)
    "map over tasks": ("mapping.py", "update"),
    "draw tasks": ("session.py", "draw"),
    "noise": ("session.py", "noise"),
    "outer update": ("train.py", "_apply"),
    "validation": ("evaluate.py", "evaluate"),
}


@dataclass(frozen=True)
class Share:
    """Of one method; shares in percent of the time of training."""

    algorithm: str
    steps: int
    step_ms: float
    beside: float  # events and store
    parts: Mapping[str, float]  # inside the trainer
    plots: float  # the window's processor time in percent of the worker's


def train(
    algorithm: str, seconds: float, profiled: bool
) -> tuple[int, float, float, dict[str, float]]:
    """Steps, seconds on the wall, those of the trainer, and of its parts if `profiled`."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.protocol import Event
    from workbench.services.experiment import resolve
    from workbench.services.training import start
    from workbench.store import Store
    from workbench.worker.outbox import Outbox

    receiving, sending = multiprocessing.Pipe(duplex=False)
    reader = multiprocessing.get_context("spawn").Process(target=swallow, args=(receiving,))
    reader.start()
    outbox = Outbox(sending)
    with tempfile.TemporaryDirectory() as folder:
        run = start(resolve(COMMON | {"algorithm": algorithm}), Store(Path(folder)))
        began = time.perf_counter()

        def on_event(event: Event) -> None:
            outbox.send(event)
            if time.perf_counter() - began > seconds:
                run.ask("abort")

        profile = cProfile.Profile()
        if profiled:
            profile.runcall(run.execute, on_event)
        else:
            run.execute(on_event)
        wall = time.perf_counter() - began
    outbox.close()
    reader.join()
    found = parts(profile) if profiled else {}
    return run.trainer.published[0], wall, run.trainer.seconds, found


def swallow(connection: Connection) -> None:
    """Read events until there are no more."""
    while True:
        try:
            connection.recv()
        except EOFError:
            return


def parts(profile: cProfile.Profile) -> dict[str, float]:
    """Seconds of each part, with all that it calls."""
    found = dict.fromkeys(PARTS, 0.0)
    table: Mapping[tuple[str, int, str], Sequence[Any]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, function), figures in table.items():
        for name, place in PARTS.items():
            if (Path(file).name, function) == place:
                found[name] += figures[3]
    return found


def watch(algorithm: str, seconds: float) -> float:
    """Processor time of a window that shows a run, in percent of that of the worker."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from benchmarks.hand import opened

    with tempfile.TemporaryDirectory() as scratch, opened(Path(scratch)) as hand:
        hand.wait("the engine is ready", lambda: hand.workbench.link.state == "ready")
        hand.rest(2)
        began = time.process_time()
        hand.rest(seconds / 4)
        idle = (time.process_time() - began) / (seconds / 4)
        names = {"algorithm": "algorithm.name", "dataset": "dataset.name"}
        values = {names.get(key, key): value for key, value in COMMON.items()}
        run = hand.train(values | {"algorithm.name": algorithm, "training.steps": WATCHED})
        rows = hand.workbench.store.open(run)
        hand.wait("the run trains", lambda: len(rows.metrics("train")) >= 20)
        window, worker, began = time.process_time(), children_seconds(), time.perf_counter()
        hand.rest(seconds)
        elapsed = time.perf_counter() - began
        window = time.process_time() - window - idle * elapsed
        worker = children_seconds() - worker
    return 100 * max(window, 0.0) / worker


def children_seconds() -> float:
    """Processor time of the processes that this one started (Linux)."""
    ticks, known = 0, str(os.getpid())
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[1] == known:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def measure(algorithm: str, seconds: float) -> Share:
    """All measurements, each in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        steps, wall, inside, _ = pool.submit(train, algorithm, seconds, False).result()
        _, long, _, found = pool.submit(train, algorithm, seconds, True).result()
        plots = pool.submit(watch, algorithm, seconds).result()
    shares = {name: 100 * part / long for name, part in found.items()}
    return Share(algorithm, steps, 1000 * wall / steps, 100 * (1 - inside / wall), shares, plots)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n\n")[0])
    parser.add_argument("--algorithms", nargs="+", default=["maml", "protonet"])
    parser.add_argument("--seconds", type=float, default=30, help="of each measurement")
    parser.add_argument("--quick", action="store_true", help="five seconds")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    seconds = 5.0 if given.quick else given.seconds
    shares = [measure(algorithm, seconds) for algorithm in given.algorithms]
    heads = ["method", "step, ms", *PARTS, "events and store", "live plots"]
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for share in shares:
        figures = [*share.parts.values(), share.beside, share.plots]
        cells = [share.algorithm, f"{share.step_ms:.1f}", *(f"{one:.2f} %" for one in figures)]
        print(f"| {' | '.join(cells)} |")
    if given.json:
        given.json.write_text(json.dumps([asdict(share) for share in shares], indent=1))


if __name__ == "__main__":
    main()
