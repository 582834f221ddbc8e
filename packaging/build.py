"""Freeze the program into `dist/fewshot-workbench/`, a folder that runs where no Python is.

Called by `make package`. Fails where Qt's platform plug-ins would lack a library: PyInstaller only
warns of it, and the program would then die on a machine that lacks it too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "dist" / "fewshot-workbench"
LOG = ROOT / "build" / "package.log"
MISSING = re.compile(r"Library not found: could not resolve '([^']+)', dependency of '([^']+)'")
PLUGINS_THAT_COUNT = re.compile(
    r"platforms[/\\](libqxcb|libqoffscreen|libqwayland|qwindows|libqcocoa)"
)


def freeze() -> int:
    """Run PyInstaller, its words in `build/package.log`; return its exit status."""
    LOG.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "INFO"]
    command += ["--distpath", str(FOLDER.parent), "--workpath", str(LOG.parent)]
    with LOG.open("w", encoding="utf-8") as log:
        return subprocess.run(
            [*command, str(ROOT / "packaging" / "workbench.spec")],
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode


def libraries_that_qt_misses(log: str) -> list[str]:
    """Libraries that PyInstaller did not find and a platform plug-in of Qt's needs, sorted."""
    return sorted({name for name, user in MISSING.findall(log) if PLUGINS_THAT_COUNT.search(user)})


def add_desktop_files(folder: Path) -> None:
    """Put beside the program what makes a double click on a task file open it."""
    shutil.copytree(ROOT / "packaging" / "desktop", folder / "desktop", dirs_exist_ok=True)


def sizes(folder: Path, count: int = 8) -> list[str]:
    """The folder's size and its largest parts, one line each."""
    parts: dict[str, int] = {}
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink():
            inside = file.relative_to(folder).parts
            name = "/".join(inside[1:2] if len(inside) > 2 else inside[:1])
            parts[name] = parts.get(name, 0) + file.stat().st_size
    largest = sorted(parts.items(), key=lambda part: -part[1])[:count]
    return [
        f"{size / 1e6:8.0f} MB  {name}" for name, size in [("all", sum(parts.values())), *largest]
    ]


def main() -> int:
    print(f"Freezing into {FOLDER} (minutes; PyInstaller's words are in {LOG})", flush=True)
    status = freeze()
    log = LOG.read_text(encoding="utf-8")
    if status != 0:
        print("\n".join(log.splitlines()[-20:]), file=sys.stderr)
        return status
    missing = libraries_that_qt_misses(log)
    if missing:
        print(f"Qt's platform plug-ins miss {', '.join(missing)}", file=sys.stderr)
        return 1
    if sys.platform.startswith("linux"):
        add_desktop_files(FOLDER)
    print("\n".join(sizes(FOLDER)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
