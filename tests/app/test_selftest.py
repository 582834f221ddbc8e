"""`--self-test` uses the program as a person would; the frozen program is judged by its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def self_test(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return subprocess.run(
        [sys.executable, "main.py", "--self-test", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_self_test_trains_draws_saves_and_resumes_and_says_so_in_one_json_object() -> None:
    outcome = self_test()
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    report = json.loads(outcome.stdout)
    assert report["ok"]
    assert report["steps"] >= 3
    assert report["resumed_to"] >= report["steps"] + 3
    assert sum(report["drawn"]) == pytest.approx(1, abs=1e-3)
    assert {"maml", "protonet", "reptile"} <= set(report["plugins"]["algorithm"])


def test_the_self_test_takes_no_arguments() -> None:
    outcome = self_test("--twice")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "--twice" in outcome.stderr
