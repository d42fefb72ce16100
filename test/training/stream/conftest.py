"""The makers of scenes, importable from here and from processes started here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
