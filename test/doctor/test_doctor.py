"""The doctor on this machine, and on machines that are worse."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from depth_seg_ros.cli import doctor
from depth_seg_ros.doctor import backends, machine, software, storage
from depth_seg_ros.doctor.bug_report import LOG_BYTES, Redaction, log_files, pack
from depth_seg_ros.doctor.findings import BROKEN, HINT, OK, Finding, healthy
from depth_seg_ros.doctor.page import render
from depth_seg_ros.engines.cache import EngineCache
from depth_seg_ros.engines.gpu import Gpu, Probe

CARD = Gpu(0, "RTX 4090", "8.9", 24564, "CUDA 13.0", (13, 0))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEPTH_SEG_ROS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def by_name(findings: list[Finding]) -> dict[str, Finding]:
    return {f.name: f for f in findings}


def test_here_the_main_job_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["healthy"] and told["format"] == 1
    found = {f["name"]: f for f in told["findings"]}
    assert "sha256" in found["ds_net"]["value"] and "auto takes" in found["ds_net"]["value"]
    assert {"system", "NVIDIA GPU", "Python", "ROS", "engines", "clock"} <= set(found)
    assert all(f["cure"] for f in told["findings"] if f["verdict"] != OK)


def test_without_a_backend_it_ends_with_1_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backends, "candidates", lambda path: [])
    assert doctor.main([]) == 1
    page = capsys.readouterr().out
    assert "the main job CANNOT run" in page and "-> pip install onnxruntime" in page


def test_without_weights_it_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "shipped_models", list)
    assert doctor.main([]) == 1


def test_one_damaged_model_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = backends.resolve_model
    (tmp_path / "bad.onnx").write_bytes(b"version https://git-lfs")
    monkeypatch.setattr(backends, "shipped_models", lambda: ["bad", "ds_net"])
    monkeypatch.setattr(
        backends, "resolve_model", lambda n: tmp_path / "bad.onnx" if n == "bad" else real(n)
    )
    found = backends._models()
    assert by_name(found)["bad"].verdict == BROKEN and healthy(found)
    monkeypatch.setattr(backends, "shipped_models", lambda: ["bad"])
    assert not healthy(backends._models())


def test_a_package_that_does_not_import_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_runtime.py").write_text("raise OSError('wrong glibc')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(backends.RUNTIMES, "openvino", "broken_runtime")
    found = backends._broken("openvino")
    assert found is not None and "OSError: wrong glibc" in found.value
    assert found.cure == "pip install --force-reinstall openvino"
    monkeypatch.setitem(software.NEEDED, "broken_runtime", "numpy")
    assert software._needed("broken_runtime").blocks


def test_an_idle_gpu_and_an_idle_processor_are_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "probe", lambda: Probe((CARD,)))
    monkeypatch.setattr(backends, "is_available", lambda name: name == "onnxruntime")
    monkeypatch.setattr(backends, "cpu_features", lambda path: ["AVX2", "AMX bf16"])
    monkeypatch.setattr(backends.platform, "machine", lambda: "x86_64")
    gpu, cpu = backends._hints()
    assert "onnxruntime-ep-nv-tensorrt-rtx" in gpu.cure and gpu.verdict == HINT
    assert "AMX bf16" in cpu.value and cpu.cure == "pip install openvino"


def test_a_plugin_that_takes_no_gpu_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.tensorrt_rtx, "devices", lambda: ())
    assert backends._rtx().verdict == HINT


def test_processor_features_are_read(tmp_path: Path) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nflags : fpu avx2 amx_tile amx_int8 avx_vnni\n", "utf-8")
    assert machine.cpu_features(info) == ["AVX2", "VNNI", "AMX", "AMX int8"]
    info.write_text("Features : fp asimddp i8mm bf16\n", "utf-8")
    assert machine.cpu_features(info) == ["dot product", "bf16", "int8 matrix product"]
    assert machine.cpu_features(tmp_path / "none") == []


@pytest.mark.parametrize(("size", "verdict"), [("212992\n", HINT), ("8388608\n", OK)])
def test_receive_buffers(tmp_path: Path, size: str, verdict: str) -> None:
    limit = tmp_path / "rmem_max"
    limit.write_text(size, "utf-8")
    found = machine._receive_buffers(limit)
    assert found.verdict == verdict and ("sysctl" in found.cure) == (verdict == HINT)


def test_ros_that_this_python_does_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(software.importlib.util, "find_spec", lambda name: None)
    (found,) = software._ros({"ROS_DISTRO": "humble"})
    assert found.verdict == BROKEN and "conda" in found.cure
    assert software._ros({})[0].verdict == OK


def test_damaged_engines_are_named(own_cache: Path) -> None:
    (own_cache / "ds_net-fp16-abc").mkdir(parents=True)
    (own_cache / "ds_net-fp16-abc" / "engine.plan").write_bytes(bytes(3 << 20))
    found = by_name(storage.findings({"NUMBA_CACHE_DIR": str(own_cache)}))
    assert "1 engines, 3 MiB" in found["engines"].value
    assert "ds_net-fp16-abc" in found["damaged engines"].value
    assert "3 MiB" in found["Numba (virtual worlds)"].value
    assert EngineCache().folder == own_cache


def test_the_page_marks_what_is_wrong() -> None:
    page = render([Finding("a", "x", "fine"), Finding("a", "y", "bad " * 40, BROKEN, "mend it")])
    assert "  x " in page and "! y " in page and "-> mend it" in page
    assert max(map(len, page.splitlines())) <= 100 and "1 broken (!), 0 hints (+)" in page


REDACT = Redaction({"robby-kitchen": "HOST", "anna": "USER", "root": "USER", "": "USER"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("saved /home/anna/ws/src/net.onnx now", "saved …/net.onnx now"),
        ("~/secret/place/a.bag", "…/a.bag"),
        ("/usr/lib/libcuda.so.1 missing", "/usr/lib/libcuda.so.1 missing"),
        ("[anna@robby-kitchen] banana", "[USER@HOST] banana"),
        ("30 fps/camera, 10.3.0, and/or", "30 fps/camera, 10.3.0, and/or"),
        ("File '/mnt/d/My_Drive/x.py', line 3", "File '…/x.py', line 3"),
        ("topic /camera/image_raw", "topic …/image_raw"),
    ],
)
def test_names_are_taken_out(text: str, told: str) -> None:
    assert REDACT(text) == told


def test_bug_report_holds_page_json_and_logs(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "run"
    logs.mkdir(parents=True)
    (logs / "empty.log").write_bytes(b"")
    (logs / "node.log").write_text("x" * LOG_BYTES + "\nrobby-kitchen: engine lost", "utf-8")
    found = log_files({"ROS_LOG_DIR": str(tmp_path / "logs")})
    assert [p.name for p in found] == ["node.log"]
    findings = [Finding("caches", "engines", "/home/anna/.cache/engines: 2 engines")]
    target = tmp_path / "bug.zip"
    pack(target, findings, found, REDACT)
    with zipfile.ZipFile(target) as archive:
        texts = {n: archive.read(n).decode() for n in archive.namelist()}
    assert set(texts) == {"doctor.txt", "doctor.json", "log_1.txt"}
    assert texts["log_1.txt"].endswith("HOST: engine lost")
    assert len(texts["log_1.txt"]) < LOG_BYTES
    assert not any(word in text for text in texts.values() for word in ("anna", "robby"))


def test_this_machines_report_names_nobody(tmp_path: Path) -> None:
    target = tmp_path / "bug.zip"
    assert doctor.main(["--bug-report", str(target)]) == 0
    with zipfile.ZipFile(target) as archive:
        text = "".join(archive.read(n).decode() for n in ("doctor.txt", "doctor.json"))
    assert str(tmp_path) not in text and str(Path.home()) + "/" not in text


def test_a_report_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert doctor.main(["--bug-report", str(tmp_path / "file" / "bug.zip")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
