"""How long the queries of a task take to answer, by where normalisation has its statistics from.

    python -m benchmarks.scoring

One forward pass of Conv-4, 64 filters and max-pooling, for 75 queries beside a support set of five
images of 28x28, on one core; the quickest of several. Training and adaptation are not in it.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.schema.experiment import NormMode

MODES: tuple[NormMode, ...] = ("query_batch", "support", "support_plus_one")


def milliseconds(mode: NormMode, repeats: int) -> float:
    """Of one pass."""
    import numpy as np
    import torch

    from workbench.functional.normalisation import answer
    from workbench.interfaces import BACKBONES
    from workbench.schema.config import validate

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(0)
    support, queries = (torch.rand(count, 1, 28, 28, generator=random) for count in (5, 75))
    config = validate(BACKBONES.config("conv4"), {"name": "conv4"})
    network = BACKBONES["conv4"](config, support.shape[1:])
    parameters = network.init(np.random.default_rng(0))
    seconds = []
    with torch.no_grad():
        for _ in range(repeats + 1):
            began = time.perf_counter()
            answer(lambda x, norm: network(parameters, x, norm), support, queries, mode)
            seconds.append(time.perf_counter() - began)
    return 1000 * min(seconds[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    for mode in MODES:
        print(f"{mode}: {milliseconds(mode, given.repeats):.0f} ms")


if __name__ == "__main__":
    main()
