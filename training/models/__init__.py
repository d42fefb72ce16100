"""A settled name: ``training.models.NAME.build()``, the network of ``training.networks.NAME``."""

from training import networks

build, names = networks.build, networks.names
__path__ = networks.__path__
