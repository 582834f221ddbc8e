"""An environment with the libraries that speed is compared with, beside the project's own torch.

    python -m benchmarks.peers .peers

The folder becomes a virtual environment that sees this interpreter's packages, so that everybody
computes with the same torch, and has learn2learn, higher and torchopt besides. What will not
install is said and left out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from pathlib import Path

PACKAGES = ("higher==0.2.1", "torchopt==0.7.3", "optree", "graphviz")
# learn2learn imports these whether or not they are used.
WANTED_BY_LEARN2LEARN = (
    "gym==0.26.2",
    "gym-notices",
    "cloudpickle",
    "requests",
    "urllib3",
    "idna",
    "certifi",
    "charset-normalizer",
    "tqdm",
    "scipy",
)
LEARN2LEARN = "learn2learn==0.2.0"
IMPORTS = ("learn2learn", "higher", "torchopt")


def python(folder: Path) -> Path:
    """The interpreter of such an environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def build(folder: Path) -> None:
    """Make the environment; one that is there is kept."""
    if not python(folder).exists():
        venv.create(folder, with_pip=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = folder / "lib" / version / "site-packages"
    (own / "project.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    for package in (*PACKAGES, *WANTED_BY_LEARN2LEARN, "cython", "setuptools<81", "wheel"):
        _pip(folder, "install", "--no-deps", package)
    _learn2learn(folder)


def _learn2learn(folder: Path) -> None:
    """Its C files were made for older Pythons: they are made again from their sources."""
    with tempfile.TemporaryDirectory() as scratch:
        options = ("--no-deps", "--no-build-isolation", "--no-binary", ":all:", "-d", scratch)
        _pip(folder, "download", *options, LEARN2LEARN)
        for archive in Path(scratch).glob("*.tar.gz"):
            with tarfile.open(archive) as file:
                file.extractall(scratch, filter="data")
        for source in Path(scratch).glob("learn2learn-*"):
            if source.is_dir():
                sources = [str(one) for one in (source / "learn2learn" / "data").glob("*.pyx")]
                subprocess.run([python(folder), "-m", "cython", "-3", *sources], check=False)
                _pip(folder, "install", "--no-deps", "--no-build-isolation", str(source))


def _pip(folder: Path, *arguments: str) -> None:
    command = [str(python(folder)), "-m", "pip", arguments[0], "-q", *arguments[1:]]
    if subprocess.run(command, check=False).returncode:
        print(f"will not install: {arguments[-1]}", file=sys.stderr)


def found(folder: Path) -> tuple[str, ...]:
    """The libraries that can be imported there."""

    def works(name: str) -> bool:
        command = [str(python(folder)), "-W", "ignore", "-c", f"import {name}"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    return tuple(name for name in IMPORTS if python(folder).exists() and works(name))


def main() -> None:
    """Build and say what is there."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    build(folder)
    print(f"peers ready in {folder}: {', '.join(found(folder)) or 'none'}")


if __name__ == "__main__":
    main()
