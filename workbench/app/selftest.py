"""`--self-test`: the program uses itself as a person would and reports it as one JSON object.

It opens the window without a display, starts the worker, trains on the glyphs, draws while the run
trains, stops, resumes, and closes. Everything lies in a folder of its own that is removed. A frozen
program is tested this way on a machine without Python.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

Launch = Callable[[Path | None], tuple[Connection, BaseProcess]]
Census = Callable[[], Mapping[str, Sequence[str]]]


def main(arguments: Sequence[str], launch: Launch, census: Census) -> int:
    """Run the self-test and print its report; 0 if everything worked.

    Args:
        arguments: none are known.
        launch: starts a worker for a store.
        census: tells which plug-ins a worker finds.
    """
    if arguments:
        print(f"--self-test takes no arguments, not {' '.join(arguments)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="workbench-", ignore_cleanup_errors=True) as folder:
        _move_home(Path(folder))
        report = _report(Path(folder), launch, census)
    print(json.dumps(report))
    return 0 if report["ok"] else 1


def _move_home(folder: Path) -> None:
    """Before Qt and the worker look: no display, and the person's own settings stay untouched."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())


def _report(folder: Path, launch: Launch, census: Census) -> dict[str, Any]:
    from workbench.app.journey import Journey

    journey = Journey(lambda: launch(folder / "store"), folder / "store")
    try:
        journey.run()
        plugins = {kind: list(names) for kind, names in census().items()}
    except Exception as error:  # noqa: BLE001 - the edge of the process: a failure is the report
        return {"ok": False, "after": list(journey.seconds), "error": repr(error)} | journey.found
    finally:
        journey.close()
    frozen = bool(getattr(sys, "frozen", False))
    return {"ok": True, "frozen": frozen, "plugins": plugins, "seconds": journey.seconds} | (
        journey.found
    )
