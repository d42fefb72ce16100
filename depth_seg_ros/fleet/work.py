"""Tasks on a fleet, with one bar for the whole, and nothing left behind when they end.

A worker that dies loses its task, not its results: Dask gives the task to another one. A task that
raises is a failure of that task, told to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from distributed import Client, Future, as_completed
from distributed.client import FutureCancelledError
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker
from tqdm import tqdm

from depth_seg_ros.errors import DepthSegError, FleetError

Key = TypeVar("Key")


def run_all(
    client: Client,
    task: Callable[..., Any],
    arguments: Mapping[Key, Sequence[Any]],
    bar: tqdm,
    units: int = 1,
) -> Iterator[tuple[Key, Any]]:
    """(key, result or DepthSegError) of ``task(*arguments[key])`` for every key, as they finish.

    units: what the bar counts for one task. FleetError where the scheduler is lost: what was
    finished is on disk, and the same command goes on from there.
    """
    futures = {
        client.submit(task, *values, pure=False, retries=0): key
        for key, values in arguments.items()
    }
    failed = 0
    try:
        for future in as_completed(list(futures)):
            result = _result(future)
            failed += isinstance(result, DepthSegError)
            if failed:
                bar.set_postfix(failed=failed, refresh=False)
            bar.update(units)
            yield futures[future], result
    finally:
        _give_back(client, list(futures))


def _result(future: Future) -> Any:
    """What a task gave, or the known error that it ended with."""
    try:
        return future.result()
    except DepthSegError as e:
        return e
    except KilledWorker as e:
        return FleetError(f"every worker that was given it died; memory may be short ({e})")
    except (CommClosedError, FutureCancelledError, TimeoutError, OSError) as e:
        raise FleetError(
            f"the scheduler is lost ({type(e).__name__}); what is finished is kept: start it again "
            "and run the same command"
        ) from e
    except ModuleNotFoundError as e:
        raise FleetError(
            f"a worker lacks {e.name}; install this package with the same extras there"
        ) from e


def _give_back(client: Client, futures: list[Future]) -> None:
    """Nothing of this command goes on running on the fleet."""
    if client.status == "running":
        client.cancel(futures, force=True)
