"""Picture files as a model sees them: grey or colour as it was trained, its size, ink high."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.archives import unreadable
from workbench.errors import DataError
from workbench.pictures import SUFFIXES, decode, pixels


def class_folders(folder: Path) -> dict[str, list[Path]]:
    """The pictures of each class: a folder for each, by name.

    Raises:
        DataError: there is no such folder, or it has no class, or a class no picture.
    """
    if not folder.is_dir():
        raise DataError("There is no folder {folder}.", folder=folder, hint="Check its name.")
    names = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
    classes = {path.name: picture_files([path]) for path in names}
    if not classes:
        raise DataError(
            "{folder} has no folders; one for each class is needed.",
            folder=folder,
            hint="Put the pictures of each class into a folder of its own.",
        )
    return classes


def picture_files(paths: Sequence[Path]) -> list[Path]:
    """The pictures among files, and in folders, in the order of their names.

    Raises:
        DataError: there is no such file, or a folder has no picture.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_file():
            files.append(path)
            continue
        inside = sorted(p for p in path.glob("*") if p.suffix.lower() in SUFFIXES)
        if not inside:
            raise DataError(
                "There is no picture in {path}." if path.is_dir() else "There is no file {path}.",
                path=path,
                hint=f"Pictures end in {', '.join(sorted(SUFFIXES))}.",
            )
        files += inside
    return files


def read_pictures(files: Sequence[Path], shape: Sequence[int]) -> NDArray[np.uint8]:
    """Pictures (M, C, H, W) for a model of inputs (C, H, W).

    One-channel models see ink: dark ink on light paper is turned round, as the data sets do it.

    Raises:
        DataError: a file is no picture.
    """
    return np.stack([_read(file, shape) for file in files])


def _read(file: Path, shape: Sequence[int]) -> NDArray[np.uint8]:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from None
    return pixels(decode(data, str(file)), shape)
