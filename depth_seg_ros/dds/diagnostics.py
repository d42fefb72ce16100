"""/diagnostics: statuses of a node as the bytes of a diagnostic_msgs/DiagnosticArray."""

from __future__ import annotations

from collections.abc import Mapping

from depth_seg_ros.messages.cdr import ros_header, serialize_message
from depth_seg_ros.messages.payloads import Header
from depth_seg_ros.messages.topics import DIAGNOSTICS
from depth_seg_ros.messages.typestore import message_class
from depth_seg_ros.perception.health import Status
from depth_seg_ros.perception.wording import status_name


def diagnostic_array(
    stamp_ns: int, node: str, hardware: str, statuses: Mapping[str, Status]
) -> bytes:
    """CDR bytes of the statuses, by name."""
    key_value = message_class("diagnostic_msgs/msg/KeyValue")
    status = message_class("diagnostic_msgs/msg/DiagnosticStatus")
    listed = [
        status(
            level=s.level,
            name=status_name(node, name),
            message=s.message,
            hardware_id=hardware,
            values=[key_value(k, v) for k, v in s.values.items()],
        )
        for name, s in statuses.items()
    ]
    message = message_class(DIAGNOSTICS.message)(ros_header(Header(stamp_ns, "")), listed)
    return bytes(serialize_message(message, DIAGNOSTICS.message))
