"""The builder: outward winding, normals, texture coordinates, joining and moving."""

import numpy as np
import pytest

from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import (
    Material,
    Mesh,
    Surface,
    normalized,
    yaw_rotation,
)

STONE = Material(layer=3, class_id=11, tint=(0.5, 0.5, 0.5), flags=Surface.GLOSSY)
PLACE = np.array([4.0, -2.0, 7.0])


def solid(name: str) -> Mesh:
    builder = MeshBuilder()
    turn = yaw_rotation(0.7)
    if name == "box":
        builder.box(PLACE, (1, 2, 3), STONE, rotation=turn)
    elif name == "cylinder":
        builder.cylinder(PLACE, 0.5, 2.0, STONE, cap=True, rotation=turn)
    elif name == "ellipsoid":
        builder.ellipsoid(PLACE, (0.5, 2.0, 1.0), STONE, rotation=turn)
    elif name == "lathe":
        builder.lathe([(0, 0), (1, 0), (1, 2), (0, 2)], STONE, center=PLACE)
    elif name == "tube":
        builder.tube(PLACE + np.array([(0, 0, 0), (0, 0, 1), (0, 0, 2)]), 0.3, STONE)
    else:
        builder.prism([(0, 0), (1, 0), (1, 1), (0, 1)], 2.0, STONE, base=PLACE)
    return builder.build()


@pytest.mark.parametrize("name", ["box", "cylinder", "ellipsoid", "lathe", "tube", "prism"])
def test_solids_face_outwards(name: str) -> None:
    mesh = solid(name)
    low, high = mesh.bounds()
    outward = mesh.position.mean(1) - (low + high) / 2
    face = mesh.face_normals()
    assert ((outward * face).sum(-1) > -1e-5).all()
    assert ((mesh.normal.mean(1) * face).sum(-1) > 0).all()
    np.testing.assert_allclose(np.linalg.norm(mesh.normal, axis=-1), 1, atol=1e-4)


def test_winding_follows_given_normals() -> None:
    square = [[(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)]]
    for up in (1.0, -1.0):
        builder = MeshBuilder()
        builder.quads(square, STONE, normals=[(0.0, up, 0.0)])
        np.testing.assert_allclose(builder.build().face_normals()[:, 1], up)


def test_winding_keeps_texture_coordinates_at_their_corners() -> None:
    builder = MeshBuilder()
    corners = np.array([[(0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)]], np.float32)
    builder.quads(corners, STONE, normals=[(0.0, 1.0, 0.0)], uv=corners[0][:, [0, 2]])
    mesh = builder.build()
    np.testing.assert_allclose(mesh.uv, mesh.position[..., [0, 2]])


def test_degenerate_triangles_are_dropped() -> None:
    builder = MeshBuilder()
    builder.tri([[(0, 0, 0), (1, 0, 0), (1, 0, 0)], [(0, 0, 0), (0, 0, 1), (1, 0, 0)]], STONE)
    assert len(builder.build()) == 1


def test_parts_keep_their_order_and_material() -> None:
    builder = MeshBuilder()
    builder.box((0, 0, 0), (1, 1, 1), STONE)
    builder.add(solid("prism").with_instance(9))
    builder.box((0, 0, 0), (1, 1, 1), STONE.tinted(2.0))
    mesh = builder.build()
    assert mesh.instance_id[0] == 0 and (mesh.instance_id == 9).sum() == len(solid("prism"))
    np.testing.assert_allclose(mesh.tint[[0, -1]], [[0.5] * 3, [1.0] * 3])
    assert (mesh.layer == 3).all() and (mesh.class_id == 11).all()
    assert (mesh.flags == int(Surface.GLOSSY)).all()


def test_sizes_become_texture_coordinates() -> None:
    builder = MeshBuilder()
    builder.quads([[(0, 0, 0), (4, 0, 0), (4, 2, 0), (0, 2, 0)]], Material(0, 0, repeat_m=2.0))
    assert builder.build().uv.reshape(-1, 2).max(0).tolist() == [2.0, 1.0]


def test_transform_turns_scales_and_moves() -> None:
    mesh = solid("box").transformed(yaw_rotation(0.3) * np.float32(2.0), (1, 2, 3))
    low, high = mesh.bounds()
    assert high[1] - low[1] == pytest.approx(4.0, abs=1e-4)
    np.testing.assert_allclose(np.linalg.norm(mesh.normal, axis=-1), 1, atol=1e-4)
    assert ((mesh.normal.mean(1) * mesh.face_normals()).sum(-1) > 0.99).all()


def test_empty_mesh_and_zero_vectors() -> None:
    assert len(Mesh.empty()) == 0 and len(Mesh.concatenate([])) == 0
    assert normalized([0.0, 0.0, 0.0]).tolist() == [0.0, 0.0, 0.0]


def test_yaw_turns_forward_to_the_right() -> None:
    np.testing.assert_allclose(yaw_rotation(np.pi / 2) @ [0, 0, 1], [1, 0, 0], atol=1e-6)


def test_broken_normals_are_mended() -> None:
    mesh = solid("box")
    mesh.normal[0, 1] = 0
    mended = mesh.mended()
    np.testing.assert_allclose(mended.normal[0, 1], mesh.face_normals()[0], atol=1e-6)
    assert mended.mended() is mended
