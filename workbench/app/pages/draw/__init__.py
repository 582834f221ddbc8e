"""The Draw page: teach a model a few characters, ask it about a new one."""

from workbench.app.pages.draw.page import DrawPage

__all__ = ["DrawPage"]
