"""Runs every benchmark: once without timing as a check, or in full.

    python -m benchmarks.run --once
    python -m benchmarks.run

A benchmark is a module of this folder with `main(argv)`. It takes `--once` when it has a shorter
run that only shows that it still works. One that takes `--data` needs tables that are not part of
the project and is left out here.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent


def benchmarks() -> list[str]:
    """Names of the modules that can be run, in order."""
    return sorted(
        path.stem
        for path in FOLDER.glob("*.py")
        if not path.stem.startswith("_")
        and path.stem != "run"
        and "def main(" in path.read_text(encoding="utf-8")
    )


def takes(name: str, option: str) -> bool:
    """True where the benchmark's source names the option."""
    return f'"{option}"' in (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Run all benchmarks one after another; 1 where any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--once", action="store_true", help="once each, without timing")
    once = parser.parse_args(argv).once
    failed = []
    for name in benchmarks():
        if takes(name, "--data"):
            print(f"{name}: left out, it needs tables given with --data", flush=True)
            continue
        print(f"{name}: runs", flush=True)
        options = ["--once"] if once and takes(name, "--once") else []
        with tempfile.TemporaryDirectory() as made:
            options += ["--out", made] if takes(name, "--out") else []
            command = [sys.executable, "-m", f"benchmarks.{name}", *options]
            if subprocess.run(command, cwd=FOLDER.parent, check=False).returncode:
                failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "No benchmark failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
