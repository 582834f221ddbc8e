"""Takes what the page shows away: a picture, the adaptation as an animation, the figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from workbench.app.pages.draw.answer import Answer

FRAME_MS, LAST_FRAME_MS = 600, 2000
COLOURS = 128  # of a frame; a page has few, and the file stays small


class Exports(QObject):
    """Asks what and where.

    Args:
        board: what a picture shows.
        frames: the board at each known inner step.
        answer: the one that is shown, and the names of the board's rows.

    Signals:
        done(str): what was done, in words.
        failed(str, str): message and hint.
    """

    done = Signal(str)
    failed = Signal(str, str)

    def __init__(
        self,
        board: QWidget,
        frames: Callable[[], Iterator[QPixmap]],
        answer: Callable[[], tuple[Answer | None, Sequence[str]]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._board, self._frames, self._answer, self._parent = board, frames, answer, parent
        self._folder = str(Path.home())

    @Slot(QWidget)
    def open_menu(self, at: QWidget) -> None:
        """Offer the three below a button."""
        menu = QMenu(self._parent)
        menu.aboutToHide.connect(menu.deleteLater)
        for words, name, write in (
            ("Picture…", "drawing.png", self.picture),
            ("Adaptation as a GIF…", "adaptation.gif", self.animation),
            ("Probabilities as CSV…", "probabilities.csv", self.figures),
        ):
            action = menu.addAction(words)
            action.triggered.connect(lambda _=False, n=name, w=write: self._ask(n, w))
        menu.popup(at.mapToGlobal(at.rect().bottomLeft()))

    def _ask(self, name: str, write: Callable[[Path], None]) -> None:
        kind = Path(name).suffix
        start = str(Path(self._folder) / name)
        found, _ = QFileDialog.getSaveFileName(self._parent, "Export", start, f"*{kind}")
        if found:
            path = Path(found)
            self._folder = str(path.parent)
            self.write(path if path.suffix else path.with_suffix(kind), write)

    def write(self, path: Path, write: Callable[[Path], None]) -> None:
        """Write one of the three to a file, and say so."""
        try:
            write(path)
        except OSError as error:
            reason = error.strerror or str(error)
            hint = "Choose another place, or make room."
            self.failed.emit(f"{path} cannot be written: {reason}.", hint)
            return
        self.done.emit(f"It is in {path}")

    def picture(self, path: Path) -> None:
        """The board as it is, as a PNG."""
        if not self._board.grab().save(str(path), "PNG"):
            raise OSError(f"no picture can be made in {path.parent}")

    def animation(self, path: Path) -> None:
        """The board after each inner step, as a GIF."""
        from PIL import Image  # the library of images loads when it is wanted

        frames = [
            Image.frombytes("RGB", size, data).quantize(COLOURS)
            for size, data in map(_rgb, self._frames())
        ]
        pace = [FRAME_MS] * (len(frames) - 1) + [LAST_FRAME_MS]
        frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=pace, loop=0)

    def figures(self, path: Path) -> None:
        """Probabilities of each class and the support loss at each known inner step, as CSV."""
        answer, names = self._answer()
        if answer is None:
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(["inner_step", "support_loss", *(names[row] for row in answer.rows)])
            for moment, step in enumerate(answer.steps):
                shares = (f"{share:.6f}" for share in answer.probabilities[moment])
                lines.writerow([step, f"{answer.support_loss[moment]:.6f}", *shares])


def _rgb(picture: QPixmap) -> tuple[tuple[int, int], bytes]:
    """Size and bytes of a picture, without padding at the ends of its lines."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_RGB888)
    width, height, line = image.width(), image.height(), image.bytesPerLine()
    data = bytes(image.constBits())
    return (width, height), b"".join(
        data[row * line : row * line + 3 * width] for row in range(height)
    )
