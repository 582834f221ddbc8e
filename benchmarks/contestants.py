"""One contestant in one event, in a process of its own; see `benchmarks.speed`.

Run with either environment's interpreter, so that a peer's process never imports this project and
this project's never a peer. Prints a line when it is ready, and one of JSON for each turn: seconds
of each iteration, and the peak memory of the process in MB above what it had before the event.

The network, the shapes and the normalisation (statistics of the batch at hand) are the same for
all. A peer's tasks are drawn beforehand; this project's are drawn in the measured time.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from benchmarks.rivals import (
    INNER_LR,
    INNER_STEPS,
    K_SHOT,
    LIBRARIES,
    SAMPLERS,
    SINUSOID_LR,
    SINUSOID_POINTS,
    Iterate,
    peer,
    queries,
)

EVENTS = {
    # name: (method, ways, tasks in a meta-batch)
    "maml 5-way T=1": ("maml", 5, 1),
    "maml 5-way T=4": ("maml", 5, 4),
    "maml 5-way T=32": ("maml", 5, 32),
    "maml 20-way T=4": ("maml", 20, 4),
    "fomaml 5-way T=4": ("fomaml", 5, 4),
    "fomaml 5-way T=32": ("fomaml", 5, 32),
    "anil 5-way T=4": ("anil", 5, 4),
    "reptile 5-way T=5": ("reptile", 5, 5),
    "protonet 5-way": ("protonet", 5, 1),
    "protonet 20-way": ("protonet", 20, 1),
    "protonet 60-way": ("protonet", 60, 1),
    "sinusoid maml T=25": ("sinusoid", 0, 25),
    "sampling 5-way": ("sampling", 5, 32),
}


OURS = "ours"
ONE_WORKER = "ours, one worker"  # one task at a time, on one core
CEILING = "arithmetic alone"
# Multiplications and additions of a forward pass of one image, of the first convolution and of the
# others: the first has no gradient with respect to its input.
FIRST_FLOPS = 2 * 28 * 28 * 9 * 64
OTHER_FLOPS = 2 * (14 * 14 + 7 * 7 + 3 * 3) * 9 * 64 * 64
PRODUCT = 1024  # side of the matrices of the ceiling


def memory(device: str) -> float:
    """Peak MB of this process so far, or of what it has asked the GPU for."""
    if device == "cpu":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    import torch

    return torch.cuda.max_memory_allocated() / 2**20


def settle(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device != "cpu":
        import torch

        torch.cuda.synchronize()


def ours(method: str, ways: int, tasks: int, device: str, threads: int = 0) -> Iterate:
    """Iterations of this project's trainer, or of its sampling; 0 threads: a core each."""
    from workbench.engine.device import tune_malloc

    tune_malloc()
    from workbench.engine.session import Session
    from workbench.engine.train import Stepped, Trainer
    from workbench.services.experiment import resolve
    from workbench.services.runs import from_cache, silent

    common = {"training.meta_batch": tasks, "training.steps": 10**6, "device": device}
    common |= {"training.threads": threads} if threads else {}
    never = {"validation.every": 10**6, "validation.save_every": 10**6}
    if method == "sinusoid":
        values: dict[str, Any] = {
            "algorithm": "maml",
            "dataset": "sinusoid",
            "backbone": "mlp",
            "task.k_shot": SINUSOID_POINTS,
            "task.queries": SINUSOID_POINTS,
            "algorithm.inner_lr": SINUSOID_LR,
            "algorithm.inner_steps": INNER_STEPS,
        }
    else:
        values = {
            "algorithm": "maml" if method == "sampling" else method,
            "dataset": "glyphs",
            "backbone": "conv4",
            "backbone.downsample": "pool",
            "task.n_way": ways,
            "training.n_way": ways,
            "task.k_shot": K_SHOT,
            "training.k_shot": K_SHOT,
            "task.queries": queries(ways),
            "training.queries": queries(ways),
            "norm.train": "query_batch",
        }
        if method in ("maml", "fomaml", "anil", "reptile"):
            values["algorithm.inner_steps"] = INNER_STEPS
        if method in ("maml", "fomaml", "anil"):
            values["algorithm.inner_lr"] = INNER_LR
    config = resolve({**values, **common, **never})
    session = Session(config, from_cache(config, silent))
    if method == "sampling":
        steps = iter(range(10**6))
        return lambda: session.tasks("train", next(steps), tasks)
    events = (event for event in Trainer(session).events() if isinstance(event, Stepped))
    return lambda: next(events)


def flops(method: str, ways: int) -> float:
    """Of all convolutions of one task, derivatives included; 0 where they are not the work.

    A pass and its derivatives cost three passes, where the input has a derivative too; derivatives
    of those by the second order cost six more.
    """
    once, twice = 2 * FIRST_FLOPS + 3 * OTHER_FLOPS, 4 * FIRST_FLOPS + 9 * OTHER_FLOPS
    support, asked = ways * K_SHOT, ways * queries(ways)
    return {
        "maml": INNER_STEPS * support * twice + asked * once,
        "fomaml": (INNER_STEPS * support + asked) * once,
        "anil": (support + asked) * once,
        "protonet": (support + asked) * once,
    }.get(method, 0)


def ceiling(method: str, ways: int, tasks: int, device: str) -> Iterate:
    """As many multiplications as the convolutions of an iteration, in large matrix products."""
    import torch

    one, other = torch.randn(2, PRODUCT, PRODUCT, device=device)
    products = round(tasks * flops(method, ways) / (2 * PRODUCT**3))
    return lambda: [torch.mm(one, other) for _ in range(max(products, 1))]


def contestants(event: str, device: str) -> tuple[str, ...]:
    """Who takes part in an event; a GPU has no workers to count."""
    method, ways, tasks = EVENTS[event]
    if method == "sampling":
        return (OURS, *SAMPLERS)
    several = device == "cpu" and tasks > 1 and method in ("maml", "fomaml")
    alone = (ONE_WORKER,) if several else ()
    bound = (CEILING,) if tasks * flops(method, ways) > PRODUCT**3 else ()
    rivals = (name for name, methods in LIBRARIES.items() if method in methods)
    return (OURS, *alone, *bound, *rivals)


def iterations(name: str, event: str, device: str) -> Iterate:
    """Of a contestant in an event."""
    method, ways, tasks = EVENTS[event]
    if name in (OURS, ONE_WORKER):
        return ours(method, ways, tasks, device, threads=int(name == ONE_WORKER))
    if name == CEILING:
        return ceiling(method, ways, tasks, device)
    return peer(name, method, ways, tasks, device)


def main() -> None:
    """`contestants.py NAME EVENT DEVICE`, then the seconds of each turn as lines of the input."""
    name, event, device = sys.argv[1:4]
    iterate = iterations(name, event, device)
    before = memory(device)
    iterate()  # what is loaded, allocated or compiled once
    print("ready", flush=True)
    for line in sys.stdin:
        iterate()  # memory that the system took back while others computed
        settle(device)
        seconds: list[float] = []
        while sum(seconds) < float(line):
            began = time.perf_counter()
            iterate()
            settle(device)
            seconds.append(time.perf_counter() - began)
        print(json.dumps({"seconds": seconds, "memory": memory(device) - before}), flush=True)


if __name__ == "__main__":
    main()
