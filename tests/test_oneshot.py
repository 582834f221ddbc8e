"""The one-shot runs of Omniglot's authors, invented and real."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.errors import DataError
from workbench.oneshot import load_tasks
from workbench.taskfile import Example, TaskFile, save_task

REAL = Path(__file__).parents[2] / "shared" / "data" / "omniglot" / "one_shot_runs.zip"


def letter(row: int) -> bytes:
    """Black ink in one row of white paper."""
    paper = np.full((105, 105), 255, np.uint8)
    paper[row] = 0
    out = io.BytesIO()
    Image.fromarray(paper).save(out, "PNG")
    return out.getvalue()


def runs(place: Path, above: str = "", labels: str = "") -> Path:
    """Two runs of three letters, of which two are asked."""
    with zipfile.ZipFile(place, "w") as archive:
        for run in ("run01", "run02"):
            for number in range(1, 4):
                archive.writestr(f"{above}{run}/training/class0{number}.png", letter(10 * number))
            for number in (1, 2):
                archive.writestr(f"{above}{run}/test/item0{number}.png", letter(40 - 10 * number))
            told = labels or "\n".join(
                f"{run}/test/item0{n}.png {run}/training/class0{4 - n}.png" for n in (1, 2)
            )
            archive.writestr(f"{above}{run}/class_labels.txt", told)
    return place


@pytest.mark.parametrize("above", ["", "all_runs/"])
def test_each_run_is_a_task_with_its_answers(tmp_path: Path, above: str) -> None:
    """Item 1 is class 3 and item 2 is class 2; class 1 is not asked, and no answer names it."""
    tasks = load_tasks(runs(tmp_path / "one_shot_runs.zip", above))
    assert [task.title for task in tasks] == ["run01", "run02"]
    task = tasks[0]
    assert task.names == ("class02", "class03")
    assert [label for _, label in task.queries] == [1, 0]
    assert task.queries[0][0].pixels[0, 30].min() == 255, "ink is high"
    assert task.queries[0][0].pixels[0, 29].max() == 0


def test_a_task_file_is_a_set_of_one(tmp_path: Path) -> None:
    image = Example(np.zeros((1, 28, 28), np.uint8))
    save_task(TaskFile(("a", "b"), ((image,), (image,))), tmp_path / "a.fewshot")
    assert [task.names for task in load_tasks(tmp_path / "a.fewshot")] == [("a", "b")]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("run01/test/item09.png run01/training/class01.png", "item09.png, which is not there."),
        ("nothing", "names nothing."),
    ],
)
def test_answers_that_point_nowhere_are_refused(tmp_path: Path, labels: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        load_tasks(runs(tmp_path / "a.zip", labels=labels))
    assert said in caught.value.message


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.png", letter(1))
    with pytest.raises(DataError, match=r"holds no class_labels\.txt"):
        load_tasks(tmp_path / "a.zip")


def test_the_real_runs_are_tasks_of_twenty_letters_each_asked_once() -> None:
    if not REAL.exists():
        pytest.skip("one_shot_runs.zip is not beside the project")
    tasks = load_tasks(REAL)
    assert [task.title for task in tasks][:5] == [f"run0{n}" for n in range(1, 6)]
    assert {(len(task.names), len(task.queries)) for task in tasks} == {(20, 20)}
    assert all(sorted(label for _, label in task.queries) == list(range(20)) for task in tasks)
