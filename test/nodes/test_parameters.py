"""The declarations: complete, consistent, and the only place that knows a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
import yaml

from depth_seg_ros.errors import ConfigError
from depth_seg_ros.evaluation.score.protocols import PROTOCOLS
from depth_seg_ros.labels import NETWORK_CLASSES
from depth_seg_ros.nodes.parameters import CONFIGS
from depth_seg_ros.nodes.parameters.declaration import Config, Parameter, declarations
from depth_seg_ros.nodes.parameters.declaration import parameter as declare
from depth_seg_ros.nodes.parameters.evaluation import PROTOCOL_NAMES
from depth_seg_ros.nodes.topics import PUBLISHED

ROOT = Path(__file__).resolve().parents[2]
ALL = [(node, p) for node, config in CONFIGS.items() for _, p in declarations(config)]


@pytest.mark.parametrize(("node", "parameter"), ALL, ids=lambda v: getattr(v, "name", v))
def test_every_parameter_is_described_and_its_default_is_allowed(
    node: str, parameter: Parameter
) -> None:
    assert parameter.description.endswith(".")
    assert parameter.check(parameter.default) == ""
    assert not (parameter.range and parameter.choices)


@pytest.mark.parametrize("config", CONFIGS.values())
def test_names_are_unique_and_fields_are_complete(config: type) -> None:
    names = [p.name for _, p in declarations(config)]
    assert len(set(names)) == len(names) == len(fields(config))


def test_every_protocol_may_be_chosen() -> None:
    assert tuple(PROTOCOLS) == PROTOCOL_NAMES


def test_a_default_outside_its_own_range_cannot_be_declared() -> None:
    with pytest.raises(ConfigError, match=r"bad default: share is 2\.0; allowed: 0 to 1"):
        declare("share", 2.0, "Too much of it.", limit="share")


def test_a_field_that_declares_nothing_is_an_error() -> None:
    @dataclass(frozen=True)
    class Forgetful(Config):
        model: str = "ds_net"

    with pytest.raises(ConfigError, match="field model declares no parameter"):
        list(declarations(Forgetful))


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("max_rate_hz", 5, "is a double, not int 5"),
        ("max_rate_hz", float("nan"), "allowed: 0 to 1000"),
        ("max_rate_hz", -1.0, "allowed: 0 to 1000"),
        ("engine.threads", True, "is a int, not bool True"),
        ("depth.encoding", "8UC1", "known: 32FC1, 16UC1"),
    ],
)
def test_values_outside_the_declaration_are_refused(
    name: str, value: object, complaint: str
) -> None:
    assert complaint in _problem(CONFIGS["perception_node"], {name: value})


def test_limits_are_refused_as_a_pair() -> None:
    perception = CONFIGS["perception_node"]
    pair = {"depth.min_m": 5.0, "depth.max_m": 2.0}
    assert "set depth.min_m below depth.max_m" in _problem(perception, pair)
    assert _problem(perception, {"depth.min_m": 5.0}) == ""  # max_m 0: as taught


PARAMETER_FILES = sorted((ROOT / "config").glob("*.yaml"))


@pytest.mark.parametrize("path", PARAMETER_FILES, ids=lambda p: p.name)
def test_parameter_files_override_known_parameters_only(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    ours = {n: c["ros__parameters"] for n, c in content.items() if not _is_foreign(n)}
    for node, given in ours.items():
        config = CONFIGS["perception_node" if node in ("/**", "perception") else f"{node}_node"]
        defaults = {p.name: p.default for _, p in declarations(config)}
        flat = dict(_flatten(given))
        assert set(flat) <= set(defaults), path.name
        assert _problem(config, flat) == "", path.name
        repeated = {k for k, v in flat.items() if v == defaults[k]}
        assert not repeated, f"{path.name} repeats defaults: {sorted(repeated)}"


def test_nav2_is_given_our_topics_and_class_names() -> None:
    text = (ROOT / "config" / "nav2_semantic_layer.yaml").read_text(encoding="utf-8")
    costmap = yaml.safe_load(text)["local_costmap"]["local_costmap"]["ros__parameters"]
    camera = costmap["semantic_segmentation_layer"]["camera"]
    published = {f"/{t.name}" for t in PUBLISHED["perception_node"]}
    assert {v for k, v in camera.items() if k.endswith("_topic")} <= published
    names = [n for kind in camera["class_types"] for n in camera[kind]["classes"]]
    nothing = ["unlabeled", "ego vehicle", "rectification border", "out of roi", "sky"]
    assert sorted(names + nothing) == sorted(c.name for c in NETWORK_CLASSES)  # each once


def test_nav2_is_given_only_what_its_layer_documents() -> None:
    """Keys by the documentation of semantic_segmentation_layer."""
    text = (ROOT / "config" / "nav2_semantic_layer.yaml").read_text(encoding="utf-8")
    costmap = yaml.safe_load(text)["local_costmap"]["local_costmap"]["ros__parameters"]
    layer = costmap["semantic_segmentation_layer"]
    assert set(layer) <= {"plugin", "enabled", "observation_sources", "camera"}
    assert layer["observation_sources"] == "camera"
    camera = layer["camera"]
    known = {
        "segmentation_topic", "confidence_topic", "labels_topic", "pointcloud_topic",
        "observation_persistence", "expected_update_rate", "visualize_tile_map",
        "use_cost_selection", "max_obstacle_distance", "min_obstacle_distance",
        "tile_map_decay_time", "class_types",
    }  # fmt: skip
    assert set(camera) - set(camera["class_types"]) <= known
    of_a_class = {
        "classes", "base_cost", "max_cost", "mark_confidence", "samples_to_max_cost",
        "dominant_priority",
    }  # fmt: skip
    for kind in camera["class_types"]:
        assert set(camera[kind]) <= of_a_class
        assert 0 <= camera[kind]["base_cost"] <= camera[kind]["max_cost"] <= 254


def test_there_are_parameter_files() -> None:
    assert PARAMETER_FILES


def _problem(config: type[Config], values: Mapping[str, object]) -> str:
    """Why a node would refuse these values; empty if it takes them."""
    declared = {p.name: (attribute, p) for attribute, p in declarations(config)}
    for name, value in values.items():
        if problem := declared[name][1].check(value):
            return problem
    return config(**{declared[name][0]: value for name, value in values.items()}).problem()


def _is_foreign(node: str) -> bool:
    """Nav2's own nodes in the Nav2 example."""
    return "costmap" in node


def _flatten(tree: dict, prefix: str = ""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
