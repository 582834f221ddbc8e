"""Paths as a person writes them: what nobody's home is, is said wherever a path is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.cli.arguments import parse
from workbench.errors import ConfigError, DataError
from workbench.schema import files
from workbench.schema.catalogue import Catalogue
from workbench.schema.places import place

NOBODY = "~nobody-of-that-name/x"
WORDS = f"There is no home folder of that name in {NOBODY}."


def test_a_home_is_spelled_out_and_other_paths_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("USERPROFILE", "/home/somebody")
    assert place("~/pictures") == Path("/home/somebody/pictures")
    assert place("pictures/~/x") == Path("pictures/~/x")


def test_the_home_of_nobody_is_said() -> None:
    with pytest.raises(DataError) as caught:
        place(NOBODY)
    assert caught.value.message == WORDS
    assert "~/" in caught.value.hint


def test_the_home_of_nobody_is_said_of_a_file_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "experiment.toml"
    file.write_text(f'[dataset]\nname = "omniglot"\npath = "{NOBODY}"\n')
    with pytest.raises(ConfigError) as caught:
        files.read(file, Catalogue.load())
    assert [(p.path, p.message) for p in caught.value.problems] == [("dataset.path", WORDS)]


def test_the_home_of_nobody_is_said_of_the_folder_of_runs() -> None:
    request = parse(["runs", "--store", NOBODY])
    with pytest.raises(ConfigError, match="There is no home folder of that name"):
        _ = request.store_root
