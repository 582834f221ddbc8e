"""Runs on disk, readable while they are written.

A folder per run is the truth; one SQLite file is an index that can be made again. The trainer alone
writes a run; the window writes only its notes and its requests.
"""

from workbench.store.location import cache_root, default_root
from workbench.store.reader import Follower, News, RunReader
from workbench.store.runs import Store
from workbench.store.summary import Best, Progress, RunStatus, RunSummary
from workbench.store.writer import RunWriter

__all__ = [
    "Best",
    "Follower",
    "News",
    "Progress",
    "RunReader",
    "RunStatus",
    "RunSummary",
    "RunWriter",
    "Store",
    "cache_root",
    "default_root",
]
