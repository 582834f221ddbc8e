"""The vocabulary pages are written in. Widgets show and ask; they hold no tensors, files or arithmetic.

Frame
    Page(title, icon, muted="")          a page: `.head` (PageHead), `.content` (layout with the page margin)
    PageHead(title, muted)               56 px: .set_muted .set_badge(Badge) .add_action(Button); signal find_requested
    Panel(title, muted="")               head 40, `.body` (QVBoxLayout), .add_tool(widget), .set_title .set_muted, .footer()
                                         -> QHBoxLayout; padding=0 for tables; double click on the head maximises it
    Section(title, muted="", opened=True)  fold: `.body` (QVBoxLayout), .set_muted; signal toggled(bool)
    Splitter("horizontal"|"vertical", name, sizes=[3, 1])  .add(widget, stretch=0); handle of 16 px; remembered by the window
    Label(text, use="body", tone="text", wrap=False, elide=False)   use: key title figure panel strong body small smallstrong caption
                                         captionstrong path; tone: text text2 muted accent ok warn bad; .set_tone
    Rule()  Rule(vertical=True)          a 1-px line
Ask
    Button(text, icon="", kind="normal"|"filled"|"danger"|"quiet", small=False)      signal clicked
    IconButton(icon, tip, checkable=False)                                          signals clicked, toggled
    Link(text)                           signal clicked
    Segmented([(key, label)…] | [label…])  signal changed(str); .value() .set_value(key) .set_label(key, text)
    CheckBox(text)                       signal toggled(bool)
    SeriesCheck(text, series=0)          legend entry with swatch, marker and check; signal toggled(bool)
    SearchField(placeholder)             signal searched(str), 150 ms after typing stops
    LineField(text="")                   QLineEdit with set_bad(bool)
    Combo([(key, label)…])               signal chosen(str) by the person only; .value() .set_value(key) .set_items(…) .set_bad
    IntBox(low, high, value)  FloatBox   signals value_changed(object), problem_changed(str); .value() -> number | None (out-of-range
                                         numbers are kept and returned), .problem() -> "" or a sentence, .set_value .set_range .set_bad
    Slider(low, high, value)             QSlider, horizontal; signal valueChanged(int)
    Chip(text, removable=True)           filter chip; signal removed()
Tell
    Badge(text, icon="", tone="neutral"|"accent"|"ok"|"warn"|"bad"|"outline")        .set(text, icon, tone)
    StatusChip("running"|"done"|"paused"|"stopped"|"failed"|"waiting"|…, word="")    icon + word + colour; .set_status
    StatusDot(tone)                      8-px dot
    IconLabel(icon, tone="text2", size=16)   a tinted icon; .set(icon, tone)
    Figure(caption, value="–", suffix="")     .set(value, suffix=None); KeyFigure the same at 28 px
    ProgressLine()                       6-px bar; .set_fraction(0…1 | None), .set_tone("accent"|"ok"|"warn"|"bad"|"series1")
    EmptyState(icon, sentence, button="")     signal acted()
    ProblemBox(message, hint="", remedy="")   signal remedied(); .set(message, hint, remedy)
    UndoBar(parent)                      .offer(text, undo) shows a bar with Undo for 10 s; .say(text) without
    Swatch(series)  ClassNumber(number, series)   8-px square; ringed number of a class (series counted from 0)
    BarRow(number, name, series)         probability bar: .set(value, before=None, chosen=False), values 0 to 1
    ImageTile(size=64)                   one uint8 (H, W) image, 255 = ink: .set_image(array | None), .set_chosen, paper=True
                                         for black on white in both schemes; signal clicked()
    ThumbnailGrid(tile=64)               thousands of uint8 images: .set_images(array (N, H, W) | sequence, captions) or
                                         .set_source(count, image_of, caption_of, series_of); signals current_changed(int), activated(int);
                                         .current() .set_current(i) .set_tile(px)
Tables
    Table()                              QTableView with 32-px rows; Tree(): QTreeView with 24-px rows, chevrons
    Cell(text, muted="", strong=False, tone="text", badge="", badge_icon="", badge_tone="neutral", icon="", series=None, align="left",
         checked=None, outlined=())      what an item shows: return it for role CELL and both views paint it
    CellModel(columns)                   ready-made model: .set_rows(list of dict column -> Cell, keys), signal checked_changed(key, bool)
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
