"""Gives the runs of trams and trains their bodies: an actor a car, bending with the track."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from depth_seg_ros.virtual_world.geometry.sweep import Float, arc_length
from depth_seg_ros.virtual_world.land.runs import Run
from depth_seg_ros.virtual_world.traffic.actors import Actor, meets
from depth_seg_ros.virtual_world.traffic.simulation import Traffic
from depth_seg_ros.virtual_world.ways import Way

_PIVOT = 0.34
"""Of a car's length, from its middle to the pivot of a bogie."""
_BEYOND_M = 300.0
_HIDDEN_M = 60.0
"""Beyond the track's ends cars are out of sight under the land."""


def rail_actors(
    runs: list[Run], traffic: Traffic, way: Way, instance: Callable[[], int]
) -> Iterator[Actor]:
    """The cars of every run that comes nowhere near the ego vehicle's way."""
    red = {signal.junction_s: signal.release_s for signal in traffic.signals}
    for run in runs:
        cars = [*_cars(run.at_red(red), traffic.times, instance)]
        if not any(meets(car, way) for car in cars):
            yield from cars


def _cars(run: Run, times: Float, instance: Callable[[], int]) -> Iterator[Actor]:
    path, end_m = _longer(run.path)
    along = arc_length(path) - _BEYOND_M
    middle = run.travelled(times)
    for car in run.cars:
        middle = middle - car.length_m / 2
        pivot = _PIVOT * car.length_m
        front, rear = (_on(path, along, middle + shift) for shift in (pivot, -pivot))
        step = front - rear
        position = (front + rear) / 2
        position[(middle < 0) | (middle > end_m), 1] -= _HIDDEN_M
        heading = np.unwrap(np.arctan2(step[:, 0], step[:, 2]))
        pitch = np.arctan2(step[:, 1], np.hypot(step[:, 0], step[:, 2]))
        number = instance()
        mesh = car.mesh.with_instance(number)
        yield Actor((mesh,), times, position, heading, pitch, number)
        middle = middle - car.length_m / 2


def _on(path: Float, along: Float, at_m: Float) -> Float:
    return np.stack([np.interp(at_m, along, path[:, k]) for k in range(3)], -1)


def _longer(path: Float) -> tuple[Float, float]:
    """The path with straight ends beyond its own, and the length of its own."""
    ends = []
    for end, inner in ((0, 1), (-1, -2)):
        out = np.asarray(path[end] - path[inner], np.float64)
        ends.append(path[end] + _BEYOND_M * out / np.linalg.norm(out))
    return np.concatenate([ends[:1], path, ends[1:]]), float(arc_length(path)[-1])
