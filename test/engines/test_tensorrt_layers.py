"""Reading the precision of an engine's layers from the inspector's words."""

from __future__ import annotations

import json

from depth_seg_ros.engines.tensorrt.layers import layer_precisions


def test_both_wordings_are_read() -> None:
    layers = [
        {"Name": "a", "Weights": {"Type": "Int8", "Count": 9}, "Inputs": []},
        {"Name": "b", "Weights": {"Type": "Half", "Count": 9}},
        {"Name": "c", "Inputs": [{"Format/Datatype": "Row major linear FP16 format"}]},
        {"Name": "d", "Inputs": [{"Format/Datatype": "Thirty-two wide channel vectorized row "
                                                    "major Int8 format."}]},
        {"Name": "e", "Weights": {"Type": "Float", "Count": 0}, "Inputs": [
            {"Format/Datatype": "Half"}]},
        {"Name": "f", "Inputs": [{"Format/Datatype": "UInt8"}],
         "Outputs": [{"Format/Datatype": "Float"}]},
        {"Name": "shape arithmetic", "Inputs": [{"Format/Datatype": "Int32"}]},
        "a name only",
    ]  # fmt: skip
    assert layer_precisions(json.dumps({"Layers": layers})) == {"fp16": 3, "fp32": 1, "int8": 2}


def test_engine_without_details_counts_nothing() -> None:
    assert layer_precisions("") == {} and layer_precisions('{"Layers": ["a", "b"]}') == {}
