"""The Runs page: all runs in one table, some of them compared, and what can be done with them.

page = RunsPage(context)
page.draw_asked, page.open_asked, page.cloned     what other pages do with a run
"""

from workbench.app.pages.runs.page import RunsPage

__all__ = ["RunsPage"]
