"""Pickles of arrays, read without running code from them.

A pickle is a program that may call anything it can name. Here it can name a handful of stand-ins
that only take notes; arrays are made from the notes afterwards. So even numpy's own functions are
never called with what a file says. Lists, tuples, dictionaries, sets, numbers and text need no
name.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from workbench.archives import unreadable
from workbench.errors import DataError

_KINDS = re.compile(r"[<>|=]?([?bBhHiIlLqQefdg]|[biuf][1248]|[SUa]\d{0,6})")
_SPOILT = (
    *(pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, LookupError),
    # A number in the file may ask for more memory or deeper nesting than there is.
    *(MemoryError, OverflowError, RecursionError, NotImplementedError),
)


def load(place: Path | IO[bytes], name: str = "") -> Any:
    """What a pickle holds; arrays as numpy's, text of Python 2 as text.

    Args:
        place: a file, or an open one.
        name: of an open one, for what is said.

    Raises:
        DataError: it asks for anything but arrays and plain containers, or is damaged.
    """
    try:
        if isinstance(place, Path):
            with place.open("rb") as file:
                return _plain(_Reader(file, encoding="latin1").load())
        return _plain(_Reader(place, encoding="latin1").load())
    except _Refused as error:
        raise DataError(
            "{name} is refused: it would call {called}, and a pickle of images holds arrays only.",
            name=name or place,
            called=str(error),
            hint="Nothing of it was run. Get the file again from its source.",
        ) from None
    except OSError as error:
        raise unreadable(Path(name or str(place)), error) from None
    except _SPOILT:
        raise DataError(
            "{name} is not a whole pickle of arrays.",
            name=name or place,
            hint="It may be cut off; download it again.",
        ) from None


class _Refused(Exception):  # noqa: N818 - never leaves this file
    pass


@dataclass
class _Type:
    """Notes on a numpy type."""

    code: str
    order: str = ""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = str(state[1])

    def made(self) -> np.dtype[Any]:
        if not _KINDS.fullmatch(self.code):
            raise _Refused(f"numpy.dtype({self.code!r})")
        made = np.dtype(self.code)
        return made.newbyteorder(self.order) if self.order in {"<", ">"} else made  # type: ignore[arg-type]  # is one of numpy's


@dataclass
class _Array:
    """Notes on a numpy array."""

    shape: tuple[int, ...] = ()
    kind: _Type | None = None
    fortran: bool = False
    content: Any = field(default=b"", repr=False)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.shape, self.kind, self.fortran, self.content = state[-4:]

    def made(self) -> NDArray[Any]:
        content = self.content
        if isinstance(content, str):  # as Python 2 wrote bytes
            content = content.encode("latin1")
        if self.kind is None:
            raise ValueError("an array without a kind")
        flat = np.frombuffer(content, self.kind.made())
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


def _array(*_: Any) -> _Array:
    return _Array()


def _type(code: str, *_: Any) -> _Type:
    return _Type(str(code))


def _buffered(content: Any, kind: _Type, shape: tuple[int, ...], order: str = "C") -> _Array:
    if not isinstance(content, bytes | bytearray):  # `bytes` of a number is so many of them
        raise TypeError
    return _Array(shape, kind, order == "F", bytes(content))


def _scalar(kind: _Type, content: Any) -> Any:
    content = content.encode("latin1") if isinstance(content, str) else content
    return np.frombuffer(content, kind.made())[0].item()


def _latin(text: str, coding: str = "latin1") -> bytes:
    if coding not in {"latin1", "latin-1", "iso-8859-1"}:
        raise _Refused(f"a decoder for {coding}")
    return text.encode("latin1")


class _Call:
    """What a file may call. It has no attributes, so that a file cannot change it either."""

    __slots__ = ("_function",)
    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setattr__(self, name: str, value: Any) -> None:
        raise _Refused(f"a change of {name}")


def _never(*_: Any) -> None:
    raise _Refused("numpy.ndarray")


_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
_NAMED: Mapping[tuple[str, str], Any] = {
    **{(core, "_reconstruct"): _Call(_array) for core in _CORES},
    **{(core, "scalar"): _Call(_scalar) for core in _CORES},
    **{(c, "_frombuffer"): _Call(_buffered) for c in ("numpy.core.numeric", "numpy._core.numeric")},
    ("numpy", "ndarray"): _Call(_never),  # named as an argument only
    ("numpy", "dtype"): _Call(_type),
    ("_codecs", "encode"): _Call(_latin),
    ("collections", "OrderedDict"): dict,
    ("collections", "defaultdict"): _Call(lambda *_: {}),
    ("builtins", "bytes"): _Call(lambda: b""),
    ("__builtin__", "bytes"): _Call(lambda: b""),  # nothing else: a number would be a size
    ("builtins", "list"): list,
    ("__builtin__", "list"): list,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _NAMED[module, name]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None

    def persistent_load(self, pid: Any) -> Any:
        raise _Refused("what lies outside of it")


def _plain(found: Any, seen: dict[int, Any] | None = None) -> Any:
    """Notes replaced by arrays; what a file says of one object many times is made once."""
    if not isinstance(found, _DEEPER):
        return found
    seen = {} if seen is None else seen
    if id(found) not in seen:
        seen[id(found)] = None  # a thing inside itself is of no image set
        seen[id(found)] = _made(found, seen)
    return seen[id(found)]


def _made(found: Any, seen: dict[int, Any]) -> Any:
    if isinstance(found, _Array):
        if isinstance(found.content, list):  # of objects: a list of them is all that is needed
            return _plain(found.content, seen)
        return found.made()
    if isinstance(found, dict):
        return {key: _plain(value, seen) for key, value in found.items()}
    return [_plain(each, seen) for each in found]


_DEEPER = (_Array, dict, list, tuple)
