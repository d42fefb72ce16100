"""Quality of service between a camera, a perception and its subscribers: what to ask for, what does
not match, and what to do where images get lost."""

from __future__ import annotations

from collections.abc import Collection

AUTO, RELIABLE, BEST_EFFORT = CHOICES = ("auto", "reliable", "best_effort")

BUFFER = 8 << 20
"""Bytes of a receive socket's buffer that holds several large images."""

_SYSCTL = f"`sudo sysctl -w net.core.rmem_max={BUFFER}`"

CYCLONE_URI = (
    '<CycloneDDS><Domain Id="any"><Internal><SocketReceiveBufferSize min="8MB"/></Internal>'
    "</Domain></CycloneDDS>"
)
"""Cyclone asks for 1 MB by itself, however much the system would give."""

FASTDDS_PROFILES = "config/fastdds_large_images.xml"
"""Of this package. Fast DDS's shared memory holds 512 kB by itself."""

_RECIPES = {
    "rmw_cyclonedds_cpp": f"{_SYSCTL} and CYCLONEDDS_URI='{CYCLONE_URI}' for this node",
    "rmw_fastrtps_cpp": (
        f"{_SYSCTL} and FASTRTPS_DEFAULT_PROFILES_FILE (Kilted: FASTDDS_DEFAULT_PROFILES_FILE) = "
        f"this package's {FASTDDS_PROFILES}, for camera and node"
    ),
}


def ask_reliable(choice: str, publishers: Collection[bool]) -> bool:
    """Whether to subscribe reliable; ``publishers``: for each one there is, whether it offers that.

    auto: where every publisher does. A reliable reader never matches a best-effort publisher.
    """
    if choice == AUTO:
        return bool(publishers) and all(publishers)
    return choice == RELIABLE


def cure(middleware: str, reliable: bool) -> str:
    """What to do about lost images, in one line. middleware: rcl's name of it."""
    recipe = _RECIPES.get(middleware, _SYSCTL)
    if reliable:
        return f"give the camera's publisher a deeper history, or receive sockets room: {recipe}"
    return (
        "let the camera publish reliable, or compressed images, or give receive sockets room: "
        f"{recipe}"
    )


def refused_publisher(topic: str, policy: str) -> str:
    """Words for a publisher that offers less than is asked for."""
    return f"a publisher on {topic} offers an incompatible QoS ({policy.upper()}): nothing arrives"


def refused_subscriber(topic: str, policy: str) -> str:
    """Words for a subscriber that asks for more than is offered."""
    return (
        f"a subscriber of {topic} asks for an incompatible QoS ({policy.upper()}): it gets nothing"
    )
