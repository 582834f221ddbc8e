"""The style sheet: colours from the tokens, lengths through `px`.

Nothing else in the window sets a colour or a border.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Template

from workbench.app.theme.tokens import SIZES, Tokens, mix, token_names

_SHEET = """
QToolTip { background: $panel; color: $text; border: 1px solid $ctl; padding: $p4; }
QMainWindow, QDialog { background: $bg; }
QFrame#Panel, QFrame[surface="panel"] { background: $panel; border: 1px solid $border;
  border-radius: $rpanel; }
QFrame#PanelHead { background: transparent; border: 0; border-bottom: 1px solid $border; }
QFrame#PanelHead[plain="true"] { border-bottom: 0; }
QFrame#PanelFoot { background: transparent; border: 0; border-top: 1px solid $border; }
QFrame[surface="inset"] { background: $inset; border: 0; }
QFrame[surface="choice"] { background: $panel; border: 1px solid $border; border-radius: $rpanel; }
QFrame[surface="choice"]:hover { border-color: $ctl; }
QFrame[surface="choice"][chosen="true"] { border: 2px solid $accent; }
QFrame#SectionHead { background: $inset; border: 0; border-top: 1px solid $border; }
QFrame#SectionHead:hover { background: $hover; }
QFrame#SectionHead:focus { border: 2px solid $accent; }
QFrame#Rail { background: $inset; border: 0; border-right: 1px solid $border; }
QFrame#StatusBar { background: $inset; border: 0; border-top: 1px solid $border; }
QFrame#Problem { background: $badsoft; border: 0; border-left: 3px solid $bad;
  border-radius: $rctl; }
QFrame#Hint { background: $warnsoft; border: 0; border-left: 3px solid $warn;
  border-radius: $rctl; }
QFrame#UndoBar { background: $panel; border: 1px solid $ctl; border-radius: $rpanel; }
QFrame#Popup { background: $panel; border: 1px solid $ctl; border-radius: $rpanel; }
QFrame[line="true"] { background: $border; border: 0; }

QLabel { background: transparent; color: $text; }
QLabel[tone="text2"] { color: $text2; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLabel:disabled { color: $muted; }

QPushButton, QToolButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit { outline: 0; }
QPushButton { background: $panel; color: $text; border: 1px solid $ctl; border-radius: $rctl;
  padding: 0 $p11; min-height: $hbutton; max-height: $hbutton; }
QPushButton[small="true"] { min-height: $hsmall; max-height: $hsmall; padding: 0 $p9; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $soft; color: $accent; }
QPushButton:focus { border: 2px solid $accent; padding: 0 $p10; min-height: $hbutton2;
  max-height: $hbutton2; }
QPushButton[small="true"]:focus { min-height: $hsmall2; max-height: $hsmall2; padding: 0 $p8; }
QPushButton:disabled { background: $hover; color: $muted; border-color: $border; }
QPushButton[kind="filled"] { background: $fill; color: $onfill; border-color: $fill; }
QPushButton[kind="filled"]:hover { background: $fillhover; border-color: $fillhover; }
QPushButton[kind="filled"]:focus { border: 2px solid $text; }
QPushButton[kind="filled"]:disabled { background: $hover; color: $muted; border-color: $border; }
QPushButton[kind="danger"] { color: $bad; border-color: $bad; }
QPushButton[kind="danger"]:hover { background: $badsoft; }
QPushButton[kind="danger"]:disabled { color: $muted; border-color: $border; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="link"] { background: transparent; border: 0; border-bottom: 1px solid $ctl;
  border-radius: 0; padding: 0;
  color: $accent; min-height: $p18; max-height: $p18; }
QPushButton[kind="link"]:hover { background: transparent; border-bottom: 2px solid $accent; }
QPushButton[kind="link"]:focus { border: 2px solid $accent; padding: 0; min-height: $p18;
  max-height: $p18; }
QPushButton[kind="link"]:disabled { color: $muted; background: transparent; border-bottom: 0; }
QPushButton[kind="find"] { background: $inset; color: $muted; border-color: $border;
  text-align: left; }
QPushButton[kind="find"]:hover { background: $hover; }

QToolButton { background: transparent; color: $text; border: 1px solid transparent;
  border-radius: $rctl; padding: 0; }
QToolButton:hover { background: $hover; }
QToolButton:checked, QToolButton:pressed { background: $soft; }
QToolButton:focus { border: 2px solid $accent; }
QToolButton:disabled { background: transparent; }

QPushButton[seg="true"] { border-radius: 0; margin: 0; background: $panel; color: $text2;
  padding: 0 $p10;
  min-height: $hseg; max-height: $hseg; border: 1px solid $ctl; border-left: 0; }
QPushButton[seg="true"][place="first"] { border-left: 1px solid $ctl;
  border-top-left-radius: $rctl; border-bottom-left-radius: $rctl; }
QPushButton[seg="true"][place="only"] { border-left: 1px solid $ctl; border-radius: $rctl; }
QPushButton[seg="true"][place="last"] { border-top-right-radius: $rctl;
  border-bottom-right-radius: $rctl; }
QPushButton[seg="true"]:hover { background: $hover; }
QPushButton[seg="true"]:checked { background: $soft; color: $accent; }
QPushButton[seg="true"]:focus { border: 2px solid $accent; padding: 0 $p9; min-height: $hseg2;
  max-height: $hseg2; }
QPushButton[seg="true"]:disabled { background: $hover; color: $muted; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit { background: $panel;
  color: $text; border: 1px solid $ctl;
  border-radius: $rctl; selection-background-color: $fill; selection-color: $onfill; }
QLineEdit, QComboBox, QAbstractSpinBox { min-height: $hcontrol; max-height: $hcontrol; }
QLineEdit, QComboBox { padding: 0 $p7; }
QAbstractSpinBox { padding: 0 $p20 0 $p7; }
QLineEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border-color: $text2; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus,
QPlainTextEdit:focus { border: 2px solid $accent; }
QLineEdit:focus, QComboBox:focus { padding: 0 $p6; min-height: $hcontrol2; max-height: $hcontrol2; }
QAbstractSpinBox:focus { padding: 0 $p19 0 $p6; min-height: $hcontrol2; max-height: $hcontrol2; }
QLineEdit[bad="true"], QComboBox[bad="true"], QAbstractSpinBox[bad="true"] { border: 2px solid $bad;
  min-height: $hcontrol2; max-height: $hcontrol2; }
QLineEdit[bad="true"], QComboBox[bad="true"] { padding: 0 $p6; }
QAbstractSpinBox[bad="true"] { padding: 0 $p19 0 $p6; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { background: $hover;
  color: $muted; border-color: $border; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { border: 0; padding: 0;
  background: transparent; min-height: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { background: transparent; border: 0;
  width: $p20; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox { padding-right: $p4; }
QComboBox::drop-down { border: 0; width: $p24; }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QAbstractItemView { background: $panel; color: $text; border: 1px solid $ctl;
  padding: $p4; outline: 0;
  selection-background-color: $soft; selection-color: $accent; }
QComboBox QAbstractItemView::item { min-height: $p28; padding: 0 $p8; }

QSlider:horizontal { min-height: $p20; max-height: $p20; }
QSlider::groove:horizontal { height: 2px; background: $ctl; border: 0; }
QSlider::sub-page:horizontal { height: 2px; background: $accent; }
QSlider::handle:horizontal { width: $p10; height: $p10; margin: -$p6 0; border: 2px solid $accent;
  border-radius: $rhandle;
  background: $panel; }
QSlider::handle:horizontal:hover { background: $soft; }
QSlider:focus { border: 2px solid $accent; border-radius: $rctl; }
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { border-color: $ctl; background: $hover; }

QAbstractScrollArea { background: transparent; border: 0; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QPlainTextEdit, QTextEdit { background: $panel; border: 1px solid $ctl; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $accent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QAbstractItemView { background: transparent; color: $text; border: 0; outline: 0;
  gridline-color: $border;
  selection-background-color: $soft; selection-color: $text; alternate-background-color: $inset; }
QTableView::item, QTreeView::item, QListView::item { border: 0; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $soft;
  color: $text; }
QTreeView::branch { background: transparent; }
QHeaderView { background: $inset; border: 0; }
QHeaderView::section { background: $inset; color: $text2; border: 0;
  border-bottom: 1px solid $border; padding: 0 $p8; }
QHeaderView::section:hover { background: $hover; }
QTableCornerButton::section { background: $inset; border: 0; }
QScrollBar:vertical { width: $p12; background: transparent; border: 0; margin: 0; }
QScrollBar:horizontal { height: $p12; background: transparent; border: 0; margin: 0; }
QScrollBar::handle { background: $thumb; border-radius: $p3; margin: $p3; }
QScrollBar::handle:hover { background: $ctl; }
QScrollBar::handle:vertical { min-height: $p32; }
QScrollBar::handle:horizontal { min-width: $p32; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; background: transparent; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $hover; }
QMenu { background: $panel; color: $text; border: 1px solid $ctl; padding: $p4; }
QMenu::item { padding: $p6 $p24 $p6 $p12; border-radius: $rctl; }
QMenu::item:selected { background: $soft; color: $accent; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: $p4 0; }
QTabWidget::pane { border: 0; }
QTabBar::tab { background: transparent; color: $text2; padding: $p8 $p12; border: 0;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $accent; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }
"""


def style_sheet(tokens: Tokens, px: Callable[[float], int]) -> str:
    """The whole style sheet for one colour scheme, lengths through `px`."""
    values = {name: getattr(tokens, name) for name in token_names()}
    values |= {f"p{n}": f"{px(n)}px" for n in range(2, 33)}
    values["fillhover"] = mix(tokens.fill, "#000000", 0.12)
    values["thumb"] = mix(tokens.ctl, tokens.panel, 0.4)
    values["rpanel"] = f"{px(SIZES.radius_panel)}px"
    values["rctl"] = f"{px(SIZES.radius_control)}px"
    values["rhandle"] = f"{(px(10) + 4) // 2}px"
    # Qt counts the border on top of the height.
    values["hbutton"] = f"{px(SIZES.button) - 2}px"
    values["hbutton2"] = f"{px(SIZES.button) - 4}px"
    for name in ("hsmall", "hseg", "hcontrol"):
        values[name] = f"{px(SIZES.control) - 2}px"
        values[name + "2"] = f"{px(SIZES.control) - 4}px"
    return Template(_SHEET).substitute(values)
