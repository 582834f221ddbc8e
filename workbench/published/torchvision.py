"""Where torchvision fetches its data sets from, asked of its own classes.

They are imported when something is to be fetched: that loads torch, which reading a file does not
need.
"""

from __future__ import annotations

from typing import Any

from workbench.fetching import Remote


def of(name: str) -> Any:
    """A data set's class of torchvision."""
    from torchvision import datasets  # type: ignore[import-untyped]  # published without types

    return getattr(datasets, name)


def mnist_like(name: str, *mirrors: str) -> tuple[Remote, ...]:
    """The files of a relative of MNIST, and further places that have them."""
    known = of(name)
    return tuple(
        Remote(file, tuple(f"{base}{file}" for base in (*known.mirrors, *mirrors)), f"md5:{md5}")
        for file, md5 in known.resources
    )


def one(address: str, md5: str = "") -> Remote:
    """A file that is kept under the name that its address ends in."""
    return Remote(address.rpartition("/")[2], (address,), md5 and f"md5:{md5}")
