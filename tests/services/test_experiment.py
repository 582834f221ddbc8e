import json

import pytest

from workbench.errors import ConfigError
from workbench.schema.catalogue import PLUGIN_ROOTS
from workbench.schema.resources import resource
from workbench.services.catalogue import generated, stale
from workbench.services.experiment import (
    catalogue,
    catalogue_tree,
    resolve,
    to_flat,
    to_nested,
)


def test_the_catalogue_that_travels_with_the_program_equals_the_source():
    written = json.loads(resource("catalogue.json").read_text(encoding="utf-8"))
    assert written == catalogue_tree(), "run `make catalogue`"


def test_the_manual_equals_the_source():
    assert stale(generated()) == [], "run `make catalogue`"


def test_a_file_that_nothing_makes_any_more_is_stale(tmp_path):
    (tmp_path / "old.md").write_text("")
    (tmp_path / "new.md").write_text("text")
    assert stale({tmp_path / "new.md": "text"}) == [tmp_path / "old.md"]
    assert stale({tmp_path / "new.md": "other"}) == [tmp_path / "new.md", tmp_path / "old.md"]


def test_nothing_said_is_a_valid_experiment():
    config = resolve({})
    assert (config.dataset.name, config.algorithm.name) == ("glyphs", "maml")


@pytest.mark.parametrize("root", PLUGIN_ROOTS)
def test_every_plugin_survives_the_way_to_plain_settings_and_back(root, tmp_path):
    for option in catalogue().options(root):
        values = {f"{root}.name": option.name}
        values |= {f"{root}.{key}": str(tmp_path) for key in option.facts.get("required", {})}
        if root == "backbone" and "classification" not in option.kinds:
            values["dataset.name"] = "sinusoid"
        config = resolve(values)
        assert resolve(to_flat(config)) == config
        assert resolve(to_nested(config)) == config


def test_settings_are_read_as_their_types_whether_nested_or_dotted():
    flat = resolve({"algorithm": "maml", "task.n_way": "7", "algorithm.second_order": "no"})
    nested = resolve({"algorithm": {"name": "maml", "second_order": False}, "task": {"n_way": 7}})
    assert flat == nested


def test_what_does_not_apply_is_not_kept():
    values = {"dataset": "sinusoid", "task.n_way": 7, "algorithm": "maml"}
    kept = to_flat(resolve(values))
    assert "task.n_way" not in kept
    assert "training.schedule.every" not in kept
    assert kept["backbone.name"] == "mlp"


def test_settings_of_an_option_that_is_not_chosen_are_dropped():
    values = {"algorithm.name": "protonet", "algorithm.inner_lr": "nonsense"}
    assert "algorithm.inner_lr" not in to_flat(resolve(values))


def test_all_problems_come_at_once():
    with pytest.raises(ConfigError) as caught:
        resolve({"task.n_way": 1, "training.optimizer": "sdg", "validation.tasks": "x"})
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {"task.n_way", "training.optimizer.name", "validation.tasks"}


def test_a_path_is_made_absolute_and_must_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bank").mkdir()
    values = {"dataset": "arrays", "dataset.path": "bank"}
    assert to_flat(resolve(values))["dataset.path"] == str(tmp_path / "bank")
    with pytest.raises(ConfigError) as caught:
        resolve({**values, "dataset.path": "gone"})
    problem = caught.value.problems[0]
    assert problem.path == "dataset.path"
    assert problem.message == f"There is no file or folder {tmp_path / 'gone'}."


def test_a_preset_lies_under_what_the_person_says():
    config = resolve({"preset": "glyphs-quick", "training.steps": 7})
    assert (config.training.steps, config.training.meta_batch) == (7, 8)
