"""Lists of tasks: what is kept is what was drawn, and nothing else passes for it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from workbench.bank import Bank, ClassInfo
from workbench.errors import DataError
from workbench.tasklist import (
    ListedTask,
    Source,
    TaskList,
    fingerprint,
    listed,
    load_tasks,
    numbers,
    save_tasks,
)


def make_bank(seed=0, names=("a", "b", "c")):
    random = np.random.default_rng(seed)
    return Bank.of(
        [(ClassInfo(name, "g"), random.integers(0, 256, (5, 1, 4, 4), np.uint8)) for name in names]
    )


def make_list(bank):
    task = ListedTask((2, 0), (0, 3), ((1,), (0, 4)), ((2, 3), (1,)))
    return TaskList(Source.of(bank, "own", {"image_size": 4}), {"split": "test"}, (task,))


def test_what_is_saved_is_loaded(tmp_path):
    bank = make_bank()
    save_tasks(make_list(bank), tmp_path / "tasks.json")
    found = load_tasks(tmp_path / "tasks.json")
    assert found == make_list(bank)
    found.check(bank)
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.json"], "nothing half-made stays"


def test_image_numbers_count_through_turned_copies():
    """Three classes of five images: class 2 begins at 10, class 0 turned three times at 3 * 15."""
    task = make_list(make_bank()).tasks[0]
    images, labels = numbers(make_bank(), task, "support")
    assert (images.tolist(), labels.tolist()) == ([11, 45, 49], [0, 1, 1])
    images, labels = numbers(make_bank(), task, "query")
    assert (images.tolist(), labels.tolist()) == ([12, 13, 46], [0, 0, 1])


def test_a_drawn_task_is_listed_by_numbers_in_its_classes():
    drawn = np.array([[45, 49, 46], [11, 12, 13]])  # class 0 turned three times, class 2 upright
    task = listed(make_bank(), np.array([0, 2]), np.array([3, 0]), drawn, (1, 1), 1)
    assert task == ListedTask((0, 2), (3, 0), ((0,), (1,)), ((4, 1), (2, 3)))


def test_a_fingerprint_tells_pixels_apart_and_does_not_care_for_names():
    bank = make_bank()
    assert fingerprint(bank) == fingerprint(make_bank(names=("x", "y", "z")))
    changed = bank.images.copy()
    changed[14, 0, 0, 0] ^= 1
    assert fingerprint(Bank(changed, bank.starts, bank.classes)) != fingerprint(bank)


def test_other_data_are_refused_with_what_differs():
    tasks = make_list(make_bank())
    with pytest.raises(DataError, match="3 classes with 15 images of 4 × 4; here are as many"):
        tasks.check(make_bank(seed=1))
    with pytest.raises(DataError, match="here are 4 classes with 20 images of 4 × 4"):
        tasks.check(make_bank(names="abcd"))


def test_an_image_that_a_class_does_not_have_is_refused():
    bank = make_bank()
    task = ListedTask((2, 0), (0, 0), ((1,), (5,)), ((2,), (1,)))
    with pytest.raises(DataError, match="name images that their classes do not have"):
        TaskList(Source.of(bank, "own", {}), {}, (task,)).check(bank)


def test_a_list_that_counts_more_classes_than_there_are_is_refused():
    """Its fingerprint may be right all the same: it is a text that anybody can change."""
    bank = make_bank()
    source = replace(Source.of(bank, "own", {}), classes=9)
    task = ListedTask((2, 8), (0, 0), ((1,), (0,)), ((2,), (1,)))
    with pytest.raises(DataError, match="These tasks are of other data: own, 9 classes"):
        TaskList(source, {}, (task,)).check(bank)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "its format is 2, this program reads 1"),
        ({"tasks": []}, "it has no tasks"),
        ({"support": [[1], [1]]}, "a task has an image twice"),
        ({"support": [[], [0]]}, "teaches or asks nothing"),
        ({"classes": [2, 2]}, "a task has a class twice"),
        ({"classes": [2, 3]}, "3 is no number"),
        ({"turns": [0, 4]}, "4 is no number"),
        ({"turns": [0]}, "lists do not fit together"),
        ({"query": [["../x"], [1]]}, "'../x' is no number"),
        ({"dataset": {}}, "it has no 'classes'"),
        ({"dataset": {"classes": float("inf")}}, "infinity"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(tmp_path, change, said):
    path = tmp_path / "tasks.json"
    save_tasks(make_list(make_bank()), path)
    content = json.loads(path.read_text())
    content["tasks"][0]["turns"] = [0, 0]
    for key, value in change.items():
        (content if key in content else content["tasks"][0])[key] = value
    path.write_text(json.dumps(content))
    with pytest.raises(DataError) as caught:
        load_tasks(path)
    assert said in caught.value.message


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tasks": 3, "format": 1, "dataset": []}'])
def test_no_json_of_tasks_is_a_clear_error(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match="is no list of tasks"):
        load_tasks(tmp_path / "x.json")


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load_tasks(tmp_path / "none.json")
