"""Which modules commands load as they run, as JSON: what no analysis of source can find.

    python packaging/loaded.py

PyInstaller reads imports from source. Pyomo loads most of its plugins by name, so that everything
that a run has loaded is named to it besides. Run in the environment that is to be bundled.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

from solver.cli.main import main as command_line
from solver.examples import folder

ROOTS = ("highspy", "numpy", "pyomo", "pydantic", "pydantic_core", "ply", "typst")
"""Packages whose modules are loaded by name somewhere."""


def main() -> int:
    """Run the commands and print what they loaded; returns the exit code."""
    with tempfile.TemporaryDirectory() as made:
        answer = str(Path(made) / "answer.json")
        for question in sorted(folder().glob("*.toml")):
            run("plan", str(question), "--json", answer)
            run("check", answer)
            run("report", answer, "--pdf", str(Path(made) / f"{question.stem}.pdf"))
    loaded = [
        name
        for name, module in sys.modules.items()
        # Pyomo keeps modules of others under names of its own, without a specification for them.
        if name.split(".")[0] in ROOTS and getattr(module.__spec__, "name", "") == name
    ]
    sys.stdout.write(json.dumps(sorted(loaded), indent=1) + "\n")
    return 0


def run(*words: str) -> None:
    """Run a command without showing what it prints."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        command_line(words)


if __name__ == "__main__":
    sys.exit(main())
