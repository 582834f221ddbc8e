"""How fast training and sampling are beside other libraries, in turn and in fresh processes.

    make bench
    python -m benchmarks.speed --peers .peers
    python -m benchmarks.speed --events "maml 5-way T=32" --rounds 5 --json speed.json

Every contestant of an event runs for some seconds in a process of its own, then the next one, round
after round, so that a machine's moods strike all of them. A figure is the median over rounds of a
round's median; ± is half the range between rounds. The ratio is to the fastest peer of the same
rounds. Libraries that are not installed are left out, and said.
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

from benchmarks import contestants, peers

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Figure:
    """One contestant in one event, a number for each round."""

    event: str
    name: str
    per_second: tuple[float, ...]  # tasks, or images
    memory: tuple[float, ...]  # MB at the peak, above what was there before


def run(name: str, event: str, seconds: float, interpreter: Path) -> tuple[float, float]:
    """Units per second, and MB at the peak, of one fresh process."""
    command = [str(interpreter), "-W", "ignore", str(HERE / "contestants.py"), name, event]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent) if name == "ours" else ""}
    done = subprocess.run(
        [*command, str(seconds)], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed in {event}:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    method, ways, tasks = contestants.EVENTS[event]
    images = ways * (contestants.K_SHOT + contestants.QUERIES) if method == "sampling" else 1
    return tasks * images / float(np.median(found["seconds"])), float(found["memory"])


def measure(event: str, rounds: int, seconds: float, folder: Path) -> list[Figure]:
    """All contestants of an event, in turn."""
    there = {"ours", "plain torch", "PIL", *peers.found(folder)}
    names = [name for name in contestants.contestants(event) if name in there]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else reversed(names):
            foreign = name != "ours" and peers.python(folder).exists()
            interpreter = peers.python(folder) if foreign else Path(sys.executable)
            found[name].append(run(name, event, seconds, interpreter))
            print(f"{event}, round {turn + 1}, {name}: {found[name][-1][0]:,.1f} /s", flush=True)
    return [
        Figure(event, name, tuple(speed for speed, _ in pairs), tuple(mb for _, mb in pairs))
        for name, pairs in found.items()
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    heads = ["event", "contestant", "per second", "ours is", "peak MB"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for event in dict.fromkeys(figure.event for figure in figures):
        same = [figure for figure in figures if figure.event == event]
        ours = next(figure for figure in same if figure.name == "ours")
        for figure in same:
            speeds = np.array(figure.per_second)
            spread = float(speeds.max() - speeds.min()) / 2
            ratio = float(np.median(np.array(ours.per_second) / speeds))
            cells = [
                event,
                figure.name,
                f"{np.median(speeds):,.1f} ± {spread:,.1f}",
                "" if figure is ours else f"{ratio:.2f} ×",
                f"{np.median(figure.memory):,.0f}",
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--peers", type=Path, default=Path(".peers"), help="made by make bench")
    parser.add_argument("--events", nargs="+", choices=list(contestants.EVENTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10, help="of each process")
    parser.add_argument("--quick", action="store_true", help="one round of two seconds")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    missing = sorted(set(peers.IMPORTS) - set(peers.found(given.peers)))
    if missing:
        print(f"left out, not installed in {given.peers}: {', '.join(missing)}", file=sys.stderr)
    rounds, seconds = (1, 2.0) if given.quick else (given.rounds, given.seconds)
    figures: list[Figure] = []
    for event in given.events or contestants.EVENTS:
        figures += measure(event, rounds, seconds, given.peers)
    print(table(figures))
    if given.json:
        given.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))


if __name__ == "__main__":
    main()
