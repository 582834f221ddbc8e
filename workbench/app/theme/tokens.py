"""Colours, sizes and type of the window, as plain values: no Qt here.

A token is a role, not a colour: `text2` is second-rank text on any background, `ctl` the outline
of a control. Every widget
names tokens; only this file names colours. The contrast of each pair is computed in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

BACKGROUNDS = ("bg", "panel", "inset", "hover", "soft")
FOREGROUNDS = ("text", "text2", "muted", "accent", "ok", "warn", "bad")


@dataclass(frozen=True)
class Tokens:
    """One colour scheme. Values are `#RRGGBB`.

    Attributes:
        series: colours of curves and classes, in the order they are handed out.
    """

    name: str
    bg: str
    panel: str
    inset: str
    hover: str
    soft: str
    border: str
    ctl: str
    text: str
    text2: str
    muted: str
    accent: str
    fill: str
    onfill: str
    ok: str
    oksoft: str
    warn: str
    warnsoft: str
    bad: str
    badsoft: str
    tile: str
    ink: str
    onion: str
    grid: str
    series: tuple[str, str, str, str, str, str]

    @property
    def dark(self) -> bool:
        return luminance(self.bg) < 0.18

    def colour(self, token: str) -> str:
        """The colour of `token`, which may also be `series1` … `series6`, or a colour itself."""
        if token.startswith("#"):
            return token
        if token.startswith("series"):
            return self.series[(int(token[6:]) - 1) % len(self.series)]
        return str(getattr(self, token))


LIGHT = Tokens(
    name="light",
    bg="#F3F4F6",
    panel="#FFFFFF",
    inset="#F7F8FA",
    hover="#EBEEF2",
    soft="#E8ECFA",
    border="#D9DDE4",
    ctl="#7D8695",
    text="#1A212C",
    text2="#465060",
    muted="#5C6676",
    accent="#3A4FB8",
    fill="#3A4FB8",
    onfill="#FFFFFF",
    ok="#1A6E48",
    oksoft="#E2F3EA",
    warn="#7A4F00",
    warnsoft="#FCF1DA",
    bad="#AD261D",
    badsoft="#FCEBE9",
    tile="#FFFFFF",
    ink="#1A212C",
    onion="#E3E7ED",
    grid="#E6E9EE",
    series=("#1557A0", "#A5390D", "#17A07A", "#C95BB0", "#B98D10", "#5B626D"),
)

DARK = Tokens(
    name="dark",
    bg="#13161B",
    panel="#1A1E25",
    inset="#20252D",
    hover="#2A303A",
    soft="#272F55",
    border="#303743",
    ctl="#717C8D",
    text="#E7EAEF",
    text2="#BAC2CE",
    muted="#9BA5B4",
    accent="#A3B2FF",
    fill="#4A5ECF",
    onfill="#FFFFFF",
    ok="#74D3A4",
    oksoft="#17342A",
    warn="#F0C06A",
    warnsoft="#3B2E14",
    bad="#FF9F95",
    badsoft="#47211F",
    tile="#252B34",
    ink="#F1F3F6",
    onion="#343C48",
    grid="#272D36",
    series=("#4AA3F0", "#EE6B3C", "#46D9A0", "#B76FA0", "#EBD12F", "#D3E2F2"),
)


@dataclass(frozen=True)
class SeriesMark:
    """What tells a series apart without colour: `marker` in pyqtgraph's letters, and whether its
    line is dashed.
    """

    marker: str
    dashed: bool = False


SERIES_MARKS = (
    SeriesMark("o"),
    SeriesMark("s"),
    SeriesMark("t1"),
    SeriesMark("d"),
    SeriesMark("+"),
    SeriesMark("o", dashed=True),
)


@dataclass(frozen=True)
class TypeStyle:
    """Size and line height in px at 100 %, and weight."""

    size: int
    line: int
    weight: int


TYPE: dict[str, TypeStyle] = {
    "key": TypeStyle(28, 36, 600),
    "title": TypeStyle(20, 28, 600),
    "figure": TypeStyle(15, 24, 600),
    "panel": TypeStyle(13, 20, 600),
    "strong": TypeStyle(13, 20, 600),
    "body": TypeStyle(13, 20, 400),
    "small": TypeStyle(12, 16, 400),
    "smallstrong": TypeStyle(12, 16, 600),
    "caption": TypeStyle(11, 16, 400),
    "captionstrong": TypeStyle(11, 16, 500),
    "path": TypeStyle(11, 16, 400),
}


@dataclass(frozen=True)
class Sizes:
    """Lengths in px at 100 %."""

    grid: int = 8
    margin: int = 16
    gap: int = 16
    padding: int = 16
    rail: int = 80
    rail_narrow: int = 56
    page_head: int = 56
    panel_head: int = 40
    status_bar: int = 32
    row_table: int = 32
    row_tree: int = 24
    row_form: int = 36
    button: int = 32
    control: int = 28
    icon_button: int = 24
    radius_panel: int = 6
    radius_control: int = 4
    form_label: int = 150
    form_symbol: int = 28
    form_control: int = 136


SIZES = Sizes()


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` as WCAG 2.2 defines it, 0 to 1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2.2 defines it, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` in it."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def token_names() -> list[str]:
    """The tokens that are a single colour."""
    return [f.name for f in fields(Tokens) if f.name not in ("name", "series")]
