"""The draft: what was changed, the way back, and what is remembered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.app.draft import Draft
from workbench.schema.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def draft(qapp: object, catalogue: Catalogue) -> Draft:
    return Draft(catalogue)


def test_an_untouched_draft_has_no_values_but_every_effective_one(draft: Draft) -> None:
    assert draft.values == {}
    assert draft.value("task.n_way") == 5


def test_setting_a_default_takes_the_change_back(draft: Draft) -> None:
    draft.set("task.n_way", 20)
    assert draft.values == {"task.n_way": 20}
    draft.set("task.n_way", 5)
    assert draft.values == {}


def test_a_wrong_value_is_kept_as_it_was_typed(draft: Draft) -> None:
    draft.set("task.n_way", "5x")
    assert draft.value("task.n_way") == "5x"


def test_the_text_5_is_not_the_number_5(draft: Draft) -> None:
    draft.set("task.n_way", "5")
    assert draft.is_changed("task.n_way")


def test_another_option_drops_what_was_set_for_the_former_one(draft: Draft) -> None:
    draft.set("training.optimizer.name", "sgd")
    draft.set("training.optimizer.momentum", 0.9)
    draft.set("training.optimizer.name", "adamw")
    assert draft.values == {"training.optimizer.name": "adamw"}


def test_what_was_set_for_another_kind_of_data_comes_back_with_it(draft: Draft) -> None:
    draft.set("task.n_way", 20)
    draft.set("dataset.name", "sinusoid")
    assert "task.n_way" not in draft.values
    draft.set("dataset.name", "glyphs")
    assert draft.values["task.n_way"] == 20


def test_undo_and_redo_walk_through_the_changes(draft: Draft) -> None:
    draft.set("task.n_way", 10)
    draft.set("task.k_shot", 5)
    draft.undo()
    assert draft.values == {"task.n_way": 10}
    draft.undo()
    assert draft.values == {}
    assert not draft.can_undo
    draft.redo()
    draft.redo()
    assert draft.values == {"task.n_way": 10, "task.k_shot": 5}
    assert not draft.can_redo


def test_a_number_typed_digit_by_digit_is_one_step_of_undo(draft: Draft) -> None:
    for typed in (1, 12, 120):
        draft.set("training.steps", typed)
    draft.undo()
    assert draft.values == {}


def test_coming_back_to_a_field_is_another_step_of_undo(draft: Draft) -> None:
    draft.set("training.steps", 12)
    draft.settle()
    draft.set("training.steps", 120)
    draft.undo()
    assert draft.values == {"training.steps": 12}


def test_a_new_change_forgets_what_could_be_redone(draft: Draft) -> None:
    draft.set("task.n_way", 10)
    draft.undo()
    draft.set("task.k_shot", 5)
    assert not draft.can_redo


def test_resetting_all_keeps_data_set_and_algorithm(draft: Draft) -> None:
    draft.set("dataset.name", "omniglot")
    draft.set("dataset.path", "characters.zip")
    draft.set("algorithm.name", "protonet")
    draft.set("training.steps", 7)
    kept = {k: v for k, v in draft.values.items() if k != "training.steps"}
    draft.reset_all()
    assert draft.values == kept


def test_resetting_a_choice_loses_its_settings(draft: Draft) -> None:
    draft.set("training.schedule.name", "cosine")
    draft.set("training.schedule.final", 0.5)
    draft.reset("training.schedule.name")
    assert draft.values == {}


def test_taking_over_settings_keeps_only_what_differs_from_the_defaults(
    draft: Draft, catalogue: Catalogue
) -> None:
    draft.replace({**catalogue.defaults({}), "task.n_way": 7})
    assert draft.values == {"task.n_way": 7}


def test_each_change_is_announced_once_and_none_not_at_all(draft: Draft) -> None:
    heard: list[int] = []
    draft.changed.connect(lambda: heard.append(1))
    draft.set("task.n_way", 7)
    draft.set("task.n_way", 7)
    assert len(heard) == 1


def test_a_draft_is_there_again_after_a_restart(
    catalogue: Catalogue, qapp: object, tmp_path: Path
) -> None:
    file = tmp_path / "settings" / "draft.json"
    first = Draft(catalogue, file)
    first.set("task.n_way", 7)
    first.save()
    assert Draft(catalogue, file).values == {"task.n_way": 7}
    assert [path.name for path in file.parent.iterdir()] == ["draft.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 99, "values": {"task.n_way": 7}}'])
def test_a_draft_that_cannot_be_read_is_an_empty_one(
    catalogue: Catalogue, qapp: object, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "draft.json"
    file.write_text(text)
    assert Draft(catalogue, file).values == {}


def test_settings_of_another_version_of_the_program_are_left_out(
    catalogue: Catalogue, qapp: object, tmp_path: Path
) -> None:
    file = tmp_path / "draft.json"
    values = {
        "task.of_the_future": 1,
        "algorithm.name": "of_the_future",
        "algorithm.x": 2,
        "task.k_shot": 3,
    }
    file.write_text(json.dumps({"version": 1, "values": values}))
    assert Draft(catalogue, file).values == {"task.k_shot": 3}


def test_a_folder_that_cannot_be_written_is_reported_once(
    catalogue: Catalogue, qapp: object, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file where a folder belongs")
    draft = Draft(catalogue, tmp_path / "home" / "draft.json")
    heard: list[str] = []
    draft.saving_failed.connect(heard.append)
    draft.set("task.n_way", 7)
    draft.save()
    draft.save()
    assert len(heard) == 1
    assert str(tmp_path / "home") in heard[0]
