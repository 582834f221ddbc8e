"""A Config as plain data: what the window, `--help` and `list` read without importing a plug-in.

The catalogue is one tree of fields. A field is a dictionary with

    key         last part of its dotted key
    type        int, float, bool, str, path, choice, ints, floats, strings; section, or union
    label, help, symbol, unit, group, applies, suggest, advanced     as declared; absent when empty
    default     absent for section; the option's name for union
    nullable    true where None ("as the rest suggests") is allowed
    ge, gt, le, lt                                                   the range; absent when open
    choices     [[value, words], …] for choice
    fields      of a section
    options     of a union: [{name, title, summary, fields, …what a plug-in says of itself}, …]
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal

import annotated_types
from pydantic.fields import FieldInfo

from workbench.schema.config import (
    Config,
    is_section,
    is_union,
    label_of,
    option_models,
    option_name,
)

FieldTree = dict[str, Any]
About = Callable[
    [str, str], Mapping[str, Any]
]  # (root key, plug-in name) -> what it says of itself

VERSION = 1


def describe(model: type[Config], about: About) -> dict[str, Any]:
    """The catalogue of an experiment model.

    Args:
        model: made by `experiment_model`.
        about: title, family, summary and the like of the plug-ins at the root.
    """
    fields = [_field(key, field, about) for key, field in model.model_fields.items()]
    return {"version": VERSION, "fields": fields}


def _nothing(*_: str) -> Mapping[str, Any]:
    return {}


def _fields(model: type[Config]) -> list[FieldTree]:
    return [_field(k, f, _nothing) for k, f in model.model_fields.items() if k != "name"]


def _field(key: str, field: FieldInfo, about: About) -> FieldTree:
    extra = field.json_schema_extra
    declared: dict[str, Any] = dict(extra) if isinstance(extra, Mapping) else {}
    annotation, nullable = _without_none(field.annotation)
    words = declared.pop("choices", None)
    tree: FieldTree = {"key": key, "label": declared.pop("label", label_of(key))}
    if field.description:
        tree["help"] = field.description
    if is_section(annotation) and "name" not in annotation.model_fields:
        title = annotation.model_config.get("title") or label_of(key)
        return {
            **tree,
            "label": title,
            "type": "section",
            "help": _first_line(annotation),
            "fields": _fields(annotation),
        }
    if is_union(annotation) or is_section(annotation):
        options = [_option(key, option, about) for option in option_models(annotation)]
        return {**tree, "type": "union", "default": field.default.name, "options": options}
    tree["type"] = "path" if declared.pop("path", False) else _type(annotation)
    tree["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    if tree["type"] == "choice":
        values = typing.get_args(annotation)
        tree["choices"] = [
            [value, (words or {}).get(value, label_of(str(value)))] for value in values
        ]
    if nullable:
        tree["nullable"] = True
    return {**tree, **_range(field), **declared}


def _option(key: str, model: type[Config], about: About) -> dict[str, Any]:
    name = option_name(model)
    own = {
        "title": model.model_config.get("title") or label_of(name),
        "summary": _first_line(model),
    }
    return {"name": name, **own, **about(key, name), "fields": _fields(model)}


def _first_line(model: type[Config]) -> str:
    own = model.__dict__.get("__doc__") or ""
    return str(own).strip().split("\n", 1)[0]


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _type(annotation: Any) -> str:
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return "choice"
    if origin is tuple:
        inner = typing.get_args(annotation)[0]
        parts = (inner, *typing.get_args(inner))
        return "ints" if int in parts else "floats" if float in parts else "strings"
    return {int: "int", float: "float", bool: "bool", str: "str"}[annotation]


def _of_each(annotation: Any) -> list[Any]:
    """The bounds of one of a list."""
    if typing.get_origin(annotation) is not tuple:
        return []
    inner = getattr(typing.get_args(annotation)[0], "__metadata__", ())
    return [bound for part in inner for bound in getattr(part, "metadata", [part])]


def _range(field: FieldInfo) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in [*field.metadata, *_of_each(field.annotation)]:
        for name, kind in (
            ("ge", annotated_types.Ge),
            ("gt", annotated_types.Gt),
            ("le", annotated_types.Le),
            ("lt", annotated_types.Lt),
        ):
            if isinstance(part, kind):
                found[name] = getattr(part, name)
    return found
