"""In which precision a TensorRT engine really computes, read from its inspector."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

_WORDS = {
    "int8": "int8", "fp8": "fp8", "fp16": "fp16", "half": "fp16", "bf16": "bf16",
    "bfloat16": "bf16", "fp32": "fp32", "float": "fp32", "tf32": "tf32",
}  # fmt: skip


def layer_precisions(description: str) -> dict[str, int]:
    """Layers of an engine by the precision of their weights, or of their first input.

    description: the engine inspector's JSON. Layers that name no type (integer shapes, names only
    because the engine was built without detail) are not counted.
    """
    counts: Counter[str] = Counter()
    for layer in json.loads(description or "{}").get("Layers", []):
        if isinstance(layer, dict) and (precision := _layer_precision(layer)):
            counts[precision] += 1
    return dict(sorted(counts.items()))


def _layer_precision(layer: dict[str, Any]) -> str:
    weights = layer.get("Weights")
    if isinstance(weights, dict) and weights.get("Count") and (found := _word(weights.get("Type"))):
        return found
    for tensor in [*layer.get("Inputs", []), *layer.get("Outputs", [])]:
        if found := _word(tensor.get("Format/Datatype")) or _word(tensor.get("Datatype")):
            return found
    return ""


def _word(text: object) -> str:
    """``Half``, or ``Row major linear FP16 format``, as ``fp16``; "" for types not counted."""
    words = str(text or "").lower().replace(".", " ").split()
    return next((_WORDS[w] for w in words if w in _WORDS), "")
