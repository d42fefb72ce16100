"""One rendered scene through different cameras gives the same metres after ``Predictor``.

Two networks that cannot be fooled stand in for trained ones. The first is an ONNX graph that knows
how large two coloured panels are and judges their distance by their size *in the picture*, as a
trained network does: all it knows is the training camera. The second says, for every pixel, what a
perfect network would say of that picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tiny_virtual_world as tiny

from depth_seg_ros.engines.base import Engine, EngineInfo, Tensors
from depth_seg_ros.labels import NETWORK_CLASSES, UNLABELED
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.preprocess import plan_geometry
from depth_seg_ros.spec import METADATA_KEY, ModelSpec
from depth_seg_ros.types import Frame, Intrinsics
from depth_seg_ros.virtual_world.geometry.builder import MeshBuilder
from depth_seg_ros.virtual_world.geometry.mesh import Material, Mesh
from depth_seg_ros.virtual_world.light.environment import variation_environment
from depth_seg_ros.virtual_world.render.mipmaps import pack_textures
from depth_seg_ros.virtual_world.render.renderer import CameraPose, Rendered, Renderer

WIDTH, HEIGHT = 256, 160
TRAINING = Intrinsics(1242, 375, 725.0, 725.0, 620.5, 187.0).resized(WIDTH, HEIGHT)
SPEC = ModelSpec("panels", WIDTH, HEIGHT, TRAINING.fx, TRAINING.fy, 80.0, NETWORK_CLASSES)
POSE = CameraPose.looking((0.0, 1.6, 0.0), 0.0)
CAMERAS = [
    Intrinsics(310, 94, 181.0, 181.0, 154.7, 46.6),
    Intrinsics(320, 240, 262.0, 262.0, 159.5, 119.5),
    Intrinsics(150, 260, 330.0, 330.0, 74.5, 131.0),
    Intrinsics(400, 225, 520.0, 500.0, 205.0, 108.0),
]
"""KITTI's at a quarter, a robot's, an upright telephone, a long lens with oblong pixels."""

RED_M, GREEN_M = 1.2, 2.4  # sides of the panels
RED_CLASS, GREEN_CLASS, OTHER_CLASS = 26, 24, 23


def panel(center: tuple[float, float, float], side_m: float, **material: object) -> Mesh:
    """An upright square facing the camera."""
    h = side_m / 2
    corners = np.array([[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0]]) + center
    builder = MeshBuilder()
    builder.quads([corners], Material(0, **material), normals=[[0, 0, -1]])  # type: ignore[arg-type]
    return builder.build()


def scene() -> Mesh:
    """Red panel at 7 m, green one at 14 m, houses beside the road."""
    return Mesh.concatenate(
        [
            tiny.ground(),
            panel((-0.75, 1.6, 7.0), RED_M, class_id=RED_CLASS, tint=(0.7, 0.03, 0.03)),
            panel((1.4, 1.7, 14.0), GREEN_M, class_id=GREEN_CLASS, tint=(0.03, 0.6, 0.03)),
            tiny.box((-9, 4, 22), (6, 8, 6)),
            tiny.box((9, 3, 30), (6, 6, 20)),
        ]
    )


def render(camera: Intrinsics) -> Rendered:
    white = pack_textures(np.full((2, 16, 16, 4), 255, np.uint8))
    renderer = Renderer(scene(), white, camera)
    return renderer.render(None, POSE, variation_environment("overcast", 1))


def write_panel_network(path: Path) -> Path:
    """depth = sqrt(fx fy) x side / sqrt(pixels of the panel's colour); 0 elsewhere."""
    onnx = pytest.importorskip("onnx")
    helper, types, node = onnx.helper, onnx.TensorProto, onnx.helper.make_node
    constants: dict[str, npt.NDArray[np.generic]] = {
        # Columns: how red, how green a colour is.
        "colours": np.array([[1, -0.5], [-0.5, 1], [-0.5, -0.5]], np.float32),
        "half": np.array(0.5, np.float32),
        "size": np.sqrt(np.float32(SPEC.fx * SPEC.fy)) * np.array([RED_M, GREEN_M], np.float32),
        "image_axes": np.array([1, 2]),
        "last": np.array([3]),
        "classes": np.array([RED_CLASS - OTHER_CLASS, GREEN_CLASS - OTHER_CLASS], np.float32),
        "other": np.array(OTHER_CLASS, np.float32),
    }
    nodes = [
        node("Cast", ["image"], ["rgb"], to=types.FLOAT),
        node("MatMul", ["rgb", "colours"], ["colour"]),
        node("ReduceMax", ["colour"], ["most"], axes=[1, 2]),
        node("Mul", ["most", "half"], ["enough"]),
        node("Greater", ["colour", "enough"], ["seen"]),
        node("Cast", ["seen"], ["mask"], to=types.FLOAT),
        node("ReduceSum", ["mask", "image_axes"], ["pixels"]),
        node("Sqrt", ["pixels"], ["side"]),
        node("Div", ["size", "side"], ["distance"]),
        node("Mul", ["mask", "distance"], ["distances"]),
        node("ReduceSum", ["distances", "last"], ["depth"], keepdims=0),
        node("Mul", ["mask", "classes"], ["chosen"]),
        node("ReduceSum", ["chosen", "last"], ["above"], keepdims=0),
        node("Add", ["above", "other"], ["class"]),
        node("Cast", ["class"], ["labels"], to=types.UINT8),
        node("Cast", ["class"], ["confidence"], to=types.UINT8),
    ]
    info, shape = helper.make_tensor_value_info, [1, HEIGHT, WIDTH]
    outputs = [info("depth", types.FLOAT, shape)]
    outputs += [info(n, types.UINT8, shape) for n in ("labels", "confidence")]
    weights = [onnx.numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    graph = helper.make_graph(
        nodes, "panels", [info("image", types.UINT8, [*shape, 3])], outputs, weights
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {METADATA_KEY: SPEC.to_json()})
    onnx.save(model, path)
    return path


def frame_of(rendered: Rendered, camera: Intrinsics) -> Frame:
    return Frame(5, "camera_optical", rendered.rgb, camera)


def test_things_of_known_size_are_equally_far_through_every_camera(tmp_path: Path) -> None:
    distances = []
    with Predictor.open(write_panel_network(tmp_path / "panels.onnx"), "onnxruntime") as predictor:
        for camera in CAMERAS:
            rendered = render(camera)
            predicted = predictor.predict(frame_of(rendered, camera))
            assert predicted.labels is not None
            row = []
            for class_id in (RED_CLASS, GREEN_CLASS):
                truth, said = rendered.class_id == class_id, predicted.labels == class_id
                assert truth.sum() > 400
                assert (truth & said).sum() / (truth | said).sum() > 0.85
                row.append(float(np.nanmedian(predicted.depth_m[truth & said])))
            distances.append(row)
            nothing = ~np.isin(predicted.labels, (RED_CLASS, GREEN_CLASS))
            assert np.isnan(predicted.depth_m[nothing]).mean() > 0.95
    np.testing.assert_allclose(distances, [[7.0, 14.0]] * len(CAMERAS), rtol=0.03)


def test_without_the_intrinsics_the_metres_would_be_wrong(tmp_path: Path) -> None:
    """The test above sees the focal length: this camera's is not the training camera's."""
    rendered = render(CAMERAS[1])
    with Predictor.open(write_panel_network(tmp_path / "panels.onnx"), "onnxruntime") as predictor:
        predicted = predictor.predict(Frame(5, "camera_optical", rendered.rgb))
    said = float(np.nanmedian(predicted.depth_m[rendered.class_id == RED_CLASS]))
    assert abs(said / 7.0 - 1) > 0.2


class PerfectEngine(Engine):
    """Looks at the scene through the network's own view of a camera, and takes it for the training
    camera's: what is z metres away looks as if it were z f_training / f_view away."""

    def __init__(self, camera: Intrinsics, fit: str) -> None:
        self.info = EngineInfo(
            "perfect", "1", "CPU", "fp32", (1, HEIGHT, WIDTH, 3), ("depth", "labels", "confidence")
        )
        seen = plan_geometry(SPEC, camera.width, camera.height, camera, fit)
        part, place = seen.camera_rect, seen.network_rect
        view = (
            camera.cropped(part.x, part.y, part.width, part.height)
            .resized(place.width, place.height)
            .cropped(-place.x, -place.y, WIDTH, HEIGHT)
        )
        truth = Renderer(scene(), tiny.textures(), view).look(None, POSE)
        as_if = np.sqrt(SPEC.fx * SPEC.fy / (view.fx * view.fy))
        self._depth = np.minimum(truth.depth_m, 300.0)[None] * np.float32(as_if)
        self._labels = truth.class_id[None]

    def _infer(self, inputs: Tensors) -> Tensors:
        confidence = np.full_like(self._labels, 200)
        return {"depth": self._depth, "labels": self._labels, "confidence": confidence}


@pytest.mark.parametrize("fit", ["pad", "crop"])
@pytest.mark.parametrize("camera", CAMERAS, ids=lambda c: f"{c.width}x{c.height}")
def test_a_perfect_network_is_perfect_through_every_camera(camera: Intrinsics, fit: str) -> None:
    truth = Renderer(scene(), tiny.textures(), camera).look(None, POSE)
    image = np.zeros((camera.height, camera.width, 3), np.uint8)
    with Predictor(PerfectEngine(camera, fit), SPEC, fit) as predictor:
        predicted = predictor.predict(Frame(5, "camera_optical", image, camera))
    assert predicted.labels is not None and predicted.confidence is not None
    seen = np.zeros(image.shape[:2], bool)
    seen[plan_geometry(SPEC, camera.width, camera.height, camera, fit).camera_rect.slices()] = True
    compared = seen & (truth.depth_m < 60)
    error = np.abs(predicted.depth_m[compared] / truth.depth_m[compared] - 1)
    assert compared.sum() > 2000
    assert np.median(error) < 0.005 and (error < 0.03).mean() > 0.9
    assert (predicted.labels == truth.class_id)[seen].mean() > 0.95
    # What the network did not see is not invented.
    assert seen.all() == (fit == "pad" or camera is CAMERAS[0])
    assert np.isnan(predicted.depth_m[~seen]).all() and np.isfinite(predicted.depth_m[seen]).all()
    assert (predicted.labels[~seen] == UNLABELED).all() and not predicted.confidence[~seen].any()
