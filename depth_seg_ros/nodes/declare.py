"""Hands the declarations of :mod:`depth_seg_ros.nodes.parameters` to rclpy and watches changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.nodes.parameters.declaration import Config, Parameter, declarations

C = TypeVar("C", bound=Config)

_RCLPYS = ("use_sim_time", "start_type_description_service")
"""Parameters that rclpy declares by itself."""


class NodeParameters(Generic[C]):
    """The current configuration of a node, kept equal to its ROS parameters.

    locked: asked at each change; while it says True, parameters declared ``fixed`` are refused
        with the reason of their declaration.
    changed: told the new configuration after each accepted change.
    refusal: asked before a change whether the node can take it; why not, empty if it can.
    """

    def __init__(
        self,
        node: Node,
        config: type[C],
        locked: Callable[[], bool],
        changed: Callable[[C], None] = lambda _: None,
        refusal: Callable[[C], str] = lambda _: "",
    ) -> None:
        """Declare everything; ConfigError with one line where a given value is refused."""
        self._by_name = {p.name: (attribute, p) for attribute, p in declarations(config)}
        self._locked = locked
        _take_whole_numbers(node, [p for _, p in self._by_name.values()])
        self._changed, self._refuses = changed, refusal
        values = {a: _declare(node, p) for a, p in self._by_name.values()}
        self.config: C = config(**values)
        if problem := self.config.problem():
            raise ConfigError(f"parameter {problem}")
        for told in strangers(given_parameters(node), list(self._by_name)):
            node.get_logger().warning(told)
        node.add_on_set_parameters_callback(self._on_set)

    def _on_set(self, parameters: Sequence[RosParameter]) -> SetParametersResult:
        changes: dict[str, Any] = {}
        for given in parameters:
            if given.name not in self._by_name:
                continue  # use_sim_time, QoS overrides: rclpy's own
            attribute, declared = self._by_name[given.name]
            if reason := self._refusal(attribute, declared, given.value):
                return SetParametersResult(successful=False, reason=reason)
            changes[attribute] = given.value
        if changes:
            changed = replace(self.config, **changes)
            if reason := changed.problem() or self._refuses(changed):
                return SetParametersResult(successful=False, reason=reason)
            self.config = changed
            self._changed(changed)
        return SetParametersResult(successful=True)

    def _refusal(self, attribute: str, declared: Parameter, value: object) -> str:
        if declared.fixed and self._locked() and value != getattr(self.config, attribute):
            return f"{declared.name} cannot change now: {declared.fixed}"
        return declared.check(value)


def given_parameters(node: Node) -> Mapping[str, RosParameter]:
    """What command line and parameter files give this node, declared or not."""
    found: Mapping[str, RosParameter] = getattr(node, "_parameter_overrides", {})
    return found


def strangers(given: Iterable[str], declared: Sequence[str]) -> Iterator[str]:
    """A line for each given parameter that the node does not have: a misspelt one has no effect."""
    for name in given:
        if name in declared or name in _RCLPYS or name.startswith("qos_overrides."):
            continue
        near = get_close_matches(name, declared, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield f"parameter {name} is given but this node has no such parameter{hint}"


def _take_whole_numbers(node: Node, parameters: Iterable[Parameter]) -> None:
    """A params file that says 5 means 5.0 where a double is declared."""
    given = getattr(node, "_parameter_overrides", {})
    for p in parameters:
        value = given[p.name].value if p.name in given else None
        if p.type_name == "double" and type(value) is int:
            given[p.name] = RosParameter(p.name, RosParameter.Type.DOUBLE, float(value))


def _declare(node: Node, p: Parameter) -> Any:
    """Declare one parameter and return its (possibly overridden) value."""
    try:
        value = node.declare_parameter(p.name, p.default, _descriptor(p)).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as e:
        raise ConfigError(f"parameter {p.name}: {e}") from e
    if problem := p.check(value):
        raise ConfigError(f"parameter {problem}")
    return value


def _descriptor(p: Parameter) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(description=p.description)
    if p.choices:
        descriptor.additional_constraints = "one of: " + ", ".join(p.choices)
    if p.fixed:
        descriptor.additional_constraints += ("; " if p.choices else "") + f"fixed: {p.fixed}"
    if p.range is not None and p.type_name == "int":
        low, high = (int(v) for v in p.range)
        descriptor.integer_range = [IntegerRange(from_value=low, to_value=high, step=0)]
    elif p.range is not None:
        # Unchecked messages send the bytes of a Python int as if they were a double's.
        lowest, highest = (float(v) for v in p.range)
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=lowest, to_value=highest, step=0.0)
        ]
    return descriptor
