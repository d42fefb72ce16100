"""/diagnostics: statuses of a node as a diagnostic_msgs/DiagnosticArray.

What the statuses say is not decided here: a :class:`Health` is given to the participant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from depth_seg_ros.messages.cdr import serialize_message
from depth_seg_ros.messages.payloads import split_stamp
from depth_seg_ros.messages.topics import DIAGNOSTICS
from depth_seg_ros.messages.typestore import message_class

if TYPE_CHECKING:
    from depth_seg_ros.dds.perception import Perception


class Status(Protocol):
    """One line for people, and the numbers behind it. level: 0 ok, 1 warn, 2 error, 3 stale."""

    @property
    def level(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def values(self) -> Mapping[str, str]: ...


class Health(Protocol):
    """Watches arrivals and words the state of the participant."""

    def arrived(self, stamp_ns: int) -> None:
        """An image has come; called on the receiving thread."""

    def statuses(self, perception: Perception) -> Mapping[str, Status]:
        """Name of each status -> status."""


def diagnostic_array(
    stamp_ns: int, node: str, hardware: str, statuses: Mapping[str, Status]
) -> bytes:
    """CDR bytes; a status is called ``<node>: <name>``, as diagnostic_updater does."""
    header = message_class("std_msgs/msg/Header")(
        message_class("builtin_interfaces/msg/Time")(*split_stamp(stamp_ns)), ""
    )
    key_value = message_class("diagnostic_msgs/msg/KeyValue")
    status = message_class("diagnostic_msgs/msg/DiagnosticStatus")
    listed = [
        status(
            level=s.level,
            name=f"{node}: {name}",
            message=s.message,
            hardware_id=hardware,
            values=[key_value(k, v) for k, v in s.values.items()],
        )
        for name, s in statuses.items()
    ]
    message = message_class(DIAGNOSTICS.message)(header, listed)
    return bytes(serialize_message(message, DIAGNOSTICS.message))
