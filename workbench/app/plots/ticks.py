"""Where ticks stand and how they read."""

from __future__ import annotations

import math

from PySide6.QtCore import QLocale

MOST = 9
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def spacing(low: float, high: float, most: int = MOST, whole: bool = False) -> float:
    """The smallest nice distance (1, 2, 2.5 or 5 times a power of ten) with at most `most` ticks
    from low to high.
    """
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return 1.0
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in NICE:
        step = factor * power
        if whole and step != int(step):
            continue
        if math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1 <= most:
            return step
    return max(20 * power, 1.0) if whole else 20 * power


def linear_ticks(low: float, high: float, most: int = MOST, whole: bool = False) -> list[float]:
    """Ticks at nice places; at whole numbers only where `whole` is asked for."""
    step = spacing(low, high, most, whole)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = MOST) -> list[float]:
    """Ticks for an axis whose positions are decimal logarithms: at 1, 2, 5 of each decade, or at
    whole decades, or, within less than a decade, where a linear axis would have them."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found: list[float] = []
    for digits in ((1, 2, 5), (1,)):
        found = [n + math.log10(d) for n in decades for d in digits]
        found = [t for t in found if low - 1e-9 <= t <= high + 1e-9]
        if len(found) <= most:
            break
    else:
        step = math.ceil(len(found) / most)
        found = found[::step]
    if len(found) >= 3:
        return found
    values = linear_ticks(10**low, 10**high, min(most, 6))
    return [math.log10(v) for v in values if v > 0]


def number_text(value: float, step: float = 0.0) -> str:
    """A number with separators of thousands; `step` between neighbours decides the decimals.

    Without a step: four significant digits.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and (size < 1e-4 or size >= 1e9):
        return f"{value:.3g}"
    if step > 0:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        if decimals and abs(step * 10**decimals - round(step * 10**decimals)) > 1e-6:
            decimals += 1
        elif not decimals and step != int(step):
            decimals = 1
    else:
        decimals = next((d for d in range(7) if math.isclose(round(value, d), value)), 6)
    return QLocale().toString(float(value) + 0.0, "f", min(decimals, 6))


def decimals_of(value: float) -> int:
    """Decimals that leave three significant digits, at most one above 100."""
    size = abs(value)
    if size >= 100:
        return int(size < 1000)
    return 2 if size == 0 else max(0, 2 - math.floor(math.log10(size) + 1e-9))


def short_text(value: float, decimals: int | None = None) -> str:
    """A value at a curve's end: three significant digits (0.184, 95.6, 1,204), or so many
    decimals.
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e7) and decimals is None:
        return f"{value:.2e}"
    wanted = decimals_of(value) if decimals is None else decimals
    return QLocale().toString(float(value), "f", wanted if size else 0)


def interval_text(value: float, half: float) -> str:
    """Mean and half its interval, with the same decimals: 95.6 ± 0.9."""
    return f"{short_text(value)} ± {short_text(half, decimals_of(value))}"
