"""The command line in this process: fast, every command, every exit code."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from workbench.cli import main
from workbench.store import RunStatus, Store
from workbench.taskfile import Example, TaskFile, save_task

TINY = [
    "--dataset", "glyphs", "--dataset.alphabets", "3", "--dataset.characters", "6",
    "--dataset.validation", "1", "--dataset.test", "1", "--dataset.image_size", "14",
    "--dataset.rotations", "false", "--backbone", "mlp", "--task.n_way", "3",
    "--task.queries", "3", "--training.steps", "3", "--training.meta_batch", "2",
    "--validation.every", "2", "--validation.tasks", "4", "--evaluation.tasks", "6",
    "--training.threads", "1", "--device", "cpu",
]  # fmt: skip
MAML = [*TINY, "--algorithm", "maml", "--algorithm.inner_steps", "1"]
MAML += ["--training.schedule", "constant"]


@pytest.fixture
def run(capfd):
    """Carry out a command: (exit code, stdout as JSON or text, stderr)."""

    def carry_out(*words):
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return code, json.loads(out) if "--json" in words else out, err

    return carry_out


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A store with one finished run."""
    root = tmp_path_factory.mktemp("trained")
    assert main(["train", *MAML, "--store", str(root)]) == 0
    return root


@pytest.mark.parametrize("what", ["algorithms", "datasets", "backbones", "samplers"])
def test_list_names_every_plugin_with_family_and_title(run, what):
    code, found, _ = run("list", what, "--json")
    assert code == 0
    assert all(each["name"] and each["title"] and each["family"] for each in found)


def test_list_shows_the_same_as_a_table(run):
    code, words, _ = run("list", "algorithms")
    assert code == 0
    assert words.splitlines()[0].split() == ["name", "family", "title", "summary"]
    assert any(line.startswith("maml ") for line in words.splitlines())


@pytest.mark.parametrize("name", ["maml", "glyphs", "conv4", "uniform"])
def test_describe_shows_a_plugin_and_its_settings(run, name):
    code, found, _ = run("describe", name, "--json")
    assert (code, found["name"]) == (0, name)
    assert all(row["help"] for row in found["settings"])


@pytest.mark.parametrize("name", ["task.n_way", "algorithm.inner_lr", "training.schedule.every"])
def test_describe_shows_a_setting(run, name):
    code, found, _ = run("describe", name, "--json")
    assert (code, found["key"]) == (0, name)


def test_describe_of_nothing_proposes_the_nearest(run):
    code, found, err = run("describe", "mamll", "--json")
    assert (code, found["hint"]) == (2, "Did you mean maml?")
    assert err.splitlines()[0] == 'error: There is nothing called "mamll" to describe.'


def test_an_empty_store_has_no_runs(run, tmp_path):
    assert run("runs", "--store", tmp_path, "--json")[:2] == (0, [])
    assert "No runs yet" in run("runs", "--store", tmp_path)[1]


def test_train_reports_run_status_steps_and_validation(run, tmp_path):
    code, found, err = run("train", *MAML, "--store", tmp_path, "--json")
    assert code == 0
    assert (found["run"], found["status"], found["steps"]) == ("0001-maml-glyphs", "done", 3)
    assert found["validation"]["step"] == 3
    assert 0 <= found["validation"]["accuracy"] <= 1
    assert "3/3" in err
    code, runs, _ = run("runs", "--store", tmp_path, "--json")
    assert [(each["run"], each["status"]) for each in runs] == [("0001-maml-glyphs", "done")]


def test_what_ran_can_be_run_again_with_more_steps_from_a_file(run, tmp_path, trained):
    # A falling rate would fall more slowly over more steps; as long as it is constant, bits agree.
    (tmp_path / "base.toml").write_text(_as_toml(MAML))
    (tmp_path / "more.toml").write_text('extends = "base.toml"\n[training]\nsteps = 4\n')
    code, found, _ = run("train", "--config", tmp_path / "more.toml", "--store", tmp_path, "--json")
    assert (code, found["steps"]) == (0, 4)
    first = Store(trained).open("1").metrics("train")
    again = Store(tmp_path).open("1").metrics("train")
    assert first["loss"].tolist() == again["loss"].tolist()[:3]


def _as_toml(words):
    from workbench.schema import files
    from workbench.schema.catalogue import Catalogue
    from workbench.schema.cli import take_settings

    catalogue = Catalogue.load()
    return files.text(catalogue, take_settings(words, catalogue)[0])


def test_an_estimate_measures_and_starts_nothing(run, tmp_path):
    store = ["--store", tmp_path / "store"]
    code, found, _ = run("train", *MAML, "--estimate", "--json", *store)
    assert code == 0
    assert found["seconds"] > found["step_seconds"] > 0
    assert found["memory"] > 0
    code, words, _ = run("train", *MAML, "--estimate", *store)
    assert (code, words.split(" ")[0]) == (0, "About")
    assert "for each of 3 steps" in words
    assert Store(tmp_path / "store").runs() == []
    code, _, err = run("train", "--resume", "1", "--estimate", *store)
    assert (code, "not one that goes on" in err) == (2, True)


def test_training_says_what_was_left_out_of_the_data(run, tmp_path):
    random = np.random.default_rng(0)
    for character in range(10):
        alphabet = ("Alpha", "Beta", "Gamma")[character % 3]
        folder = tmp_path / "pictures" / alphabet / f"{character}"
        folder.mkdir(parents=True)
        for image in range(1 if character == 9 else 6):
            pixels = random.integers(0, 256, (14, 14), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{image}.png")
    code, _, err = run(
        "train", "--dataset", "omniglot", "--dataset.path", tmp_path / "pictures",
        "--dataset.validation", "Beta", "--dataset.test", "Gamma", "--dataset.image_size", "14",
        *TINY[TINY.index("--backbone"):], "--algorithm", "maml", "--store", tmp_path / "store",
    )  # fmt: skip
    assert code == 0, err
    assert "note: Left out, for a task needs two images of each character: Alpha/9;" in err


def test_regression_is_scored_by_its_squared_error(run, tmp_path):
    words = ["--dataset", "sinusoid", "--training.steps", "2", "--validation.tasks", "4"]
    code, found, _ = run(
        "train", *words, "--training.meta_batch", 2, "--device", "cpu", "--training.threads", 1,
        "--store", tmp_path, "--json",
    )  # fmt: skip
    assert (code, found["status"]) == (0, "done")
    assert found["validation"]["mean_squared_error"] > 0
    code, found, _ = run(
        "evaluate", "1", "--split", "test", "--tasks", "3", "--store", tmp_path, "--json"
    )
    assert (code, found["inductive"]["tasks"]) == (0, 3)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_evaluate_reports_both_modes(run, trained, split):
    code, found, _ = run("evaluate", "1", "--split", split, "--store", trained, "--json")
    assert (code, found["split"]) == (0, split)
    for mode in ("inductive", "transductive"):
        assert found[mode]["tasks"] == 6
        assert 0 <= found[mode]["accuracy"] <= 1
        assert found[mode]["interval"] >= 0


def test_evaluate_in_words_gives_mean_and_interval(run, trained):
    code, words, _ = run("evaluate", "1", "--store", trained)
    assert code == 0
    assert words.count(" ± ") == 2


def test_evaluate_says_what_a_method_measures_besides(run, tmp_path):
    """A reader of sequences: how often a class is named right when it is shown again."""
    words = ["--dataset", "blobs", "--algorithm", "mann", "--algorithm.hidden", "8"]
    code, _, err = run(
        "train", *words, "--algorithm.slots", 16, "--training.steps", 1, "--validation.tasks", 2,
        "--device", "cpu", "--training.threads", 1, "--store", tmp_path,
    )  # fmt: skip
    assert code == 0, err
    asked = ["evaluate", "1", "--tasks", "3", "--store", tmp_path]
    _, found, _ = run(*asked, "--json")
    assert list(found["metrics"]) == [f"presentation_{number}" for number in range(1, 11)]
    _, said, _ = run(*asked)
    assert f"presentation 2   {found['metrics']['presentation_2']:.3f}" in said


def test_evaluate_says_what_is_forgotten_of_sequences(run, trained):
    code, found, err = run("evaluate", "1", "--sequences", 2, "--store", trained, "--json")
    assert code == 0, err
    assert (found["sequences"], found["length"]) == (2, 20)
    lost = found["learned"]["accuracy"] - found["kept"]["accuracy"]
    assert found["forgotten"]["accuracy"] == pytest.approx(lost)
    assert found["kept"]["interval"] >= 0
    code, words, _ = run("evaluate", "1", "--sequences", 2, "--store", trained)
    assert code == 0
    assert [line.split()[0] for line in words.splitlines()[-3:]] == ["learned", "kept", "forgotten"]


@pytest.mark.parametrize("method", ["protonet", "leo", "maml_plus_plus", "head_modulation"])
def test_a_method_that_begins_every_task_anew_has_nothing_to_forget(run, tmp_path, method):
    words = [*TINY, "--algorithm", method, "--training.n_way", 3, "--store", tmp_path]
    code, _, err = run("train", *words)
    assert code == 0, err
    code, _, err = run("evaluate", "1", "--sequences", 1, "--store", tmp_path)
    assert code != 0
    assert "every task begins anew, so there is nothing to forget." in err


@pytest.fixture
def pictures(tmp_path):
    """Three classes of two pictures, each with a stroke of its own place."""
    for number, name in enumerate(("alpha", "beta", "gamma")):
        for copy in range(2):
            sheet = np.full((30, 30), 255, np.uint8)
            sheet[5 + 8 * number : 9 + 8 * number, 4 + copy : 26 + copy] = 0
            path = tmp_path / "pictures" / name / f"{copy}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(sheet).save(path)
    return tmp_path / "pictures"


def test_adapt_names_unknown_pictures(run, trained, pictures):
    code, found, _ = run(
        "adapt", "1", "--support", pictures, "--query", pictures / "beta" / "1.png",
        "--store", trained, "--json",
    )  # fmt: skip
    assert (code, found["classes"]) == (0, ["alpha", "beta", "gamma"])
    (answer,) = found["queries"]
    assert set(answer["probabilities"]) == {"alpha", "beta", "gamma"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert found["accuracy"] is None


def test_adapt_scores_class_folders(run, trained, pictures):
    code, found, _ = run(
        "adapt", "1", "--support", pictures, "--query", pictures, "--store", trained, "--json"
    )
    assert code == 0
    assert len(found["queries"]) == 6
    assert found["accuracy"] == 1.0  # the queries are what it was taught


def test_adapt_answers_and_scores_a_task_file(run, trained, tmp_path):
    random = np.random.default_rng(0)

    def image(channels=1, side=20):
        return Example(random.integers(0, 256, (channels, side, side), dtype=np.uint8))

    task = TaskFile(
        ("one", "nobody drew this", "two", "three"),
        ((image(), image()), (), (image(3, 40),), (image(),)),
        ((image(), 0), (image(3), 3)),
    )
    save_task(task, tmp_path / "a.fewshot")
    store = ["--store", trained]
    code, found, _ = run("adapt", "1", "--task", tmp_path / "a.fewshot", "--json", *store)
    assert code == 0
    assert found["classes"] == ["one", "two", "three"]
    assert found["accuracy"] in (0, 0.5, 1)
    assert [query["image"] for query in found["queries"]] == ["query/0.png", "query/1.png"]
    assert sum(found["queries"][0]["probabilities"].values()) == pytest.approx(1)
    save_task(replace(task, queries=()), tmp_path / "b.fewshot")
    code, _, err = run("adapt", "1", "--task", tmp_path / "b.fewshot", *store)
    assert (code, "b.fewshot asks nothing." in err) == (2, True)
    code, _, err = run("adapt", "1", "--support", tmp_path, *store)
    assert (code, "--task FILE" in err) == (2, True)


def test_evaluate_scores_tasks_that_lie_in_files(run, trained, tmp_path):
    random = np.random.default_rng(0)
    images = [Example(random.integers(0, 256, (1, 20, 20), dtype=np.uint8)) for _ in range(3)]
    task = TaskFile(("a", "b", "c"), tuple((one,) for one in images), ((images[1], 1),), "Mine")
    save_task(task, tmp_path / "a.fewshot")
    store = ["--store", trained]
    code, found, _ = run("evaluate", "1", "--task", tmp_path / "a.fewshot", "--json", *store)
    assert code == 0
    assert found["tasks"] == [{"task": "Mine", "accuracy": found["accuracy"], "queries": 1}]
    assert found["interval"] is None
    code, words, _ = run("evaluate", "1", "--task", tmp_path / "a.fewshot", *store)
    assert (code, words.splitlines()[0].split()) == (0, ["task", "right", "queries"])
    save_task(replace(task, queries=((images[1], None),)), tmp_path / "b.fewshot")
    code, _, err = run("evaluate", "1", "--task", tmp_path / "b.fewshot", *store)
    assert (code, "does not say what its queries are" in err) == (2, True)


def test_adapt_to_a_folder_that_is_not_there_is_a_wrong_request(run, trained, tmp_path):
    code, found, _ = run(
        "adapt", "1", "--support", tmp_path / "gone", "--query", tmp_path, "--store", trained,
        "--json",
    )  # fmt: skip
    assert code == 2
    assert found["error"].startswith("There is no folder ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "--task.n_way", "1"], "task.n_way: Ways is 1; the least is 2."),
        (["train", "--algorithm", "mamml"], 'There is no algorithm called "mamml".'),
        (["train", "--algorithm.iner_lr", "1"], "There is no flag --algorithm.iner_lr."),
        (["train", "--task.queries", "20"], "1 shot and 20 queries need 21 images"),
        (["train", "--config", "gone.toml"], "There is no file"),
        (["train", "--preset", "gone"], "There is no preset called 'gone'."),
        (["train", "--device", "abacus"], "There is no device called 'abacus' here."),
        (["train", "--resume", "7"], "There is no run “7”"),
        (["train", "--resume", "1", "--task.n_way", "5"], "--resume takes no others"),
        (["train", "--dataset", "omniglot", "--dataset.path", "gone"], "no file or folder"),
        (["evaluate", "7"], "There is no run “7”"),
        (["evaluate", "1", "--split", "train"], "invalid choice: 'train'"),
        (["evaluate", "1", "--tasks", "some"], "invalid int value: 'some'"),
        (["evaluate", "1", "--sequences", "0"], "must be 1 or more"),
        (["list", "trees"], "invalid choice: 'trees'"),
        (["runs", "--pause", "7"], "There is no run “7”"),
        (["fly"], "invalid choice: 'fly'"),
    ],
)
def test_a_wrong_request_exits_with_2_and_says_why(run, tmp_path, words, said):
    code, found, err = run(*words, "--store", tmp_path, "--json")
    assert code == 2
    assert said in err
    assert said in found["error"]
    assert Store(tmp_path).runs() == []


def test_a_run_that_diverges_exits_with_1_and_is_kept_as_failed(run, tmp_path):
    words = ["--dataset", "sinusoid", "--training.optimizer", "sgd", "--training.optimizer.lr", 10]
    code, found, err = run(
        "train", *words, "--algorithm.inner_lr", 10, "--algorithm.inner_steps", 20,
        "--training.steps", 50, "--device", "cpu", "--store", tmp_path, "--json",
    )  # fmt: skip
    assert code == 1
    assert "no longer a number" in found["error"]
    assert err.rstrip().splitlines()[-1].startswith("hint: ")
    assert [each.status for each in Store(tmp_path).runs()] == [RunStatus.FAILED]


def test_deleted_runs_come_back(run, tmp_path, trained):
    code, found, _ = run("runs", "--delete", "1", "--store", trained, "--json")
    assert (code, found["requested"]) == (0, "delete")
    assert run("runs", "--store", trained, "--json")[1] == []
    assert run("runs", "--restore", "1", "--store", trained)[0] == 0
    assert len(run("runs", "--store", trained, "--json")[1]) == 1


def test_a_run_that_does_not_train_cannot_be_paused(run, trained):
    code, found, _ = run("runs", "--pause", "1", "--store", trained, "--json")
    assert code == 2
    assert "is not being trained" in found["error"]
