"""The vocabulary pages are written in: what each widget shows, asks and tells."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QStandardItem, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QWidget
from pytestqt.qtbot import QtBot

import workbench.app.widgets as vocabulary
from workbench.app.theme import apply
from workbench.app.theme.tokens import DARK, LIGHT
from workbench.app.widgets import (
    CELL,
    BarRow,
    Button,
    Cell,
    CellModel,
    CheckBox,
    Chip,
    Column,
    Combo,
    EmptyState,
    Figure,
    FloatBox,
    IconButton,
    ImageTile,
    IntBox,
    Label,
    Panel,
    ProblemBox,
    SearchField,
    Section,
    Segmented,
    SeriesCheck,
    Splitter,
    StatusChip,
    Table,
    ThumbnailGrid,
    Tree,
    UndoBar,
)
from workbench.app.widgets.numbers import compact, stepped_in_first_digit

pytestmark = pytest.mark.usefixtures("dressed")


def shown(qtbot: QtBot, widget: QWidget, width: int = 0, height: int = 0) -> None:
    qtbot.addWidget(widget)
    if width:
        widget.resize(width, height)
    widget.show()


def typed(box: IntBox | FloatBox, text: str) -> None:
    box.selectAll()
    QTest.keyClicks(box, text)


def spoken(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return str(interface.text(QAccessible.Text.Name))


def test_every_public_widget_is_named_in_the_modules_docstring() -> None:
    text = inspect.getdoc(vocabulary) or ""
    names = [n for n in vocabulary.__all__ if n not in ("CELL", "CellDelegate")]
    assert [n for n in names if n not in text] == []


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "value"), [("12,480", 12480), ("12480", 12480), ("1e4", 10000), ("-3", -3)]
)
def test_a_whole_number_is_understood_as_people_write_it(
    qtbot: QtBot, text: str, value: int
) -> None:
    box = IntBox(-10, 100_000, 1)
    shown(qtbot, box)
    typed(box, text)
    assert box.value() == value
    assert isinstance(box.value(), int)


def test_a_whole_number_shows_separators_once_it_is_typed(qtbot: QtBot) -> None:
    box = IntBox(1, 100_000, 5)
    shown(qtbot, box)
    typed(box, "12480")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.raw_text() == "12,480"


def test_a_number_out_of_range_is_kept_and_reported(qtbot: QtBot) -> None:
    box = IntBox(1, 19, 15)
    shown(qtbot, box)
    with qtbot.waitSignal(box.problem_changed) as told:
        typed(box, "20")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert told.args == ["Outside 1 – 19"]
    assert (box.value(), box.raw_text()) == (20, "20")
    assert box.property("bad") is True


def test_a_number_that_fits_again_is_no_problem_any_more(qtbot: QtBot) -> None:
    box = IntBox(1, 19, 20)
    shown(qtbot, box)
    assert box.problem()
    typed(box, "19")
    assert box.problem() == ""
    assert box.property("bad") is False


@pytest.mark.parametrize("text", ["", "abc", "1.5", "nan"])
def test_text_that_is_no_whole_number_gives_none(qtbot: QtBot, text: str) -> None:
    box = IntBox(1, 19, 5)
    shown(qtbot, box)
    box.selectAll()
    QTest.keyClick(box, Qt.Key.Key_Backspace)
    QTest.keyClicks(box, text)
    assert box.value() is None
    assert box.problem()


@pytest.mark.parametrize(
    ("text", "value", "compacted"),
    [("1e-3", 0.001, "0.001"), ("0.00001", 1e-5, "1e-05"), ("0,1", 0.1, "0.1"), ("3", 3.0, "3")],
)
def test_a_rate_is_understood_and_shown_as_short_as_it_can_be(
    qtbot: QtBot, text: str, value: float, compacted: str
) -> None:
    box = FloatBox(0, 10, 0.4)
    shown(qtbot, box)
    typed(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == value
    assert box.raw_text() == compacted


@pytest.mark.parametrize("value", [0.4, 1e-5, 123456.789, 20000.0, 1e12, 0.1 + 0.2])
def test_a_compact_number_reads_back_as_itself(value: float) -> None:
    assert float(compact(value)) == pytest.approx(value, rel=1e-11)


@pytest.mark.parametrize(
    ("value", "steps", "after"),
    [
        (0.01, 1, 0.02),
        (0.1, -1, 0.09),
        (0.09, 1, 0.1),
        (0.001, -1, 0.0009),
        (5.0, 2, 7.0),
        (0, 1, 0.1),
    ],
)
def test_arrows_move_the_first_digit_of_a_rate(value: float, steps: int, after: float) -> None:
    assert stepped_in_first_digit(value, steps) == pytest.approx(after, rel=1e-9)


def test_arrows_stay_inside_the_range(qtbot: QtBot) -> None:
    box = IntBox(1, 19, 18)
    shown(qtbot, box)
    for _ in range(5):
        QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 19


def test_the_wheel_over_a_field_without_focus_changes_nothing(qtbot: QtBot) -> None:
    around = QWidget()
    row = QHBoxLayout(around)
    box, other = IntBox(1, 19, 5), IntBox(1, 19, 5)
    row.addWidget(other)
    row.addWidget(box)
    shown(qtbot, around)
    other.setFocus()
    box.clearFocus()
    assert not box.hasFocus()
    assert box.value() == 5


def test_setting_a_value_is_not_news(qtbot: QtBot) -> None:
    box = IntBox(1, 19, 5)
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.value_changed):
        box.set_value(7)
    assert box.value() == 7


# ---------------------------------------------------------------- choices


def test_choosing_a_segment_moves_nothing_and_tells_its_key(qtbot: QtBot) -> None:
    choice = Segmented([("step", "Step"), ("time", "Time")])
    shown(qtbot, choice)
    before = choice.sizeHint()
    button = choice.findChildren(Button.__base__)[1]
    with qtbot.waitSignal(choice.changed) as told:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == ["time"]
    assert choice.sizeHint() == before


def test_arrow_keys_move_the_choice_around(qtbot: QtBot) -> None:
    choice = Segmented(["Step", "Tasks", "Time"], "Time")
    shown(qtbot, choice)
    QTest.keyClick(choice, Qt.Key.Key_Right)
    assert choice.value() == "Step"


def test_a_combo_keeps_its_key_when_its_items_change(qtbot: QtBot) -> None:
    combo = Combo([("cpu", "CPU"), ("cuda:0", "GPU 0")], "cuda:0")
    qtbot.addWidget(combo)
    with qtbot.assertNotEmitted(combo.chosen):
        combo.set_items([("cuda:0", "GPU 0 · H200"), ("cpu", "CPU")])
    assert combo.value() == "cuda:0"


def test_a_check_box_reacts_on_its_word_too(qtbot: QtBot) -> None:
    box = CheckBox("Only what differs")
    shown(qtbot, box)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(box.width() - 8, 12))
    assert box.isChecked()


def test_search_waits_until_typing_stops(qtbot: QtBot) -> None:
    field = SearchField("Search")
    shown(qtbot, field)
    heard: list[str] = []
    field.searched.connect(heard.append)
    with qtbot.waitSignal(field.searched):
        QTest.keyClicks(field, "maml")
    assert heard == ["maml"]


def test_a_chip_asks_to_be_removed(qtbot: QtBot) -> None:
    chip = Chip("Task: 5-way")
    shown(qtbot, chip)
    with qtbot.waitSignal(chip.removed):
        QTest.mouseClick(chip.findChildren(IconButton)[0], Qt.MouseButton.LeftButton)


# ---------------------------------------------------------------- telling


def test_a_status_is_icon_word_and_colour(qtbot: QtBot) -> None:
    chip = StatusChip("failed")
    shown(qtbot, chip)
    assert (chip.text(), spoken(chip)) == ("Failed", "Failed")
    chip.set_status("running", "Running, 62 %")
    assert spoken(chip) == "Running, 62 %"


def test_a_figure_is_spoken_with_its_caption(qtbot: QtBot) -> None:
    figure = Figure("Step", "12,480", "of 20,000")
    qtbot.addWidget(figure)
    assert figure.accessibleName() == "Step: 12,480 of 20,000"


def test_a_bar_says_its_value_and_that_it_is_the_answer(qtbot: QtBot) -> None:
    bar = BarRow(5, "psi")
    qtbot.addWidget(bar)
    bar.set(0.936, before=0.2, chosen=True)
    assert bar.accessibleName() == "psi: 93.6 %, the answer"
    bar.set(None)
    assert bar.value_text() == "–"


def test_the_remedy_of_a_problem_is_a_button(qtbot: QtBot) -> None:
    box = ProblemBox(
        "1 shot and 20 queries need 21 images.", "Lower the queries to 19.", "Set to 19"
    )
    shown(qtbot, box, 600, 90)
    with qtbot.waitSignal(box.remedied):
        QTest.mouseClick(box.findChildren(Button)[0], Qt.MouseButton.LeftButton)
    assert "Lower the queries" in spoken(box)


def test_an_empty_state_offers_what_brings_it(qtbot: QtBot) -> None:
    empty = EmptyState("list", "No runs yet. Train one.", "Train")
    shown(qtbot, empty, 300, 200)
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(empty.findChildren(Button)[0], Qt.MouseButton.LeftButton)


def test_undo_runs_once_and_the_bar_goes(qtbot: QtBot) -> None:
    around = QWidget()
    shown(qtbot, around, 600, 400)
    bar = UndoBar(around)
    undone: list[str] = []
    bar.offer("Deleted run 42", lambda: undone.append("42"))
    button = next(b for b in bar.findChildren(Button) if b.text() == "Undo")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert undone == ["42"]
    assert not bar.isVisible()
    assert around.rect().contains(bar.geometry())


def test_a_label_without_room_ends_in_dots_and_keeps_its_whole_text_as_tooltip(
    qtbot: QtBot,
) -> None:
    label = Label("Teach the model five characters, then ask it about a new one", elide=True)
    shown(qtbot, label, 120, 20)
    assert label.minimumSizeHint().width() <= 32
    assert label.toolTip() == label.text()


def test_a_disabled_button_says_why(qtbot: QtBot) -> None:
    button = Button("Start training", "play", "filled")
    qtbot.addWidget(button)
    button.set_enabled_because("1 problem to solve before starting")
    assert not button.isEnabled()
    assert button.toolTip() == "1 problem to solve before starting"
    button.set_enabled_because("")
    assert button.isEnabled()


def test_an_icon_without_a_word_has_a_name_and_a_target_of_24(qtbot: QtBot) -> None:
    button = IconButton("crosshair", "Crosshair", checkable=True)
    shown(qtbot, button)
    assert spoken(button) == button.toolTip() == "Crosshair"
    assert min(button.width(), button.height()) >= 24


# ---------------------------------------------------------------- frames


def test_a_double_click_on_a_head_maximises_and_another_gives_the_room_back(qtbot: QtBot) -> None:
    outer = Splitter("vertical", "outer")
    inner = Splitter("horizontal", "inner")
    one, two, three = Panel("One"), Panel("Two"), Panel("Three")
    for panel in (one, two):
        inner.add(panel)
    outer.add(inner)
    outer.add(three)
    shown(qtbot, outer, 800, 600)
    head = one.head
    QTest.mouseDClick(head, Qt.MouseButton.LeftButton)
    assert (one.isVisible(), two.isVisible(), three.isVisible()) == (True, False, False)
    QTest.mouseDClick(head, Qt.MouseButton.LeftButton)
    assert two.isVisible()
    assert three.isVisible()


def test_the_gap_between_panels_is_the_handle(qtbot: QtBot) -> None:
    splitter = Splitter("horizontal", "s", [1, 3])
    splitter.add(Panel("One"))
    splitter.add(Panel("Two"))
    shown(qtbot, splitter, 816, 300)
    assert splitter.handleWidth() == 16
    left = splitter.sizes()[0]
    QSplitter.setSizes(splitter, [600, 200])
    splitter.reset()
    assert splitter.sizes()[0] == left


def test_a_section_folds_by_mouse_and_by_key(qtbot: QtBot) -> None:
    section = Section("Inner loop", "How the model adapts")
    section.body.addWidget(Label("content"))
    shown(qtbot, section, 400, 200)
    QTest.mouseClick(section.head, Qt.MouseButton.LeftButton)
    assert not section.is_open()
    QTest.keyClick(section.head, Qt.Key.Key_Space)
    assert section.is_open()
    assert section.head.accessibleName() == "Inner loop, open"


# ---------------------------------------------------------------- images


def test_ink_is_painted_in_ink_on_tile_in_both_schemes(qtbot: QtBot, dressed: QApplication) -> None:
    image = np.zeros((28, 28), np.uint8)
    image[:, 14:] = 255
    tile = ImageTile(60)
    tile.set_image(image)
    shown(qtbot, tile)
    for scheme, tokens in (("light", LIGHT), ("dark", DARK)):
        apply(dressed, scheme, 100)
        picture = tile.grab().toImage()
        assert picture.pixelColor(10, 30).name().upper() == tokens.tile
        assert picture.pixelColor(50, 30).name().upper() == tokens.ink


def test_what_the_network_sees_is_black_on_white_also_in_the_dark(
    qtbot: QtBot, dressed: QApplication
) -> None:
    tile = ImageTile(60, paper=True)
    tile.set_image(np.full((28, 28), 255, np.uint8))
    shown(qtbot, tile)
    apply(dressed, "dark", 100)
    picture = tile.grab().toImage()
    assert picture.pixelColor(30, 30).name() == "#000000"
    assert picture.pixelColor(1, 1).name() == "#ffffff"


def test_a_grid_of_thousands_makes_only_what_is_in_view(qtbot: QtBot) -> None:
    asked: list[int] = []
    blank = np.zeros((28, 28), np.uint8)

    def image_of(index: int) -> np.ndarray:
        asked.append(index)
        return blank

    grid = ThumbnailGrid(64)
    grid.set_source(20_000, image_of, str)
    shown(qtbot, grid, 500, 400)
    grid.grab()
    assert 0 < len(set(asked)) < 100
    grid.set_current(19_999)
    grid.grab()
    assert 19_999 in asked
    assert grid.viewport().rect().contains(grid.rect_of(19_999))


def test_keys_and_mouse_move_through_a_grid(qtbot: QtBot) -> None:
    grid = ThumbnailGrid(64)
    grid.set_images(np.zeros((50, 28, 28), np.uint8), [f"{i:02d}" for i in range(50)])
    shown(qtbot, grid, 500, 400)
    with qtbot.waitSignal(grid.current_changed):
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.rect_of(3).center())
    assert grid.current() == 3
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current() == 3 + grid.columns()
    QTest.keyClick(grid, Qt.Key.Key_End)
    assert grid.current() == 49
    with qtbot.waitSignal(grid.activated) as told:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [49]
    assert grid.accessibleName() == "Images, 50, current 49"


def test_a_grid_without_images_has_no_current_one(qtbot: QtBot) -> None:
    grid = ThumbnailGrid()
    shown(qtbot, grid, 300, 200)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current() == -1
    assert grid.index_at(5, 5) == -1


# ---------------------------------------------------------------- tables


def model_of_runs() -> CellModel:
    model = CellModel(
        [Column("pick", "", width=40), Column("name", "Run"), Column("best", "Best", "right")]
    )
    rows = [
        {
            "pick": Cell(checked=False),
            "name": Cell(name, strong=True),
            "best": Cell(f"{best}", muted="± 0.9 %", sort=best),
        }
        for name, best in (("b", 9.5), ("a", 95.0), ("c", 20.1))
    ]
    model.set_rows(rows, ["k1", "k2", "k3"])
    return model


def test_a_table_sorts_numbers_as_numbers_and_keeps_the_selection(qtbot: QtBot) -> None:
    model, table = model_of_runs(), Table()
    table.set_model(model)
    shown(qtbot, table, 600, 200)
    table.selectRow(0)
    model.sort(2, Qt.SortOrder.DescendingOrder)
    assert model.keys() == ["k2", "k3", "k1"]
    chosen = {i.row() for i in table.selectionModel().selectedRows()}
    assert chosen == {2}


def test_space_and_a_click_on_the_box_tick_the_row(qtbot: QtBot) -> None:
    model, table = model_of_runs(), Table()
    table.set_model(model)
    shown(qtbot, table, 600, 200)
    table.setCurrentIndex(model.index(1, 1))
    with qtbot.waitSignal(model.checked_changed) as told:
        QTest.keyClick(table, Qt.Key.Key_Space)
    assert told.args == ["k2", True]
    spot = table.visualRect(model.index(2, 0)).topLeft() + QPoint(14, 16)
    with qtbot.waitSignal(model.checked_changed) as told:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert told.args == ["k3", True]


def test_the_same_rows_again_reset_nothing(qtbot: QtBot) -> None:
    model = model_of_runs()
    rows = [{"name": Cell(n)} for n in ("x", "y", "z")]
    with qtbot.assertNotEmitted(model.modelReset):
        model.set_rows(rows, ["k1", "k2", "k3"])
    assert model.index(1, 1).data() == "y"


def test_rows_of_a_table_are_32_high_and_grow_with_the_scale(
    qtbot: QtBot, dressed: QApplication
) -> None:
    table = Table()
    table.set_model(model_of_runs())
    shown(qtbot, table, 600, 200)
    assert table.rowHeight(0) == 32
    apply(dressed, "light", 150)
    assert table.rowHeight(0) == 48


def test_a_cell_is_spoken_as_a_whole() -> None:
    cell = Cell("95.6", muted="± 0.9 %", badge="Done", outlined=("baseline",))
    assert cell.spoken() == "95.6 ± 0.9 % Done baseline"


def test_a_tree_paints_its_cells_in_rows_of_24(qtbot: QtBot) -> None:
    model = QStandardItemModel()
    item = QStandardItem("Train")
    item.setData(Cell("Train", muted="25 alphabets · 828"), CELL)
    item.appendRow(QStandardItem("Greek"))
    model.appendRow(item)
    tree = Tree()
    tree.setModel(model)
    shown(qtbot, tree, 300, 200)
    tree.expandAll()
    tree.setCurrentIndex(model.index(0, 0))
    tree.grab()
    assert tree.visualRect(model.index(0, 0)).height() == 24
    assert tree.visualRect(model.index(0, 0, model.index(0, 0, QModelIndex()))).isValid()


def test_a_legend_entry_is_spoken_by_its_name(qtbot: QtBot) -> None:
    entry = SeriesCheck("Validation", 1)
    shown(qtbot, entry)
    entry.grab()
    assert spoken(entry) == "Validation"
