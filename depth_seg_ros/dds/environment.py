"""The environment variables a ROS 2 process obeys, and the Cyclone DDS configuration they mean.

Read as rcl and rmw_cyclonedds_cpp (Jazzy) read them, so that this process finds exactly the
processes a ROS node with the same environment would find:

============================= ==================================================================
ROS_DOMAIN_ID                 0..232; default 0
ROS_AUTOMATIC_DISCOVERY_RANGE SUBNET (default), LOCALHOST, OFF, SYSTEM_DEFAULT
ROS_STATIC_PEERS              addresses separated by semicolons
ROS_LOCALHOST_ONLY            deprecated; 1 means LOCALHOST and no static peers
CYCLONEDDS_URI                Cyclone's own configuration; it wins over what is made here
============================= ==================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from depth_seg_ros.errors import ConfigError

RANGES = ("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT")
MAX_DOMAIN_ID = 232
"""Beyond it the UDP ports of RTPS run out."""

WANTED_RECEIVE_BUFFER = 8 << 20
"""Bytes asked of the kernel for the receive socket: about four 1242 x 375 clouds in flight. It
gives at most net.core.rmem_max."""

LOOPBACK_MESSAGE, LOOPBACK_FRAGMENT = 65500, 60000
"""Bytes of a datagram, and of a piece of a message in it, where all peers are on this machine. On
a network Cyclone's defaults rule: there a large datagram is cut up, and lost as a whole with any of
its pieces."""

WRITER_HIGH_WATER = 128 << 20
"""Bytes a writer may have unacknowledged before it waits for its readers."""

_FAST_DDS_VENDOR = "1.15"


@dataclass(frozen=True)
class RosEnvironment:
    """What the environment says about the graph to join."""

    domain_id: int = 0
    discovery_range: str = "SUBNET"
    static_peers: tuple[str, ...] = ()
    cyclonedds_uri: str = ""

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> RosEnvironment:
        """From ``os.environ``; ConfigError naming the variable that makes no sense."""
        localhost_only = variables.get("ROS_LOCALHOST_ONLY", "") == "1"
        peers = "" if localhost_only else variables.get("ROS_STATIC_PEERS", "")
        return cls(
            domain_id=_domain_id(variables.get("ROS_DOMAIN_ID", "")),
            discovery_range="LOCALHOST" if localhost_only else _range(variables),
            static_peers=tuple(p.strip() for p in peers.split(";") if p.strip()),
            cyclonedds_uri=variables.get("CYCLONEDDS_URI", ""),
        )

    def cyclone_config(self, process_id: int) -> str:
        """Cyclone's configuration: fragments in XML, separated by commas; later ones win."""
        fragments = [_large_messages(), _types_by_name()]
        if self.discovery_range != "SYSTEM_DEFAULT":
            fragments.append(self._discovery(process_id))
        if self.cyclonedds_uri:
            fragments.append(self.cyclonedds_uri)
        return ",".join(fragments)

    def _discovery(self, process_id: int) -> str:
        localhost, off = self.discovery_range == "LOCALHOST", self.discovery_range == "OFF"
        general = "<General><AllowMulticast>false</AllowMulticast></General>"
        if localhost and not _names_interfaces(self.cyclonedds_uri):
            # Cyclone 11 leaves unheard what strangers say to an interface that it has not chosen,
            # and a ROS process that starts later knocks at the loopback only.
            general += f"<General><Interfaces>{self._interfaces()}</Interfaces></General>"
        if localhost:
            # The loopback carries large datagrams whole: a fifth of the packets, half the latency,
            # and what is lost is asked for again in a few large pieces.
            general += (
                f"<General><MaxMessageSize>{LOOPBACK_MESSAGE}B</MaxMessageSize>"
                f"<FragmentSize>{LOOPBACK_FRAGMENT}B</FragmentSize></General>"
            )
        if off:
            # A domain tag of its own keeps every other process out.
            discovery = (
                "<ParticipantIndex>none</ParticipantIndex>"
                f"<Tag>ros_discovery_off_{process_id}</Tag>"
            )
        else:
            peers = (("localhost",) if localhost else ()) + self.static_peers
            listed = "".join(f"<Peer address={quoteattr(p)}/>" for p in peers)
            discovery = (
                "<ParticipantIndex>auto</ParticipantIndex>"
                "<MaxAutoParticipantIndex>32</MaxAutoParticipantIndex>"
                + (f"<Peers>{listed}</Peers>" if listed else "")
            )
        return _domain(
            (general if localhost or off else "") + f"<Discovery>{discovery}</Discovery>"
        )

    def _interfaces(self) -> str:
        chosen = '<NetworkInterface address="127.0.0.1"/>'
        if self.static_peers:  # elsewhere
            chosen += '<NetworkInterface autodetermine="true"/>'
        return chosen


def _names_interfaces(uri: str) -> bool:
    """Whether the user's own configuration says (or, being a file, may say) which interfaces."""
    return "NetworkInterface" in uri or bool(uri and "<" not in uri)


def _domain(inside: str) -> str:
    return f'<CycloneDDS><Domain Id="any">{inside}</Domain></CycloneDDS>'


def _large_messages() -> str:
    # No minimum: a small buffer is reported (receive_buffer.py), not a reason not to start.
    size = f'<SocketReceiveBufferSize min="default" max="{WANTED_RECEIVE_BUFFER}B"/>'
    # Cyclone stops a writer with 500 kB unacknowledged, which is less than one image: a slow
    # subscriber would slow perception down. The writers' history bounds the memory instead.
    marks = f"<Watermarks><WhcHigh>{WRITER_HIGH_WATER}B</WhcHigh></Watermarks>"
    return _domain(f"<Internal>{size}{marks}</Internal>")


def _types_by_name() -> str:
    # Cyclone finds the type objects of Fast DDS 3 (ROS 2 Kilted) invalid and would never match its
    # endpoints; ROS itself goes by the types' names.
    ignored = f"<IgnoreTypeInformation>{_FAST_DDS_VENDOR}</IgnoreTypeInformation>"
    return _domain(f"<Compatibility>{ignored}</Compatibility>")


def _domain_id(text: str) -> int:
    if not text:
        return 0
    if not text.isdigit() or int(text) > MAX_DOMAIN_ID:
        raise ConfigError(
            f"ROS_DOMAIN_ID is {text!r}; it must be a number from 0 to {MAX_DOMAIN_ID}"
        )
    return int(text)


def _range(variables: Mapping[str, str]) -> str:
    found = variables.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "") or "SUBNET"
    if found.upper() not in RANGES:
        raise ConfigError(f"ROS_AUTOMATIC_DISCOVERY_RANGE is {found!r}; known: {', '.join(RANGES)}")
    return found.upper()
