"""Writes the golden LP files anew: run it after an intended change, then read the difference.

python -m tests.support.golden
"""

from pathlib import Path

from solver.program import Family
from tests.support.families import lp_text

GOLDEN = Path(__file__).parents[1] / "golden"


def main():
    """One file for each family, and one for the bare model."""
    for family in (None, *Family):
        name = "base" if family is None else family.value
        (GOLDEN / f"{name}.lp").write_text(lp_text(family), encoding="utf-8")


if __name__ == "__main__":
    main()
