"""The program of a question as another solver gets it: reduced, at the decided quantile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.problems import Problem, ProblemsError
from solver.candidates import candidates
from solver.constants import shipped_constants
from solver.decide import decide
from solver.limits import limits_of
from solver.mip.export import Labels, Stating
from solver.mip.held import Wishes
from solver.outcome.asked import Asked
from solver.outcome.outcomes import unpredicted
from solver.question_check import problems_with
from solver.question_file import QuestionError

if TYPE_CHECKING:
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.mip.selection import Selection
    from solver.mip.statement import Statement
    from solver.question import Question


@dataclass(frozen=True, slots=True)
class ProgramExport:
    """A program with what is known of it."""

    statement: Statement
    selection: Selection | None
    """What HiGHS makes of it; None where it was not asked."""
    remarks: tuple[str, ...]
    """What it is, a line each."""


def program_export(
    question: Question,
    catalog: Catalog,
    *,
    constants: EstimateConstants | None = None,
    now: datetime | None = None,
    solve: bool = False,
) -> ProgramExport:
    """The program that is solved for a question, under its aim.

    Args:
        question: jobs, limits, machines and aim.
        catalog: the facts.
        constants: fitted and assumed factors; None: those of this release.
        now: when it is asked; deadlines given as dates and the age of prices count from it.
        solve: ask HiGHS for the optimum of this very program, which may take a while.

    Raises:
        QuestionError: names that the catalogue does not know, or limits that cannot be meant.
        ProblemsError: the question leads to no program.
    """
    moment = now or datetime.now(UTC)
    problems = problems_with(question, catalog, moment)
    if problems:
        raise QuestionError("The question cannot be used", list(problems))
    asked = Asked(question, catalog, constants or shipped_constants(), moment, top=0)
    jobs = tuple(
        candidates(job, question, catalog, asked.constants, moment.date()) for job in question.jobs
    )
    empty = [job.job.name for job in jobs if len(job) == 0]
    if empty:
        raise _no_program(f"nothing that the question allows can run {', '.join(empty)}")
    if unpredicted(asked, jobs):
        raise _no_program("an accuracy that it needs is not predicted")
    decision = decide(question, jobs, limits_of(question, moment), _silent)
    labels = Labels(
        [job.job.name for job in jobs],
        [
            [*(job.key(i) for i in kept.tolist()), "left out"]
            for job, kept in zip(jobs, decision.reduced.kept, strict=True)
        ],
    )
    chooser = Stating(decision.reduced.program, labels, Wishes.of(question))
    statement, selection = chooser.stated(question.aim, solve=solve)
    if statement is None:
        raise _no_program("nothing is known of what one of its limits bounds")
    remarks = (
        f"Trilemma {asked.provenance.app}, catalogue {catalog.revision} {catalog.sha256}",
        (
            f"aim {question.aim}, confidence {question.limits.confidence:g}, "
            f"every uncertain quantity at its quantile {decision.reduced.quantile!r}"
        ),
        f"decided: {decision.selection.ending}, objective {decision.selection.objective!r}",
    )
    return ProgramExport(statement, selection, remarks)


def _no_program(why: str) -> ProblemsError:
    remedy = "Plan the question to see what would help."
    return ProblemsError("There is no program to write", [Problem("the question", why, remedy)])


def _silent(stage: str, share: float) -> None:
    """No one is told."""
    del stage, share
