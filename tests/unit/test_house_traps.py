"""Traps of the libraries this stands on; a test that fails here tells that a trap has gone."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_that_pyomo_environ_still_breaks_beside_qt_without_matplotlib():
    done = python("import PySide6.QtCore, pyomo.environ")

    assert done.returncode == 1
    assert "matplotlib" in done.stderr or "PySide6" in done.stderr or "Qt" in done.stderr


def test_that_pyomo_core_loads_beside_qt():
    done = python(
        "import PySide6.QtCore, pyomo.core; from pyomo.contrib.solver.solvers.highs import Highs"
    )

    assert done.returncode == 0, done.stderr


def test_that_pyomo_still_makes_a_lock_between_processes_as_it_is_imported():
    done = python(
        "import multiprocessing\n"
        "def lock(): raise PermissionError('no shared memory')\n"
        "multiprocessing.Lock = lock\n"
        "import pyomo.core"
    )

    assert "no shared memory" in done.stderr


def test_that_qt_calls_do_not_use_up_references_to_none():
    done = python(
        "import sys\n"
        "from PySide6.QtCore import QObject\n"
        "thing, before = QObject(), sys.getrefcount(None)\n"
        "for _ in range(1000): thing.setObjectName('x')\n"
        "print(before - sys.getrefcount(None))"
    )

    assert int(done.stdout) < 500


def test_that_versions_with_known_faults_stay_out():
    wanted = dict(
        re.fullmatch(r"([A-Za-z0-9_-]+)(.*)", line).groups()
        for line in PROJECT["project"]["dependencies"]
    )

    assert "<6.12" in wanted["PySide6-Essentials"]
    assert wanted["highspy"] == ">=1.15,<1.17"


def test_that_every_dependency_is_pinned_for_a_repeatable_set_up():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    wanted = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["test"],
    ]
    names = {re.split(r"[<>=!~ \[]", line)[0].lower().replace("_", "-") for line in wanted}

    assert names - pinned == set()


def test_that_highs_still_prints_a_banner_that_its_base_class_does_not():
    talks, quiet = (
        python("import highspy; highspy.Highs()"),
        python("import solver.mip.highs as h; h.Highs()"),
    )

    assert (talks.returncode, quiet.returncode) == (0, 0)
    assert "HiGHS" in talks.stdout
    assert quiet.stdout == ""
