"""The DDS domain of this process: configured once, shared by its participants."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from cyclonedds.core import DDSException
from cyclonedds.domain import Domain

from depth_seg_ros.dds.environment import RosEnvironment
from depth_seg_ros.errors import LiveError


@dataclass
class _Joined:
    domain: Domain
    config: str
    users: int


_joined: dict[int, _Joined] = {}
_lock = threading.Lock()


def join(environment: RosEnvironment) -> None:
    """Configure the domain, or share it; LiveError where its configuration is refused or differs.

    Every call is to be paired with one of :func:`leave`.
    """
    config = environment.cyclone_config(os.getpid())
    with _lock:
        known = _joined.get(environment.domain_id)
        if known is not None:
            if known.config != config:
                raise LiveError(
                    f"domain {environment.domain_id} is joined already with another discovery "
                    "configuration; one process has one"
                )
            known.users += 1
            return
        try:
            domain = Domain(environment.domain_id, config)
        except DDSException as e:
            raise LiveError(
                f"Cyclone DDS does not accept its configuration ({e}); check CYCLONEDDS_URI and "
                f"the network interfaces. It was: {config}"
            ) from e
        _joined[environment.domain_id] = _Joined(domain, config, 1)


def leave(domain_id: int) -> None:
    """Give the domain back when its last participant is gone."""
    with _lock:
        known = _joined[domain_id]
        known.users -= 1
        if known.users == 0:
            del _joined[domain_id]
