"""A scheduler and its workers: a cluster on this machine, or one that is running already.

    with open_fleet("local", workers=2) as client: ...
    with open_fleet("tcp://10.0.0.5:8786") as client: ...

Before anything is sent, every worker says which versions it has: other versions draw other pixels.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from distributed import Client, LocalCluster
from distributed.comm.core import CommClosedError

from depth_seg_ros import __version__
from depth_seg_ros.errors import FleetError

LOCAL = "local"
_CONNECT_S = 10.0
_LIBRARIES = ("numpy", "numba", "opencv-python-headless", "onnxruntime")
"""What decides the pixels and the scores, beside the package itself."""

Versions = dict[str, str]


@contextmanager
def open_fleet(scheduler: str, workers: int | None = None) -> Iterator[Client]:
    """A client of ``scheduler``: ``local`` (``workers`` processes of this machine, loopback only)
    or an address. FleetError where nobody answers, or where versions differ.

    Leaving gives back what was sent; a local cluster ends with all its processes.
    """
    # What Dask logs about lost connections is said by the command, in one line.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler == LOCAL:
        with (
            LocalCluster(
                n_workers=workers or os.cpu_count() or 1,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    with _connected(scheduler) as client:
        check_versions(versions(), client.run(versions))
        yield client


def _connected(address: str) -> Client:
    try:
        client = Client(address, timeout=_CONNECT_S)
    except (OSError, TimeoutError, ValueError, CommClosedError) as e:
        raise FleetError(
            f"no scheduler answers at {address} ({type(e).__name__}); start one with "
            "`dask scheduler --host 127.0.0.1` and workers with `dask worker ADDRESS`, or give "
            "--scheduler local"
        ) from e
    if not client.scheduler_info()["workers"]:
        client.close()
        raise FleetError(f"the scheduler at {address} has no workers; `dask worker {address}`")
    return client


def versions() -> Versions:
    """Of Python, of this package and of what decides its results, in this process."""
    found = {"python": platform.python_version(), "depth_seg_ros": __version__}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "missing"
    return found


def check_versions(mine: Versions, workers: Mapping[str, Versions]) -> None:
    """FleetError naming the first thing that differs, and where."""
    for address, theirs in sorted(workers.items()):
        for name, version in mine.items():
            if theirs.get(name, "missing") != version:
                raise FleetError(
                    f"{name} is {version} here and {theirs.get(name, 'missing')} on the worker "
                    f"{address}; results would differ: install the same version on both"
                )


def tell_dashboard(client: Client) -> None:
    """Say where Dask shows what it is doing."""
    link: Any = client.dashboard_link
    print(f"dashboard: {link} (where bokeh is installed)", file=sys.stderr, flush=True)
