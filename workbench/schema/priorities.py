"""The settings of a sampler's table, declared once for every sampler that keeps one."""

from __future__ import annotations

from workbench.schema.config import Config, setting

GROUP = "Table"


class TableConfig(Config):
    """How many bins the table of losses has, and what stands in one before its first task."""

    bins: int = setting(
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
    initial: float = setting(
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


class SharesConfig(TableConfig):
    """Chances in proportion to the table, but for a part of the draws that ignores it."""

    floor: float = setting(
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
