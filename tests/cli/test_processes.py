"""The command line as a process of its own: what only that can show."""

import json
import os
import signal
import subprocess
import sys

import pytest

PROGRAM = [sys.executable, "-m", "workbench"]
QUICK = [
    "--dataset", "sinusoid", "--training.meta_batch", "1", "--training.threads", "1",
    "--validation.every", "100000", "--validation.save_every", "100000",
    "--validation.tasks", "2", "--device", "cpu",
]  # fmt: skip


def _start(*words):
    return subprocess.Popen(
        [*PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "words",
    [["--help"], ["train", "--help"], ["list", "algorithms"], ["describe", "maml"], ["runs"]],
)
def test_looking_loads_neither_torch_nor_pydantic_nor_qt(words, tmp_path):
    code = (
        "import sys; from workbench.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "heavy = [m for m in ('torch', 'pydantic', 'PySide6') if m in sys.modules]\n"
        "assert not heavy, heavy"
    )
    words = [*words, "--store", str(tmp_path)] if words[0] == "runs" else words
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_help_shows_the_flags_of_the_chosen_algorithm():
    def flags(name):
        words = [*PROGRAM, "train", "--algorithm", name, "--help"]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert "--algorithm.second_order" in flags("maml")
    assert "--algorithm.second_order" not in flags("protonet")


def test_json_is_all_that_stands_on_stdout(tmp_path):
    process = _start("train", *QUICK, "--training.steps", 3, "--store", tmp_path, "--json")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert json.loads(out)["steps"] == 3
    assert "3/3" in err


@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")
def test_an_interrupt_stops_after_the_step_and_resume_goes_on_from_there(tmp_path):
    process = _start("train", *QUICK, "--training.steps", 100_000, "--store", tmp_path, "--json")
    assert process.stderr is not None
    for line in process.stderr:
        if "0001-maml-sinusoid" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    stopped = json.loads(out)
    assert stopped["status"] == "stopped"
    assert 0 < stopped["steps"] < 100_000

    # It says so to whoever asks to pause it, too: from another process, through the store.
    again = _start("train", "--resume", "1", "--store", tmp_path, "--json")
    assert again.stderr is not None
    for line in again.stderr:
        if "0001-maml-sinusoid" in line:
            break
    asked = subprocess.run(
        [*PROGRAM, "runs", "--stop", "1", "--store", str(tmp_path), "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    out, err = again.communicate(timeout=600)
    assert again.returncode == 0, err
    assert json.loads(out)["steps"] > stopped["steps"]
