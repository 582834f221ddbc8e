"""Plug-ins are files of a package; looking into it finds them, and nothing else names them.

ALGORITHMS: Registry[type[Algorithm]] = Registry("algorithm", "workbench.algorithms")

@ALGORITHMS.register(Config)
class Maml(Algorithm): ...
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from workbench.errors import ConfigError
from workbench.schema.config import Config, option_name

PluginT = TypeVar("PluginT", bound=type)


class Registry(Generic[PluginT]):
    """The plug-ins of one kind, by name; their files are imported when first asked for.

    Args:
        kind: what one of them is called: "algorithm".
        package: dotted name of the package that holds a file for each.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._plugins: dict[str, tuple[PluginT, type[Config]]] = {}
        self._loaded = False

    def register(self, config: type[Config]) -> Callable[[PluginT], PluginT]:
        """Class decorator: enter a plug-in under the name that its Config states."""

        def enter(plugin: PluginT) -> PluginT:
            name = option_name(config)
            present = self._plugins.get(name)
            if present is not None and present[0].__module__ != plugin.__module__:
                raise ValueError(f"two {self.kind}s are called {name!r}")
            self._plugins[name] = (plugin, config)
            return plugin

        return enter

    def __getitem__(self, name: str) -> PluginT:
        self._load()
        if name not in self._plugins:
            known = ", ".join(self)
            raise ConfigError.of(
                f"{self.kind}.name", f"There is no {self.kind} called {name!r}.", f"Known: {known}."
            )
        return self._plugins[name][0]

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._plugins))

    def config(self, name: str) -> type[Config]:
        """The Config of a plug-in."""
        self[name]
        return self._plugins[name][1]

    def _load(self) -> None:
        if self._loaded:
            return
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        self._loaded = True
