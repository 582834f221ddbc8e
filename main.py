"""The Few-Shot Workbench. No arguments, or a file: the window. Other arguments: the command line.

A spawned child process imports this file again, so nothing heavy stands at its top.
"""

from __future__ import annotations

import multiprocessing
import sys

from workbench.__main__ import main as workbench_main


def main() -> int:
    """Run the workbench and return its exit status."""
    multiprocessing.freeze_support()  # first: a child of the frozen program goes no further
    return workbench_main()


if __name__ == "__main__":
    sys.exit(main())
