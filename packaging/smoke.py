"""Test the frozen program as a stranger would meet it.

It lies in a folder with a space in its name, on a machine without Python on the PATH, without a
display, with an empty home. Its `--self-test` must succeed, and know the plug-ins of the source.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "dist" / "fewshot-workbench"
PLUGIN_ROOTS = ("algorithm", "backbone", "dataset", "sampler")
PATIENCE = 600  # seconds; the first start reads gigabytes


def plugins_of_the_source(catalogue: Path) -> dict[str, list[str]]:
    """The names of the plug-ins of each kind, as the source's catalogue lists them, sorted."""
    fields = json.loads(catalogue.read_text(encoding="utf-8"))["fields"]
    unions = {field["key"]: field for field in fields if field["key"] in PLUGIN_ROOTS}
    return {
        key: sorted(option["name"] for option in unions[key]["options"]) for key in PLUGIN_ROOTS
    }


def bare_environment(home: Path) -> dict[str, str]:
    """An environment in which nothing of this machine's Python can be found."""
    environment = {"PATH": str(home), "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    if os.name == "nt":
        environment |= {
            name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ
        }
        environment |= {"LOCALAPPDATA": str(home), "APPDATA": str(home)}
    return environment


def self_test(program: Path, home: Path) -> Mapping[str, Any]:
    """What the program's self-test reports.

    Raises:
        RuntimeError: it failed, or printed something else than one JSON object.
    """
    outcome = subprocess.run(
        [program, "--self-test"],
        cwd=home,
        env=bare_environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    try:
        report: Mapping[str, Any] = json.loads(outcome.stdout)
    except json.JSONDecodeError:
        report = {}
    if outcome.returncode != 0 or not report.get("ok"):
        raise RuntimeError(
            f"exit status {outcome.returncode}\n{outcome.stdout}\n{outcome.stderr[-4000:]}"
        )
    return report


def main() -> int:
    name = "fewshot-workbench.exe" if os.name == "nt" else "fewshot-workbench"
    with tempfile.TemporaryDirectory(prefix="few shot ", dir=FOLDER.parent) as place:
        # Moved, not copied: it is gigabytes. It goes back whatever happens.
        moved, home = Path(place, "the program"), Path(place, "home")
        home.mkdir()
        FOLDER.rename(moved)
        try:
            report = self_test(moved / name, home)
        except RuntimeError as error:
            print(f"The frozen program's self-test failed: {error}", file=sys.stderr)
            return 1
        finally:
            moved.rename(FOLDER)
    wanted = plugins_of_the_source(ROOT / "resources" / "catalogue.json")
    if report["plugins"] != wanted:
        print(f"Plug-ins differ: frozen {report['plugins']}, source {wanted}", file=sys.stderr)
        return 1
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
