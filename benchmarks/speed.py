"""How fast training and sampling are beside other libraries, in processes of their own, in turn.

    make bench
    python -m benchmarks.speed --peers .peers
    python -m benchmarks.speed --events "maml 5-way T=32" --turns 5 --json speed.json
    python -m benchmarks.speed --peers .peers --device cuda

Every contestant of an event has a fresh process. They take turns of a few seconds, one computing
while the others wait, so that a machine's moods strike all of them; the first iteration of a turn
is not counted, for a system takes memory back from who waits. A figure is the median over turns of
a turn's median; ± is half the distance between the turns' quartiles. A ratio is the median of those
within a turn. "Arithmetic alone" does the multiplications of all convolutions as large matrix
products: nobody can be faster here. Libraries that are not installed are left out, and said.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import contestants, peers, rivals

ROOT = Path(__file__).parents[1]
OWN = (contestants.OURS, contestants.ONE_WORKER, contestants.CEILING)


@dataclass(frozen=True)
class Figure:
    """One contestant in one event."""

    event: str
    name: str
    per_second: tuple[float, ...]  # tasks, or images, of each turn
    memory: float  # MB at the peak, above what was there before


class Contestant:
    """A process that computes when it is its turn."""

    def __init__(self, name: str, event: str, device: str, interpreter: Path) -> None:
        method, ways, tasks = contestants.EVENTS[event]
        images = ways * (rivals.K_SHOT + rivals.queries(ways)) if method == "sampling" else 1
        self.name, self._event, self._units = name, event, tasks * images
        self._process = subprocess.Popen(
            [str(interpreter), "-W", "ignore", "-m", "benchmarks.contestants", name, event, device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        self._read()  # it is ready

    def turn(self, seconds: float) -> tuple[float, float]:
        """Units per second, and MB at the peak so far."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        found = json.loads(self._read())
        return self._units / float(np.median(found["seconds"])), float(found["memory"])

    def end(self) -> None:
        """Let the process end."""
        self._process.communicate()

    def _read(self) -> str:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            return line
        raise SystemExit(f"{self.name} failed in {self._event}; its message is above")


def measure(event: str, device: str, turns: int, seconds: float, folder: Path) -> list[Figure]:
    """All contestants of an event, in turn."""
    there = {*OWN, "plain torch", "PIL", *peers.found(folder)}
    rivals_python = peers.python(folder) if peers.python(folder).exists() else Path(sys.executable)
    runners = [
        Contestant(name, event, device, Path(sys.executable) if name in OWN else rivals_python)
        for name in contestants.contestants(event, device)
        if name in there
    ]
    found: dict[str, list[tuple[float, float]]] = {runner.name: [] for runner in runners}
    for turn in range(turns):
        for runner in runners if turn % 2 == 0 else reversed(runners):
            found[runner.name].append(runner.turn(seconds))
        now = ", ".join(f"{name} {pairs[-1][0]:,.1f}" for name, pairs in found.items())
        print(f"{event}, turn {turn + 1}: {now} /s", flush=True)
    for runner in runners:
        runner.end()
    return [
        Figure(event, name, tuple(speed for speed, _ in pairs), pairs[-1][1])
        for name, pairs in found.items()
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    heads = ["event", "contestant", "per second", "ours is", "peak MB"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for event in dict.fromkeys(figure.event for figure in figures):
        same = [figure for figure in figures if figure.event == event]
        ours = next(figure for figure in same if figure.name == contestants.OURS)
        for figure in same:
            speeds = np.array(figure.per_second)
            spread = float(np.subtract(*np.percentile(speeds, [75, 25]))) / 2
            ratio = float(np.median(np.array(ours.per_second) / speeds))
            cells = [
                event,
                figure.name,
                f"{np.median(speeds):,.1f} ± {spread:,.1f}",
                "" if figure is ours else f"{ratio:.2f} ×",
                f"{figure.memory:,.0f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--peers", type=Path, default=Path(".peers"), help="made by make bench")
    parser.add_argument("--events", nargs="+", choices=list(contestants.EVENTS))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=3, help="of a turn, at least")
    parser.add_argument("--quick", action="store_true", help="one turn of two seconds")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    missing = sorted(set(peers.IMPORTS) - set(peers.found(given.peers)))
    if missing:
        print(f"left out, not installed in {given.peers}: {', '.join(missing)}", file=sys.stderr)
    turns, seconds = (1, 2.0) if given.quick else (given.turns, given.seconds)
    figures: list[Figure] = []
    for event in given.events or contestants.EVENTS:
        figures += measure(event, given.device, turns, seconds, given.peers)
    print(table(figures))
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


if __name__ == "__main__":
    main()
