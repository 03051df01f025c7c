"""Fits and judges accuracy prediction on the bulk tables.

python -m benchmarks.quality fit --data FOLDER
python -m benchmarks.quality evaluate --data FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import quality_fit
from solver.estimate.quality_constants import FITTED


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("fit", "evaluate"))
    parser.add_argument("--data", type=Path, required=True, help="folder with the bulk tables")
    arguments = parser.parse_args()
    if arguments.command == "fit":
        quality_fit.write(quality_fit.fit_all(arguments.data), FITTED)


if __name__ == "__main__":
    main()
