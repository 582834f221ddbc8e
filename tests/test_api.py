"""The few names of a notebook; the README's example is run as it stands."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

import workbench
from workbench.errors import ConfigError, DataError
from workbench.services.draws import draw_list
from workbench.services.experiment import to_flat
from workbench.services.runs import session_of, silent
from workbench.tasklist import save_tasks

ROOT = Path(__file__).parents[1]
TINY = {
    "task__n_way": 3,
    "task__queries": 3,
    "training__n_way": None,
    "training__queries": None,
    "training__steps": 3,
    "training__meta_batch": 2,
    "training__threads": 1,
    "validation__tasks": 4,
    "backbone": "mlp",
    "device": "cpu",
}


def _pictures(classes=15, copies=8, side=10):
    """Each class a pattern of its own, each copy a little different; floats from 0 to 1."""
    random = np.random.default_rng(0)
    patterns = random.random((classes, 1, side, side)) > 0.7
    noise = random.random((classes, copies, side, side))
    images = (0.8 * patterns + 0.2 * noise).reshape(-1, side, side)
    return images.astype(np.float32), np.repeat(np.arange(classes), copies)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    return workbench.train(algorithm="protonet", data=_pictures(), store=root, **TINY)


def test_a_model_is_trained_on_one_s_own_arrays(run):
    assert run.status == "done"
    assert run.validation is not None
    assert 0 <= run.validation.value <= 1
    assert run.reader.metrics("train")["step"].tolist() == [1, 2, 3]


def test_it_is_evaluated_on_classes_it_never_saw(run):
    found = workbench.evaluate(run, split="test", tasks=5)
    assert (found.split, found.inductive.tasks) == ("test", 5)


def test_a_list_of_its_tasks_gives_the_same_score(run, tmp_path):
    session = session_of(run.reader)
    tasks = draw_list(to_flat(session.config), session.data, "test", 5, silent)
    save_tasks(tasks, tmp_path / "tasks.json")
    listed = workbench.evaluate(run, episodes=tmp_path / "tasks.json")
    assert listed.inductive == workbench.evaluate(run, split="test", tasks=5).inductive


def test_it_learns_new_classes_under_their_own_names(run):
    images, labels = _pictures()
    support = torch.from_numpy(images[[0, 8, 16]])
    learner = workbench.adapt(run, support, ["x", "y", "z"])
    probabilities = learner.probabilities(images[labels < 3])
    assert probabilities.shape == (24, 3)
    assert np.allclose(probabilities.sum(-1), 1, atol=1e-5)
    assert learner.predict(images[[1, 9]]).tolist() == ["x", "y"]


def test_a_run_is_found_again_by_its_number(run):
    found = workbench.evaluate("1", "validation", tasks=2, store=run.root)
    assert found.run == run.id


def test_pictures_of_another_size_are_refused(run):
    with pytest.raises(DataError, match="1×5×5; this model was trained on 1×10×10"):
        workbench.adapt(run, np.zeros((3, 5, 5)), [0, 1, 2])


def test_a_regression_learns_a_function_from_points(tmp_path):
    run = workbench.train(
        dataset="sinusoid",
        training__steps=2,
        training__meta_batch=2,
        validation__tasks=2,
        device="cpu",
        store=tmp_path,
    )
    x = np.linspace(-5, 5, 10)
    learner = workbench.adapt(run, x, np.sin(x))
    assert learner.predict(np.array([0.0, 1.0])).shape == (2, 1)


def test_settings_may_come_from_a_mapping_and_events_are_heard(tmp_path):
    heard = []
    workbench.train(
        config={"dataset": "sinusoid", "training": {"steps": 5, "meta_batch": 1}},
        training__steps=2,
        validation__tasks=2,
        device="cpu",
        store=tmp_path,
        on_event=lambda event: heard.append(type(event).__name__),
    )
    assert heard.count("RunProgress") >= 2
    assert heard[-1] == "RunEnded"


def test_wrong_settings_are_all_named_and_no_run_is_made(tmp_path):
    with pytest.raises(ConfigError) as caught:
        workbench.train(task__n_way=1, training__steps=0, store=tmp_path)
    assert {p.path for p in caught.value.problems} == {"task.n_way", "training.steps"}
    assert not (tmp_path / "runs").exists()


def test_data_and_a_data_set_at_once_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="both `data` and a data set"):
        workbench.train(data=_pictures(), dataset="glyphs", store=tmp_path)


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert examples, "the README shows no example"
    monkeypatch.setenv("FEWSHOT_WORKBENCH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for example in examples:
        exec(compile(example, "README.md", "exec"), {"__name__": "example"})
