"""The import contracts of pyproject.toml hold, each of them bites, and what they promise is true at
run time.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

# A contract, and an import (module, statement) that it must forbid.
FAULTS = [
    ("layers", "services", "import workbench.worker"),
    ("layers", "store", "import workbench.engine"),
    ("layers", "errors", "import workbench.schema"),
    ("layers", "functional", "import workbench.interfaces"),
    ("layers", "interfaces", "import workbench.comparing"),
    ("layers", "sources", "import workbench.interfaces"),
    ("layers", "reading", "import workbench.comparing"),
    ("layers", "cli", "import workbench.worker"),
    ("layers", "stranger", ""),
    ("only-the-window-knows-qt", "worker", "import PySide6.QtCore"),
    ("only-the-window-knows-qt", "schema", "import pyqtgraph"),
    ("the-window-never-reaches-torch", "app", "import torch"),
    ("the-window-never-reaches-torch", "app", "import workbench.interfaces"),
    ("the-window-never-reaches-torch", "app", "import workbench.sources"),
    ("the-window-never-reaches-torch", "store", "import workbench.functional"),
    ("what-both-sides-share-is-light", "store", "import torch"),
    ("what-both-sides-share-is-light", "bank", "import torchvision"),
    ("only-schema-knows-pydantic", "services", "import pydantic"),
    ("algorithms-stand-alone", "algorithms.one", "import workbench.algorithms.other"),
    ("backbones-stand-alone", "backbones.one", "import workbench.backbones.other"),
    ("datasets-stand-alone", "datasets.one", "import workbench.datasets.other"),
    ("samplers-stand-alone", "samplers.one", "import workbench.samplers.other"),
]


def run(arguments: Iterable[str], where: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=where, capture_output=True, text=True, check=False
    )


def lint(where: Path) -> subprocess.CompletedProcess[str]:
    # By module: the script of the same name need not be on the PATH.
    program = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    return run(["-c", f"import sys; sys.path.insert(0, ''); {program}", "--no-cache"], where)


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A tree with the layers' modules and nothing in them, under the project's own contracts."""
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    package = tmp_path / "workbench"
    package.mkdir()
    (package / "__init__.py").touch()
    lines = next(c for c in CONTRACTS if c["id"] == "layers")["layers"]
    for name in (part.strip() for line in lines for part in line.split("|")):
        place = package / name
        if name == "__main__":
            (package / "__main__.py").touch()
        else:
            place.mkdir()
            (place / "__init__.py").touch()
    for kind in ("algorithms", "backbones", "datasets", "samplers"):
        (package / kind / "other.py").touch()
    # A way that the window may take, for faults that lie further down it.
    (package / "app" / "window.py").write_text("import workbench.store\n")
    return tmp_path


def test_every_import_contract_holds() -> None:
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_tree_without_a_fault_passes(skeleton: Path) -> None:
    outcome = lint(skeleton)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("contract", "module", "statement"), FAULTS)
def test_a_planted_fault_breaks_its_contract(
    skeleton: Path, contract: str, module: str, statement: str
) -> None:
    place = skeleton.joinpath("workbench", *module.split("."))
    place = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    place.write_text(statement + "\n")
    outcome = lint(skeleton)
    name = next(c["name"] for c in CONTRACTS if c["id"] == contract)
    assert outcome.returncode == 1
    assert f"{name} BROKEN" in " ".join(outcome.stdout.split())


def test_every_contract_has_a_planted_fault() -> None:
    assert {fault[0] for fault in FAULTS} == {contract["id"] for contract in CONTRACTS}


def test_no_contract_has_exceptions() -> None:
    for contract in CONTRACTS:
        assert "ignore_imports" not in contract
        assert "exhaustive_ignores" not in contract


def modules_of(package: str) -> list[str]:
    """The dotted names of a package's modules, or of a module, found without importing any."""
    place = ROOT / package.replace(".", "/")
    if not place.is_dir():
        return [package] if place.with_suffix(".py").is_file() else []
    files = sorted(place.rglob("*.py"))
    names = [".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def loaded_after(modules: Iterable[str], suspects: Iterable[str]) -> str:
    """Which of `suspects` a fresh interpreter holds after importing `modules`, joined by spaces."""
    program = "\n".join(
        [
            "import sys, importlib",
            f"for name in {list(modules)!r}: importlib.import_module(name)",
            f"print(*[name for name in {list(suspects)!r} if name in sys.modules])",
        ]
    )
    outcome = run(["-W", "ignore", "-c", program])
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.strip()


def test_importing_all_of_the_window_leaves_torch_out() -> None:
    modules = modules_of("workbench.app")
    assert "workbench.app.preflight" in modules
    assert loaded_after(modules, ["torch", "torchvision"]) == ""


def test_importing_all_that_trains_leaves_qt_out() -> None:
    parts = ["worker", "cli", "api", "services", "engine", "store", "algorithms", "datasets"]
    modules = [name for part in parts for name in modules_of(f"workbench.{part}")]
    assert loaded_after(modules, ["PySide6", "shiboken6", "pyqtgraph"]) == ""


def test_importing_the_data_sets_leaves_torch_out() -> None:
    """A data set is looked at, as a sheet or a preview, before torch is loaded."""
    assert loaded_after(modules_of("workbench.datasets"), ["torch", "torchvision"]) == ""


@pytest.mark.parametrize("door", ["main", "workbench", "workbench.__main__"])
def test_the_programs_doors_import_nothing_heavy(door: str) -> None:
    """A spawned child imports main.py again, and the window's first paint waits for it."""
    heavy = ["torch", "numpy", "PySide6", "pydantic", "pyqtgraph", "workbench.schema"]
    assert loaded_after([door], heavy) == ""


def test_a_window_that_opens_leaves_the_library_of_images_out() -> None:
    assert loaded_after(["workbench.app.main"], ["PIL", "workbench.survey"]) == ""
