"""Builder, cache, parity, runner and CUDA graph, over stand-ins for driver and library.

The stand-in driver's device memory is host memory, the stand-in TensorRT computes with ONNX
Runtime: copies, addresses, order, contexts and frees really happen and are counted. What it cannot
show is what a GPU computes, and how fast.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
pytest.importorskip("onnxruntime")

NOTHING = dict.fromkeys(("depth", "retained", "live", "streams", "graphs"), 0)


ON_A_CPU = ("onnxruntime", "openvino")
"""What ``auto`` takes there depends on what is installed and on the processor."""


def run(with_stand_ins: dict[str, str], model: Path, job: str, **env: str) -> Any:
    """The result of a job of stand_in/gpu_flow.py."""
    environment = {**with_stand_ins, **env}
    script = [str(HERE / "stand_in" / "gpu_flow.py"), str(model), str(model.parent / "cache"), job]
    done = subprocess.run(
        [sys.executable, *script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def freed(counted: dict[str, int]) -> bool:
    """Whether nothing is held: memory, streams, graphs, contexts."""
    return NOTHING.items() <= counted.items()


def test_probe_describes_the_gpu_or_says_why_not(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    (gpu,) = run(with_stand_ins, tiny_onnx, "probe")["gpus"]
    assert gpu["name"] == "Fake GPU" and gpu["compute_capability"] == "8.7"
    assert gpu["memory_mib"] == 8192 and gpu["driver"].endswith("CUDA 12.6")
    nothing = run(with_stand_ins, tiny_onnx, "probe", FAKE_NO_DEVICE="1")
    assert nothing["gpus"] == [] and "cuInit gave CUDA_ERROR_NO_DEVICE" in nothing["reason"]


def test_threads_of_a_lifecycle(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "threads")
    assert found["depth"] == pytest.approx(2.9) and freed(found["after"])


def test_build_run_and_free(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "run")
    assert found["worst"] == 0 and found["info"] == ["fp32", [1, 20, 32, 3]]
    assert found["details"]["cuda_graph"] == "yes"
    assert found["running"]["launches"] == 4 + 3  # four frames of parity, three of ours
    assert found["running"]["live"] == 2 * 4 and found["running"]["depth"] == 0
    assert freed(found["after"]) and "closed" in found["after_close"]
    assert found["details"]["layers"] == {"fp32": 1}
    assert found["details"]["parity"]["depth_max_m"] == 0
    assert any("100 %" in line for line in found["said"])


def test_second_start_uses_the_cache(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    assert len(run(with_stand_ins, tiny_onnx, "run")["builds"]) == 1
    again = run(with_stand_ins, tiny_onnx, "run")
    assert again["builds"] == [] and again["worst"] == 0
    assert again["details"]["parity"]["frames"] == 4 and "engine found" in again["said"][0]


def test_another_library_version_builds_anew(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    run(with_stand_ins, tiny_onnx, "run")
    assert len(run(with_stand_ins, tiny_onnx, "run", FAKE_TRT_VERSION="10.9.0")["builds"]) == 1


def test_damaged_engine_is_built_anew(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    run(with_stand_ins, tiny_onnx, "run")
    (plan,) = (tiny_onnx.parent / "cache").glob("*/engine.plan")
    plan.write_bytes(plan.read_bytes()[:-1] + b"x")
    again = run(with_stand_ins, tiny_onnx, "run")
    assert len(again["builds"]) == 1 and "damaged" in again["said"][0]
    assert again["worst"] == 0


def test_without_graphs_calls_are_enqueued(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", FAKE_NO_GRAPH="1")
    assert found["worst"] == 0 and found["running"]["launches"] == 0
    assert found["details"]["cuda_graph"].startswith("no: cuStreamBeginCapture failed")
    assert freed(found["after"])


def test_camera_images_are_shrunk_by_the_engine(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "camera")
    assert found["resized"].startswith("on the device: ") and found["shape"] == [1, 50, 124, 3]
    assert 0 < found["apart_m"] < 0.11  # one step of 255 is 0.1 m in this network
    assert found["running"]["streams"] == 3 and freed(found["after"])


def test_batch_keeps_frames_apart(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "batch")
    assert found["info"][1] == [3, 20, 32, 3] and found["worst"] == 0


def test_float16_is_converted_and_compared(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "fp16")
    assert found["info"][0] == "fp16" and found["details"]["layers"] == {"fp16": 1}
    assert 0 < found["details"]["parity"]["depth_max_m"] < 0.05


def test_options_reach_the_builder(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    (build,) = run(with_stand_ins, tiny_onnx, "options")["builds"]
    assert set(build["set"]) == {"TF32", "VERSION_COMPATIBLE", "GPU_FALLBACK"}
    assert (build["dla"], build["workspace"], build["hardware"]) == (0, 64 << 20, "AMPERE_PLUS")


def test_float32_means_float32(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    (build,) = run(with_stand_ins, tiny_onnx, "run")["builds"]
    assert build["cleared"] == ["TF32"] and build["set"] == []


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("wrong numbers", "engine refused, its fp32 does not explain the numbers"),
        ("not finite", "not finite"),
        ("no plan", "did not build the engine: out of memory"),
        ("no start", "did not start the network"),
        ("old driver", "does not start: CUDA initialization failure with error: 35"),
    ],
)
def test_what_goes_wrong_is_refused_and_freed(
    with_stand_ins: dict[str, str], tiny_onnx: Path, mode: str, text: str
) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", FAKE_TRT=mode)
    assert text in found["error"] and freed(found["after"])
    assert list((tiny_onnx.parent / "cache").glob("*/engine.plan")) == []


def test_engine_without_the_precision_asked_for_is_refused(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "fp16", FAKE_TRT="wrong precision")
    assert "fp16 was asked for, its layers are {'fp32': 1}" in found["error"]


def test_failing_gpu_is_an_error_not_a_picture(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", FAKE_SYNC_FAILS="1")
    assert "cuStreamSynchronize failed: CUDA_ERROR_ILLEGAL_ADDRESS" in found["error"]
    assert freed(found["after"])


def test_a_gpu_that_comes_back_is_used_again(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "lost")
    first, second, third = found["errors"]
    assert first.startswith("engine lost: ") and "CUDA_ERROR_LAUNCH_FAILED" in first
    assert "try 1 failed" in second and "try 2 failed" in third
    assert found["depth"] == pytest.approx(2.9) and found["lost"].startswith(
        "it was lost once, last: "
    )


def test_a_gpu_that_is_gone_is_replaced_where_that_is_allowed(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "fallback")
    assert found["lost"] == 1 + 2 and found["backend"] in ON_A_CPU
    assert found["depth"] == pytest.approx(2.9, rel=1e-2)


def test_memory_that_runs_out_is_named_and_given_back(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", FAKE_OOM="4")  # at the third of four tensors
    assert "cuMemAlloc failed: CUDA_ERROR_OUT_OF_MEMORY" in found["error"]
    assert freed(found["after"]) and list((tiny_onnx.parent / "cache").glob("*/engine.plan")) == []
    auto = run(with_stand_ins, tiny_onnx, "auto", FAKE_OOM="0")
    assert auto["backend"] in ON_A_CPU and "CUDA_ERROR_OUT_OF_MEMORY" in auto["chosen"]


def test_two_nodes_on_one_gpu_build_once(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    script = [str(HERE / "stand_in" / "gpu_flow.py"), str(tiny_onnx)]
    script += [str(tiny_onnx.parent / "cache"), "run"]
    environment = {**with_stand_ins, "FAKE_TRT_BUILD_S": "1"}
    nodes = [
        subprocess.Popen([sys.executable, *script], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    found = [json.loads(node.communicate()[0].splitlines()[-1]) for node in nodes]
    assert sorted(len(f["builds"]) for f in found) == [0, 1]
    assert all(f["worst"] == 0 and freed(f["after"]) for f in found)


def test_a_full_disk_costs_the_timings_not_the_engine(
    with_stand_ins: dict[str, str], tiny_onnx: Path
) -> None:
    found = run(with_stand_ins, tiny_onnx, "full disk")
    assert found["worst"] == 0 and "not kept" in found["said"][-1]
    assert not list((tiny_onnx.parent / "cache").glob("**/timing.cache"))


def test_hidden_gpus_are_named(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", CUDA_VISIBLE_DEVICES="")
    assert "CUDA_VISIBLE_DEVICES is '', which may hide them" in found["error"]
    auto = run(with_stand_ins, tiny_onnx, "auto", CUDA_VISIBLE_DEVICES="")
    assert auto["backend"] in ON_A_CPU and "CUDA_VISIBLE_DEVICES is ''" in auto["chosen"]


def test_auto_takes_the_gpu_in_float16(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "auto")
    assert (found["backend"], found["precision"]) == ("tensorrt", "fp16")
    assert found["chosen"] == "tensorrt: TensorRT and Fake GPU are here"


def test_auto_falls_back_and_says_so(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "auto", FAKE_TRT="wrong numbers")
    assert found["backend"] in ON_A_CPU and freed(found["counts"])
    assert "tensorrt failed: engine refused" in found["chosen"]


def test_no_gpu_is_named(with_stand_ins: dict[str, str], tiny_onnx: Path) -> None:
    found = run(with_stand_ins, tiny_onnx, "run", FAKE_NO_DEVICE="1")
    assert "no NVIDIA GPU" in found["error"] and "cuInit" in found["error"]
    assert run(with_stand_ins, tiny_onnx, "auto", FAKE_NO_DEVICE="1")["backend"] in ON_A_CPU
