import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from solver.answer_file import parse_answer
from solver.export.pdf import report_pdf
from solver.export.question_words import question_sentences, title_of
from solver.export.report import region_chart, report_of
from solver.plan_values import BEST_TRIED, NONE_TRIED
from tests.support.questions import answered, several_jobs

ANSWERS = Path(__file__).parents[2] / "data" / "answers"

OUTCOMES = ("solved", "impossible", "unknown", "stopped", "failed")


def answer_of(outcome):
    return parse_answer((ANSWERS / f"{outcome}.json").read_text(encoding="utf-8"))


def asked(answer, **changes):
    """The answer to the same question with another title or more jobs."""
    return answer.model_copy(update={"question": answer.question.replace(**changes)})


def read(pdf):
    return PdfReader(io.BytesIO(pdf))


def words_of(pdf, *, first=False):
    pages = read(pdf).pages
    text = " ".join(page.extract_text() for page in (pages[:1] if first else pages))
    return " ".join(text.replace("\u200b", "").split())


@pytest.fixture(scope="module")
def solved():
    return answer_of("solved")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_that_every_outcome_has_its_page(outcome):
    answer = answer_of(outcome)
    report = report_of(answer)

    pdf = report_pdf(report)

    words = words_of(pdf)
    assert report.headline.replace("\u00a0", " ") in words
    assert answer.why.split(":")[0] in words


def test_that_equal_answers_make_equal_bytes(solved):
    assert report_pdf(report_of(solved)) == report_pdf(report_of(answer_of("solved")))


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_that_the_page_is_archival_tagged_and_dated_by_its_question(solved, paper):
    reader = read(report_pdf(report_of(solved), paper))

    catalogue = reader.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_data().decode()
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata.title == solved.question.title
    assert reader.metadata.creation_date.isoformat() == "2026-11-25T11:00:00+00:00"


def test_that_charts_stay_vectors_and_every_font_is_embedded(solved):
    page = read(report_pdf(report_of(solved))).pages[0]

    assert not list(page.images)
    for font in page["/Resources"]["/Font"].values():
        descriptor = font.get_object()["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_that_a_title_is_never_markup(solved):
    title = '#read("secret.txt") $x^2$ *bold* `code` \\ <tag> @ref'

    assert title in words_of(report_pdf(report_of(asked(solved, title=title))))


@settings(max_examples=15, deadline=None)
@given(words=st.text(min_size=1, max_size=80))
def test_that_any_words_of_a_user_or_a_source_can_be_set(words):
    solved = answer_of("solved")
    job = solved.jobs[0]
    evidence = job.evidence.model_copy(update={"notes": (words,)})
    offer = job.offer.model_copy(update={"sku": words, "source": words})
    named = {"name": words, "key": words, "model": words, "evidence": evidence, "offer": offer}
    told = solved.model_copy(update={"why": words, "jobs": (job.model_copy(update=named),)})

    assert report_pdf(report_of(asked(told, title=words))).startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "title",
    ["W" * 200, ("Ελλάδα, Россия & Łódź " * 12)[:200], "a/b:c-" * 33, " " * 50, "😀" * 50],
    ids=["no spaces", "greek and cyrillic", "signs", "blank", "letters no font has"],
)
def test_that_any_title_leaves_the_decision_on_one_page(solved, title):
    words = words_of(report_pdf(report_of(asked(solved, title=title))), first=True)

    assert "To make it again" in words


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_that_many_jobs_leave_the_decision_on_one_page(solved, paper):
    names = [f"job {i} with a name" for i in range(29)] + ["W" * 200]
    jobs = [solved.question.jobs[0].replace(name=name) for name in names]
    planned = tuple(solved.jobs[0].model_copy(update={"name": name}) for name in names)
    many = asked(solved, jobs=jobs).model_copy(update={"jobs": planned, "region": None})

    pdf = report_pdf(report_of(many), paper)

    words = words_of(pdf, first=True)
    assert "To make it again" in words
    assert "20 more in the details" in words
    assert "job 28 with a name" in words_of(pdf)


def test_that_a_plan_shows_its_three_figures_with_limit_and_chance(solved):
    time, cost, accuracy = report_of(solved).figures

    assert (time.value, cost.value, accuracy.value) == ("19 min", "$0.34", "91.5 %")
    assert accuracy.limit == "limit 90.0 % · counted 90.4 % · chance 93 %"
    assert accuracy.tone == "warning"


def test_that_an_accuracy_nobody_predicts_is_called_unknown(solved):
    job = solved.jobs[0].model_copy(update={"accuracy": None})
    figures = report_of(solved.model_copy(update={"jobs": (job,)})).figures

    assert figures[2].value == "unknown"


def test_that_the_chart_places_the_plan_where_it_counts_against_the_limits(solved):
    chart = region_chart(solved)

    job = solved.jobs[0]
    assert chart.plan == (job.hours.at_confidence, job.usd.at_confidence)
    assert (chart.deadline_hours, chart.budget_usd) == (6, 20)


def test_that_the_report_says_how_to_make_the_answer_again(solved):
    again = report_of(solved).grounds[-1]

    assert "trilemma check answer.json" in again.sentences
    assert any(solved.provenance.catalog_sha256 in line for line in again.sentences)


def test_that_the_price_is_shown_with_its_date_and_source(solved):
    sources = next(part for part in report_of(solved).grounds if part.title == "Sources")

    assert "$1.01/h on 2026-07-20, checked at its source" in sources.sentences[0]


def test_that_a_question_is_told_in_sentences(solved):
    work, wanted, machines = question_sentences(solved.question, solved.asked_at)

    assert work.startswith("Train a model for classification of 12 classes on 40,000 examples of")
    assert work.endswith("128 tokens, 1 to 3 passes, 3 pilots measured.")
    assert wanted.startswith("Wanted is the cheapest plan within 6 h, $20 and an accuracy of at")
    assert wanted.endswith("least 90.0 %, all of it with 90 % confidence.")
    assert machines == "Machines may be rented (no spot machines)."


def test_that_a_question_without_a_title_is_called_by_its_jobs(solved):
    assert title_of(solved.question.replace(title="")) == "tickets"


def test_that_a_figure_of_all_jobs_is_not_held_against_the_limit_of_one():
    answer = answered(several_jobs())

    time, _, accuracy = report_of(answer).figures

    assert "limit 6 h" in time.limit
    assert accuracy.label == "Lowest accuracy, median"
    assert accuracy.limit == "jobs have limits of their own"


@pytest.mark.parametrize(
    ("outcome", "status", "badge"),
    [
        ("solved", "optimal", "Proven plan"),
        ("solved", BEST_TRIED, "Best of the plans tried"),
        ("impossible", "infeasible", "No plan keeps every limit"),
        ("impossible", NONE_TRIED, "No plan was found"),
    ],
)
def test_that_only_what_is_proven_is_called_so(outcome, status, badge):
    answer = answer_of(outcome)
    solver = answer.solver.model_copy(update={"status": status})

    assert report_of(answer.model_copy(update={"solver": solver})).outcome == badge
