"""Where things lie when nobody says otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.conftest import PROJECT
from workbench.store import cache_root, default_root


def test_the_environment_moves_runs_and_caches_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path / "home"))
    assert default_root() == tmp_path / "home"
    assert cache_root() == tmp_path / "home" / "cache"
    assert list(tmp_path.iterdir()) == []


def test_without_it_they_lie_in_the_users_own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEWSHOT_WORKBENCH_HOME", raising=False)
    assert default_root().name == "FewShotWorkbench"
    assert "FewShotWorkbench" in cache_root().parts
    assert default_root() != cache_root()


def test_the_store_loads_neither_torch_nor_qt_nor_pydantic() -> None:
    script = (
        "import sys, workbench.store, workbench.store.pyramid;"
        "print([m for m in ('torch', 'PySide6', 'pydantic') if m in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
