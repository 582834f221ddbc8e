"""The inner loop's panel: the strip, and what there is instead for a method without one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal, Slot

from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.strip import LoopStrip
from workbench.app.theme import theme
from workbench.app.widgets import Badge, IconButton, Label, Panel

PLAY_MS = 500
HEAD = 44  # the panel's head and its borders
ANY_HEIGHT = 16_777_215  # Qt's word for "no limit"
HOW = "how the answer forms, one gradient step at a time"
NO_LOOP = "This method has no inner loop: it reads the examples and answers in one step."


class LoopPanel(Panel):
    """Signals:
    moment_chosen(int): show the answer after this one of the known inner steps.
    export_asked(): what is shown is to be taken away.
    """

    moment_chosen = Signal(int)
    export_asked = Signal()

    def __init__(self) -> None:
        super().__init__("Inner loop", HOW, padding=0)
        self._answer: Answer | None = None
        self._moment = 0
        self.strip = LoopStrip()
        self.strip.moment_chosen.connect(self._chosen)
        self.sentence = Label(NO_LOOP, "body", "text2", wrap=True)
        self.badge = Badge("")
        self.first = IconButton("skip-back", "Before adaptation")
        self.play = IconButton("play", "Play the inner steps")
        self.last = IconButton("skip-forward", "The last inner step")
        self.export = IconButton("image-down", "Export picture, GIF or figures…")
        self.export.clicked.connect(self.export_asked)
        self.first.clicked.connect(lambda: self._chosen(0))
        self.last.clicked.connect(lambda: self._chosen(self._last()))
        self.play.clicked.connect(self._toggle)
        for tool in (self.badge, self.first, self.play, self.last, self.export):
            self.add_tool(tool)
        self.body.addWidget(self.strip)
        self.body.addWidget(self.sentence)
        self.body.addStretch(1)
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.timeout.connect(self._next)
        self.retheme()
        self.show_answer(None, (), 0, None)

    def retheme(self) -> None:
        super().retheme()
        if hasattr(self, "sentence"):
            px = theme().px
            self.sentence.setContentsMargins(px(16), px(8), px(16), px(8))

    def set_compact(self, compact: bool) -> None:
        self.strip.set_compact(compact)
        # A folded strip gives its room to the canvas.
        folded = theme().px(HEAD) + self.strip.maximumHeight()
        self.setMaximumHeight(folded if compact else ANY_HEIGHT)

    def show_answer(
        self, answer: Answer | None, names: Sequence[str], moment: int, trained: int | None
    ) -> None:
        """Show an answer's steps; `trained` is the number in training, None for no inner loop."""
        self._answer, self._moment = answer, moment
        loop = answer.has_loop if answer is not None else trained is not None
        self.strip.setVisible(loop)
        self.sentence.setVisible(not loop)
        self.badge.setVisible(loop and bool(trained))
        for tool in (self.first, self.play, self.last):
            tool.setVisible(loop)
            tool.setEnabled(answer is not None)
        self.export.setEnabled(answer is not None)
        if trained:
            self.badge.set(f"trained with {trained} step{'' if trained == 1 else 's'}")
        if answer is None or not loop:
            self._stop()
        self.set_muted(rate_words(answer) if answer is not None and answer.rates else HOW)
        self.strip.show_answer(answer if loop else None, names, moment)

    def _last(self) -> int:
        return self._answer.last if self._answer is not None else 0

    @Slot(int)
    def _chosen(self, moment: int) -> None:
        self._stop()
        self.moment_chosen.emit(moment)

    @Slot()
    def _toggle(self) -> None:
        if self._timer.isActive():
            self._stop()
            return
        self.play.set_icon("pause")
        self.play.set_tip("Stop here")
        if self._moment >= self._last():
            self.moment_chosen.emit(0)
        self._timer.start()

    @Slot()
    def _next(self) -> None:
        if self._moment < self._last():
            self.moment_chosen.emit(self._moment + 1)
        if self._moment >= self._last():
            self._stop()

    def _stop(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        self.play.set_icon("play")
        self.play.set_tip("Play the inner steps")


def rate_words(answer: Answer) -> str:
    """What the learned inner rates became: "learned rates: head 0.31, body 0.02 to 0.4"."""
    said = []
    for part, (low, _, high) in answer.rates.items():
        ends = list(dict.fromkeys((f"{low:.2g}", f"{high:.2g}")))
        said.append(f"{part} {' to '.join(ends)}")
    return f"learned rates: {', '.join(said)}"
