"""Which classes train, validate and test: as somebody says it of each class, or dealt by a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.errors import DataError

SPLITS = ("train", "validation", "test")
CLASSES = "classes"
Splits = dict[str, tuple[int, ...]]  # class numbers by split


def given(sides: Sequence[str]) -> Splits | None:
    """The splits that each class says of itself; None where none says any.

    Raises:
        DataError: some classes say it, or some splits have none.
    """
    names = set(sides)
    if names == {""}:
        return None
    missing = [split for split in SPLITS if split not in names]
    if missing or "" in names:
        raise DataError(
            "The classes of {missing} are missing." if missing else "Some classes have no split.",
            missing=" and ".join(missing),
            hint="Give all of train, validation and test, or none of them.",
        )
    return {split: tuple(n for n, side in enumerate(sides) if side == split) for split in SPLITS}


def dealt(units: Sequence[str], what: str, shares: tuple[float, float], seed: int) -> Splits:
    """Class numbers dealt out by chance.

    Args:
        units: of each class, what must stay on one side: its group, or itself.
        what: they are, for what is said.
        shares: of the units that validate and test.

    Raises:
        DataError: there are too few.
    """
    names = sorted(set(units))
    if len(names) < len(SPLITS):
        raise DataError(
            "Three splits need three {what}; there are {have}.",
            what=what,
            have=len(names),
            hint="Put the pictures of each class into a folder of its own."
            if what == CLASSES
            else "Hold out classes instead of groups (dataset.hold_out), or make more groups.",
        )
    held = [max(1, round(share * len(names))) for share in shares]
    if sum(held) >= len(names):
        raise DataError(
            "{held} of {have} {what} are held out: nothing is left to train on.",
            held=sum(held),
            have=len(names),
            what=what,
            hint="Hold out smaller shares (dataset.validation_share, dataset.test_share).",
        )
    order = np.random.default_rng(seed).permutation(len(names))
    sides = ["validation"] * held[0] + ["test"] * held[1]
    sides += ["train"] * (len(names) - sum(held))
    side = {names[unit]: split for unit, split in zip(order, sides, strict=True)}
    return {
        split: tuple(n for n, unit in enumerate(units) if side[unit] == split) for split in SPLITS
    }
