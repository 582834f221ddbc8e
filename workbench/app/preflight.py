"""What must be true before Qt is touched: a display exists, and Qt's system libraries load.

Qt itself ends the process in both cases, with a message that names one library out of several or
none. Here all of them are found, and named as the packages that bring them. Needs the standard
library only, so that it runs where nothing is installed yet:

    python3 -I workbench/app/preflight.py xcb      # prints the packages that are missing
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable, Iterable, Mapping

# Library: Debian's package. Asked of `ldd` over the libraries and platform plug-ins of Qt 6.11.
EVERY_PLATFORM = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
OF_PLATFORM = {"xcb": X11, "wayland": WAYLAND}

ELSEWHERE = "To train without a window: fewshot-workbench train"

Loads = Callable[[str], bool]


def problem(
    environment: Mapping[str, str] = os.environ,
    system: str = sys.platform,
    loads: Loads | None = None,
    connects: Callable[[], bool] | None = None,
) -> str | None:
    """One line that says why no window can open here and what to do, or None where one can.

    Args:
        environment: what the process was started with.
        system: `sys.platform` of the machine in question.
        loads: tells whether a shared library can be loaded, by name.
        connects: tells whether the X server that DISPLAY names answers.
    """
    loads = loads or _loads
    if importlib.util.find_spec("PySide6") is None:
        return f"The window needs PySide6-Essentials, which is not installed. {ELSEWHERE}"
    if not system.startswith("linux"):
        return None
    platforms = _platforms(environment)
    if not platforms:
        return f"No display: neither DISPLAY nor WAYLAND_DISPLAY is set. {ELSEWHERE}"
    missing = {name: packages_missing(name, loads) for name in platforms}
    if all(missing.values()):
        fewest = min(missing.values(), key=len)
        return f"Qt misses system libraries: install {' '.join(fewest)}. {ELSEWHERE}"
    if platforms == ["xcb"] and not (connects or _x_server_answers)():
        return f"The display {environment.get('DISPLAY', '')!r} does not answer. {ELSEWHERE}"
    return None


def packages_missing(platform: str, loads: Loads | None = None) -> list[str]:
    """The packages whose libraries Qt's `platform` needs and cannot load, sorted.

    Args:
        platform: a name of Qt's, as `xcb` or `offscreen`.
        loads: tells whether a shared library can be loaded, by name.
    """
    needed = EVERY_PLATFORM | OF_PLATFORM.get(platform, {})
    loads = loads or _loads
    return sorted(package for library, package in needed.items() if not loads(library))


def _platforms(environment: Mapping[str, str]) -> list[str]:
    """Qt's platform plug-ins that may be tried here, in Qt's order."""
    asked = environment.get("QT_QPA_PLATFORM", "")
    if asked:
        # `xcb;wayland` is a list, `offscreen:size=…` a name with options.
        return [name.partition(":")[0] for name in asked.split(";")]
    found = []
    if environment.get("WAYLAND_DISPLAY"):
        found.append("wayland")
    if environment.get("DISPLAY"):
        found.append("xcb")
    return found


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x_server_answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not refused


def _main(platforms: Iterable[str]) -> None:
    missing = {package for platform in platforms for package in packages_missing(platform)}
    sys.stdout.write(" ".join(sorted(missing)))


if __name__ == "__main__":
    _main(sys.argv[1:])
