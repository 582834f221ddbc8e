"""What every page is given: the few things that the whole window shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.app.draft import Draft
    from workbench.app.engine_link import EngineLink
    from workbench.app.window import MainWindow
    from workbench.schema.catalogue import Catalogue
    from workbench.store import Store


@dataclass(frozen=True)
class Context:
    """Attributes:
    link: asks the worker.
    store: the runs on disk.
    catalogue: every setting there is, with its default.
    draft: the experiment being prepared, shared by Data, Train and Draw.
    shell: the window: `add_message`, `show_page`, `set_run_state`.
    """

    link: EngineLink
    store: Store
    catalogue: Catalogue
    draft: Draft
    shell: MainWindow
