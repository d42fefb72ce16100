"""What a parameter of a node is, and how a configuration declares one.

A configuration is a frozen dataclass; its field ``depth_encoding`` is the ROS parameter
``depth.encoding`` where the declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.limits import LIMITS

Value = bool | int | float | str
_METADATA = "parameter"


@dataclass(frozen=True)
class Parameter:
    """One ROS parameter.

    name: as ROS sees it (dots make groups).
    range: inclusive (lowest, highest) of a number; None = anything.
    choices: allowed strings; empty = anything.
    fixed: why it cannot change while the node is configured; empty = it can, at any time.
    """

    name: str
    default: Value
    description: str
    range: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    fixed: str = ""

    @property
    def type_name(self) -> str:
        """``bool``, ``int``, ``double`` or ``string``, as ROS calls them."""
        return {bool: "bool", int: "int", float: "double", str: "string"}[type(self.default)]

    def check(self, value: object) -> str:
        """Why ``value`` cannot be taken; empty if it can."""
        if type(value) is not type(self.default):
            return f"{self.name} is a {self.type_name}, not {type(value).__name__} {value!r}"
        if self.choices and value not in self.choices:
            return f"{self.name} is {value!r}; known: {', '.join(self.choices)}"
        if self.range is not None and isinstance(value, (int, float)):
            low, high = self.range
            if not low <= value <= high:  # also refuses NaN
                return f"{self.name} is {value}; allowed: {low:g} to {high:g}"
        return ""


@dataclass(frozen=True)
class Config:
    """The parameters of a node: every field is a :func:`parameter`."""

    def problem(self) -> str:
        """Why these values cannot be taken together; empty if they can."""
        return ""


def parameter(
    name: str,
    default: Value,
    description: str,
    *,
    limit: str = "",
    choices: tuple[str, ...] = (),
    fixed: str = "",
) -> Any:
    """A dataclass field that declares a parameter; limit: the name of its range in LIMITS."""
    range = LIMITS[limit].bounds if limit else None
    declared = Parameter(name, default, description, range, choices, fixed)
    if problem := declared.check(default):
        raise ConfigError(f"bad default: {problem}")
    return field(default=default, metadata={_METADATA: declared})


def declarations(config: type[Any]) -> Iterator[tuple[str, Parameter]]:
    """(field name, parameter) of every parameter of a configuration, in order."""
    for f in fields(config):
        yield f.name, _declared(f)


def _declared(f: Field[Any]) -> Parameter:
    parameter = f.metadata.get(_METADATA)
    if not isinstance(parameter, Parameter) or f.default is MISSING:
        raise ConfigError(f"field {f.name} declares no parameter")
    return parameter
