"""Which characters train, validate and test, in the ways that papers have done it.

    alphabets        whole alphabets of a list, or the evaluation part, are held out
    vinyals          1,028 / 172 / 423 characters, as Vinyals et al. split them: the list that came
                     with prototypical networks (Snell, Swersky, Zemel 2017, arXiv:1703.05175;
                     github.com/jakesnell/prototypical-networks, data/omniglot/splits/vinyals)
    random           1,200 / 423 characters at random (Santoro et al. 2016, arXiv:1605.06065), of
                     the 1,200 a hundred to validate (the code of Finn et al. 2017,
                     arXiv:1703.03400)

That list is a rule: by part, alphabet and character, the first 1,200 of the 1,623 train, but for
five alphabets that validate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.datasets.omniglot.files import Character, Part
from workbench.dealing import SPLITS, Splits
from workbench.errors import DataError

TRAINED = 1200  # characters of 1,623 that are not of the test
VALIDATION = 100  # of those, in the random split
PUBLISHED = 1623
VINYALS_VALIDATION = ("Armenian", "Bengali", "Early_Aramaic", "Hebrew", "Mkhedruli_(Georgian)")


def by_alphabet(
    characters: Sequence[Character], validation: Sequence[str], test: Sequence[str]
) -> Splits:
    """Class numbers where whole alphabets are held out; the evaluation part is the test if there
    is one.

    Raises:
        DataError: a list names an alphabet twice or one that is not there, or nothing is left.
    """
    evaluation = any(character.part is Part.EVALUATION for character in characters)
    _check_lists(characters, validation, () if evaluation else test)
    splits = _sorted([_side(one, validation, test, evaluation) for one in characters])
    for name, numbers in splits.items():
        if not numbers:
            raise DataError(
                "No alphabet is left for the {split} split.",
                split=name,
                hint="Keep other alphabets for validation and the test (dataset.validation, "
                "dataset.test); those in neither list are trained on.",
            )
    return splits


def vinyals(characters: Sequence[Character]) -> Splits:
    """Class numbers of the 1,028 / 172 / 423 characters.

    Raises:
        DataError: a part is missing.
    """
    _check_whole(characters)
    return _sorted(
        [
            "test"
            if number >= TRAINED
            else "validation"
            if character.alphabet in VINYALS_VALIDATION
            else "train"
            for number, character in enumerate(characters)
        ]
    )


def at_random(characters: Sequence[Character], seed: int) -> Splits:
    """Class numbers of 1,100 / 100 / 423 characters.

    Raises:
        DataError: a part is missing.
    """
    _check_whole(characters)
    order = np.random.default_rng(seed).permutation(len(characters))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    validates = TRAINED - VALIDATION
    return _sorted(
        ["train" if p < validates else "validation" if p < TRAINED else "test" for p in place]
    )


def _sorted(sides: Sequence[str]) -> Splits:
    return {split: tuple(n for n, side in enumerate(sides) if side == split) for split in SPLITS}


def _check_whole(characters: Sequence[Character]) -> None:
    if len(characters) != PUBLISHED:
        raise DataError(
            "This split is of {need:,} characters of both parts; there are {have:,}.",
            need=PUBLISHED,
            have=len(characters),
            hint="Put images_background.zip and images_evaluation.zip into one folder and choose "
            "that, or leave the files empty (dataset.path) to download both.",
        )


def _side(
    character: Character, validation: Sequence[str], test: Sequence[str], evaluation: bool
) -> str:
    if character.part is Part.EVALUATION:
        return "test"
    if character.alphabet in validation:
        return "validation"
    return "test" if character.alphabet in test and not evaluation else "train"


def _check_lists(
    characters: Sequence[Character], validation: Sequence[str], test: Sequence[str]
) -> None:
    both = sorted(set(validation) & set(test))
    if both:
        raise DataError(
            "{alphabet} is kept for validation and for the test.",
            alphabet=both[0],
            hint="Take it out of one of the two lists (dataset.validation, dataset.test).",
        )
    present = sorted({c.alphabet for c in characters if c.part is Part.BACKGROUND})
    missing = [name for name in (*validation, *test) if name not in present]
    if missing:
        raise DataError(
            "The data have no alphabet called {missing}.",
            missing=" or ".join(missing),
            present=", ".join(present) or "none",
            hint="Choose for validation and the test (dataset.validation, dataset.test) among: "
            "{present}.",
        )
