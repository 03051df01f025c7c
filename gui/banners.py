"""What stands above the region where an outcome is no plan, and the changes that help; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.present import Choice, choice_of, figures_text
from solver.export.report import report_of
from solver.plan import Impossible, Solved, Stopped, Unknown

if TYPE_CHECKING:
    from solver.export.sections import Tone
    from solver.plan import Answer
    from solver.plan_values import Mix


@dataclass(frozen=True, slots=True)
class BannerShown:
    """An outcome that asks for something: what, and the changes that help."""

    tone: Tone
    title: str
    text: str
    moves: tuple[Choice, ...] = ()
    can_retry: bool = False
    can_measure: bool = False
    """There is a pilot plan to see."""


def banner_of(answer: Answer) -> BannerShown | None:
    """The banner of an outcome that is no plan; None for plans."""
    if isinstance(answer, Solved):
        return None
    report = report_of(answer)
    if isinstance(answer, Impossible):
        moves = tuple(choice_of(move) for move in answer.relaxations)
        title = f"No plan keeps every limit. {report.headline}"
        if answer.mix is not None:
            moves = (*moves, _mixed(answer.mix))
        text = "One of these changes is enough:" if moves else answer.why
        return BannerShown("bad", title, text, moves)
    if isinstance(answer, Unknown):
        advice = " ".join(dict.fromkeys(pilot.text for pilot in answer.pilots))
        text = f"{answer.why} {advice}".strip()
        return BannerShown("warning", report.headline, text, can_measure=True)
    if isinstance(answer, Stopped):
        return BannerShown("warning", report.outcome, answer.why, can_retry=True)
    return BannerShown("bad", report.headline, answer.why, can_retry=True)


def _mixed(mix: Mix) -> Choice:
    """Several limits changed at once."""
    text = mix.text[0].upper() + mix.text[1:]
    return Choice(text, "", figures_text(mix.hours, mix.usd, mix.accuracy), move=mix)
