"""Whom a command trusts with its work: somebody who answers, with the same versions."""

import pytest

from depth_seg_ros.errors import FleetError
from depth_seg_ros.fleet import cluster


def test_nobody_answers() -> None:
    with (
        pytest.raises(FleetError, match=r"no scheduler answers at tcp://127.0.0.1:9"),
        cluster.open_fleet("tcp://127.0.0.1:9"),
    ):
        pass


def test_no_address_at_all() -> None:
    with (
        pytest.raises(FleetError, match="no scheduler answers"),
        cluster.open_fleet("nonsense://x"),
    ):
        pass


def test_other_versions_are_named_with_the_worker() -> None:
    mine = {"python": "3.11.7", "numpy": "2.2.6"}
    cluster.check_versions(mine, {"tcp://a:1": dict(mine)})
    with pytest.raises(FleetError, match=r"numpy is 2.2.6 here and 1.26.4 on the worker tcp://b:1"):
        cluster.check_versions(
            mine, {"tcp://a:1": dict(mine), "tcp://b:1": mine | {"numpy": "1.26.4"}}
        )
    with pytest.raises(FleetError, match="missing on the worker"):
        cluster.check_versions(mine, {"tcp://b:1": {"python": "3.11.7"}})


def test_a_running_scheduler_is_asked_first(cluster, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from depth_seg_ros.fleet import cluster as room

    with room.open_fleet(cluster.scheduler_address) as client:
        assert client.submit(sum, [1, 2]).result() == 3
    monkeypatch.setattr(room, "__version__", "9.9.9")  # of this process alone
    with (
        pytest.raises(FleetError, match=r"depth_seg_ros is 9.9.9 here and"),
        room.open_fleet(cluster.scheduler_address),
    ):
        pass
