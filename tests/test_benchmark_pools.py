"""What measures ends with the benchmark that asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MEASURING = """
import multiprocessing, time
from benchmarks.pools import fresh_processes
with fresh_processes(2) as pool:
    jobs = [pool.submit(time.sleep, 600) for _ in range(3)]
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    jobs[0].result()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_benchmark_that_is_told_to_end_leaves_no_process_behind() -> None:
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", MEASURING],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        measuring = [int(word) for word in process.stdout.readline().split()]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    assert len(measuring) == 2
    for child in measuring:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
