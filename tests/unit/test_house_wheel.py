"""The built distribution holds what runs, and nothing else."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """Names of the files in a freshly built wheel."""
    built = next(
        WheelBuilder(str(ROOT)).build(
            directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"]
        )
    )
    with zipfile.ZipFile(built) as wheel:
        return wheel.namelist()


def test_that_the_wheel_holds_exactly_the_three_packages(inside):
    tops = {name.split("/")[0] for name in inside if ".dist-info/" not in name}

    assert tops == {"catalog", "solver", "gui"}


def test_that_the_wheel_carries_every_data_file_of_the_packages(inside):
    needed = {
        str(path.relative_to(ROOT))
        for package in ("catalog", "solver", "gui")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
    }

    assert needed - set(inside) == set()
    assert "solver/export/fonts/OFL.txt" in needed


def test_that_the_wheel_carries_the_examples(inside):
    examples = {path.name for path in (ROOT / "examples").glob("*.toml")}

    assert examples
    assert {f"solver/examples_data/{name}" for name in examples} - set(inside) == set()
