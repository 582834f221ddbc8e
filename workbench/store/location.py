"""Where runs and caches lie when nobody says otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

NAME = "FewShotWorkbench"
HOME = "FEWSHOT_WORKBENCH_HOME"


def default_root() -> Path:
    """The folder of the runs: $FEWSHOT_WORKBENCH_HOME, or where this system keeps a user's data.
    Not made yet."""
    home = os.environ.get(HOME)
    return Path(home).expanduser() if home else platformdirs.user_data_path(NAME, appauthor=False)


def cache_root() -> Path:
    """The folder of what can be made again, such as prepared data sets. Not made yet."""
    home = os.environ.get(HOME)
    if home:
        return Path(home).expanduser() / "cache"
    return platformdirs.user_cache_path(NAME, appauthor=False)
