"""Colours, type and icons; they follow the system or the person's choice, and change while the
window is open.

    apply(app, scheme="system", scale=100)    once, and again whenever the person chooses otherwise
    theme()                                   the Theme: .tokens .px(8) .font("small")
                                              .colour("accent"), signal .changed
    icon("play", "text2", 16)                 a tinted Lucide icon

A widget that paints or measures itself derives from `Themed` and does so in `retheme()`.
"""

from workbench.app.theme.icons import icon, pixmap
from workbench.app.theme.style import apply
from workbench.app.theme.theme import Theme, Themed, theme

__all__ = ["Theme", "Themed", "apply", "icon", "pixmap", "theme"]
