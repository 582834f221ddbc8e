"""What a method measures besides stands with a run's scores, in words that a reader knows."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from workbench.app.pages.runs.scores import Mode, Scored, load, save
from workbench.app.pages.runs.scoring import ScoringView
from workbench.app.pages.train.besides import families, sentence

MEASURED = {"presentation_1": 0.285, "presentation_10": 0.92, "presentation_2": 0.795, "weight": 12}
WORDS = "Accuracy by presentation: 28.5, 79.5, 92.0 %. Weight: 12.0"


def test_numbered_figures_are_one_and_stand_in_order() -> None:
    assert families([*MEASURED, "layer_3"]) == {"presentation": [1, 2, 10]}
    assert sentence(MEASURED) == WORDS
    assert sentence({}) == ""


def test_a_score_keeps_and_shows_what_was_measured_besides(qtbot: QtBot, tmp_path: Path) -> None:
    mode = Mode(0.8, 0.01, 0.2, "running")
    file = tmp_path / "scores.json"
    save(file, "0001-mann-omniglot", "test", Scored(9, 600, mode, mode, besides=MEASURED))
    save(file, "0001-mann-omniglot", "validation", Scored(9, 200, mode, mode))
    view = ScoringView()
    qtbot.addWidget(view)
    view.show_run(None, load(file)["0001-mann-omniglot"])
    test, validation = view.blocks["test"].besides, view.blocks["validation"].besides
    assert test.text() == WORDS
    assert test.isVisibleTo(view)
    assert not validation.isVisibleTo(view)
