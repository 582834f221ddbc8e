"""The commands about data, in this process."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_commands import MAML, TINY
from workbench.cli import main
from workbench.store import Store
from workbench.taskfile import load_task
from workbench.tasklist import load_tasks

PROTONET = [*TINY, "--algorithm", "protonet", "--training.schedule", "constant"]
PROTONET += ["--training.n_way", "3"]


@pytest.fixture
def run(capfd):
    """Carry out a command: (exit code, stdout as JSON or text, stderr)."""

    def carry_out(*words):
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return code, json.loads(out) if "--json" in words else out, err

    return carry_out


def test_saved_tasks_give_two_algorithms_the_figures_of_the_split(run, tmp_path):
    path = tmp_path / "tasks.json"
    code, found, _ = run("tasks", *MAML, "--count", 6, "--save", path, "--json")
    assert code == 0
    assert (len(found["tasks"]), found["protocol"]["split"]) == (6, "test")
    assert load_tasks(path).protocol["k_shot"] == 1
    store = ["--store", tmp_path]
    for number, words in (("1", MAML), ("2", PROTONET)):
        assert run("train", *words, *store)[0] == 0
        _, drawn, _ = run("evaluate", number, "--json", *store)
        code, listed, err = run("evaluate", number, "--episodes", path, "--json", *store)
        assert code == 0
        assert listed == drawn
        assert "trained on" not in err
    code, some, _ = run("evaluate", "1", "--episodes", path, "--tasks", 2, "--json", *store)
    assert (code, some["inductive"]["tasks"]) == (0, 2)
    run("tasks", *MAML, "--count", 2, "--split", "train", "--save", path)
    assert "The run trained on" in run("evaluate", "1", "--episodes", path, *store)[2]
    run("tasks", *MAML, "--count", 2, "--dataset.image_size", 20, "--save", path)
    code, found, _ = run("evaluate", "1", "--episodes", path, "--json", *store)
    assert code == 2
    assert found["error"].startswith("These tasks are of other data: glyphs, 18 classes")


def test_a_list_does_not_say_where_the_data_lie(run, tmp_path):
    run("tasks", *MAML, "--count", 2, "--save", tmp_path / "tasks.json")
    settings = load_tasks(tmp_path / "tasks.json").source.settings
    assert settings["dataset.characters"] == 6
    assert "dataset.path" not in settings


def test_tasks_are_shown_without_being_kept(run):
    code, words, _ = run("tasks", *MAML, "--count", 12, "--split", "validation")
    lines = words.splitlines()
    assert code == 0
    assert lines[0].startswith("12 validation tasks of glyphs, fingerprint ")
    assert lines[1].split() == ["task", "classes"]
    assert lines[-1] == "… and 2 more"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--count", 0], "--count is 0; the least is 1."),
        (["--dataset", "sinusoid"], "A list of tasks is of images"),
        ([*TINY, "--task.n_way", 19], "A 19-way task needs 19 classes"),
        (["--dataset", "image_folder"], "Own pictures cannot do without this."),
    ],
)
def test_tasks_that_cannot_be_drawn_are_a_wrong_request(run, words, said):
    code, found, _ = run("tasks", *words, "--json")
    assert (code, said in found["error"]) == (2, True), found["error"]


def test_a_class_under_the_name_of_a_hidden_one_takes_part(run, tmp_path):
    own = ["--dataset", "image_folder", "--dataset.path", animals(tmp_path)]
    for split, names in (("train", ("cat",)), ("val", ("dog",)), ("test", ("ant", "bee", "owl"))):
        (tmp_path / split).mkdir()
        for name in names:
            place = tmp_path / name
            if name == "owl":
                shutil.copytree(tmp_path / "test" / "ant", place)
            place.rename(tmp_path / split / name)
    (tmp_path / "train" / "cat" / "2.png").unlink()
    words = [*own, "--dataset.image_size", 8, "--task.n_way", 2, "--task.queries", 1]
    words += ["--classes.hidden", "ant", "--classes.renamed", "bee=ant"]
    code, found, _ = run("tasks", *words, "--count", 1, "--json")
    assert code == 0, found
    assert sorted(found["tasks"][0]) == ["ant", "owl"]


def test_tasks_load_no_torch():
    code = (
        "import sys; from workbench.cli import main; "
        f"main(['tasks', '--count', '2', *{MAML!r}]); print('torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "False", found.stderr


def test_data_says_what_there_is_how_it_is_split_and_that_nothing_leaks(run):
    code, found, _ = run("data", *MAML, "--json")
    assert code == 0
    assert (found["classes"], found["shape"]) == (18, [1, 14, 14])
    assert found["splits"] == {"train": 6, "validation": 6, "test": 6}
    assert all(one["holds"] for one in found["audit"])
    assert len(found["audit"]) == 6
    code, words, _ = run("data", *MAML, "--classes.hidden", "no such")
    assert words.splitlines()[1].split() == ["split", "characters", "alphabets", "images"]
    assert "ok: No alphabet on two sides" in words.splitlines()


def animals(folder):
    """Four classes; one picture stands in two of them, one is damaged, and a text lies between."""
    random = np.random.default_rng(0)
    for name, size in (("ant", (40, 30)), ("bee", (40, 30)), ("cat", (90, 20)), ("dog", (16, 16))):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            pixels = random.integers(0, 256, (*size[::-1], 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    (folder / "dog" / "1.png").write_bytes((folder / "ant" / "0.png").read_bytes())
    (folder / "cat" / "2.png").write_bytes(b"no picture")
    (folder / "cat" / "notes.txt").write_text("hello")
    return folder


def test_looking_says_what_was_understood_and_makes_nothing(run, tmp_path, monkeypatch):
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path / "home"))
    own = ["--dataset", "image_folder", "--dataset.path", animals(tmp_path / "animals")]
    code, found, _ = run("data", *own, "--look", "--json")
    assert code == 0
    assert found["how"] == "A folder for each class"
    assert [(one["name"], one["pictures"]) for one in found["classes"]] == [
        ("ant", 3), ("bee", 3), ("cat", 3), ("dog", 3),
    ]  # fmt: skip
    assert (found["read"], found["smallest"], found["largest"]) == (12, [16, 16], [90, 20])
    notes = "\n".join([*found["warnings"], *found["notes"]])
    assert len(found["warnings"]) == 2
    assert "Passed over, for they are no pictures of a class: animals/cat/notes.txt." in notes
    assert "Cannot be read, take out or mend before importing: animals/cat/2.png." in notes
    assert "Leak: the same picture in two classes: animals/ant/0.png (ant and dog)." in notes
    assert not (tmp_path / "home").exists()
    code, words, _ = run("data", *own, "--look")
    assert words.splitlines()[0] == "A folder for each class: 4 classes, 12 pictures."
    code, found, _ = run("data", "--look", "--json")
    assert (code, found["error"]) == (
        2, "This data set is always the same; there is nothing to look at.",
    )  # fmt: skip


def test_a_planted_leak_is_printed(run, tmp_path):
    place = animals(tmp_path / "animals")
    (place / "cat" / "2.png").unlink()
    random = np.random.default_rng(1)
    for name in ("cow", "elk"):
        (place / name).mkdir()
        for number in range(2):
            pixels = random.integers(0, 256, (20, 20), np.uint8)
            Image.fromarray(pixels).save(place / name / f"{number}.png")
    for split, names in (
        ("train", ("ant", "bee")),
        ("val", ("cat", "cow")),
        ("test", ("dog", "elk")),
    ):
        (place / split).mkdir()
        for name in names:
            (place / name).rename(place / split / name)
    own = ["--dataset", "image_folder", "--dataset.path", place, "--dataset.image_size", "16"]
    code, words, _ = run("data", *own)
    assert code == 0
    assert "leak: 1 image on two sides: dog is ant" in words.splitlines()
    words = [*MAML[MAML.index("--backbone") :], *own, "--task.n_way", "2", "--task.queries", "1"]
    code, _, err = run("train", *words, "--validation.every", "9", "--store", tmp_path / "store")
    assert "warning: the split leaks, so that scores will flatter: 1 image on two sides" in err


def test_a_map_says_where_each_image_lies(run):
    code, found, _ = run("data", *MAML, "--map", "pca", "--json")
    assert code == 0
    assert len(found) == 360, "18 characters of 20 drawers"
    assert list(found[0]) == ["group", "class", "image", "x", "y"]
    assert len({(one["x"], one["y"]) for one in found}) > 300
    lines = run("data", *MAML, "--map", "pca")[1].splitlines()
    assert (lines[0].split(), len(lines)) == (["group", "class", "image", "x", "y"], 361)


def test_one_task_is_kept_as_a_file_that_the_draw_page_opens(run, tmp_path):
    path = tmp_path / "one.fewshot"
    assert run("tasks", *MAML, "--count", 1, "--save", path)[0] == 0
    task = load_task(path)
    assert (len(task.names), [len(own) for own in task.shots]) == (3, [1, 1, 1])
    assert [label for _, label in task.queries] == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    run("tasks", *MAML, "--count", 1, "--save", tmp_path / "one.json")
    listed = load_tasks(tmp_path / "one.json").tasks[0]
    pictures = {example.pixels.tobytes() for own in task.shots for example in own}
    assert len(pictures) == len({*listed.classes}) == 3
    code, found, _ = run("tasks", *MAML, "--count", 2, "--save", path, "--json")
    assert (code, found["error"]) == (2, "A .fewshot file holds one task; these are 2.")


def test_who_gives_up_while_leaks_are_looked_for_leaves_no_run(run, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.services.audits.by_images", interrupted)
    monkeypatch.setattr("workbench.services.audits._recall", lambda _: None)
    code, _, err = run("train", *MAML, "--store", tmp_path)
    assert (code, "Interrupted." in err) == (1, True)
    assert Store(tmp_path).runs() == []
