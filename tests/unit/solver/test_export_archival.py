"""PDF/A-2b and PDF/UA-1 by a validator that the corpus of veraPDF holds to its rules."""

import pytest
import typst
from page import ValidationProfile, validate_pdf_bytes

from solver.export.pdf import report_pdf
from solver.export.report import report_of
from tests.support.launchable import stored

PROFILES = (ValidationProfile.PDF_A_2B, ValidationProfile.PDF_UA_1)


def broken_rules(pdf):
    return [
        (profile.name, failure.rule_id, failure.message)
        for profile in PROFILES
        for failure in validate_pdf_bytes(pdf, profile=profile).failures
    ]


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
@pytest.mark.parametrize("outcome", ["solved", "impossible", "unknown", "stopped", "failed"])
def test_that_a_report_breaks_no_rule_of_archives_and_screen_readers(outcome, paper):
    assert broken_rules(report_pdf(report_of(stored(outcome)), paper)) == []


@pytest.mark.parametrize("title", ["工单 😀 \U00012000", "العربية \u200d\u202e", " "])
def test_that_no_title_breaks_a_rule(title):
    question = stored().question.replace(title=title)

    pdf = report_pdf(report_of(stored().model_copy(update={"question": question})))

    assert broken_rules(pdf) == []


def test_that_the_validator_tells_an_ordinary_page_from_an_archival_one():
    ordinary = typst.compile(b"words", format="pdf")

    assert {profile for profile, _, _ in broken_rules(bytes(ordinary))} == {"PDF_A_2B", "PDF_UA_1"}
