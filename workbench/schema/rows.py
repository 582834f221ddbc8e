"""What the catalogue hands out: rows of a form, options of a choice, presets. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from workbench.schema.nouns import Words, size

RowType = Literal["int", "float", "bool", "str", "path", "choice", "ints", "floats", "strings"]


@dataclass(frozen=True)
class Row:
    """One setting that applies.

    Attributes:
        key: dotted key; of a choice between options the one that ends in `.name`.
        label, help, symbol, unit: words, as declared.
        type: what the control takes; "ints", "floats" and "strings" are tuples.
        section: title of the top-level group: "Task", "Outer loop", "Algorithm".
        group: title of the form section: a plug-in's own ("Inner loop"), otherwise `section`.
        default: the effective one, with recommendations.
        ge, gt, le, lt: the range; None is open.
        suggest: the sensible part of the range.
        choices: (value, words) for "choice".
        nullable: None is allowed and means "as the rest suggests".
        union: the choice decides which rows follow.
    """

    key: str
    label: str
    type: RowType
    help: str = ""
    symbol: str = ""
    unit: str = ""
    section: str = ""
    group: str = ""
    default: Any = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    suggest: tuple[float, float] | None = None
    choices: tuple[tuple[Any, str], ...] = ()
    nullable: bool = False
    advanced: bool = False
    union: bool = False

    @classmethod
    def of(cls, key: str, declared: Mapping[str, Any], section: str, default: Any) -> Self:
        """From the catalogue's file."""
        return cls(
            key=key,
            label=declared["label"],
            type=declared["type"],
            help=declared.get("help", ""),
            symbol=declared.get("symbol", ""),
            unit=declared.get("unit", ""),
            section=section,
            group=declared.get("group", section),
            default=tuple(default) if isinstance(default, list) else default,
            ge=declared.get("ge"),
            gt=declared.get("gt"),
            le=declared.get("le"),
            lt=declared.get("lt"),
            suggest=tuple(declared["suggest"]) if declared.get("suggest") else None,
            choices=tuple((value, words) for value, words in declared.get("choices", ())),
            nullable=declared.get("nullable", False),
            advanced=declared.get("advanced", False),
        )

    @property
    def path(self) -> bool:
        """Whether the value is a file or folder that a person may browse for."""
        return self.type == "path"

    @property
    def range_words(self) -> str:
        """The range for a person: "1 – 19", "above 0, up to 10", "1 or more"; empty when open."""
        low, high = _bound(self.ge, self.gt, "above "), _bound(self.le, self.lt, "below ")
        if not low and not high:
            return ""
        if not high:
            return low if self.ge is None else f"{low} or more"
        if not low:
            return high if self.le is None else f"up to {high}"
        if self.ge is not None and self.le is not None:
            return f"{low} – {high}"
        first = low if self.ge is None else f"from {low}"
        return f"{first}, {high if self.le is None else f'up to {high}'}"


@dataclass(frozen=True)
class Paper:
    """Where a method was published."""

    label: str
    year: int
    url: str


@dataclass(frozen=True)
class Option:
    """One plug-in, or one option of a smaller choice.

    Attributes:
        name: what the settings say.
        title, family, summary, choose_when: words for a person.
        paper: None where there is none.
        traits: what it promises.
        kind: of a data set: "classification" or "regression"; empty else.
        kinds: which kinds of data it can do; empty means any.
        any_way: whether it may be tested with another number of ways than it was trained with.
        norm_train, norm_eval: of an algorithm, where normalisation may take its statistics from;
            empty is any.
        importance: of a sampler, whether it weighs the tasks of a step.
        recommended: dotted settings it asks for where nobody says otherwise.
        facts: of a data set, what is known before it is loaded: `noun` ("character"), `group`
            ("alphabet") and `image` ("drawer"), words for a class, what classes are grouped by, and
            one image of a class; `images_per_class`, a number or the name of the setting that says
            it; `files`, a piece of the names under which it is published; `endings`, of the only
            files that it reads; `required`, the settings that may not be empty, each with a hint;
            `scripted`, that only a script can bring it; `standard`, that the field compares by it;
            `columns`, one of which a table (.csv) has that it reads;
            `channels`, of its images where they are always coloured; `published`, how many
            `classes`, `images` and `bytes` to fetch it has as published.
        source, licence, citation: of a data set.
    """

    name: str
    title: str
    summary: str = ""
    family: str = ""
    choose_when: str = ""
    paper: Paper | None = None
    traits: tuple[str, ...] = ()
    kind: str = ""
    kinds: tuple[str, ...] = ()
    norm_train: tuple[str, ...] = ()
    norm_eval: tuple[str, ...] = ()
    any_way: bool = False
    importance: bool = False
    recommended: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    licence: str = ""
    citation: str = ""
    fields: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Option:
        """An option from its entry in the catalogue."""
        paper = tree.get("paper")
        return cls(
            name=tree["name"],
            title=tree["title"],
            summary=tree.get("summary", ""),
            family=tree.get("family", ""),
            choose_when=tree.get("choose_when", ""),
            paper=Paper(**paper) if paper else None,
            traits=tuple(tree.get("traits", ())),
            kind=tree.get("kind", ""),
            kinds=tuple(tree.get("kinds", ())),
            norm_train=tuple(tree.get("norm_train", ())),
            norm_eval=tuple(tree.get("norm_eval", ())),
            any_way=tree.get("any_way", False),
            importance=tree.get("importance", False),
            recommended=tree.get("recommended", {}),
            facts=tree.get("facts", {}),
            source=tree.get("source", ""),
            licence=tree.get("licence", ""),
            citation=tree.get("citation", ""),
            fields=tuple(tree["fields"]),
        )

    @property
    def holds(self) -> str:
        """What a data set has as it is published: "47 classes, 5,640 images, 625 MB"."""
        known = self.facts.get("published")
        if not known:
            return ""
        classes = Words.of(self.facts).count(known["classes"])
        return f"{classes}, {known['images']:,} images, {size(known['bytes'])}"

    def does(self, kind: str) -> bool:
        """Whether it can work on data of this kind."""
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True)
class Preset:
    """A named set of settings, from `resources/presets`."""

    name: str
    title: str
    summary: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class DataFacts:
    """What is known of a data set, for checks before a run starts. None and absent are "not known".

    Attributes:
        images_per_class: of its smallest class.
        classes: per split.
    """

    images_per_class: int | None = None
    classes: Mapping[str, int] = field(default_factory=dict)


def number(value: float) -> str:
    """A bound or default in words: 1,000 and 0.001, never 1000.0."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:g}"


def _bound(closed: float | None, opened: float | None, word: str) -> str:
    if closed is not None:
        return number(closed)
    return f"{word}{number(opened)}" if opened is not None else ""
