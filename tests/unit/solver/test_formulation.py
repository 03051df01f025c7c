"""Each constraint family alone, against its golden LP file.

After an intended change of the formulation, write the files anew and read the difference:
    python -m tests.support.golden
"""

from pathlib import Path

import pytest

from solver.mip import formulation
from solver.program import FAMILY_OF_LIMIT, Family
from tests.support.families import lp_text

GOLDEN = Path(__file__).parents[2] / "golden"


def golden(name):
    return (GOLDEN / f"{name}.lp").read_text(encoding="utf-8")


@pytest.mark.parametrize("family", Family)
def test_that_a_family_writes_its_golden_rows(family):
    assert lp_text(family) == golden(family.value)


def test_that_the_bare_model_has_no_rows_but_its_columns():
    assert lp_text() == golden("base")


def test_that_every_family_has_a_golden_file_and_every_golden_file_a_family():
    assert {path.stem for path in GOLDEN.glob("*.lp")} == {"base", *Family}


@pytest.mark.parametrize("family", Family)
def test_that_every_golden_file_differs_from_the_bare_model(family):
    assert golden(family.value) != golden("base")


def test_that_every_limit_has_a_family_that_every_program_is_built_with():
    assert set(FAMILY_OF_LIMIT.values()) <= set(formulation.CONSTRAINTS)


@pytest.mark.parametrize("family", Family)
def test_that_a_family_is_a_function_of_its_name_with_its_formula(family):
    build = getattr(formulation, family.value)

    assert any(sign in build.__doc__ for sign in "≤≥=")
