"""Any valid answer exports to every format, and reads back equal where it can."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from solver.answer_file import to_json
from solver.check import read_answer
from solver.diff import differences
from solver.export.csv_tables import csv_tables
from solver.export.html import report_html
from solver.export.launch.refusals import LaunchError
from solver.export.launch.targets import TARGETS, launch_files
from solver.export.markdown import report_markdown
from solver.export.pdf import report_pdf
from solver.export.report import report_of
from solver.plan import ANSWER
from tests.support.launchable import chained, in_phases, launchable, stored

OUTCOMES = ("solved", "impossible", "unknown", "stopped", "failed")

KEPT = {"format", "version", "outcome", "asked_at", "catalog", "constants", "frontier", "region"}
"""What a changed value would make another file of, or that has an order of its own."""

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=200)

FIGURES = st.floats(min_value=0, max_value=1e11) | st.sampled_from([0.0, 1e-12, 0.5, 1.0, 1e9])

COUNTS = st.integers(min_value=1, max_value=10**6)


def leaves(value, path=()):
    """Paths of the figures and words of a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in KEPT:
                yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from leaves(inner, (*path, position))
    elif value is not None and not isinstance(value, bool):
        yield path


def changed(value, path, new):
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new


@st.composite
def answers(draw):
    """A valid answer of any outcome, with some of its figures and words exchanged."""
    made = draw(st.sampled_from([*map(stored, OUTCOMES), *PLANS]))
    for _ in range(draw(st.integers(0, 6))):
        data = ANSWER.dump_python(made, mode="json")
        path = draw(st.sampled_from(list(leaves(data))))
        old = data
        for step in path:
            old = old[step]
        kinds = {str: TEXT, int: COUNTS, float: FIGURES}
        changed(data, path, draw(kinds[type(old)]))
        try:
            made = ANSWER.validate_python(json.loads(json.dumps(data)))
        except ValidationError:
            continue
    return made


PLANS = (
    launchable(),
    launchable(pricing="spot"),
    in_phases(launchable(family="language-modelling"), ((9, 64, 512), (1, 64, 2048))),
    chained(launchable(method="full", name="a"), launchable(method="full", name="b")),
)


SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(answers())
def test_that_any_answer_is_a_page_a_text_and_tables(answer):
    report = report_of(answer)

    assert report_html(report).endswith("</html>\n")
    assert report_markdown(report).startswith("# ")
    assert "answer.csv" in csv_tables(answer)


@SLOW
@given(answers())
def test_that_any_answer_reads_back_equal_and_without_difference(answer):
    again = read_answer(to_json(answer))

    assert again == answer
    assert differences(answer, again) == ()


@SLOW
@given(answers(), answers())
def test_that_any_two_answers_can_be_compared(one, other):
    for group in differences(one, other):
        assert all(group.sentences)


@SLOW
@given(answers(), st.sampled_from(list(TARGETS)))
def test_that_any_answer_is_launched_or_refused_with_reasons(answer, target):
    try:
        made = launch_files(answer, target)
    except LaunchError:
        return

    assert all(file.text.endswith("\n") for file in made)


@settings(max_examples=8, deadline=None)
@given(answers())
def test_that_any_answer_is_a_page_of_print(answer):
    assert report_pdf(report_of(answer)).startswith(b"%PDF")
