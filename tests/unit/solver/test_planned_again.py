"""A candidate in full, asked for again: the same figures, and never those of another."""

from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.outcome import planned as module
from solver.outcome.planned import planned_job
from tests.support.questions import NOW, question, the_catalog


def made(**job):
    asked = question(jobs=(job,))
    return candidates(asked.jobs[0], asked, the_catalog(), shipped_constants(), NOW.date())


def test_that_what_is_remembered_is_what_is_computed_anew(monkeypatch):
    monkeypatch.setattr(module, "_last_laid", {})
    some, other = made(), made(sequence=256)
    pairs = [(m, position) for m in (some, other) for position in (0, len(m) // 2, len(m) - 1)]

    first = [planned_job(m, position, 0.9) for m, position in pairs]
    again = [planned_job(m, position, 0.9) for m, position in pairs]
    monkeypatch.setattr(module, "MOST_LAID", 0)
    module._last_laid.clear()
    anew = [planned_job(m, position, 0.9) for m, position in pairs]

    assert first == again == anew
    assert len({job.model_dump_json() for job in first}) == len(pairs)
