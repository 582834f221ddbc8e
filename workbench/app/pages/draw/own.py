"""A person's own pictures on the board: from the clipboard, from files, dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.app.canvas import QUERY, Cell, Desk
from workbench.errors import DataError

if TYPE_CHECKING:
    from workbench.pictures import Fit

SIDE = 256
"""Largest side in pixels that a picture keeps on the board; a model's own is smaller."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_KINDS = f"Pictures ({' '.join('*' + suffix for suffix in SUFFIXES)})"
NOTHING = "The clipboard holds no picture."


class OwnPictures(QObject):
    """Puts pictures into cells, made as own pictures of a data set are: upright and square; grey
    and ink high, or in colour. Pictures that come together are turned dark or light together.

    Args:
        manner: what becomes of pictures that are not square, and whether they keep their colours.

    Signals:
        done(str): what was done, in words.
        failed(str, str): message and hint.
    """

    done = Signal(str)
    failed = Signal(str, str)

    def __init__(self, desk: Desk, manner: Callable[[], tuple[Fit, bool]], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._manner, self._parent = desk, manner, parent
        self._folder = str(Path.home())

    def paste(self, cell: Cell) -> None:
        """Take what the clipboard holds: a picture, or picture files that were copied."""
        found = QGuiApplication.clipboard().mimeData()
        paths = picture_files(found)
        if paths:
            self.take(paths, cell)
        elif found.hasImage():
            self._put([("The clipboard's picture", partial(_png, found.imageData()))], cell)
        else:
            self.failed.emit(NOTHING, "Copy a picture, or a picture file, then paste again.")

    def ask(self, cell: Cell) -> None:
        """Take files that the person chooses."""
        found, _ = QFileDialog.getOpenFileNames(self._parent, "Pictures", self._folder, _KINDS)
        if found:
            self._folder = str(Path(found[0]).parent)
            self.take([Path(name) for name in found], cell)

    def take(self, paths: Sequence[Path], cell: Cell) -> None:
        """Put files into a cell and those after it, as many as find a place; none if one of them is
        no picture."""
        self._put([(path.name, path.read_bytes) for path in paths], cell)

    def _put(self, sources: Sequence[tuple[str, Callable[[], bytes]]], cell: Cell) -> None:
        from workbench import pictures  # the library of images loads when it is wanted

        if not self._desk.board.has(cell):
            return
        try:
            placed = sources[: self._desk.room(cell)]
            found = (pictures.decode(read(), name, enough=2 * SIDE) for name, read in placed)
            planes = pictures.together(found, SIDE, *self._manner())
        except DataError as error:
            self.failed.emit(error.message, error.hint)
            return
        except OSError as error:
            reason = error.strerror or str(error)
            self.failed.emit(f"{error.filename} cannot be read: {reason}.", "Choose another file.")
            return
        images = [one if len(one) == 3 else one[0] for one in planes]
        count = self._desk.set_images(images, cell)
        if count < len(sources):  # what found a place is seen there
            place = "The query" if cell == QUERY else self._desk.board.classes[cell.row].name
            self.done.emit(f"{place} took {count} of {len(sources)} pictures")


def picture_files(data: QMimeData) -> list[Path]:
    """The picture files that are dragged or copied; none where anything else is among them."""
    urls = data.urls()
    paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
    shown = [path for path in paths if path.suffix.lower() in SUFFIXES]
    return shown if len(shown) == len(urls) else []


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub knows only bytes here
    return bytes(buffer.data().data())
