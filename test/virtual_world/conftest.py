"""Lets the tests of this room import their hand-built world."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
