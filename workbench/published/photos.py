"""Content that is picture files in an archive or folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from workbench import pictures
from workbench.archives import Files
from workbench.bank import ClassInfo
from workbench.published import Content, Images


def content(
    files: Files,
    classes: Mapping[ClassInfo, Sequence[str]],
    shape: tuple[int, int, int],
    fit: pictures.Fit = "crop",
    below: int = 0,
) -> Content:
    """Content of picture files.

    Args:
        files: of the archive or folder.
        classes: names of the pictures of each class.
        shape: (C, H, W) of an image.
        fit: what becomes of pictures that are not square.
        below: pixels that are cut off at their lower edge.
    """
    ordered = sorted(classes, key=lambda info: (info.group, info.name))
    number_of = {name: n for n, info in enumerate(ordered) for name in classes[info]}

    def images() -> Images:
        for name, data in files.each(number_of):
            picture = pictures.decode(data, name)
            if below:
                picture = picture.crop((0, 0, picture.width, max(picture.height - below, 1)))
            yield number_of[name], pictures.pixels(picture, shape, fit)

    counts = Counter(number_of.values())
    return Content([(info, counts[number]) for number, info in enumerate(ordered)], images)


def by_folder(
    files: Files, root: str | tuple[str, ...], endings: tuple[str, ...] = (".jpg",)
) -> dict[str, list[str]]:
    """Names of pictures by the folder that they lie in, of those below a folder called `root`, or
    like one of several."""
    roots = {root} if isinstance(root, str) else {*root}
    found: dict[str, list[str]] = {}
    for name in files.names:
        *above, own = name.split("/")
        if own.lower().endswith(endings) and not own.startswith(".") and roots & {*above[:-1]}:
            found.setdefault(above[-1], []).append(name)
    return found
