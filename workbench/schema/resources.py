"""Where the files that travel with the program lie: icons, fonts, the catalogue, presets.

The folder is `resources/` in the source tree, `workbench/_resources` in an installed wheel and in
the frozen program.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def resource_root() -> Path:
    """The folder that holds the resources.

    Raises:
        FileNotFoundError: the program was installed without them.
    """
    package = Path(str(files("workbench")))
    places = [package / "_resources", package.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller only
    if frozen is not None:
        places += [Path(frozen) / "workbench" / "_resources", Path(frozen) / "resources"]
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"No resources folder; looked in {', '.join(map(str, places))}")


def resource(path: str) -> Path:
    """The file or folder `path`, written with forward slashes; it need not exist.

    Example:
        >>> resource("icons/play.svg").suffix
        '.svg'
    """
    return resource_root().joinpath(*path.split("/"))
