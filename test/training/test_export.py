"""Export: the engine contract, the spec inside, parity, and refusing to write what is wrong."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch

from depth_seg_ros.engines import open_engine
from depth_seg_ros.engines.choose import is_available
from depth_seg_ros.engines.onnx_file import OnnxFile
from depth_seg_ros.engines.precision import file_precision, prepare_for_build
from depth_seg_ros.spec import read_spec
from training import export as export_module
from training import networks
from training.deploy import Deployed
from training.errors import TrainingError
from training.export import export, main, probe_images
from training.model_spec import default_spec
from training.onnx_storage import restore, to_bytes
from training.start.initialise import start_network


def small(name, **options):
    """A network with a small spec: the size does not change what is tested."""
    torch.manual_seed(0)
    network = networks.build(name, **options)
    start_network(network, "he", 12.0)
    return network, replace(default_spec(network), input_width=64, input_height=32)


@pytest.mark.parametrize("name", networks.names())
def test_the_file_keeps_the_engine_contract(name, tmp_path):
    network, spec = small(name)
    path = tmp_path / "net.onnx"
    export(network, spec, path)
    graph = onnx.load(path).graph
    found = {
        v.name: (onnx.helper.tensor_dtype_to_np_dtype(v.type.tensor_type.elem_type).name, shape(v))
        for v in [*graph.input, *graph.output]
    }
    expected = {"image": ("uint8", [1, 32, 64, 3]), "depth": ("float32", [1, 32, 64])}
    if spec.has_labels:
        expected |= {"labels": ("uint8", [1, 32, 64]), "confidence": ("uint8", [1, 32, 64])}
    assert found == expected
    assert list(found) == list(expected)


def shape(value):
    return [d.dim_value for d in value.type.tensor_type.shape.dim]


def test_uint8_is_cast_before_anything_else(tmp_path):
    network, spec = small("ds_net")
    export(network, spec, tmp_path / "net.onnx")
    nodes = onnx.load(tmp_path / "net.onnx").graph.node
    users = [n.op_type for n in nodes if "image" in n.input]
    assert users == ["Cast"]
    producers = {o: n for n in nodes for o in n.output}
    for name in ("labels", "confidence"):
        last = producers[name]
        assert last.op_type == "Cast"
        assert producers[last.input[0]].op_type in ("Cast", "Floor")  # a float either way


def test_the_spec_travels_in_the_file(tmp_path):
    network, spec = small("ds_net")
    spec = spec.with_training(data="none")
    export(network, spec, tmp_path / "net.onnx")
    assert read_spec(tmp_path / "net.onnx") == spec


def test_float16_storage_halves_the_file_and_keeps_the_depth(tmp_path):
    network, spec = small("ds_net", depth_head="exp")
    export(network, spec, tmp_path / "net32.onnx")
    parity = export(network, spec, tmp_path / "net16.onnx", storage="fp16")
    sizes = [(tmp_path / f"net{b}.onnx").stat().st_size for b in (32, 16)]
    assert sizes[1] < 0.51 * sizes[0]
    assert parity.depth_error < 1e-3
    assert 0 < parity.storage_depth_error < 5e-3
    assert read_spec(tmp_path / "net16.onnx").training["storage"] == "fp16"


def test_int8_storage_quarters_the_file_for_every_engine(tmp_path):
    network, spec = small("ds_net", depth_head="exp")
    export(network, spec, tmp_path / "net32.onnx")
    parity = export(network, spec, tmp_path / "net8.onnx", storage="int8")
    sizes = [(tmp_path / f"net{b}.onnx").stat().st_size for b in (32, 8)]
    assert sizes[1] < 0.26 * sizes[0]
    assert 0 < parity.storage_depth_error < 0.05
    assert read_spec(tmp_path / "net8.onnx").training["storage"] == "int8"
    assert read_spec(tmp_path / "net8.onnx").precision == "fp32"
    image = probe_images(32, 64, 1)
    unpacked = prepare_for_build((tmp_path / "net8.onnx").read_bytes(), "fp32", 1)
    (tmp_path / "unpacked.onnx").write_bytes(unpacked)
    assert not any(n.op == "DequantizeLinear" for n in OnnxFile(unpacked).nodes)
    runs = []
    for name, backend in [
        ("unpacked", "onnxruntime"),
        ("net8", "onnxruntime"),
        ("net8", "openvino"),
    ]:
        if not is_available(backend):
            continue
        with open_engine(tmp_path / f"{name}.onnx", backend, threads=1) as engine:
            runs.append(engine.infer(image)["depth"].copy())
    assert all(np.allclose(run, runs[0], rtol=1e-4) for run in runs)
    half = OnnxFile(prepare_for_build((tmp_path / "net8.onnx").read_bytes(), "fp16", 1))
    assert file_precision(half) == "fp16"


def test_a_file_is_stored_again_another_way(tmp_path, capsys):
    network, spec = small("ds_net", depth_head="exp")
    export(network, spec, tmp_path / "net16.onnx", storage="fp16")
    argv = [str(tmp_path / "net16.onnx"), "--out", str(tmp_path / "net8.onnx"), "--storage", "int8"]
    assert main(argv) == 0
    assert "depth moved by" in capsys.readouterr().out
    restored, direct = (onnx.load(tmp_path / "net8.onnx") for _ in range(2))
    restore(restored)
    names = {t.name for t in restored.graph.initializer}
    assert not any(n.endswith((".int8", ".scale", ".float16")) for n in names)
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in direct.graph.initializer}
    packed = [n for n, v in stored.items() if v.dtype == np.int8]
    assert len(packed) > 15
    kinds = {len(stored[f"{n.removesuffix('.int8')}.scale"]) for n in packed}
    assert kinds >= {64, 512, 128}  # a scale for each output channel, of transposed ones too


def test_storage_that_moves_the_depth_too_far_is_not_written(tmp_path, monkeypatch):
    network, spec = small("ds_net", depth_head="exp")
    monkeypatch.setattr(export_module, "MAX_STORAGE_ERROR", 1e-9)
    with pytest.raises(TrainingError, match="storing as int8 moves the depth"):
        export(network, spec, tmp_path / "net.onnx", storage="int8")
    assert not (tmp_path / "net.onnx").exists()


@pytest.mark.parametrize("axis", [0, 1])
def test_bytes_round_each_channel_with_its_own_scale(axis):
    rng = np.random.default_rng(0)
    sizes = np.array([1e-3, 1.0, 50.0, 0.0], np.float32)
    values = rng.normal(0, 1, (4, 4, 3, 3)).astype(np.float32)
    values *= sizes.reshape([-1 if i == axis else 1 for i in range(4)])
    packed, scale = to_bytes(values, axis)
    wide = scale.reshape([-1 if i == axis else 1 for i in range(4)])
    error = np.abs(packed * wide - values).max(axis=tuple(i for i in range(4) if i != axis))
    assert packed.dtype == np.int8 and (error <= 0.05 * sizes).all()
    assert np.isfinite(scale).all()


def test_a_wrong_graph_is_not_written(tmp_path, monkeypatch):
    """A network that behaves differently when traced: parity must catch it."""
    network, spec = small("depth_mancini")
    to_onnx = export_module.to_onnx

    def with_other_weights(network, spec):
        model = to_onnx(network, spec)
        for tensor in model.graph.initializer:
            if tensor.name.endswith("depth_decoder.head.bias"):
                tensor.CopyFrom(onnx.numpy_helper.from_array(np.float32([13.0]), tensor.name))
        return model

    monkeypatch.setattr(export_module, "to_onnx", with_other_weights)
    with pytest.raises(TrainingError, match="disagree"):
        export(network, spec, tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_network_of_nan_is_not_written(tmp_path, value):
    network, spec = small("depth_mancini")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)
    with pytest.raises(TrainingError, match="not finite"):
        export(network, spec, tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_probes_are_reproducible_images():
    first, second = probe_images(32, 48), probe_images(32, 48)
    assert first.shape == (4, 32, 48, 3) and first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert first.std() > 30


def test_command_line(tmp_path, capsys):
    assert main(["--untrained", "depth_mancini", "--out", str(tmp_path / "d.onnx")]) == 0
    spec = read_spec(tmp_path / "d.onnx")
    assert (spec.name, spec.input_width, spec.input_height) == ("depth_mancini", 256, 160)
    assert spec.fx == pytest.approx(725 * 256 / 1242)
    assert spec.fy == pytest.approx(725 * 160 / 375)
    assert main(["--untrained", "alexnet", "--out", str(tmp_path / "a.onnx")]) == 1
    assert "alexnet" in capsys.readouterr().err


def test_confidence_is_the_softmax_of_the_label():
    network, spec = small("ds_net")
    probes = torch.from_numpy(probe_images(spec.input_height, spec.input_width, 1))
    with torch.inference_mode():
        network.class_decoder.head.weight *= 30  # fresh classes are all alike
        logits = network.eval()(probes).logits
        _, labels, confidence = Deployed(network)(probes)
    expected = torch.softmax(logits, 1).gather(1, labels[:, None].long())[:, 0] * 255
    assert (confidence.float() - expected).abs().max() <= 0.51
    assert confidence.float().std() > 1  # not one number for all
