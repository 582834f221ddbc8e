"""What a run's own figures say about its settings: what is wrong, in numbers, and what to do next.

    for hint in hints(recorded(store.open(run))): print(hint.message, hint.advice)

Pure functions of what is stored. Each rule asks for more than noise can give: a run that only needs
time raises none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from workbench.schema.catalogue import Catalogue
from workbench.store.record import FIRST, RECENT, STEPS, Record, median
from workbench.store.summary import RunStatus

INNER, OUTER, BATCH = "algorithm.inner_lr", "training.optimizer.lr", "training.meta_batch"
ORDER, WIDTH = "algorithm.second_order", "backbone.width"
RECOMPUTE, THREADS = "algorithm.recompute", "training.threads"
STRATEGY = "training.strategy"
PATIENCE = "validation.patience"

FAIR_PART = 0.25  # of a run, after which something should have been learned
EARLY_PART = 0.1  # after which adaptation should change something
DIVERGED = 5.0  # times the lowest loss, and twice the first
FEW = 50  # steps, in which no method learns and no rate is to blame
STILL = 0.02  # a smaller change by adaptation is none
ROUGH = 0.25  # of what is compared: a wider interval can tell nothing
HIGH = 0.9  # of the untrained loss; what is above has not been learned
NAN_WORDS = ("no longer a number",)
MEMORY_WORDS = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "Unable to allocate",
    "MemoryError",
)
GPU_WORDS = ("CUDA out of", "CUDA error", "HIP out of", "XPU out of", "MPS backend out of")


@dataclass(frozen=True)
class Hint:
    """One thing that is wrong.

    Attributes:
        kind: "diverged", "memory", "inner_high", "inner_low", "no_progress" or "overfitting".
        message: one sentence with both numbers.
        advice: what to do next.
        key, value: the setting and what it could be; "" and None where no single one would help.
    """

    kind: str
    message: str
    advice: str
    key: str = ""
    value: Any = None


def hints(record: Record) -> tuple[Hint, ...]:
    """What is wrong with a run, the gravest first; nothing where all is well."""
    rules = (memory, diverged, inner_high, inner_low, no_progress, overfitting)
    found = [hint for rule in rules if (hint := rule(record)) is not None]
    # The cause makes its consequences superfluous.
    return tuple(found[:1] + [hint for hint in found[1:] if hint.kind == "overfitting"])


def memory(record: Record) -> Hint | None:
    """The device had no room for it."""
    if record.status is not RunStatus.FAILED or not _says(record.reason, MEMORY_WORDS):
        return None
    batch, threads = int(record.setting(BATCH) or 1), record.setting(THREADS)
    message = f"Memory ran out with {batch} task{'s' * (batch > 1)} per step."
    # A GPU has gone down to one task at a time by itself before it gives up.
    gpu = _says(record.reason, GPU_WORDS)
    if batch > 1 and record.setting(STRATEGY) == "folded" and not gpu:
        advice = "Compute the tasks by threads instead of all in one pass: the same result."
        return Hint("memory", message, advice, STRATEGY, "threads")
    if batch > 1 and threads != 1 and not gpu:
        advice = "Compute one task at a time, with one thread: slower, with the same result."
        return Hint("memory", message, advice, THREADS, 1)
    if record.setting(ORDER) and record.setting(RECOMPUTE) is False:
        advice = "Compute the inner steps twice instead of keeping them: the same result."
        return Hint("memory", message, advice, RECOMPUTE, True)
    if record.setting(ORDER):
        advice = "Use first-order gradients, which keep no graph of the inner steps."
        return Hint("memory", message, advice, ORDER, False)
    width = record.setting(WIDTH)
    if width and width > 1:
        advice = f"Halve the width of the network, from {width} to {width // 2}."
        return Hint("memory", message, advice, WIDTH, width // 2)
    return Hint("memory", message, "Choose a smaller network, or fewer images in a task.")


def diverged(record: Record) -> Hint | None:
    """The loss is no number any more, or on its way there."""
    loss = record.train["loss"]
    first, low, now = record.first_loss, record.lowest_loss(), median(loss[-RECENT:])
    if record.status is RunStatus.FAILED and _says(record.reason, NAN_WORDS):
        step = int(record.train.last("step")) + 1 if len(record.train) else 1
        last = f"the last one was {_short(record.train.last('loss'))}" if len(loss) else "at once"
        message = f"The loss was no longer a number at step {step:,}: {last}."
    elif len(loss) >= 2 * RECENT and now > DIVERGED * low and now > 2 * first:
        message = f"The loss grows: it was {_short(low)} at its lowest and is {_short(now)} now."
    else:
        return None
    return _slower(record, "diverged", message, inner=_inner_to_blame(record))


def inner_high(record: Record) -> Hint | None:
    """Adapting makes the model worse, on what it learns from too."""
    seen = record.adaptation()
    if seen is None or not (seen.after >= seen.before and seen.learned > seen.first):
        return None
    message = (
        f"Adapting makes the loss worse: {_short(seen.before)} before, {_short(seen.after)} after "
        f"{_steps(seen.steps)}, and the loss on the support set rises from {_short(seen.first)} "
        f"to {_short(seen.learned)}."
    )
    return _slower(record, "inner_high", message, inner=True)


def inner_low(record: Record) -> Hint | None:
    """Adapting changes next to nothing, and there is much left to learn."""
    seen = record.adaptation()
    if seen is None or record.fraction < EARLY_PART:
        return None
    still = abs(seen.after - seen.before) < STILL * seen.before
    still = still and abs(seen.learned - seen.first) < STILL * seen.first
    if not still or seen.after < HIGH * record.untrained:
        return None
    message = (
        f"Adapting changes next to nothing: the loss is {_short(seen.before)} before and "
        f"{_short(seen.after)} after {_steps(seen.steps)}."
    )
    rate = record.setting(INNER)
    if not rate:
        return Hint("inner_low", message, "Let the inner rates begin higher.")
    value = min(_highest(record.setting("algorithm.name")), round_rate(10 * rate))
    if value <= rate:
        return Hint("inner_low", message, "The inner rate is as high as it goes: take more steps.")
    advice = f"Raise the inner rate from {rate:g} to {value:g}."
    return Hint("inner_low", message, advice, INNER, value)


@cache
def _highest(algorithm: str) -> float:
    """The highest inner rate that a method takes."""
    rows = Catalogue.load().rows({"algorithm.name": algorithm})
    most = next((row.le for row in rows if row.key == INNER), None)
    return math.inf if most is None else most


def no_progress(record: Record) -> Hint | None:
    """Validation says after a fair part of the run what it would say before the first step."""
    value, interval = record.validation["value"], record.validation["interval"]
    if len(value) < 2 or record.fraction < FAIR_PART or not np.isfinite(value).any():
        return None
    interval = np.nan_to_num(interval)
    part = f"after {100 * record.fraction:.0f} % of the run"
    if record.ways:
        best, chance = int(np.nanargmax(value)), 1 / record.ways
        if value[best] - interval[best] > chance or interval[best] > ROUGH * chance:
            return None
        reached = f"{100 * value[best]:.1f} ± {100 * interval[best]:.1f} %"
        message = f"No progress {part}: the best validation is {reached}, guessing gives "
        message += f"{100 * chance:.1f} %."
    else:
        best, first = int(np.nanargmin(value)), record.untrained
        if not value[best] + interval[best] >= first or interval[best] > ROUGH * first:
            return None
        reached = f"{_short(value[best])} ± {_short(interval[best])}"
        message = (
            f"No progress {part}: the best validation error is {reached}, the untrained model "
        )
        message += f"had {_short(first)}."
    steps = int(record.setting(STEPS) or 0)
    if 0 < steps < FEW:
        advice = f"{_steps(steps).capitalize()} are few: take {10 * FEW}."
        return Hint("no_progress", message, advice, STEPS, 10 * FEW)
    return _other_rate(record, message)


def overfitting(record: Record) -> Hint | None:
    """Training classes are still learned while held-out ones are forgotten."""
    rows, sign = record.validation, 1.0 if record.ways else -1.0
    value = sign * rows["value"]
    if len(value) < 4 or not np.isfinite(value).all():
        return None
    best, since = int(np.argmax(value)), value[-3:]
    doubt = float(np.nan_to_num(rows["interval"][[best, -1]]).max())
    if len(value) - 1 - best < 3 or not value[best] - since.max() > doubt:
        return None
    then = record.measured(rows["step"][best - 1] if best else 0, rows["step"][best])
    now = record.measured(rows["step"][-2], rows["step"][-1])
    rise = sign * (now[0] - then[0])
    if not rise > 2 * math.hypot(now[1], then[1]):
        return None
    step = int(rows["step"][best])
    said = [_measure(record, x) for x in (then[0], now[0], sign * value[best], sign * since.mean())]
    what = "accuracy" if record.ways else "error"
    message = (
        f"Overfitting since step {step:,}: the {what} went from {said[0]} to {said[1]} in training "
        f"and from {said[2]} to {said[3]} in validation."
    )
    kept = f"The best weights, of step {step:,}, are kept."
    if not record.setting(PATIENCE):
        return Hint("overfitting", message, f"{kept} Stop early the next time.", PATIENCE, 5)
    return Hint("overfitting", message, f"{kept} End the next run there.", STEPS, step)


def round_rate(rate: float) -> float:
    """A rate with one significant digit: 1, 2, 3 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rate) + 1e-9)
    digit = min((1, 2, 3, 5, 10), key=lambda d: abs(math.log(d * power / rate)))
    return float(f"{digit * power:.3g}")


def _inner_to_blame(record: Record) -> bool:
    """Whether a loss that grew began with adaptation: it did so at once, before the outer steps
    could move much, or adapting makes it worse."""
    if not record.setting(INNER):
        return False
    first = record.first_loss
    at_once = len(record.train) < FIRST or bool(record.ways and first > 3 * record.untrained)
    seen = record.adaptation()
    return at_once or (seen is not None and seen.after >= seen.before)


def _slower(record: Record, kind: str, message: str, inner: bool) -> Hint:
    key = INNER if inner else OUTER
    rate, name = record.setting(key), "inner" if inner else "outer"
    if not rate:
        advice = f"Let the {name} rates begin lower." if inner else "Lower the outer rate."
        return Hint(kind, message, advice)
    value = round_rate(rate / (5 if inner else 3))
    return Hint(kind, message, f"Lower the {name} rate from {rate:g} to {value:g}.", key, value)


def _other_rate(record: Record, message: str) -> Hint:
    """Another outer rate: a lower one where it is high already, a higher one where it is low."""
    rate = record.setting(OUTER)
    if not rate:
        return Hint("no_progress", message, "Look at some tasks on the Data page.")
    value = round_rate(rate / 3 if rate >= 1e-3 else min(10 * rate, 1e-3))
    advice = f"Try an outer rate of {value:g} instead of {rate:g}, or look at some tasks on the "
    return Hint("no_progress", message, f"{advice}Data page.", OUTER, value)


def _says(reason: str, words: tuple[str, ...]) -> bool:
    return any(word.lower() in reason.lower() for word in words)


def _measure(record: Record, value: float) -> str:
    return f"{100 * value:.1f} %" if record.ways else _short(value)


def _steps(count: int) -> str:
    return f"{count} step{'s' * (count > 1)}"


def _short(value: float) -> str:
    return f"{value:.3g}"
