"""The settings of a sampler's table, declared once for every sampler that keeps one.

class Config(BaseConfig):
    bins: int = bins()
    initial: float = initial()
    floor: float = floor()
"""

from __future__ import annotations

from typing import Any

from workbench.schema.config import setting

GROUP = "Table"


def bins() -> Any:
    """Cells per parameter of a function."""
    return setting(
        10,
        ge=1,
        le=50,
        suggest=(5, 25),
        label="Bins",
        unit="per parameter",
        group=GROUP,
        applies="regression",
        help="Into how many equal parts the range of each parameter is cut; the table has a cell "
        "for each combination. For images it has one for each class.",
    )


def initial() -> Any:
    """What stands in a bin before its first task."""
    return setting(
        1.0,
        gt=0,
        le=1000,
        suggest=(0.5, 5),
        label="First value",
        unit="loss",
        group=GROUP,
        advanced=True,
        help="What the table holds for a bin that no task has visited yet. A high value makes the "
        "run look everywhere first.",
    )


def floor() -> Any:
    """The part of the draws that ignores the table."""
    return setting(
        0.05,
        gt=0,
        le=1,
        suggest=(0.01, 0.2),
        label="Even share",
        unit="of the draws",
        group=GROUP,
        help="The part of the draws that is spread evenly over all bins, so that none is ever out "
        "of reach. 1 is uniform sampling.",
    )
