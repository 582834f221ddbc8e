"""The settings of an inner loop, declared once for every method that has one.

    class Config(BaseConfig):
        inner_lr: float = inner_lr(0.1)
        inner_steps: int = inner_steps(5)

A method gives its own default, and its own range or sentence where they differ.
"""

from __future__ import annotations

from typing import Any

from workbench.schema.config import setting

GROUP = "Inner loop"


def inner_lr(default: float, **changes: Any) -> Any:
    """Alpha, the rate of one step on the support set."""
    words = {
        "gt": 0,
        "le": 10,
        "suggest": (0.01, 0.5),
        "label": "Inner rate",
        "symbol": "α",
        "unit": "per step",
        "group": GROUP,
        "help": "How far one gradient step on the support set moves the weights.",
    }
    return setting(default, **{**words, **changes})


def inner_steps(default: int, **changes: Any) -> Any:
    """Steps on the support set of each training task."""
    words = {
        "ge": 1,
        "le": 50,
        "suggest": (1, 10),
        "label": "Inner steps",
        "symbol": "k",
        "unit": "gradient steps in training",
        "group": GROUP,
        "help": "Gradient steps on the support set of each training task.",
    }
    return setting(default, **{**words, **changes})


def inner_steps_eval(default: int, **changes: Any) -> Any:
    """Steps when evaluating and drawing."""
    words = {
        "ge": 0,
        "le": 200,
        "suggest": (1, 20),
        "label": "Steps, evaluation",
        "unit": "gradient steps",
        "group": GROUP,
        "help": "Gradient steps when evaluating and drawing; may exceed those of training.",
    }
    return setting(default, **{**words, **changes})


def second_order(default: bool, **changes: Any) -> Any:
    """Whether the outer gradient passes through the inner ones."""
    words = {
        "label": "Second order",
        "unit": "differentiate through the steps",
        "group": GROUP,
        "help": "Differentiate through the inner steps. Off is the first-order approximation: a "
        "third cheaper, often a little less accurate.",
    }
    return setting(default, **{**words, **changes})


def recompute(default: bool, **changes: Any) -> Any:
    """Whether the graphs of the inner steps are made again instead of kept."""
    words = {
        "label": "Save memory",
        "unit": "compute the inner steps twice",
        "group": GROUP,
        "help": "Keep one inner step's graph at a time and compute the steps a second time for the "
        "outer gradient: the same result, somewhat slower, with memory that hardly grows with the "
        "steps. For many steps, large images or a small GPU.",
        "advanced": True,
    }
    return setting(default, **{**words, **changes})
