"""Libraries that only some commands need, and the one line that installs each.

The package is on no index: extras are named from a clone (``pip install '.[world]'``), and the
plain package's name, which works anywhere, stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable

EXTRAS = {
    "av": "bags",
    "dask": "fleet",
    "distributed": "fleet",
    "fsspec": "fleet",
    "cyclonedds": "dds",
    "llvmlite": "world",
    "matplotlib": "plots",
    "numba": "world",
    "onnxruntime": "cpu",
    "openvino": "openvino",
    "rosbags": "bags",
}
"""Module (and its distribution) -> the extra of setup.py that brings it."""

TRAINING = ("onnx", "tensorboard", "torch", "training")
"""What the second distribution brings."""


def cure(missing: Iterable[str]) -> str | None:
    """What to install for these modules, in words; None where one of them is not ours to name."""
    names = [name.partition(".")[0] for name in missing]
    if not names or not all(n in EXTRAS or n in TRAINING for n in names):
        return None
    if any(n in TRAINING for n in names):
        return "pip install -e '.[all]' -e ./training (in the clone of depth_seg_ros)"
    extras = ",".join(sorted({EXTRAS[n] for n in names}))
    return f"pip install '.[{extras}]' (in the clone), or pip install {' '.join(sorted(names))}"


def explain_missing(error: ModuleNotFoundError) -> str | None:
    """One line for an import that failed; None where the module is none of ours."""
    line = cure([error.name]) if error.name else None
    return None if line is None else f"{error.name} is not installed: {line}"
