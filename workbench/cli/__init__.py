"""The command line: the same services and the same store as the window, without Qt.

    fewshot-workbench train --algorithm maml --task.n_way 5 --training.steps 1000
    fewshot-workbench evaluate 42 --split test --json

Results go to stdout, with `--json` as one JSON value and nothing else; progress, notes and errors
go to stderr. Exit codes: 0 done, 2 the request was wrong, 1 it failed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence

from workbench.cli import look
from workbench.cli.arguments import Request, parse
from workbench.cli.console import Console
from workbench.errors import ConfigError, DataError, WorkbenchError

__all__ = ["main"]

DONE, FAILED, WRONG = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(as_json="--json" in words)
    try:
        return _carry_out(parse(words), console)
    except (ConfigError, DataError) as error:
        console.fail(error)
        return WRONG
    except WorkbenchError as error:
        console.fail(error)
        return FAILED
    except KeyboardInterrupt:
        console.fail(WorkbenchError("Interrupted."))
        return FAILED
    except BrokenPipeError:  # `list | head`: whoever reads has seen enough
        sys.stderr.close()
        return DONE
    except Exception as error:  # noqa: BLE001 - the one edge of this process
        traceback.print_exc(file=sys.stderr)
        console.fail(WorkbenchError("{kind}: {text}", kind=type(error).__name__, text=error))
        return FAILED


def _carry_out(request: Request, console: Console) -> int:
    if request.command in look.COMMANDS:
        look.COMMANDS[request.command](request, console)
        return DONE
    from workbench.cli import data

    if request.command in data.COMMANDS:
        data.COMMANDS[request.command](request, console)
        return DONE
    # torch is loaded for what computes, and for nothing else
    from workbench.cli.compute import COMMANDS

    COMMANDS[request.command](request, console)
    return DONE
