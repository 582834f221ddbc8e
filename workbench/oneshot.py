"""The one-shot runs of Omniglot's authors: 20 tasks of 20 new letters, one image of each.

Lake, Salakhutdinov, Tenenbaum. Human-level concept learning through probabilistic program
induction. Science 350, 2015. People name 95.5 % of the letters right.

    runNN/training/classNN.png      one image of each of 20 letters
    runNN/test/itemNN.png           another hand's image of each, to be named
    runNN/class_labels.txt          "test file" "training file" on each line
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workbench import archives, pictures
from workbench.archives import Files
from workbench.errors import DataError
from workbench.taskfile import SUFFIX, Example, TaskFile, load_task

LABELS = "class_labels.txt"
SIDE = 105  # pixels
DEEPEST = 2  # run/training
HINT = "Choose one_shot_runs.zip of Omniglot, its unpacked folder, or a task file."


def load_tasks(path: Path) -> list[TaskFile]:
    """The one task of a task file, or every run of the one-shot runs.

    Raises:
        DataError: it is neither, or is damaged.
    """
    if path.suffix == SUFFIX:
        task = load_task(path)
        return [task]
    with archives.opened(path, DEEPEST, HINT) as files:
        lists = [name for name in files.names if name.endswith(f"/{LABELS}")]
        if not lists:
            raise DataError("{path} holds no {labels}.", path=path, labels=LABELS, hint=HINT)
        return [_run(files, name) for name in lists]


def _run(files: Files, name: str) -> TaskFile:
    above, _, title = name.removesuffix(f"/{LABELS}").rpartition("/")
    pairs = [line.split() for line in files.read(name).decode("utf-8", "replace").splitlines()]
    root = f"{above}/" if above else ""
    answers = {root + pair[0]: root + pair[1] for pair in pairs if len(pair) == 2}
    missing = sorted({*answers, *answers.values()} - set(files.names))
    if missing or not answers:
        raise DataError(
            "{name} names {missing}, which is not there." if missing else "{name} names nothing.",
            name=name,
            missing=missing[0] if missing else "",
            hint=HINT,
        )
    return _task(files, title, answers)


def _task(files: Files, title: str, answers: Mapping[str, str]) -> TaskFile:
    classes = sorted(set(answers.values()))
    return TaskFile(
        names=tuple(Path(name).stem for name in classes),
        shots=tuple((_example(files, name),) for name in classes),
        queries=tuple(
            (_example(files, test), classes.index(answer))
            for test, answer in sorted(answers.items())
        ),
        title=title,
    )


def _example(files: Files, name: str) -> Example:
    return Example(pictures.pixels(pictures.decode(files.read(name), name), (1, SIDE, SIDE)))
