"""Writes what is made from the declarations: `resources/catalogue.json` and the manual.

python -m workbench.services.catalogue            write them
python -m workbench.services.catalogue --check    fail if they are not what the source says
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.schema.docs import manual
from workbench.schema.resources import resource_root
from workbench.services.experiment import catalogue, catalogue_tree


def generated() -> dict[Path, str]:
    """Every generated file of the source tree and what it must hold."""
    resources = resource_root()
    text = json.dumps(catalogue_tree(), indent=1, ensure_ascii=False) + "\n"
    pages = manual(catalogue())
    folder = resources.parent / "docs" / "manual"
    return {
        resources / "catalogue.json": text,
        **{folder / name: page for name, page in pages.items()},
    }


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The files that do not hold what they must, and the pages that nothing makes any more."""
    wrong = [
        path
        for path, text in files.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    folders = {path.parent for path in files if path.suffix == ".md"}
    left = [page for folder in folders for page in folder.glob("*.md") if page not in files]
    return wrong + left


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 when `--check` finds a difference."""
    parser = argparse.ArgumentParser(description="Write the catalogue and the manual.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if they are stale"
    )
    check = parser.parse_args(arguments).check
    files = generated()
    wrong = stale(files)
    for path in wrong:
        sys.stdout.write(f"{'stale' if check else 'written'}: {path.name}\n")
        if not check and path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        elif not check:
            path.unlink()
    if check and wrong:
        sys.stdout.write("Run `make catalogue` and commit what it writes.\n")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
