"""Forms: made from the catalogue alone, keeping what was typed, each problem under its own row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.app.draft import Draft
from workbench.app.forms import Form, HelpView, experiment_sections
from workbench.app.forms.arrangement import in_words, placeholder, remedy_words, summary
from workbench.app.forms.controls import ChoiceControl, NumberControl, SwitchControl, TextControl
from workbench.app.forms.row import FormRow
from workbench.app.widgets import IconButton, ProblemBox
from workbench.errors import Problem
from workbench.schema.catalogue import Catalogue
from workbench.schema.rows import Row


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def draft(dressed: QApplication, catalogue: Catalogue) -> Draft:
    return Draft(catalogue)


@pytest.fixture
def form(qtbot: QtBot, draft: Draft, catalogue: Catalogue) -> Iterator[Form]:
    made = Form(draft, catalogue, experiment_sections)
    draft.changed.connect(lambda: made.set_problems(catalogue.check(draft.values)))
    qtbot.addWidget(made)
    made.resize(720, 900)
    made.show()
    yield made
    made.hide()


def the_row(form: Form, key: str) -> FormRow:
    form.reveal(key)
    row = form.row(key)
    assert row is not None, key
    return row


def type_into(qtbot: QtBot, row: FormRow, text: str) -> None:
    """Replace what stands in the row's field, key by key."""
    control = row.control
    field: QWidget = control.focus
    field.setFocus()
    if isinstance(control, NumberControl):
        control.box.lineEdit().selectAll()
    elif isinstance(control, TextControl):
        control.field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)


# -------------------------------------------------------------------------------- which rows, where


def test_every_setting_that_applies_has_one_row_but_algorithm_and_device(
    form: Form, draft: Draft, catalogue: Catalogue
) -> None:
    applying = [row.key for row in catalogue.rows(draft.values)]
    assert sorted([*form.setting_keys(), "algorithm.name", "device"]) == sorted(applying)


def test_a_choice_swaps_the_rows_of_its_option(form: Form, draft: Draft) -> None:
    assert "training.schedule.every" not in form.setting_keys()
    draft.set("training.schedule.name", "step")
    assert "training.schedule.every" in form.setting_keys()
    assert form.row("training.schedule.every") is not None
    draft.set("training.schedule.name", "constant")
    assert form.row("training.schedule.every") is None


def test_what_does_not_apply_to_the_data_is_not_shown(form: Form, draft: Draft) -> None:
    assert "task.n_way" in form.setting_keys()
    draft.set("dataset.name", "sinusoid")
    assert "task.n_way" not in form.setting_keys()


def test_another_algorithm_keeps_the_rows_that_both_have(form: Form, draft: Draft) -> None:
    steps = form.row("training.steps")
    draft.set("algorithm.name", "reptile")
    assert form.row("training.steps") is steps


def test_a_folded_section_says_its_values(form: Form, draft: Draft, catalogue: Catalogue) -> None:
    part = form.part("validation")
    assert part is not None
    assert not part.is_open()
    draft.set("validation.every", 250)
    assert "250" in part.muted.text()


def test_seldom_used_rows_wait_behind_a_link_until_they_are_changed(
    form: Form, draft: Draft
) -> None:
    row = form.row("training.optimizer.beta1")
    assert row is not None
    assert row.isHidden()
    draft.set("training.optimizer.beta1", 0.5)
    assert not row.isHidden()


# ------------------------------------------------------------------------------------------ editing


def test_a_number_goes_into_the_draft_as_it_is_typed(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    type_into(qtbot, the_row(form, "training.steps"), "250")
    assert draft.values == {"training.steps": 250}


def test_a_wrong_text_stays_in_its_field_and_is_told_under_it(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    row = the_row(form, "task.n_way")
    type_into(qtbot, row, "five")
    control = row.control
    assert isinstance(control, NumberControl)
    assert control.box.raw_text() == "five"
    assert draft.value("task.n_way") == "five"
    assert "whole number" in row.problem_text()


def test_a_number_out_of_range_stays_and_its_remedy_mends_it(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    row = the_row(form, "task.queries")
    type_into(qtbot, row, "20")
    assert "need 21 images" in row.problem_text()
    assert draft.value("task.queries") == 20
    button = next(b for b in row.findChildren(QPushButton) if b.text() == "Set to 19")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert draft.value("task.queries") == 19
    assert row.problem_text() == ""
    assert isinstance(row.control, NumberControl)
    assert row.control.box.value() == 19


def test_the_same_number_written_otherwise_is_not_rewritten_under_the_cursor(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    row = the_row(form, "training.optimizer.lr")
    type_into(qtbot, row, "2e-3")
    assert draft.value("training.optimizer.lr") == 0.002
    assert isinstance(row.control, NumberControl)
    assert row.control.box.raw_text() == "2e-3"


def test_an_empty_row_that_may_be_empty_says_what_counts_instead(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    row = the_row(form, "training.n_way")
    assert isinstance(row.control, NumberControl)
    line = row.control.box.lineEdit()
    assert line.placeholderText() == "as the task: 5"
    draft.set("task.n_way", 7)
    assert line.placeholderText() == "as the task: 7"
    type_into(qtbot, row, "9")
    assert draft.value("training.n_way") == 9
    type_into(qtbot, row, "")
    assert draft.value("training.n_way") is None
    assert row.problem_text() == ""


def test_a_changed_row_is_marked_and_its_reset_takes_the_change_back(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    row = the_row(form, "task.k_shot")
    assert not row.is_changed()
    type_into(qtbot, row, "3")
    assert row.is_changed()
    reset = next(b for b in row.findChildren(IconButton) if "Reset" in b.toolTip())
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert draft.values == {}
    assert not row.is_changed()


def test_a_switch_and_a_choice_set_their_values(qtbot: QtBot, form: Form, draft: Draft) -> None:
    switch = the_row(form, "algorithm.second_order").control
    assert isinstance(switch, SwitchControl)
    qtbot.mouseClick(switch.box, Qt.MouseButton.LeftButton)
    assert draft.value("algorithm.second_order") is False
    choice = the_row(form, "training.optimizer.name").control
    assert isinstance(choice, ChoiceControl)
    choice.combo.setFocus()
    qtbot.keyClick(choice.combo, Qt.Key.Key_Down)
    assert draft.value("training.optimizer.name") == "adamw"


def test_undo_shows_the_value_of_before(qtbot: QtBot, form: Form, draft: Draft) -> None:
    row = the_row(form, "training.steps")
    type_into(qtbot, row, "77")
    draft.undo()
    assert isinstance(row.control, NumberControl)
    assert row.control.box.value() == 1000


def test_leaving_a_row_ends_its_step_of_undo(qtbot: QtBot, form: Form, draft: Draft) -> None:
    type_into(qtbot, the_row(form, "training.steps"), "77")
    the_row(form, "task.k_shot").control.focus.setFocus()
    type_into(qtbot, the_row(form, "training.steps"), "88")
    draft.undo()
    assert draft.value("training.steps") == 77


# ----------------------------------------------------------------------------------------- problems


def test_a_problem_in_a_folded_section_opens_it(form: Form, draft: Draft) -> None:
    part = form.part("validation")
    assert part is not None
    draft.set("validation.tasks", 1)
    assert part.is_open()
    row = form.row("validation.tasks")
    assert row is not None
    assert row.problem_text()


def test_a_problem_of_no_row_stands_above_with_its_remedy(
    qtbot: QtBot, form: Form, draft: Draft
) -> None:
    draft.set("dataset.name", "sinusoid")
    draft.set("algorithm.name", "protonet")
    boxes = [box for box in form.findChildren(ProblemBox) if box.parent() is form.widget()]
    messages = [box.message() for box in boxes]
    assert any("Prototypical networks" in message for message in messages), messages
    assert [problem.path for problem in form.unplaced()] == ["algorithm.name"]


def test_the_worst_a_worker_can_say_has_a_place(form: Form) -> None:
    form.set_problems(
        [Problem("", "Nothing fits.", "Begin anew."), Problem("dataset.name", "Gone.")]
    )
    row = form.row("dataset.name")
    assert row is not None
    assert row.problem_text() == "Gone."
    assert [problem.message for problem in form.unplaced()] == ["Nothing fits."]


# --------------------------------------------------------------------------- help and accessibility


def test_the_focused_row_is_explained(qtbot: QtBot, form: Form, draft: Draft) -> None:
    help_view = HelpView(draft)
    qtbot.addWidget(help_view)
    form.row_focused.connect(help_view.show_row)
    row = the_row(form, "task.queries")
    with qtbot.waitSignal(form.row_focused, raising=False, timeout=200):
        button = next(b for b in row.findChildren(IconButton) if b.toolTip().startswith("What is"))
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert help_view.text() == row.row.help
    assert help_view.flag() == "--task.queries 15"


def test_each_control_has_a_name_and_each_label_its_control(form: Form) -> None:
    for key in form.setting_keys():
        row = the_row(form, key)
        assert row.control.focus.accessibleName() == row.row.label, key
        assert row._label.buddy() is row.control.focus, key


# -------------------------------------------------------------------------------- words, without Qt


def test_values_are_said_as_a_person_reads_them() -> None:
    choice = Row("a.b", "Schedule", "choice", choices=(("cosine", "Cosine"),))
    assert in_words(choice, "cosine") == "Cosine"
    assert in_words(Row("a.n", "Steps", "int"), 20_000) == "20,000"
    assert in_words(Row("a.h", "Hidden", "ints"), (40, 40)) == "40, 40"
    assert in_words(Row("a.s", "Second order", "bool"), True) == "on"
    assert remedy_words(choice, "cosine") == "Choose Cosine"
    assert remedy_words(Row("a.q", "Queries", "int"), 19) == "Set to 19"


def test_a_row_stands_for_the_task_only_where_the_task_has_one_like_it() -> None:
    rows = {
        "task.n_way": Row("task.n_way", "Ways", "int", default=5),
        "training.n_way": Row("training.n_way", "Ways", "int", nullable=True),
        "algorithm.k": Row("algorithm.k", "k", "int", nullable=True),
    }
    said = {key: placeholder(row, rows, {"task.n_way": 5}.get) for key, row in rows.items()}
    assert said == {
        "task.n_way": "",
        "training.n_way": "as the task: 5",
        "algorithm.k": "automatic",
    }


def test_a_summary_leaves_out_what_is_not_there_and_names_a_choice_within_a_choice() -> None:
    network = Row("a.name", "Network", "choice", choices=(("conv4", "Conv-4"),), union=True)
    dropout = Row("a.dropout.name", "Meta Dropout", "choice", choices=(("c", "Masks"),), union=True)
    chosen = {"a.name": "conv4", "a.dropout.name": "none"}
    assert summary([network, dropout], chosen.get) == "Conv-4"
    assert summary([network, dropout], {**chosen, "a.dropout.name": "c"}.get) == (
        "Conv-4, meta dropout: Masks"
    )


def test_a_summary_says_no_more_than_fits() -> None:
    rows = [Row(f"a.x{i}", f"Thing {i}", "int") for i in range(9)]
    assert summary(rows, lambda key: 1).count(",") == 3
