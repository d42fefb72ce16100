"""A lifecycle node that survives a request it cannot follow.

rclpy raises in its own service where a transition does not exist in the current state (activate
while unconfigured), which ends the node. C++ nodes answer that it did not succeed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lifecycle_msgs.srv import GetAvailableTransitions
from rclpy.lifecycle import LifecycleNode


def forbid_impossible_transitions(node: LifecycleNode) -> None:
    """Answer such a request with success false, and one line in the log."""
    for service in node.services:
        if service.srv_name.endswith("/change_state"):
            service.callback = _guarded(node, service.callback)


def _guarded(node: LifecycleNode, change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def on_change(request: Any, response: Any) -> Any:
        asked, possible = request.transition, _possible(node)
        # rclpy looks the id up by the label, where there is one.
        if asked.label in possible or (not asked.label and asked.id in possible.values()):
            return change(request, response)
        node.get_logger().error(
            f"transition {asked.label or asked.id} is not possible now; possible: "
            f"{', '.join(sorted(possible)) or 'none'}"
        )
        response.success = False
        return response

    return on_change


def _possible(node: LifecycleNode) -> dict[str, int]:
    """Label -> id of the transitions out of the current state, by the node's own service."""
    service = next(s for s in node.services if s.srv_name.endswith("/get_available_transitions"))
    answer = service.callback(GetAvailableTransitions.Request(), GetAvailableTransitions.Response())
    return {t.transition.label: t.transition.id for t in answer.available_transitions}
