"""A setting is declared once: default, range, sentence, symbol and unit, in one call of `setting`.

From the declaration alone come the form row, the command-line flag, the line of the TOML file, the
manual page and the validation message.

    class MamlConfig(Config, title="MAML"):
        name: Literal["maml"] = "maml"
        inner_lr: float = setting(
            0.1, gt=0, le=10, symbol="α", unit="per step", help="How far one inner step goes."
        )
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic_core import ErrorDetails

from workbench.errors import ConfigError, Problem

ConfigT = TypeVar("ConfigT", bound="Config")

# One of a list of counts, `tuple[Count, ...]`: `ge` of a setting would be asked of the list itself.
Count = Annotated[int, pydantic.Field(ge=1, le=1_000_000)]


class Config(pydantic.BaseModel):
    """A frozen group of settings without unknown keys."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=()
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _split_lists(cls, data: Any) -> Any:
        """Accept `a,b,c` for a list, as it comes from a flag or a form."""
        if not isinstance(data, Mapping):
            return data
        return {key: _as_list(cls, key, value) for key, value in data.items()}


def setting(
    default: Any,
    *,
    help: str,  # noqa: A002 - the word that every reader of a declaration expects
    label: str = "",
    symbol: str = "",
    unit: str = "",
    group: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    suggest: tuple[float, float] | None = None,
    applies: str = "",
    path: bool = False,
    choices: Mapping[str, str] | None = None,
    advanced: bool = False,
) -> Any:
    """Declare one setting.

    Args:
        default: used where nobody says otherwise; None means "as the rest suggests", which `help`
            then explains.
        help: one or two sentences for a person who has not read the paper.
        label: words of the form row; made from the field's name if empty.
        symbol: the paper's letter.
        unit: unit or sense, shown beside the control: "per step", "tasks per step".
        group: title of the form section, for settings of plug-ins ("Inner loop").
        ge, gt, le, lt: the range.
        suggest: the sensible part of the range, for sliders and hints.
        applies: "classification" or "regression" when the setting has no meaning for the other kind
            of data.
        path: the value is a file or folder that a person may browse for.
        choices: for a `Literal`, the words shown for each value.
        advanced: shown folded away.
    """
    extra: dict[str, Any] = {
        "label": label,
        "symbol": symbol,
        "unit": unit,
        "group": group,
        "suggest": list(suggest) if suggest else None,
        "applies": applies,
        "path": path,
        "choices": dict(choices) if choices else None,
        "advanced": advanced,
    }
    # None would be taken for a bound by older pydantic releases, so only what is set is passed.
    bounds: dict[str, Any] = {"ge": ge, "gt": gt, "le": le, "lt": lt}
    return pydantic.Field(
        default,
        description=help,
        validate_default=True,
        json_schema_extra={key: value for key, value in extra.items() if value},
        **{key: value for key, value in bounds.items() if value is not None},
    )


def validate(model: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
    """A config made from nested raw values.

    Raises:
        ConfigError: with every problem, each tied to its dotted key.
    """
    try:
        return model.model_validate(dict(values))
    except pydantic.ValidationError as error:
        raise ConfigError([_problem(model, detail) for detail in error.errors()]) from None


def is_union(annotation: Any) -> bool:
    """Whether a field chooses between several Configs by `name`."""
    return len(option_models(annotation)) > 0 and not is_section(annotation)


def is_section(annotation: Any) -> bool:
    """Whether a field is itself one group of settings, without a choice."""
    return isinstance(annotation, type) and issubclass(annotation, Config)


def option_models(annotation: Any) -> tuple[type[Config], ...]:
    """The Configs that a union field chooses from; a plug-in set of one is such a union too."""
    if is_section(annotation):
        return (annotation,) if "name" in annotation.model_fields else ()
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, typing.Annotated):
        arguments = typing.get_args(annotation)
        return tuple(model for part in arguments for model in option_models(part))
    return ()


def option_name(model: type[Config]) -> str:
    """The value of `name` that selects this Config."""
    return str(model.model_fields["name"].default)


def _as_list(model: type[Config], key: str, value: Any) -> Any:
    field = model.model_fields.get(key)
    if field is None or not isinstance(value, str):
        return value
    if typing.get_origin(field.annotation) is tuple:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _problem(model: type[Config], detail: ErrorDetails) -> Problem:
    location = _setting_path(model, [str(part) for part in detail["loc"]])
    message, hint, remedy = _sentence(location.rsplit(".", 1)[-1], detail)
    return Problem(location, message, hint, remedy)


def _setting_path(model: type[Config], location: list[str]) -> str:
    """The dotted key of an error; pydantic puts the chosen option's name into the path."""
    path: list[str] = []
    current: type[Config] | None = model
    rest = list(location)
    while rest:
        key = rest.pop(0)
        path.append(key)
        field = current.model_fields.get(key) if current else None
        options = option_models(field.annotation) if field else ()
        if field and len(options) > 0 and rest and rest[0] in {option_name(o) for o in options}:
            current = next(o for o in options if option_name(o) == rest[0])
            if not (len(options) == 1 and rest[0] in current.model_fields and len(rest) == 1):
                rest.pop(0)
        elif field and is_section(field.annotation):
            current = typing.cast("type[Config]", field.annotation)
        else:
            break  # what follows are positions inside a list
    return ".".join(path)


def _sentence(key: str, detail: ErrorDetails) -> tuple[str, str, Any]:
    """Message, hint and remedy for one error of pydantic's."""
    words = label_of(key)
    given, context = detail["input"], detail.get("ctx", {})
    bound = next((context[name] for name in ("ge", "le", "gt", "lt") if name in context), None)
    match detail["type"]:
        case "greater_than_equal" | "less_than_equal" | "greater_than" | "less_than" as broken:
            closed = broken.endswith("equal")
            message = f"{words} is {given}; {_BOUNDS[broken]} {bound}."
            return message, "", bound if closed else None
        case "extra_forbidden":
            return f"There is no setting called {key} here.", "Check its spelling.", None
        case "literal_error":
            return f"{words} is {given!r}; it must be {context['expected']}.", "", None
        case "union_tag_invalid" | "union_tag_not_found":
            known = str(context.get("expected_tags", "")).replace("'", "")
            name = context.get("tag", given)
            return f"There is no {words.lower()} called {name!r}.", f"Known: {known}.", None
        case "value_error":
            return str(context.get("error", detail["msg"])), "", None
        case other if other in _TYPES:
            return f"{words} is {given!r}; it must be {_TYPES[other]}.", "", None
        case _:
            return f"{words}: {detail['msg']}.", "", None


_BOUNDS = {
    "greater_than_equal": "the least is",
    "less_than_equal": "the most is",
    "greater_than": "it must be above",
    "less_than": "it must be below",
}
_TYPES = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
}


def label_of(key: str) -> str:
    """Words for a field's name: `inner_lr` gives "Inner lr"."""
    return key.replace("_", " ").capitalize()
