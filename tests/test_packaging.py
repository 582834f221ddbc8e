"""What travels: the versions that are pinned, the wheel, and the checks of the frozen program."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def load(name: str) -> ModuleType:
    """A program of `packaging/`, which is a folder of scripts and no package."""
    specification = importlib.util.spec_from_file_location(
        f"packaging_{name}", ROOT / "packaging" / f"{name}.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {name.lower().replace("_", "-"): pin for name, _, pin in pins}


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [
        Requirement(text) for text in [*PROJECT["dependencies"], *extras["dev"], *extras["package"]]
    ]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_every_requirement_is_pinned_to_a_version_that_it_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(constraints()[requirement.name.lower()])


@pytest.mark.parametrize("bad", ["6.10.1", "6.11.0", "6.11.1", "6.12.0", "6.8.0"])
def test_versions_of_qt_that_crash_are_refused(bad: str) -> None:
    qt = next(r for r in requirements() if r.name == "PySide6-Essentials")
    assert not qt.specifier.contains(bad)


def test_constraints_are_names_and_versions_only() -> None:
    """An address in them would tie every installation to one registry."""
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)


def test_the_package_and_its_metadata_state_one_version() -> None:
    import workbench

    assert Version(workbench.__version__) == Version(PROJECT["version"])


def test_a_library_that_a_platform_plugin_lacks_fails_the_build() -> None:
    users = {
        "libxcb-cursor.so.0": "platforms/libqxcb.so",
        "libgbm.so.1": "platforms/libqeglfs.so",
        "libpq.so.5": "sqldrivers/libqsqlpsql.so",
    }
    log = "\n".join(
        f"WARNING: Library not found: could not resolve '{library}', dependency of '/v/{user}'."
        for library, user in users.items()
    )
    assert load("build").libraries_that_qt_misses(log) == ["libxcb-cursor.so.0"]


def test_the_sizes_of_a_bundle_begin_with_the_whole_and_name_the_largest_first(
    tmp_path: Path,
) -> None:
    for name, size in [("inside/torch/lib/a.so", 3_000_000), ("inside/b.so", 1_000_000)]:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
    lines = [line.split() for line in load("build").sizes(tmp_path)]
    assert lines == [["4", "MB", "all"], ["3", "MB", "torch"], ["1", "MB", "inside"]]


def test_the_frozen_program_is_compared_with_the_plugins_of_the_source(tmp_path: Path) -> None:
    def union(key: str, *names: str) -> dict[str, object]:
        return {"key": key, "type": "union", "options": [{"name": name} for name in names]}

    fields = [
        union("algorithm", "reptile", "maml"),
        union("backbone", "conv4"),
        {"key": "training", "type": "section", "fields": []},
        union("dataset", "glyphs"),
        union("sampler", "uniform"),
    ]
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text(json.dumps({"version": 1, "fields": fields}))
    assert load("smoke").plugins_of_the_source(catalogue) == {
        "algorithm": ["maml", "reptile"],
        "backbone": ["conv4"],
        "dataset": ["glyphs"],
        "sampler": ["uniform"],
    }


def test_the_self_test_runs_without_this_machines_python(tmp_path: Path) -> None:
    environment = load("smoke").bare_environment(tmp_path)
    assert environment["PATH"] == str(tmp_path)
    assert not any(name.startswith("PYTHON") for name in environment)


def test_the_installed_program_is_the_one_in_the_source() -> None:
    """An editable install is a path entry: the resources are those that lie here."""
    from workbench.schema.resources import resource_root

    assert resource_root() == ROOT / "resources"


needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop files")


@needs_linux
def test_a_desktop_learns_which_program_opens_a_task_file(tmp_path: Path) -> None:
    """Qt reads the same folders that desktops do."""
    program = tmp_path / "my $5 programs" / "fewshot workbench"
    program.parent.mkdir()
    program.touch(mode=0o755)
    share = tmp_path / "share"
    environment = {**os.environ, "XDG_DATA_HOME": str(share)}
    install = ["sh", str(ROOT / "packaging" / "desktop" / "install.sh")]
    subprocess.run([*install, str(program)], env=environment, check=True)
    entry = (share / "applications" / "fewshot-workbench.desktop").read_text(encoding="utf-8")
    assert f'Exec="{tmp_path}/my \\\\$5 programs/fewshot workbench" %f\n' in entry
    kind = "application/x-fewshot-task"
    assert f"MimeType={kind};\n" in entry
    ask = (
        "from PySide6.QtCore import QMimeDatabase as Base, QMimeDatabase;"
        "found = Base().mimeTypeForFile('x.fewshot', Base.MatchMode.MatchExtension);"
        "print(found.name(), found.comment())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=environment, check=True, capture_output=True, text=True
    )
    assert answer.stdout == f"{kind} Few-shot task\n"
    subprocess.run([*install, "--remove"], env=environment, check=True)
    assert [path.name for path in share.rglob("*fewshot-workbench*")] == []
    refused = subprocess.run(
        [*install, str(tmp_path / "nothing")], env=environment, capture_output=True, check=False
    )
    assert refused.returncode == 1


def test_desktop_files_lie_beside_the_frozen_program(tmp_path: Path) -> None:
    load("build").add_desktop_files(tmp_path)
    assert {path.name for path in (tmp_path / "desktop").iterdir()} == {
        "fewshot-workbench.desktop",
        "fewshot-workbench.xml",
        "install.sh",
    }
