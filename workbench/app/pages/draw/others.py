"""What other runs, and the chosen one before training, say to the same question."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from workbench.app.canvas import Desk
from workbench.app.pages.draw.answer import Answer
from workbench.app.pages.draw.answers import AnswerPanel, Said
from workbench.app.pages.draw.compare import CompareButton
from workbench.app.pages.draw.conversation import Conversation
from workbench.app.pages.draw.models import UNTRAINED, Model
from workbench.app.pages.draw.picker import ModelPicker


class Others(QObject):
    """Keeps their answers, and shows each in a line below the answer.

    Attributes:
        button: chooses the runs.
    """

    def __init__(
        self,
        talk: Conversation,
        desk: Desk,
        picker: ModelPicker,
        answers: AnswerPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._talk, self._desk, self._picker, self._panel = talk, desk, picker, answers
        self._listed: Sequence[Model] = ()
        self._answers: dict[str, Answer | None] = {}
        self.button = CompareButton()
        self.button.picked.connect(self._compare)
        talk.contrasted.connect(self._contrasted)

    def show_models(self, models: Sequence[Model]) -> None:
        """Other runs can be asked now."""
        self._listed = models
        self._offer()

    def begin(self) -> None:
        """Another run was chosen."""
        self._answers.clear()
        self._offer()
        self._show()

    def _offer(self) -> None:
        model = self._picker.model
        self.button.show_models(self._listed, model.run if model is not None else "")

    @Slot(object)
    def _compare(self, models: list[Model]) -> None:
        self._talk.compare(models)
        self._show()

    @Slot(str, object)
    def _contrasted(self, run: str, answer: Answer | None) -> None:
        self._answers[run] = answer
        self._show()

    def _show(self) -> None:
        """A line for each that is compared, and for the untrained model once it has spoken."""
        said = [self._said(model.run, model.title, model.state) for model in self._talk.compared]
        model = self._picker.model
        if model is not None and UNTRAINED + model.run in self._answers:
            said.append(self._said(UNTRAINED + model.run, "Untrained", "step 0"))
        self._panel.show_contrasts(said)

    def _said(self, run: str, title: str, how: str) -> Said:
        answer, classes = self._answers.get(run), self._desk.board.classes
        if answer is None or any(row >= len(classes) for row in answer.rows):
            return title, how, None
        row, share = answer.best()
        return title, f"{how} · {answer.milliseconds:.0f} ms", (row, classes[row].name, share)
