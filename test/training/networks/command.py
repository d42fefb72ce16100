"""``python command.py training.train ARGS``: a training command that also knows ``tiny``."""

import importlib
import sys
from pathlib import Path

import torch

from training import networks

if __name__ == "__main__":
    torch.set_num_threads(1)
    networks.__path__.append(str(Path(__file__).parent))
    sys.exit(importlib.import_module(sys.argv[1]).main(sys.argv[2:]))
