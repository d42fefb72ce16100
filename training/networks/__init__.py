"""The networks: one file each, the file's name is the network's name.

``training.networks.ds_net.build()`` makes a network; every module here with a ``build`` is one, so
adding a network is adding a file. All take uint8 RGB ``[B, h, w, 3]`` and return
:class:`~training.layers.network.Outputs`; normalisation and depth decoding are inside.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from depth_seg_ros.errors import ConfigError
from training.layers.network import Network


def names() -> list[str]:
    """Names of all networks, sorted; nothing is imported to find them."""
    files = [path for folder in __path__ for path in Path(folder).glob("[!_]*.py")]
    return sorted(p.stem for p in files if "\ndef build(" in p.read_text(encoding="utf-8"))


def build(name: str, **options: Any) -> Network:
    """A network by name; ConfigError naming the known ones, or the option it does not take."""
    if name not in names():
        raise ConfigError(f"no network is named {name!r}; known: {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    try:
        inspect.signature(module.build).bind(**options)
    except TypeError as e:
        raise ConfigError(f"network {name} cannot be built with {options}: {e}") from e
    network: Network = module.build(**options)
    return network
