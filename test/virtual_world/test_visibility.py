"""Leaving out what is hidden: less work, the same picture."""

import numpy as np
import pytest
import tiny_virtual_world as tiny

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material
from depth_seg_ros.virtual_world.render import visibility
from depth_seg_ros.virtual_world.render.renderer import CameraPose, Renderer


def _street() -> Renderer:
    """A wall across the view at 12 m with a gap, and a field of boxes behind it."""
    rng = np.random.default_rng(0)
    builder = MeshBuilder()
    builder.add(tiny.ground())
    material = Material(0, tiny.BUILDING)
    builder.boxes([(-21.0, 5.0, 12.0), (21.0, 5.0, 12.0)], (40.0, 10.0, 0.5), material)
    centers = rng.uniform((-60, 0.5, 20), (60, 1.5, 200), (3000, 3))
    builder.boxes(centers, (1.0, 1.0, 1.0), material)
    return Renderer(builder.build(), tiny.textures(), tiny.CAMERA)


def test_hidden_clusters_are_left_out_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = _street()
    drawn: list[int] = []
    project = visibility.project

    def counted(*args):  # type: ignore[no-untyped-def]
        runs = project(*args)
        drawn.append(int((runs[:, 1] - runs[:, 0]).sum()))
        return runs

    monkeypatch.setattr(visibility, "project", counted)
    pose = CameraPose.looking((0.0, 1.6, 0.0), 0.05, -0.02)
    seen, few = renderer.look(None, pose), sum(drawn)
    drawn.clear()
    monkeypatch.setattr(visibility, "_PASS_M", ())
    everything, all_ = renderer.look(None, pose), sum(drawn)
    assert 0 < few < 0.5 * all_
    assert (seen.depth_m == everything.depth_m).all()
    assert (seen.class_id == everything.class_id).all()
