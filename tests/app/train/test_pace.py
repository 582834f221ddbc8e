"""How often the curves of a run are drawn: by a clock that the tests turn."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from tests.app.train.worlds import MakePage, MakeRun
from workbench.app.engine_link import EngineLink
from workbench.app.pages.train.pace import NUMBERS_S, REST, YOUNG_REST, YOUNG_S, Pace
from workbench.app.pages.train.watch import RunWatch
from workbench.schema.catalogue import Catalogue
from workbench.store import Store


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def draws(pace: Pace, clock: Clock, seconds: float, moved: float, cost: float = 0.0) -> int:
    """How often curves are drawn that grow by so many px between two looks, ten of them a second,
    counted from the last drawing."""
    count, since = 0, 0
    for _ in range(round(10 * seconds)):
        clock.now += 0.1
        since += 1
        if pace.due("as it was", since * moved):
            count, since = count + 1, 0
            pace.spent(cost)
    return count


def grown_up() -> tuple[Pace, Clock]:
    """A pace that has drawn already, of a run that is no longer young."""
    clock = Clock()
    pace = Pace(clock)
    clock.now += YOUNG_S + 1
    assert pace.due("as it was", 0)
    return pace, clock


def test_the_first_seconds_of_a_run_are_drawn_at_each_look() -> None:
    clock = Clock()
    assert draws(Pace(clock), clock, YOUNG_S - 0.1, moved=0.01) == 10 * YOUNG_S - 1


def test_a_curve_that_grows_by_less_than_a_pixel_is_drawn_for_its_numbers_alone() -> None:
    """100 looks in 10 s, in which it grows by 0.1 px: drawn every 2 s."""
    pace, clock = grown_up()
    assert draws(pace, clock, 10.05, moved=0.001) == 10 / NUMBERS_S


def test_a_curve_is_drawn_as_soon_as_it_has_grown_by_a_pixel() -> None:
    """0.3 px at each look make a pixel at each fourth."""
    pace, clock = grown_up()
    assert draws(pace, clock, 10, moved=0.3) == 25


def test_what_costs_much_is_drawn_less_often() -> None:
    """50 ms to draw leave 2 s for everything else, in the first seconds half a second."""
    pace, clock = grown_up()
    assert 50 <= draws(pace, clock, 50 * (REST + 2) * 0.05, moved=9, cost=0.05) <= 52
    pace.begin()
    assert draws(pace, clock, YOUNG_S - 0.3, 9, 0.05) == round((YOUNG_S - 0.3) / 0.6)
    assert YOUNG_REST * 0.05 == 0.5


def test_a_validation_is_drawn_at_once() -> None:
    pace, clock = grown_up()
    clock.now += 0.1
    assert not pace.due("as it was", 0)
    assert pace.due("one validation more", 0)
    assert not pace.due("one validation more", 0)


class Paints(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_thirty_rows_that_move_no_pixel_repaint_no_plot(
    make_page: MakePage, make_run: MakeRun, idle: EngineLink, store: Store, catalogue: Catalogue
) -> None:
    """30 steps of a million are 0.03 px of a thousand; the numbers beside the curves follow later,
    and what the strip says of the run at once."""
    page, writer, clock, paints = make_page(idle), make_run(20, 10**6), Clock(), Paints()
    page.open_run(writer.run)
    curves, watch = page.running.curves, RunWatch(store, catalogue, writer.run)
    curves.pace = Pace(clock)

    def look() -> None:
        watch.look()
        page.running.update_run(watch)
        curves.flush()
        QApplication.processEvents()

    clock.now += YOUNG_S + 1
    for _ in range(3):  # room for the first labels is made after they were painted
        look()
    for plot in curves.plots():
        plot.viewport().installEventFilter(paints)
    for step in range(21, 51):
        seen = {"step": step, "tasks": 4 * step, "seconds": float(step)}
        writer.record("train", {**seen, "loss": 1.0, "accuracy": 0.5})
        look()
    assert paints.count == 0
    assert page.running.strip.figures["step"].value.text() == "50"
    clock.now += NUMBERS_S
    look()
    assert paints.count >= len(curves.plots()) == 2
    assert curves.loss.numbers("Train").x[-1] == 50
