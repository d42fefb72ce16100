"""The fuzzers' own modules are found by their bare names, as ``run.py`` finds them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
