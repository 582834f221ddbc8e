"""Where to compute: which devices are there, why one is chosen, and how memory is asked for."""

from __future__ import annotations

import ctypes
import os
import platform
import sys

import torch

from workbench.errors import ConfigError
from workbench.protocol import Device

# glibc hands multi-megabyte buffers back after each operation and faults them in again: a seventh
# of the processor time of a MAML step went to the kernel before this, and next to none after.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4


def tune_malloc() -> bool:
    """Let glibc keep freed memory. Call before the first tensor; True where it took effect (Linux
    with glibc)."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL("libc.so.6")
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 256 * 2**20))
    return all(libc.mallopt(option, value) == 1 for option, value in settings)


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def devices() -> tuple[Device, ...]:
    """Every kind of device, each with why it can or cannot be used."""
    count = cores()
    words = "core" if count == 1 else "cores"
    found = [
        Device(
            "cpu",
            f"Processor, {count} {words}",
            True,
            "Always there; the same number of threads gives the same bits.",
        )
    ]
    return (*found, *_cuda(), _mps())


def recommended() -> str:
    """What `auto` stands for: the first GPU, or the processor."""
    if torch.cuda.is_available():
        return "cuda:0"
    # Apple's GPU lacks float64 and some second-order kernels, so it is offered but not chosen
    # unasked.
    return "cpu"


def resolve(name: str) -> torch.device:
    """The device that the setting `device` names.

    Raises:
        ConfigError: when there is no such device here.
    """
    wanted = recommended() if name == "auto" else "cuda:0" if name == "cuda" else name
    there = {device.name: device for device in devices()}
    if wanted in there and there[wanted].available:
        return torch.device(wanted)
    reason = (
        there[wanted].explanation
        if wanted in there
        else f"There is no device called {name!r} here."
    )
    usable = ", ".join(device.name for device in there.values() if device.available)
    raise ConfigError.of("device", reason, f"Choose one of: auto, {usable}.", "auto")


def _cuda() -> list[Device]:
    if not torch.cuda.is_available():
        if torch.version.cuda is None:
            reason = "This copy of PyTorch was built without CUDA; install one that has it."
        else:
            reason = "No NVIDIA GPU with a working driver was found on this computer."
        return [Device("cuda:0", "NVIDIA GPU", False, reason)]
    found = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        gigabytes = properties.total_memory / 1e9
        title = f"GPU {index} · {properties.name}, {gigabytes:.0f} GB"
        found.append(
            Device(
                f"cuda:{index}", title, True, "Fastest for convolutions and large batches of tasks."
            )
        )
    return found


def _mps() -> Device:
    if torch.backends.mps.is_available():
        return Device(
            "mps", "Apple GPU", True, "Some second-order gradients fall back to the processor."
        )
    return Device("mps", "Apple GPU", False, "Needs a Mac with Apple silicon.")
