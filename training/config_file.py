"""An experiment's yaml: read, overridden by ``section.key=value``, built key by key.

An unknown key, a wrong type or a value out of range is one error naming the file and the key.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import yaml

from depth_seg_ros.errors import ConfigError
from training.config import Experiment


def load_experiment(path: str | Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read a yaml and apply ``section.key=value`` overrides (values are yaml too)."""
    path = Path(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigError(f"no experiment {path}; see config/training/") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as e:
        told = " ".join(str(e).split())
        raise ConfigError(f"{path} is not readable yaml ({told})") from e
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: the file should hold keys, found {data!r}")
    return experiment_from_dict(override(data, overrides), str(path))


def experiment_from_dict(data: Any, origin: str) -> Experiment:
    """Check and build; ConfigError names ``origin`` and the key."""
    try:
        built = _build(Experiment, data, "")
    except ConfigError as e:
        raise ConfigError(f"{origin}: {e}") from e
    assert isinstance(built, Experiment)
    return built


def override(data: dict[str, Any], texts: Sequence[str]) -> dict[str, Any]:
    """``data`` with ``section.key=value`` texts applied (in place)."""
    for text in texts:
        _override(data, text)
    return data


def _override(data: dict[str, Any], text: str) -> None:
    key, separator, value = text.partition("=")
    if not separator:
        raise ConfigError(f"override {text!r} should read section.key=value")
    *sections, last = key.strip().split(".")
    for section in sections:
        data = data.setdefault(section, {})
        if not isinstance(data, dict):
            raise ConfigError(f"override {text!r}: {section} has no keys")
    try:
        data[last] = yaml.safe_load(value)
    except (ValueError, RecursionError, yaml.YAMLError) as e:
        told = " ".join(str(e).split())
        raise ConfigError(f"override {text!r} is not yaml ({told})") from e


def _build(kind: Any, value: Any, where: str) -> Any:
    """A value of the annotated kind out of yaml's plain data."""
    if is_dataclass(kind):
        return _build_dataclass(kind, value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_build(arguments[0], v, f"{where}[{i}]") for i, v in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} should map names to numbers, found {value!r}")
        return {str(k): _build(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    return _scalar(kind, value, where)


def _build_dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where or 'the file'} should hold keys, found {value!r}")
    hints = typing.get_type_hints(kind)
    unknown = [k for k in value if k not in hints]
    if unknown:
        prefix = f"{where}." if where else ""
        raise ConfigError(f"unknown key {prefix}{unknown[0]}; known: {', '.join(hints)}")
    for f in fields(kind):
        if f.name not in value and f.default is MISSING and f.default_factory is MISSING:
            raise ConfigError(f"{where} lacks {f.name}")
    return kind(
        **{k: _build(hints[k], v, f"{where}.{k}" if where else k) for k, v in value.items()}
    )


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, int | float | str) and not isinstance(value, bool):
        try:  # yaml reads 1e-4 as a string, and a thousand digits as a whole number
            return float(value)
        except (ValueError, OverflowError):
            raise ConfigError(f"{where} should be a number, found {value!r}") from None
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        raise ConfigError(f"{where} should be text, found {value!r}; put it in quotes")
    if type(value) is not kind:
        raise ConfigError(f"{where} should be {kind.__name__}, found {value!r}")
    return value
