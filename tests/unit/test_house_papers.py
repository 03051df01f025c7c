"""What is written about the project follows what it does."""

import re
from pathlib import Path

import numpy as np
import pytest

from solver.mip import formulation
from solver.program import FAMILY_OF_LIMIT, Family, JobColumns, Limit, Program
from solver.timetable import Resource

ROOT = Path(__file__).parents[2]


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def full_model():
    """A program with every family and every aim's own rows."""
    one, whole = np.array([1.0, 2.0]), np.array([0, 1])
    columns = JobColumns(
        hours=one,
        usd=one,
        accuracy=one / 3,
        level=whole,
        co2_kg=one,
        gpus=one,
        deployed_gb=one,
        latency_ms=one,
        pool=np.array([0, -1]),
        instances=one,
        takes=np.array([-1, -1]),
        gives=np.array([-1, -1]),
        quota_gpus=np.zeros((0, 2)),
        left_out=np.array([False, False]),
    )
    limits = tuple(Limit(name, 0, 1.0) for name in FAMILY_OF_LIMIT)
    pool = Resource("pool", 1.0, usd_each=1.0)
    program = Program((columns,), limits, (pool,), moments=(0.0, 1.0, 4.0))
    model = formulation.base(program)
    for build in formulation.CONSTRAINTS.values():
        build(model, program)
    formulation.makespan(model, program)
    formulation.worst_accuracy(model, program)
    regret = dict.fromkeys(("hours", "usd", "accuracy"), 1.0)
    formulation.minimise(model, formulation.chebyshev(model, program, regret, regret))
    return model


def test_that_the_model_page_names_every_pyomo_component(full_model):
    named = set(re.findall(r"`(\w+)`", text_of("docs/model.md")))
    built = {
        component.local_name
        for component in full_model.component_objects(descend_into=False)
        if not component.local_name.endswith(("_index", "_domain"))
    }

    assert built - named == set()


def test_that_the_model_page_has_a_row_for_every_constraint_family():
    rows = [line for line in text_of("docs/model.md").splitlines() if line.startswith("|")]

    for family in Family:
        assert any(row.rstrip(" |").endswith(f"`{family.value}`") for row in rows), family


@pytest.mark.parametrize(
    ("extra", "program"), [("-e .", "trilemma demo"), ("-e '.[test]'", "pytest")]
)
def test_that_the_readme_gives_the_set_up_commands(extra, program):
    command = (
        f"python3 -m venv .venv && .venv/bin/pip install -c constraints.txt {extra}"
        f" && .venv/bin/{program}"
    )

    assert f"\n{command}\n" in text_of("README.md")


def test_that_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []


def test_that_the_nomenclature_defines_each_word_once():
    words = re.findall(r"^\*\*(.+?)\*\*", text_of("docs/nomenclature.md"), flags=re.MULTILINE)

    assert words
    assert len(words) == len({word.lower() for word in words})


def test_that_the_index_leads_to_every_page():
    linked = set(re.findall(r"\]\(([^)#]+)\)", text_of("docs/index.md")))

    assert {page.name for page in (ROOT / "docs").glob("*.md")} - linked == {"index.md"}


def test_that_code_refers_only_to_pages_that_exist():
    named = {
        page
        for package in ("catalog", "solver", "gui")
        for module in (ROOT / package).rglob("*.py")
        for page in re.findall(r"docs/[\w/.-]+\.md", module.read_text(encoding="utf-8"))
    }

    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []
