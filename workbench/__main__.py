"""Where the program begins: `main.py`, `python -m workbench` and `fewshot-workbench` lead here.

No arguments open the window, and so does the name of a file, which is shown in it; other arguments
go to the command line. Each side is imported only when it
is the one wanted, because one brings Qt and the other torch.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, or carry out `arguments` or else the process's; return the exit status."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        return _window()
    if len(arguments) == 1 and is_file_name(arguments[0]):
        return _window(Path(arguments[0]).absolute())
    if arguments[0] == "--self-test":
        from workbench.app.selftest import main as self_test
        from workbench.worker import launch
        from workbench.worker.census import census

        return self_test(arguments[1:], launch, census)
    from workbench.cli import main as command_line

    return command_line(arguments)


def is_file_name(word: str) -> bool:
    """Whether a word means a file or folder: a command has neither a dot nor a separator."""
    return not word.startswith("-") and any(mark in word for mark in {".", "/", os.sep})


def _window(file: Path | None = None) -> int:
    from workbench.app.preflight import problem

    sentence = problem()
    if sentence is not None:
        print(sentence, file=sys.stderr)
        return 1
    from workbench.app.main import main as window
    from workbench.worker import launch

    # Handed over here, since the window must not know what the worker is made of.
    return window(launch, file=file)


if __name__ == "__main__":
    sys.exit(main())
