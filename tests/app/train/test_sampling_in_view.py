"""The sampler's table as heat-maps: laid out rightly, read from the store, and free when hidden."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.app.train.worlds import MakePage, MakeRun
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train import TrainPage
from workbench.app.pages.train.cells import MEAN, picture_of, slices_of, words_of
from workbench.app.pages.train.heat import HeatMap
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import RunWriter, Store
from workbench.store.tables import SeenTable, TableAxes, TableAxis, write_axes, write_table

AMPLITUDE, PHASE = TableAxis("amplitude", 0.0, 4.0), TableAxis("phase", 0.0, 3.0)
FREQUENCY = TableAxis("frequency", 1.0, 2.0)
PLANE, SPACE = TableAxes((AMPLITUDE, PHASE)), TableAxes((AMPLITUDE, PHASE, FREQUENCY))
LOSSES = np.arange(12.0).reshape(4, 3)
COUNTS = np.arange(12).reshape(4, 3)  # the first cell was never drawn


def seen(losses: np.ndarray, counts: np.ndarray) -> SeenTable:
    return SeenTable(7, losses.astype(np.float32), counts.astype(np.int32))


@pytest.fixture
def sampled(make_run: MakeRun) -> RunWriter:
    """A run whose sampler keeps a table of two parameters."""
    writer = make_run(**{"dataset.name": "sinusoid", "sampler.name": "epsilon_greedy"})
    write_axes(writer.folder, PLANE)
    write_table(writer.folder, 20, LOSSES, COUNTS)
    return writer


def opened(make_page: MakePage, idle: EngineLink, writer: RunWriter) -> TrainPage:
    page = make_page(idle)
    page.open_run(writer.run)
    page.running.insight.choose("sampling")
    return page


def test_a_cell_that_was_never_drawn_has_no_loss() -> None:
    picture = picture_of(seen(LOSSES, COUNTS), PLANE)
    assert np.isnan(picture.losses[0, 0])
    assert picture.losses[1, 2] == 5
    assert words_of(picture, PLANE, 0, 0) == "amplitude 0–1, phase 0–1: not drawn yet"
    assert words_of(picture, PLANE, 1, 2) == "amplitude 1–2, phase 2–3: loss 5.00, 5 draws"
    assert words_of(picture, PLANE, 4, 0) == ""


def test_a_third_parameter_is_averaged_over_what_was_drawn_or_cut_into_slices() -> None:
    losses = np.stack([LOSSES, LOSSES + 10], axis=-1)
    counts = np.stack([COUNTS, np.where(COUNTS > 5, 3, 0)], axis=-1)
    table = seen(losses, counts)
    mean = picture_of(table, SPACE, MEAN)
    assert mean.losses[1, 2] == 5  # the second slice was not drawn there
    assert mean.losses[3, 2] == 16  # (11 + 21) / 2
    assert mean.counts[3, 2] == 14
    assert picture_of(table, SPACE, 1).losses[3, 2] == 21
    words = [words for _, words in slices_of(table, SPACE)]
    assert words == ["Any frequency", "Frequency 1.0–1.5", "Frequency 1.5–2.0"]
    assert slices_of(seen(LOSSES, COUNTS), PLANE) == []


def test_classes_stand_in_rows_from_the_upper_left() -> None:
    """Five classes make rows of ceil(sqrt(10)) = 4."""
    axes = TableAxes(classes=("a", "b", "c", "d", "e"))
    picture = picture_of(seen(np.arange(5.0), np.ones(5, int)), axes)
    assert picture.losses.shape == (4, 2)
    assert [words_of(picture, axes, x, 1)[0] for x in range(4)] == ["a", "b", "c", "d"]
    assert words_of(picture, axes, 0, 0) == "e: loss 4.00, 1 draw"
    assert words_of(picture, axes, 1, 0) == ""


def test_the_heat_map_shows_the_table_and_a_cell_can_be_read_by_key(
    qtbot: QtBot, make_page: MakePage, sampled: RunWriter, idle: EngineLink
) -> None:
    view = opened(make_page, idle, sampled).running.insight.sampling
    plot = view.maps["losses"]
    assert plot.isVisible()
    assert plot.levels == (1, 11)
    assert view.readout.text() == "11 of 12 bins drawn by step 20"
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(plot, key)
    assert view.readout.text() == "amplitude 1–2, phase 1–2: loss 4.00, 4 draws"


def test_the_bar_of_draws_names_whole_numbers_only(qtbot: QtBot) -> None:
    """Half of 3 draws would be 1.5; a loss has a middle always."""
    draws, losses = HeatMap("Draws", counts=True), HeatMap("Losses")
    qtbot.addWidget(draws)
    qtbot.addWidget(losses)
    for plot in (draws, losses):
        plot.set_values(np.array([[0.0, 3.0]]))
    assert draws.bar_words() == {0.0: "0", 1.0: "3"}
    assert losses.bar_words() == {0.0: "0.000", 0.5: "1.50", 1.0: "3.00"}
    draws.set_values(np.array([[0.0, 4.0]]))
    assert draws.bar_words()[0.5] == "2"


def test_the_heat_map_follows_the_table(
    make_page: MakePage, sampled: RunWriter, idle: EngineLink
) -> None:
    page = opened(make_page, idle, sampled)
    write_table(sampled.folder, 40, 10 * LOSSES, COUNTS + 1)
    page._look(now=True)
    assert page.running.insight.sampling.maps["losses"].levels == (0, 110)


def test_a_table_is_not_read_while_another_view_is_open(
    make_page: MakePage, sampled: RunWriter, idle: EngineLink
) -> None:
    page = opened(make_page, idle, sampled)
    insight = page.running.insight
    insight.choose("adaptation")
    write_table(sampled.folder, 40, 10 * LOSSES, COUNTS + 1)
    page._look(now=True)
    assert insight.sampling.maps["losses"].levels == (1, 11)
    insight.choose("sampling")
    assert insight.sampling.maps["losses"].levels == (0, 110)


def test_losses_and_draws_stand_side_by_side_where_there_is_room(
    qtbot: QtBot, make_page: MakePage, sampled: RunWriter, idle: EngineLink
) -> None:
    insight = opened(make_page, idle, sampled).running.insight
    shown = [key for key, plot in insight.sampling.maps.items() if plot.isVisible()]
    assert shown == ["losses"]
    insight.toggle_maximised()
    maps = insight.sampling.maps.values()
    qtbot.waitUntil(lambda: all(plot.isVisible() for plot in maps), timeout=5_000)


def test_a_parameter_that_does_not_vary_has_one_value_and_room_in_the_picture(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    writer = make_run(**{"dataset.name": "sinusoid", "sampler.name": "epsilon_greedy"})
    still = TableAxes((AMPLITUDE, TableAxis("phase", 2.0, 2.0)))
    write_axes(writer.folder, still)
    write_table(writer.folder, 20, LOSSES, COUNTS)
    view = opened(make_page, idle, writer).running.insight.sampling
    view.maps["losses"].choose(1, 2)
    assert view.readout.text() == "amplitude 1–2, phase 2.00: loss 5.00, 5 draws"
    assert view.maps["losses"].image.sceneBoundingRect().height() > 1


def test_uniform_draws_say_that_they_keep_no_record(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    view = opened(make_page, idle, make_run()).running.insight.sampling
    assert view.empty.isVisible()
    assert view.empty.sentence().startswith("Uniform draws keep no record of losses")


def test_a_damaged_table_is_said_in_its_place(
    make_page: MakePage, sampled: RunWriter, idle: EngineLink
) -> None:
    page = opened(make_page, idle, sampled)
    (sampled.folder / "table.npz").write_bytes(b"no table")
    page._look(now=True)
    view = page.running.insight.sampling
    assert view.empty.isVisible()
    assert view.empty.sentence().endswith("is damaged.")


def test_the_figures_of_the_table_stand_under_it(
    store: Store, catalogue: Catalogue, make_page: MakePage, idle: EngineLink
) -> None:
    values = {"dataset.name": "sinusoid", "sampler.name": "delta", "training.steps": 9}
    with store.create(nest(catalogue.complete(values)), {}) as writer:
        figures = {"table_mean": 1.5, "table_spread": 0.25, "table_correlation": -0.5}
        writer.record("train", {"step": 1, "tasks": 4, "seconds": 1, "loss": 1, **figures})
        write_axes(writer.folder, PLANE)
        write_table(writer.folder, 1, LOSSES, COUNTS)
        view = opened(make_page, idle, writer).running.insight.sampling
    assert view.figures.text() == "mean 1.50 · spread 0.250 · ρ -0.500"
