"""Where the program begins: `main.py`, `python -m workbench` and `fewshot-workbench` lead here.

No arguments open the window, arguments go to the command line. Each side is imported only when it
is the one wanted, because one brings Qt and the other torch.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, or carry out `arguments` or else the process's; return the exit status."""
    multiprocessing.freeze_support()
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments:
        return _window()
    if arguments[0] == "--self-test":
        from workbench.app.selftest import main as self_test
        from workbench.worker import launch
        from workbench.worker.census import census

        return self_test(arguments[1:], launch, census)
    from workbench.cli import main as command_line

    return command_line(arguments)


def _window() -> int:
    from workbench.app.preflight import problem

    sentence = problem()
    if sentence is not None:
        print(sentence, file=sys.stderr)
        return 1
    from workbench.app.main import main as window
    from workbench.worker import launch

    # Handed over here, since the window must not know what the worker is made of.
    return window(launch)


if __name__ == "__main__":
    sys.exit(main())
