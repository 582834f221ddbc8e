"""The vocabulary pages are written in. Widgets show and ask; they hold no tensors and no files.

Frame
    Page(title, icon, muted="")
        A page: `.head` (PageHead), `.content` (a layout inside the page's margin).
    PageHead(title, muted="")
        56 px: .set_muted(text) .set_badge(Badge) .add_action(Button); signal find_requested.
    Panel(title="", muted="", padding=16)
        Head of 40, `.body` (QVBoxLayout), .add_tool(widget), .set_title .set_muted, .footer()
        -> QHBoxLayout. padding=0 for tables, 8 for plots. Double click on the head maximises.
    Section(title, muted="", opened=True)
        A fold: `.body` (QVBoxLayout), .set_muted(text), .set_open(bool); signal toggled(bool).
    Splitter("horizontal" | "vertical", name, sizes=[3, 1])
        .add(widget, stretch=0); handle of 16 px; the window remembers it under `name`.
    Label(text, use="body", tone="text", wrap=False, elide=False)
        use: key title figure panel strong body small smallstrong caption captionstrong path;
        tone: text text2 muted accent ok warn bad; .set_tone(tone) .set_use(use).
    Rule(vertical=False)
        A line of 1 px.

Ask
    Button(text, icon="", kind="normal" | "filled" | "danger" | "quiet", small=False)
        Signal clicked; .set_enabled_because(problem) disables it with the reason as tooltip.
    IconButton(icon, tip, checkable=False)
        24 square; signals clicked, toggled.
    Link(text)
        Signal clicked.
    Segmented([(key, label), …] or [label, …], value="", name="")
        Signal changed(str); .value() .set_value(key) .set_label(key, text) .set_enabled(key, on).
    CheckBox(text, checked=False)
        Signal toggled(bool).
    SeriesCheck(text, series=0, checked=True)
        An entry of a legend with the curve's line and marker; signal toggled(bool).
    SearchField(placeholder)
        Signal searched(str), 150 ms after the last key.
    LineField(text="", placeholder="", name="")
        A QLineEdit with .set_bad(bool).
    Combo([(key, label), …], value="", name="")
        Signal chosen(str), by the person only; .value() .set_value(key) .set_items(…) .set_bad.
    IntBox(low, high, value, name=""), FloatBox(…)
        Signals value_changed(object), problem_changed(str). .value() -> number or None: what is out
        of range is kept and returned; .problem() -> "" or a sentence; .set_value .set_range
        .set_bad .range_text().
    Slider(low, high, value, name="")
        Signal valueChanged(int).
    Chip(text, removable=True)
        A filter in force; signal removed().

Tell
    Badge(text, icon="", tone="neutral" | "accent" | "ok" | "warn" | "bad" | "outline")
        .set(text, icon, tone).
    StatusChip("running" | "done" | "paused" | "stopped" | "failed" | "waiting" | …, word="")
        Icon, word and colour; .set_status(status, word).
    StatusDot(tone), IconLabel(icon, tone="text2", size=16)
        A dot of 8 px; a tinted icon. Both have .set(…).
    Figure(caption, value="–", suffix=""), KeyFigure(…)
        .set(value, suffix=None); 15 px and 28 px.
    ProgressLine()
        .set_fraction(0 to 1, or None) .set_tone("accent" | "ok" | "warn" | "bad" | "series1").
    EmptyState(icon, sentence, button="")
        Signal acted(); .set(…).
    ProblemBox(message, hint="", remedy="")
        Signal remedied(); .set(message, hint, remedy).
    UndoBar(parent)
        .offer(text, undo) for 10 s; .say(text) without Undo. The window has one: offer_undo.
    Swatch(series), ClassNumber(number, series=number - 1)
        A square of 8 px; a number in a ring. Series count from 0.
    BarRow(number, name)
        A probability: .set(value, before=None, chosen=False), 0 to 1; .set_name(name).
    ImageTile(size=64, paper=False)
        One uint8 image (H, W), 255 = ink: .set_image(array or None) .set_chosen(bool); signal
        clicked(). `paper` is black on white in both schemes.
    ThumbnailGrid(tile=64)
        Thousands of them: .set_images(array (N, H, W) or a sequence, captions, series), or
        .set_source(count, image_of, caption_of, series_of). Signals current_changed(int),
        activated(int); .current() .set_current(i) .set_tile(px) .height_for(rows).

Tables
    Table(name)
        QTableView with rows of 32 px: .set_model(CellModel).
    CellModel([Column(key, title, align="left", width=0, stretch=False), …])
        .set_rows([{column key: Cell}, …], keys) .key_of(row) .row_of(key); signal
        checked_changed(key, bool): answer it with new rows.
    Cell(text, muted="", strong=False, tone="text", badge="", icon="", series=None, checked=None, …)
        What a cell shows. Models of one's own return it for the role CELL.
    Tree(name)
        QTreeView with rows of 24 px and chevrons; a Cell's muted text stands at the right end.
"""

from workbench.app.widgets.badge import Badge, Chip, IconLabel, StatusChip, StatusDot
from workbench.app.widgets.bars import BarRow
from workbench.app.widgets.buttons import Button, IconButton, Link
from workbench.app.widgets.cells import CELL, Cell, CellDelegate
from workbench.app.widgets.checkbox import CheckBox
from workbench.app.widgets.figure import Figure, KeyFigure
from workbench.app.widgets.grid import ThumbnailGrid
from workbench.app.widgets.inputs import Combo, LineField, SearchField, Slider
from workbench.app.widgets.notices import EmptyState, ProblemBox, UndoBar
from workbench.app.widgets.numbers import FloatBox, IntBox
from workbench.app.widgets.page import Page, PageHead
from workbench.app.widgets.panel import Panel
from workbench.app.widgets.progress import ProgressLine
from workbench.app.widgets.section import Section
from workbench.app.widgets.segmented import Segmented
from workbench.app.widgets.series import ClassNumber, SeriesCheck, Swatch
from workbench.app.widgets.splitter import Splitter
from workbench.app.widgets.table import CellModel, Column, Table, Tree
from workbench.app.widgets.text import Label, Rule
from workbench.app.widgets.tiles import ImageTile

__all__ = [
    "CELL",
    "Badge",
    "BarRow",
    "Button",
    "Cell",
    "CellDelegate",
    "CellModel",
    "CheckBox",
    "Chip",
    "ClassNumber",
    "Column",
    "Combo",
    "EmptyState",
    "Figure",
    "FloatBox",
    "IconButton",
    "IconLabel",
    "ImageTile",
    "IntBox",
    "KeyFigure",
    "Label",
    "LineField",
    "Link",
    "Page",
    "PageHead",
    "Panel",
    "ProblemBox",
    "ProgressLine",
    "Rule",
    "SearchField",
    "Section",
    "Segmented",
    "SeriesCheck",
    "Slider",
    "Splitter",
    "StatusChip",
    "StatusDot",
    "Swatch",
    "Table",
    "ThumbnailGrid",
    "Tree",
    "UndoBar",
]
