"""FGVC-Aircraft: variants of aeroplanes.

Maji, Rahtu, Kannala, Blaschko, Vedaldi. Fine-Grained Visual Classification of Aircraft. 2013.
https://arxiv.org/abs/1306.5151

Its publisher's strip with the photographer's name, 20 pixels at the bottom, is cut off. There is no
checksum of the archive in torchvision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from workbench.archives import Files
from workbench.bank import ClassInfo
from workbench.errors import DataError
from workbench.fetching import Remote
from workbench.published import Content, Published, photos, torchvision
from workbench.schema import data
from workbench.sources import DATASETS

STRIP = 20  # pixels


class Config(data.FetchedDealt):
    """Settings of FGVC-Aircraft."""

    name: Literal["fgvc_aircraft"] = "fgvc_aircraft"
    image_size: int = data.image_size(84)


@DATASETS.register(Config)
class FgvcAircraft(Published):
    """Photographs of aeroplanes."""

    title = "FGVC-Aircraft"
    family = "Photographs"
    summary = "100 variants of aeroplanes, 100 of each; a seed deals them into the splits."
    source = "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/"
    licence = "for non-commercial research"
    citation = "Maji et al. 2013, https://arxiv.org/abs/1306.5151"
    facts: ClassVar[Mapping[str, Any]] = {
        "noun": "variant",
        "files": "fgvc-aircraft",
        "images_per_class": 100,
        "published": {"classes": 100, "images": 10_000, "bytes": 2_753_340_328},
    }
    parts = ("fgvc-aircraft-2013b.tar.gz",)
    channels = 3
    unpacks = True
    config: Config

    def remotes(self) -> Sequence[Remote]:
        return (torchvision.one(torchvision.of("FGVCAircraft")._URL),)

    @contextmanager
    def content(self, files: Mapping[str, Path]) -> Iterator[Content]:
        with self.opened(files[self.parts[0]], 3) as found:
            classes = _classes(found, self.ask())
            yield photos.content(found, classes, self.shape(), below=STRIP)


def _classes(found: Files, hint: str) -> dict[ClassInfo, list[str]]:
    """Pictures of each variant, as two tables say it in lines like "1025794 707-320"."""
    tables = [f"images_variant_{side}.txt" for side in ("trainval", "test")]
    where = {name.rpartition("/")[2]: name for name in found.names}
    classes = defaultdict(list)
    for table in tables:
        if table not in where:
            raise DataError("There is no {table} in the archive.", table=table, hint=hint)
        for line in found.read(where[table]).decode("utf-8", "replace").splitlines():
            number, _, variant = line.strip().partition(" ")
            if f"{number}.jpg" not in where:
                raise DataError(
                    "{table} names {number}.jpg, which is not there.",
                    table=table,
                    number=number,
                    hint=hint,
                )
            classes[ClassInfo(variant, "")].append(where[f"{number}.jpg"])
    return classes
