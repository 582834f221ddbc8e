"""A task that was saved is the same task, and no file does harm."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench import taskfile
from workbench.errors import DataError
from workbench.taskfile import Example, TaskFile, load_task, save_task

RANDOM = np.random.default_rng(0)


def image(channels: int = 1, side: int = 28) -> Example:
    return Example(RANDOM.integers(0, 256, (channels, side, side), dtype=np.uint8))


def task() -> TaskFile:
    drawn = Example(
        RANDOM.integers(0, 256, (1, 105, 105), dtype=np.uint8),
        (np.array([[0.1, 0.2], [0.33333, 1]], np.float32), np.array([[0.5, 0.5]], np.float32)),
    )
    return TaskFile(
        names=("α, with a comma", "β"),
        shots=((drawn, image()), (image(3, 84),)),
        queries=((image(), 1), (image(), None)),
        title="Two letters",
        pen_width=3.5,
    )


def test_a_task_reopens_bit_for_bit(tmp_path: Path) -> None:
    one = task()
    save_task(one, tmp_path / "two.fewshot")
    two = load_task(tmp_path / "two.fewshot")
    assert (two.names, two.title, two.pen_width) == (one.names, one.title, one.pen_width)
    assert [label for _, label in two.queries] == [1, None]
    assert [len(own) for own in two.shots] == [2, 1]
    for (name, before), (_, after) in zip(one.examples(), two.examples(), strict=True):
        assert np.array_equal(before.pixels, after.pixels), name
        assert len(before.strokes) == len(after.strokes)
        for old, new in zip(before.strokes, after.strokes, strict=True):
            np.testing.assert_allclose(old, new, atol=1e-4)


def test_saving_replaces_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a.fewshot"
    save_task(task(), place)
    before = place.read_bytes()

    def full(data: Any) -> bytes:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(taskfile, "_png", full)
        with pytest.raises(DataError, match=r"cannot be written to .*: No space left on device"):
            save_task(task(), place)
    assert place.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.fewshot"]


def test_a_name_that_the_system_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The task cannot be written to"):
        save_task(task(), tmp_path / f"{'a' * 250}.fewshot")


def rewritten(tmp_path: Path, **changes: Any) -> Path:
    """A saved task whose task.json has other entries."""
    save_task(task(), tmp_path / "good.fewshot")
    place = tmp_path / "bad.fewshot"
    with zipfile.ZipFile(tmp_path / "good.fewshot") as good, zipfile.ZipFile(place, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            if name == "task.json":
                data = json.dumps({**json.loads(data), **changes}).encode()
            bad.writestr(name, data)
    return place


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "has format 2; this program reads 1."),
        ({"classes": "all"}, "is no task that can be understood"),
        ({"classes": [{"name": "a", "shots": ["../no.png"]}], "queries": []}, "which is not in it"),
        ({"queries": [{"image": "query/0.png", "class": 7}]}, "a query is of class 7, of 2"),
        ({"strokes": {"support/0-0.png": [[["x", 1]]]}}, "is no task that can be understood"),
        ({"strokes": {"support/0-0.png": [[[float("nan"), 1]]]}}, "no finite place"),
        ({"classes": [{"name": "a", "shots": ["task.json"]}], "queries": []}, "task.json is not a"),
        ({"queries": [{"image": "query/0.png", "class": float("inf")}]}, "infinity"),
    ],
)
def test_what_is_no_task_is_said(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        load_task(rewritten(tmp_path, **changes))
    assert said in caught.value.message


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.fewshot").write_text("hello")
    with pytest.raises(DataError, match="is not a whole zip archive"):
        load_task(tmp_path / "text.fewshot")
    with zipfile.ZipFile(tmp_path / "empty.fewshot", "w") as archive:
        archive.writestr("read me.txt", "hello")
    with pytest.raises(DataError, match=r"holds no task\.json"):
        load_task(tmp_path / "empty.fewshot")
    with pytest.raises(DataError, match="There is no file or folder"):
        load_task(tmp_path / "none.fewshot")


def test_a_pen_of_absurd_width_becomes_the_usual_one(tmp_path: Path) -> None:
    assert load_task(rewritten(tmp_path, pen_width=4000)).pen_width == taskfile.ink.PEN_WIDTH


def test_lists_in_lists_without_end_are_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "deep.fewshot", "w") as archive:
        archive.writestr("task.json", "[" * 200_000)
    with pytest.raises(DataError, match="is no task that can be understood"):
        load_task(tmp_path / "deep.fewshot")


def test_one_picture_that_is_named_a_thousand_times_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taskfile, "MOST_PIXELS", 99 * 28 * 28)
    one = {"name": "a", "shots": ["support/0-1.png"] * 99}
    assert len(load_task(rewritten(tmp_path, classes=[one], queries=[])).shots[0]) == 99
    one["shots"] = [*one["shots"], "support/0-1.png"]
    with pytest.raises(DataError, match="its images have more than 77,616 pixels"):
        load_task(rewritten(tmp_path, classes=[one], queries=[]))


def test_a_picture_with_a_broken_end_is_said(tmp_path: Path) -> None:
    """A chunk of one byte after the pixels, where two belong."""
    save_task(task(), tmp_path / "good.fewshot")
    place = tmp_path / "bad.fewshot"
    chunk = b"tRNS\0"
    broken = struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with zipfile.ZipFile(tmp_path / "good.fewshot") as good, zipfile.ZipFile(place, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            at = len(data) - 12 if name == "query/0.png" else len(data)
            bad.writestr(name, data[:at] + (broken if at < len(data) else b"") + data[at:])
    with pytest.raises(DataError, match=r"query/0\.png is not a readable image"):
        load_task(place)
