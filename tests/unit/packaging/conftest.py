"""The build's modules lie beside each other in a folder that is no package."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

sys.path.append(str(ROOT / "packaging"))
