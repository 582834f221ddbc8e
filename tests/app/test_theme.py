"""Colours that can be read, type that is ours, a theme that changes while the window is open."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication

from workbench.app.theme import apply, icon, theme
from workbench.app.theme.icons import pixmap
from workbench.app.theme.sheet import style_sheet
from workbench.app.theme.tokens import (
    BACKGROUNDS,
    DARK,
    FOREGROUNDS,
    LIGHT,
    SERIES_MARKS,
    SIZES,
    Tokens,
    contrast,
    token_names,
)
from workbench.app.widgets import Badge, Button, Label
from workbench.schema.resources import resource

SCHEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=lambda t: t.name)


def test_contrast_is_that_of_the_standard() -> None:
    """WCAG 2.2: black on white is 21; #767676 on white is the well-known 4.54."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


@SCHEMES
def test_every_text_can_be_read_on_every_background(tokens: Tokens) -> None:
    pairs = itertools.product(FOREGROUNDS, BACKGROUNDS)
    faint = {
        f"{ink} on {ground}": round(contrast(tokens.colour(ink), tokens.colour(ground)), 2)
        for ink, ground in pairs
        if contrast(tokens.colour(ink), tokens.colour(ground)) < 4.5
    }
    assert not faint


@SCHEMES
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ok", "oksoft"),
        ("warn", "warnsoft"),
        ("bad", "badsoft"),
        ("text", "oksoft"),
        ("text", "warnsoft"),
        ("text", "badsoft"),
        ("onfill", "fill"),
        ("ink", "tile"),
    ],
)
def test_states_and_filled_buttons_can_be_read(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(tokens.colour(ink), tokens.colour(ground)) >= 4.5


@SCHEMES
def test_outlines_of_controls_stand_out_from_every_background(tokens: Tokens) -> None:
    assert min(contrast(tokens.ctl, tokens.colour(ground)) for ground in BACKGROUNDS) >= 3


@SCHEMES
def test_every_series_stands_out_from_the_panel(tokens: Tokens) -> None:
    assert min(contrast(colour, tokens.panel) for colour in tokens.series) >= 3


def test_no_two_series_look_alike_without_their_colour() -> None:
    assert len(set(SERIES_MARKS)) == len(LIGHT.series) == len(DARK.series)


@pytest.mark.parametrize(("scheme", "tokens"), [("light", LIGHT), ("dark", DARK)])
def test_the_palette_is_the_schemes_own(dressed: QApplication, scheme: str, tokens: Tokens) -> None:
    apply(dressed, scheme, 100)
    palette = dressed.palette()
    assert palette.color(QPalette.ColorRole.Window).name().upper() == tokens.bg
    assert palette.color(QPalette.ColorRole.WindowText).name().upper() == tokens.text
    assert theme().dark == (scheme == "dark")


def test_the_style_sheet_leaves_no_name_open() -> None:
    sheet = style_sheet(LIGHT, round)
    assert "$" not in sheet
    assert LIGHT.accent in sheet
    assert sheet.count("{") == sheet.count("}")


def test_lengths_and_type_follow_the_scale(dressed: QApplication) -> None:
    label = Label("12,480", "figure")
    button = Button("Start training")
    before = label.font().pixelSize(), button.sizeHint().height()
    apply(dressed, "light", 200)
    assert before == (15, SIZES.button)
    assert (label.font().pixelSize(), button.sizeHint().height()) == (30, 2 * SIZES.button)


@pytest.mark.parametrize(("asked", "got"), [(50, 80), (400, 200)])
def test_a_scale_out_of_range_is_the_nearest_that_works(
    dressed: QApplication, asked: int, got: int
) -> None:
    apply(dressed, "light", asked)
    assert theme().scale == got


def test_the_typeface_is_inter_and_its_figures_are_equally_wide(dressed: QApplication) -> None:
    assert theme().family == "Inter"
    metrics = QFontMetrics(theme().font("figure"))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_a_label_in_the_style_sheet_keeps_the_figures_equally_wide(dressed: QApplication) -> None:
    label = Label("1111", "figure")
    narrow = label.sizeHint().width()
    label.setText("8888")
    assert label.sizeHint().width() == narrow


def test_painted_widgets_change_with_the_theme(dressed: QApplication) -> None:
    badge = Badge("Done", "circle-check", "ok")
    badge.adjustSize()
    corner = badge.width() // 2, 2
    light = badge.grab().toImage().pixelColor(*corner).name().upper()
    apply(dressed, "dark", 100)
    dark = badge.grab().toImage().pixelColor(*corner).name().upper()
    assert (light, dark) == (LIGHT.oksoft, DARK.oksoft)


def _icon_names() -> list[str]:
    return sorted(path.stem for path in Path(resource("icons")).glob("*.svg"))


@pytest.mark.parametrize("name", _icon_names())
def test_every_icon_is_drawn_in_the_colour_asked_for(dressed: QApplication, name: str) -> None:
    image = pixmap(name, "accent", 32).toImage()
    solid = {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert solid == {LIGHT.accent}


def test_an_icon_is_made_once(dressed: QApplication) -> None:
    assert icon("play").cacheKey() == icon("play").cacheKey()


def test_every_token_is_a_colour() -> None:
    for tokens in (LIGHT, DARK):
        for name in token_names():
            assert len(tokens.colour(name)) == 7
            int(tokens.colour(name)[1:], 16)
