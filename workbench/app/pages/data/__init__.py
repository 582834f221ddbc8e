"""The Data page."""

from workbench.app.pages.data.page import DataPage

__all__ = ["DataPage"]
