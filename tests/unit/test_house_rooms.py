"""Rooms keep their doors shut: what an import may load."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules_of(package):
    folder = ROOT / package
    found = pkgutil.walk_packages([str(folder)], prefix=f"{package}.")
    return [package, *(module.name for module in found)]


def loaded_by(modules, suspects):
    """Which of `suspects` a fresh interpreter holds after importing `modules`."""
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(*sorted({suspects!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_that_nothing_headless_loads_qt():
    headless = modules_of("catalog") + modules_of("solver")

    assert loaded_by(headless, {"PySide6", "shiboken6", "pyqtgraph"}) == []


def test_that_the_first_paint_waits_for_no_numpy_and_no_plot():
    assert loaded_by(["gui.application"], {"numpy", "pyqtgraph", "catalog.schema"}) == []


def test_that_the_window_loads_neither_pyomo_nor_highs():
    assert loaded_by(modules_of("gui"), {"pyomo", "highspy", "typst"}) == []


def test_that_the_catalogue_stands_alone():
    assert loaded_by(modules_of("catalog"), {"solver", "gui", "pyomo", "typst"}) == []


def test_that_asking_for_the_schema_of_a_question_needs_no_solver():
    assert loaded_by(["solver.question", "solver.plan"], {"pyomo", "highspy", "typst"}) == []


@pytest.mark.parametrize("package", ["catalog", "solver", "gui"])
def test_that_a_package_states_only_what_it_is(package):
    for init in (ROOT / package).rglob("__init__.py"):
        lines = init.read_text(encoding="utf-8").strip().splitlines()
        assert lines[0].startswith('"""')
        assert lines[-1].endswith('"""')


def test_that_no_module_outgrows_a_reader():
    long = {
        str(path.relative_to(ROOT)): lines
        for package in ("catalog", "solver", "gui", "benchmarks", "tests")
        for path in (ROOT / package).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }

    assert long == {}


def test_that_the_packaging_folder_never_shadows_the_library_of_that_name():
    assert not list((ROOT / "packaging").glob("__init__.py"))
