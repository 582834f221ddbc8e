"""Further figures and learned rates stand behind tabs of their own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.app.train.worlds import MakePage, MakeRun
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train.further import further_of
from workbench.app.pages.train.insight import InsightPanel
from workbench.schema.catalogue import Catalogue
from workbench.schema.layers import nest
from workbench.store import RunWriter, Store

PRESENTATIONS = {1: 0.2, 2: 0.6, 10: 0.9}


@pytest.fixture
def measuring(store: Store, catalogue: Catalogue) -> Iterator[RunWriter]:
    """A run whose method measures more: by presentation, and a figure over the steps."""
    values = {"algorithm.name": "mann", "training.steps": 9}
    with store.create(nest(catalogue.complete(values)), {}) as writer:
        for step in (1, 2, 3):
            write(writer, "train", step, 0.1 * step)
        write(writer, "validation", 3, 0.0)
        yield writer


def write(writer: RunWriter, stream: str, step: int, more: float) -> None:
    by_number = {f"presentation_{n}": value + more for n, value in PRESENTATIONS.items()}
    row = {"step": step, "tasks": step, "seconds": step, "loss": 1.0, "value": 0.5, "trace_0": 0.2}
    writer.record(stream, {**row, **by_number, "largest_weight": float(step)})


def opened(make_page: MakePage, idle: EngineLink, run: str, tab: str) -> InsightPanel:
    page = make_page(idle)
    page.open_run(run)
    page.running.insight.choose(tab)
    return page.running.insight


def test_what_has_a_place_elsewhere_is_no_further_figure(
    make_page: MakePage, measuring: RunWriter, idle: EngineLink
) -> None:
    insight = opened(make_page, idle, measuring.run, "further")
    assert insight._watch is not None
    found = [(f.key, f.title, f.numbered) for f in further_of(insight._watch.feed)]
    assert found == [
        ("presentation", "Accuracy by presentation", (1, 2, 10)),
        ("largest_weight", "Largest weight", ()),
    ]


def test_numbered_figures_are_a_curve_over_their_numbers_at_the_last_validation(
    make_page: MakePage, measuring: RunWriter, idle: EngineLink
) -> None:
    plot = opened(make_page, idle, measuring.run, "further").further.plot
    assert plot.numbers("Validation").x.tolist() == [1, 2, 10]
    np.testing.assert_allclose(plot.numbers("Validation").y, [20, 60, 90])
    np.testing.assert_allclose(plot.numbers("Train, last 3 steps").y, [40, 80, 110])


def test_a_single_figure_is_a_curve_over_the_steps(
    make_page: MakePage, measuring: RunWriter, idle: EngineLink
) -> None:
    view = opened(make_page, idle, measuring.run, "further").further
    view.choice.set_value("largest_weight")
    view.choice.chosen.emit("largest_weight")
    assert view.plot.numbers("Train").x.tolist() == [1, 2, 3]
    assert view.plot.numbers("Validation").y.tolist() == [3]


def test_the_losses_over_the_inner_steps_are_a_figure_of_each_method_that_takes_them(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    writer = make_run(20, 40)
    writer.record("inner", {"step": 20, "loss_0": 1.6, "loss_5": 0.5, "support_0": 1.7})
    plot = opened(make_page, idle, writer.run, "further").further.plot
    assert plot.numbers("Queries").x.tolist() == [0, 5]
    assert plot.numbers("Queries").y.tolist() == [1.6, 0.5]


def test_a_run_without_further_figures_says_so(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    view = opened(make_page, idle, make_run(20, 40).run, "further").further
    assert view.empty.isVisible()
    assert not view.plot.isVisible()
    assert view.empty.sentence() == "This method records nothing beyond loss and accuracy."


def test_nothing_is_drawn_while_another_view_is_open(
    make_page: MakePage, measuring: RunWriter, idle: EngineLink
) -> None:
    page = make_page(idle)
    page.open_run(measuring.run)
    insight = page.running.insight
    page._look(now=True)
    assert insight.further.plot.series_names() == []
    insight.choose("further")
    assert insight.further.plot.series_names() != []


def test_learned_rates_stand_in_a_table_by_weight_as_of_the_last_validation(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    writer = make_run(10, 40)
    for step, low in ((20, 0.05), (30, 0.01)):
        row = {"head.weight:low": low, "head.weight:mean": 0.1, "head.weight:high": 0.5}
        writer.record("rates", {"step": step, **row})
        writer.record("validation", {"step": step, "value": 0.9})
    view = opened(make_page, idle, writer.run, "rates").rates
    assert view.table.isVisible()
    cells = [view.model.cell(0, column).text for column in range(4)]
    assert cells == ["head.weight", "0.010", "0.100", "0.500"]
    assert view.caption.text() == "Inner rates per weight, validation at step 30"


def test_a_method_that_learns_no_rates_says_so(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink
) -> None:
    view = opened(make_page, idle, make_run(20, 40).run, "rates").rates
    assert view.empty.isVisible()
    assert view.empty.sentence().startswith("This method learns no inner rates.")
