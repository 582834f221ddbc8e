"""How unequal positive numbers are: the measures by which economists compare incomes.

Of l_1 … l_T with mean m and geometric mean g,

    Theil                 mean of (l / m) ln (l / m)                                     (1)
    generalised entropy   mean of ((l / m)^a - 1) / (a (a - 1)),   a not 0 or 1          (2)
                          its limits: mean of -ln (l / m) at a = 0, Theil at a = 1
    Atkinson              1 - (mean of l^(1 - e))^(1 / (1 - e)) / m,   1 - g / m at e = 1    (3)
    Gini                  sum over all i, j of |l_i - l_j| / (2 T^2 m)                   (4)
    variance of logs      mean of (ln l - ln g)^2                                        (5)

All are 0 exactly where all numbers are equal, do not depend on their unit or order, and are taken
in float64.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Measure = Callable[[Tensor], Tensor]
TINY = 1e-12  # a loss that has vanished has no logarithm


def theil(values: Tensor) -> Tensor:
    """Of values (T,): a number from 0 to ln T."""
    share = values / values.mean()
    return (share * share.log()).mean()  # (1)


def generalized_entropy(values: Tensor, alpha: float) -> Tensor:
    """Of values (T,). The larger alpha, the more the largest values count."""
    share = values / values.mean()
    if alpha == 0:
        return -share.log().mean()
    if alpha == 1:
        return theil(values)
    return (share**alpha - 1).mean() / (alpha * (alpha - 1))  # (2)


def atkinson(values: Tensor, epsilon: float) -> Tensor:
    """Of values (T,): a number from 0 to 1. The larger epsilon, the more the smallest count."""
    share = values / values.mean()
    if epsilon == 1:
        return 1 - share.log().mean().exp()
    return 1 - (share ** (1 - epsilon)).mean() ** (1 / (1 - epsilon))  # (3)


def gini(values: Tensor) -> Tensor:
    """Of values (T,): a number from 0 to 1 - 1 / T."""
    distances = (values.unsqueeze(0) - values.unsqueeze(1)).abs()
    return distances.mean() / (2 * values.mean())  # (4)


def variance_of_logarithms(values: Tensor) -> Tensor:
    """Of values (T,)."""
    return values.log().var(correction=0)  # (5)


def slopes(measure: Measure, values: Tensor) -> tuple[float, Tensor]:
    """The measure of values (T,) and its derivative by each of them (T,), float64."""
    with torch.enable_grad():
        at = values.detach().double().clamp(min=TINY).requires_grad_()
        found = measure(at)
        (derivative,) = torch.autograd.grad(found, at)
    return float(found.detach()), derivative
