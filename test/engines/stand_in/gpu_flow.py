"""Run in a process of its own, with the stand-ins for libcuda and tensorrt in its paths.

    gpu_flow.py MODEL.onnx CACHE_DIR JOB

Prints one JSON object: what the job found.
"""

import contextlib
import ctypes
import errno
import json
import logging
import os
import sys
import threading
from pathlib import Path

import numpy as np

from depth_seg_ros.engines import open_engine, recovery, resize
from depth_seg_ros.engines.gpu import probe
from depth_seg_ros.errors import EngineError
from depth_seg_ros.predictor import Predictor
from depth_seg_ros.types import Frame

cuda = ctypes.CDLL("libcuda.so.1")


COUNTED = ("depth", "retained", "live", "streams", "graphs", "launches", "uploads", "downloads")


def counts():
    return {name: cuda.fake_count(name.encode()) for name in COUNTED}


def in_another_thread(engine, images):
    """What a node's executor does: the loader's thread is not the one that calls."""
    found = {}
    thread = threading.Thread(target=lambda: found.update(engine.infer(images)))
    thread.start()
    thread.join()
    return found


def frames_agree(model, engine, batch):
    """Largest difference from ONNX Runtime over different frames, here and in another thread."""
    rng = np.random.default_rng(0)
    worst = 0.0
    with open_engine(model, "onnxruntime") as reference:
        _, h, w, _ = reference.info.input_shape
        for _ in range(3):
            images = rng.integers(0, 256, (batch, h, w, 3), np.uint8)
            found = in_another_thread(engine, images)
            for i in range(batch):
                for name, values in reference.infer(images[i : i + 1]).items():
                    difference = found[name][i].astype(float) - values[0]
                    worst = max(worst, float(np.abs(difference).max()))
    return worst


def job_run(model, cache, **options):
    said = []
    before = counts()
    engine = open_engine(model, "tensorrt", cache_dir=cache, progress=said.append, **options)
    with engine:
        worst = frames_agree(model, engine, options.get("batch", 1))
        running = counts()
        details = dict(engine.info.details)
    engine.close()  # a second time does nothing
    try:
        engine.infer(np.zeros(engine.info.input_shape, np.uint8))
        after_close = "it ran"
    except EngineError as e:
        after_close = str(e)
    import tensorrt

    return {
        "worst": worst, "before": before, "running": running, "after": counts(), "said": said,
        "details": details, "info": [engine.info.precision, list(engine.info.input_shape)],
        "after_close": after_close, "builds": tensorrt.log_of_calls,
    }  # fmt: skip


def job_threads(model, cache):
    """Loaded in one thread, called in a second, closed in a third (configure, timer, cleanup)."""
    engine = open_engine(model, "tensorrt", cache_dir=cache)
    image = np.full(engine.info.input_shape, 9, np.uint8)
    depth = float(in_another_thread(engine, image)["depth"].mean())
    thread = threading.Thread(target=engine.close)
    thread.start()
    thread.join()
    return {"depth": depth, "after": counts()}


def job_auto(model, cache):
    with open_engine(model, cache_dir=cache, parity=True) as engine:
        return {"backend": engine.info.backend, "precision": engine.info.precision,
                "chosen": engine.info.details["chosen"], "counts": counts()}  # fmt: skip


def job_lost(model, cache):
    """A GPU that fails for a while: frames are lost, then it runs again."""
    found = {"errors": []}
    engine = open_engine(model, "tensorrt", cache_dir=cache, fallback="none")
    image = np.full(engine.info.input_shape, 9, np.uint8)
    os.environ["FAKE_GONE"] = "1"
    for _ in range(3):
        try:
            engine.infer(image)
        except EngineError as e:
            found["errors"].append(str(e))
    del os.environ["FAKE_GONE"]
    found["depth"] = float(engine.infer(image)["depth"].mean())
    found["lost"] = engine.info.details["lost"]
    engine.close()
    return found


def job_fallback(model, cache):
    """A GPU that never comes back."""
    engine = open_engine(model, "tensorrt", cache_dir=cache, fallback="cpu")
    image = np.full(engine.info.input_shape, 9, np.uint8)
    os.environ["FAKE_GONE"] = "1"
    lost = 0
    while True:
        try:
            depth = float(engine.infer(image)["depth"].mean())
            break
        except EngineError:
            lost += 1
    details = engine.info.details
    return {"lost": lost, "backend": engine.info.backend, "depth": depth, "why": details["lost"]}


def job_full_disk(model, cache):
    """Every file that is written in the cache fails, as on a full disk."""
    write = Path.write_bytes

    def full(path, data):
        if str(cache) in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    Path.write_bytes = full
    return job_run(model, cache)


def job_camera(model, cache):
    """Images of 124x50 go up as they are, and come out as they do by way of OpenCV."""
    resize.GAIN = 1e9  # whatever the clock says
    image = np.random.default_rng(0).integers(0, 256, (50, 124, 3), np.uint8)
    with (
        Predictor.open(model, "tensorrt", cache_dir=cache, precision="fp32") as plain,
        Predictor.open(
            model, "tensorrt", cache_dir=cache, precision="fp32", camera_size=(124, 50)
        ) as predictor,
    ):
        wanted = plain.predict(Frame(0, "", image)).depth_m
        running = counts()
        depth = predictor.predict(Frame(0, "", image)).depth_m
        info = predictor.info
    return {
        "resized": info.details["resized"], "shape": info.input_shape, "running": running,
        "apart_m": float(np.nanmax(np.abs(depth - wanted))), "after": counts(),
    }  # fmt: skip


JOBS = {
    "full disk": job_full_disk,
    "camera": job_camera,
    "lost": job_lost,
    "fallback": job_fallback,
    "run": job_run,
    "fp16": lambda m, c: job_run(m, c, precision="fp16"),
    "int8": lambda m, c: job_run(m, c, precision="int8"),
    "batch": lambda m, c: job_run(m, c, batch=3),
    "options": lambda m, c: job_run(
        m, c, workspace_mib=64, tf32=True, dla_core=0, version_compatible=True,
        hardware_compatible=True, optimization_level=2,
    ),
    "threads": job_threads,
    "auto": job_auto,
    "probe": lambda m, c: {"gpus": [vars(g) for g in probe().gpus],
                           "reason": probe().reason},
}  # fmt: skip


def main(model, cache, job):
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    recovery.FIRST_WAIT_S = 0.0
    try:
        result = JOBS[job](Path(model), cache)
    except EngineError as e:
        result = {"error": str(e), "after": counts()}
    with contextlib.redirect_stdout(sys.__stdout__):
        print(json.dumps(result, default=str))


main(*sys.argv[1:])
