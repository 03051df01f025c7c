import io
import re

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from solver.export.bars import Segment, axis_svg, bar_svg, hour_step, round_step
from solver.export.detail_sums import cost_of, hours_of, timeline
from solver.export.details import details
from solver.export.paper import FONTS
from solver.export.pdf import report_pdf
from solver.export.report import report_of
from solver.export.sections import Bars, Section, Table
from solver.export.themes import LIGHT
from solver.plan_values import Change, Frequency, LimitFrequency, Mix, Simulation
from tests.support.launchable import launchable, stored

TITLES = {
    "Where the dollars go",
    "Timeline",
    "Dollars by part",
    "Hours by part",
    "Memory of one accelerator",
    "Memory by part",
    "How sure it is",
    "Risk: the chance that each limit holds",
    "Margins",
    "Runs that may fail",
    "Energy and CO₂",
    "Alternatives compared",
    "Evidence",
    "Assumptions",
    "Prices",
    "Search",
    "Solver",
    "What was left out, and why",
    "To make it again",
}

SCALES = st.floats(min_value=1e-9, max_value=1e12)


def parts(answer):
    return {part.title: part for row in details(answer) for part in row}


def with_jobs(answer, *jobs):
    asked = [answer.question.jobs[0].replace(name=job.name).model_dump() for job in jobs]
    question = answer.question.replace(jobs=asked)
    return answer.model_copy(update={"jobs": jobs, "question": question, "region": None})


def test_that_a_plan_is_followed_by_all_that_is_known_of_it():
    assert parts(stored()).keys() >= TITLES


@pytest.mark.parametrize("outcome", ["solved", "impossible", "unknown", "stopped"])
def test_that_every_outcome_ends_with_how_to_make_it_again(outcome):
    answer = stored(outcome)

    *_, (last,) = details(answer)

    assert last.title == "To make it again"
    assert answer.provenance.catalog_sha256 in " ".join(cell for _, cell in last.rows)


@pytest.mark.parametrize("answer", [stored(), launchable(instances=2)], ids=["one", "machines"])
def test_that_parts_of_dollars_and_hours_add_up_to_what_the_answer_says(answer):
    job = answer.jobs[0]

    assert sum(cost_of(job).values()) == pytest.approx(sum(job.cost.model_dump().values()))
    assert sum(hours_of(job).values()) == pytest.approx(sum(job.time.model_dump().values()))
    assert min(cost_of(job).values()) >= 0


def test_that_the_start_up_costs_its_hours_of_the_machines_price():
    job = stored().jobs[0]

    assert cost_of(job)["start-up"] == pytest.approx(job.offer.usd_per_hour * job.time.startup)


def test_that_a_later_job_is_drawn_after_the_one_it_waits_for():
    first = stored().jobs[0]
    hours = first.hours.at_confidence
    later = {"name": "second", "start_hours": hours, "end_hours": 2 * hours}
    second = first.model_copy(update={**later, "waits_for": (first.name,)})

    one, other = timeline(with_jobs(stored(), second, first)).bars

    assert (one.label, other.label) == (first.name, "second")
    assert f"starts after 25 min and {first.name}" in other.words
    assert left_edge(other.picture) > left_edge(one.picture)


def left_edge(picture):
    """Where the first segment begins; the first rectangle is the track."""
    return [float(x) for x in re.findall(r'<rect x="([\d.]+)"', picture)][1]


def test_that_a_far_deadline_does_not_shrink_the_jobs_to_nothing():
    drawn = timeline(stored())

    assert "lies far to the right" in drawn.note
    assert "25 min" in drawn.bars[0].words


def test_that_an_assumption_of_some_jobs_names_them():
    first = stored().jobs[0]
    evidence = first.evidence.model_copy(update={"notes": ("sequences are packed", "only mine")})
    named = [first.model_copy(update={"name": name, "evidence": evidence}) for name in "ab"]
    named[1] = named[1].model_copy(
        update={"evidence": evidence.model_copy(update={"notes": ("sequences are packed",)})}
    )

    said = parts(with_jobs(stored(), *named))["Assumptions"].sentences

    assert "Sequences are packed." in said
    assert "a: Only mine." in said


def test_that_a_note_that_a_job_makes_twice_is_told_once_and_without_its_name():
    job = stored().jobs[0]
    evidence = job.evidence.model_copy(update={"notes": ("nobody knows",)})
    twice = job.model_copy(update={"evidence": evidence, "accuracy_note": "Nobody knows."})

    assert parts(with_jobs(stored(), twice))["Assumptions"].sentences[0] == "Nobody knows."


def test_that_the_chance_of_a_failed_run_comes_with_what_a_repeat_takes():
    job = stored().jobs[0]

    row = parts(stored())["Runs that may fail"].rows[0]

    assert row[:2] == (job.name, "2.0 %")
    assert row[2] == "5.1 min"


def test_that_charts_are_vectors_and_their_fonts_embedded_on_every_page():
    pages = PdfReader(io.BytesIO(report_pdf(report_of(stored())))).pages

    assert len(pages) > 1
    for page in pages:
        assert not list(page.images)
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0]["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_that_every_picture_is_told_in_words():
    reader = PdfReader(io.BytesIO(report_pdf(report_of(stored()))))

    told = [
        item["/Alt"] for item in elements(reader.trailer["/Root"]["/StructTreeRoot"], "/Figure")
    ]

    assert any("compute $0.11" in words for words in told)
    assert all(words.strip() for words in told)


def elements(node, kind):
    """Every element of a kind below a node of the structure tree."""
    node = node.get_object()
    if not isinstance(node, dict):
        return
    if node.get("/S") == kind:
        yield node
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        if not isinstance(kid, int):
            yield from elements(kid, kind)


@pytest.mark.parametrize("letter", ["中", "\U00012000", "\u0378"])
def test_that_letters_without_a_font_are_named_by_their_code_points(letter, monkeypatch):
    monkeypatch.setattr("solver.export.paper._fonts", _bundled_only)
    question = stored().question.replace(title=f"a {letter} b")

    pdf = report_pdf(report_of(stored().model_copy(update={"question": question})))

    reader = PdfReader(io.BytesIO(pdf))
    assert f"U+{ord(letter):04X}" in reader.pages[0].extract_text()
    assert b"pdfaid:part" in reader.trailer["/Root"]["/Metadata"].get_data()


def _bundled_only(*, system):
    del system
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])


@given(SCALES)
def test_that_an_axis_has_few_round_ticks(scale):
    for step in (round_step(scale), hour_step(scale)):
        assert scale / step <= 6.000001


@given(st.lists(st.floats(-1, 1e12), max_size=8), SCALES, st.floats(0, 1e12))
def test_that_a_bar_never_leaves_its_picture(values, scale, start):
    drawn = bar_svg([Segment(value, "#000000") for value in values], scale, "w", LIGHT, start=start)

    for x, width in re.findall(r'<rect x="([\d.]+)" y="1.5" width="([\d.]+)"', drawn):
        assert float(x) + float(width) <= 440.5


def test_that_an_axis_marks_its_ends():
    drawn = axis_svg(10.0, 5.0, str, LIGHT)

    assert re.findall(r">([\d.]+)</text>", drawn) == ["0", "5.0", "10.0"]


def test_that_a_part_is_one_of_three_kinds():
    for row in details(stored()):
        assert 1 <= len(row) <= 2
        assert all(isinstance(part, Table | Section | Bars) for part in row)


def test_that_a_failure_is_one_page():
    assert details(stored("failed")) == ()


def test_that_a_plan_that_costs_nothing_shows_no_dollars_by_part():
    job = stored().jobs[0]
    none = dict.fromkeys(("median", "at_confidence", "low80", "high80"), 0.0)
    free = job.model_copy(update={"usd": job.usd.model_copy(update=none)})

    shown = parts(with_jobs(stored(), free))

    assert "Where the dollars go" not in shown
    assert "Timeline" in shown


def test_that_a_mix_of_changes_is_shown_where_a_plan_is_impossible():
    change = Change(limit="budget", job=None, value=25.0, change=5.0, text="$5 more")
    mix = Mix(changes=(change,), text="", keys=("k",), hours=2.0, usd=24.0, accuracy=None)

    left = report_of(stored("impossible").model_copy(update={"mix": mix})).left

    assert left[-1].rows == (("budget", "$25", "$5 more"),)
    assert left[-1].note == "Then: 2 h, $24, accuracy unknown."


def test_that_a_simulation_is_told_beside_what_was_asked_for():
    often = Frequency(times=930, share=0.93, low95=0.91, high95=0.95)
    limit = LimitFrequency(name="min_accuracy", job="tickets", kept=often)
    tried = Simulation(draws=1000, seed=3, promised=0.9, together=often, limits=(limit,))

    table = parts(stored().model_copy(update={"simulation": tried}))["Simulation"]

    assert table.rows[0] == ("minimum accuracy of tickets", "930", "93 %", "91–95 %")
    assert table.note == "1,000 outcomes, seed 3; asked for 90 %."
