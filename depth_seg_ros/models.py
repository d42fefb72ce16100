"""Names of the models that ship, and where their files are."""

from __future__ import annotations

from pathlib import Path

from depth_seg_ros.errors import SpecError

WEIGHTS_DIR = Path(__file__).parent / "weights"

DEFAULT_MODEL = "ds_net_lite"
"""What every command and node takes unless told otherwise."""


def shipped_models() -> list[str]:
    """Names of the ONNX files in the package, sorted; int8 files belong to the one beside them."""
    stems = (p.stem for p in WEIGHTS_DIR.glob("*.onnx"))
    return sorted(name for name in stems if not name.endswith(".int8"))


def resolve_model(model: str | Path) -> Path:
    """Path of a shipped model's name, or of an ONNX file; SpecError naming what there is."""
    if (shipped := WEIGHTS_DIR / f"{model}.onnx").is_file():
        return shipped
    path = Path(model)
    if path.is_file():
        return path
    known = ", ".join(shipped_models()) or "none"
    raise SpecError(f"no model {str(model)!r}: neither a file nor a shipped name ({known})")
