"""The manual's pages, in Markdown, from the catalogue alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from workbench.schema.catalogue import PLUGIN_ROOTS, Catalogue
from workbench.schema.presets import ALGORITHM
from workbench.schema.rows import Option, Row
from workbench.schema.values import as_text

NOTE = "<!-- Made by `make catalogue` from the declarations; edit those. -->"
_TITLES = {
    "dataset": "Data sets",
    "algorithm": "Algorithms",
    "backbone": "Networks",
    "sampler": "Task samplers",
}
NORMALISATION = "Normalisation"
MODES = """Where mean and variance come from:

- `support`: the support set alone; most methods.
- `support_plus_one`: the support set and the one query that is asked; most methods.
- `query_batch`: all queries of the task, and the support set where methods compare; all methods.
- `running`: averages collected in training; methods that compare, in evaluation.
- `per_step`: such averages, one set for each inner step; MAML++.

*Inductive*: an answer does not hang on which other queries are asked. *Transductive*: it does, as
all queries are normalised together. Every evaluation reports both; where `norm.eval` is
`query_batch`, the inductive figure and all drawings use `support`. Defaults and choices above are
MAML's; `train --algorithm NAME --help` shows those of another method."""


def manual(catalogue: Catalogue) -> dict[str, str]:
    """Every page by file name: one for each kind of plug-in, one for the experiment, an index."""
    pages = {f"{root}s.md": _plugins(catalogue, root) for root in PLUGIN_ROOTS}
    pages["settings.md"] = _settings(catalogue)
    pages["index.md"] = _index(catalogue)
    return pages


def option_page(catalogue: Catalogue, root: str, option: Option) -> str:
    """What there is to know of one plug-in; also what `describe` prints."""
    lines = [f"## {option.title}", "", f"`--{root} {option.name}`", "", option.summary]
    if option.choose_when:
        lines += ["", f"Choose it when: {option.choose_when}"]
    facts = [
        ("Family", option.family),
        ("Holds", option.holds),
        ("Works on", " and ".join(option.kinds) or option.kind),
        ("Source", option.source),
        ("Licence", option.licence),
        ("Citation", option.citation),
    ]
    if option.paper:
        facts.append(("Paper", f"[{option.paper.label}]({option.paper.url})"))
    lines += ["", *(f"- {word}: {value}" for word, value in facts if value)]
    if option.recommended:
        said = ", ".join(f"`{key}` {as_text(value)}" for key, value in option.recommended.items())
        lines.append(f"- Recommends, where nobody says otherwise: {said}")
    if root == "algorithm":
        own = [one.name for one in catalogue.presets(option.name) if ALGORITHM in one.values]
        lines.append("- Presets: " + ", ".join(f"`--preset {name}`" for name in own))
    rows = rows_of(catalogue, root, option)
    if rows:
        lines += ["", *_table(rows)]
    return "\n".join(lines) + "\n"


def rows_of(catalogue: Catalogue, root: str, option: Option) -> list[Row]:
    """The settings of one plug-in, for every kind of data that it does, without the row that
    chooses it."""
    rows: dict[str, Row] = {}
    chosen: dict[str, object] = {f"{root}.name": option.name}
    for dataset in _one_of_each_kind(catalogue, root, option):
        for row in catalogue.rows({**chosen, **dataset}):
            rows.setdefault(row.key, row)
            if row.union and row.key.startswith(f"{root}.") and row.key not in chosen:
                for name, _ in row.choices:
                    inside = catalogue.rows({**chosen, **dataset, row.key: name})
                    rows |= {one.key: one for one in inside if one.key not in rows}
    return [r for key, r in rows.items() if key.startswith(f"{root}.") and key != f"{root}.name"]


def _one_of_each_kind(
    catalogue: Catalogue, root: str, option: Option
) -> Iterable[Mapping[str, object]]:
    """The choice of a data set of each kind that a plug-in does; a data set stands for itself."""
    if root == "dataset":
        return [{}]
    found: dict[str, Mapping[str, object]] = {}
    for kind in option.kinds or [one.kind for one in catalogue.options("dataset")]:
        for dataset in catalogue.options("dataset"):
            if dataset.kind == kind:
                found.setdefault(kind, {"dataset.name": dataset.name})
    return list(found.values()) or [{}]


def _plugins(catalogue: Catalogue, root: str) -> str:
    options = catalogue.options(root)
    parts = [option_page(catalogue, root, option) for option in options]
    return "\n".join([f"# {_TITLES[root]}", "", NOTE, "", *parts])


def _settings(catalogue: Catalogue) -> str:
    lines = ["# Settings of every experiment", "", NOTE]
    fixed = [row for row in catalogue.rows({}) if row.key.split(".")[0] not in PLUGIN_ROOTS]
    for section in dict.fromkeys(row.section for row in fixed):
        rows = [row for row in fixed if row.section == section]
        lines += ["", f"## {section}", "", *_table(row for row in rows if not _inside_option(row))]
        for row in rows:
            if row.union:
                lines += _choices(catalogue, row)
        if section == NORMALISATION:
            lines += ["", MODES]
    return "\n".join(lines) + "\n"


def _choices(catalogue: Catalogue, row: Row) -> list[str]:
    key = row.key.removesuffix(".name")
    lines = []
    for option in catalogue.options(key):
        rows = catalogue.rows({row.key: option.name})
        own = [r for r in rows if r.key.startswith(f"{key}.") and r.key != row.key]
        lines += ["", f"### {row.label}: {option.title}", "", f"`--{key} {option.name}`", ""]
        lines += [option.summary, "", *(_table(own) if own else [])]
    return lines


def _inside_option(row: Row) -> bool:
    return row.key.count(".") > 1 and not row.union


def _index(catalogue: Catalogue) -> str:
    lines = ["# Manual", "", NOTE, ""]
    for root in PLUGIN_ROOTS:
        titles = ", ".join(option.title for option in catalogue.options(root))
        lines.append(f"- [{_TITLES[root]}]({root}s.md): {titles}")
    lines.append("- [Settings of every experiment](settings.md)")
    lines += ["", "## Presets", ""]
    for preset in catalogue.presets():
        if ALGORITHM not in preset.values:
            lines.append(f"- `--preset {preset.name}` {preset.title}: {preset.summary}")
    lines += ["", "Each algorithm has presets of its own; its page and `list presets` name them."]
    return "\n".join(lines) + "\n"


def _table(rows: Iterable[Row]) -> Sequence[str]:
    lines = ["| setting | default | range | meaning |", "|---|---|---|---|"]
    for row in rows:
        flag = row.key.removesuffix(".name") if row.union else row.key
        allowed = ", ".join(f"`{value}`" for value, _ in row.choices) or row.range_words
        default = as_text(row.default) or "empty"
        lines.append(f"| `{flag}` | {default} | {allowed} | {_meaning(row)} |")
    return lines


def _meaning(row: Row) -> str:
    symbol = f" ({row.symbol})" if row.symbol else ""
    unit = f" Unit: {row.unit}." if row.unit else ""
    return f"{row.label}{symbol}. {row.help}{unit}".replace("|", "\\|")
