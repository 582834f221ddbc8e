"""Small experiments on invented pictures, quick enough to be trained for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.bank import Bank, ClassInfo
from workbench.engine.session import Session
from workbench.services.experiment import resolve
from workbench.sources import ImageData

SETTINGS: dict[str, Any] = {
    "algorithm": "maml",
    "algorithm.inner_steps": 2,
    "algorithm.inner_steps_eval": 2,
    "backbone.width": 4,
    "task.n_way": 3,
    "task.queries": 3,
    "training.steps": 6,
    "training.meta_batch": 3,
    "training.threads": 2,
    "validation.every": 2,
    "validation.tasks": 9,
    "validation.save_every": 2,
    "device": "cpu",
}


def pictures(rotations: bool = False, images: int = 8) -> ImageData:
    """12 training classes in 3 alphabets, 4 to validate, 4 to test: a blurred picture each, and
    noise."""
    random = np.random.default_rng(1)
    classes = []
    for number in range(20):
        picture = np.kron(random.uniform(0, 1, (4, 4)), np.ones((4, 4)))
        noisy = picture + random.normal(0, 0.1, (images, 1, 16, 16))
        info = ClassInfo(f"class {number}", f"alphabet {number // 4}")
        classes.append((info, (255 * np.clip(noisy, 0, 1)).astype(np.uint8)))
    splits = {
        "train": tuple(range(12)),
        "validation": tuple(range(12, 16)),
        "test": tuple(range(16, 20)),
    }
    return ImageData(Bank.of(classes), splits, rotations, folder="")


def session(data: ImageData | None = None, **settings: Any) -> Session:
    """A session of SETTINGS and what is changed; dots in names are written as two underscores."""
    changed = {key.replace("__", "."): value for key, value in settings.items()}
    return Session(resolve(SETTINGS | changed), data or pictures())


def save_pictures(folder: Path) -> str:
    """A bank whose groups are the splits, as own arrays want it."""
    data = pictures()
    split_of = {number: split for split, numbers in data.splits.items() for number in numbers}
    classes = [
        (ClassInfo(info.name, split_of[number]), data.bank.class_images(number))
        for number, info in enumerate(data.bank.classes)
    ]
    Bank.of(classes).save(folder)
    return str(folder)
