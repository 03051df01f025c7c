"""`trilemma plan`: a question in, a proven plan out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalog.load import load_catalog
from solver.answer_file import EXIT_CODES, to_json
from solver.calibration.calibration import NEUTRAL
from solver.calibration.profile import ProfileError, profile_path, read_profile
from solver.cli.calibrate_command import with_profile
from solver.cli.commands import Command, add_command, overlay_of, positive, seconds, with_overlay
from solver.cli.simulation import say_simulation
from solver.cli.terminal import (
    Progress,
    complain,
    native_prints_nowhere,
    say,
    say_bytes,
    say_report,
)
from solver.constants import shipped_constants
from solver.export.report import report_of
from solver.files import write_atomically
from solver.kept import unused
from solver.outcome.why_not import why_not
from solver.plan import Solved, Stopped
from solver.question import Aim
from solver.question_faults import read_known_question
from solver.scored.own import OwnScoresError, read_own, scores_path

if TYPE_CHECKING:
    import argparse

    from catalog.problems import ProblemsError
    from solver.constants import EstimateConstants
    from solver.estimate.quality_constants import OwnScore
    from solver.plan import Answer
    from solver.question import Question

TO_STDOUT = "-"
"""Stands for standard output in place of a file."""

COMMAND = Command(
    "plan",
    "plan a question",
    "Plan a question in TOML or JSON: what to train, how, on what, by when, for how much.",
    """\
examples:
  trilemma plan examples/1-tickets.toml
  trilemma plan question.toml --aim fastest --top 10
  trilemma plan question.toml --json -       the answer as JSON and nothing else
  trilemma plan question.toml --why-not KEY  why a candidate is not the plan
  trilemma plan question.toml --simulate 20000 --seed 7
""",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the grammar."""
    made = add_command(commands, COMMAND, run)
    made.add_argument("question", type=Path, help="file of the question, .toml or .json")
    made.add_argument(
        "--json", metavar="OUT", help="write the answer as JSON; - for standard output"
    )
    made.add_argument("--aim", choices=[aim.value for aim in Aim], help="instead of the question's")
    made.add_argument("--top", type=positive, metavar="N", help="most alternatives to show")
    made.add_argument("--why-not", metavar="KEY", help="say why a candidate is not the plan")
    made.add_argument(
        "--time-limit",
        type=seconds,
        metavar="S",
        help="seconds of proof, then the best so far",
    )
    made.add_argument(
        "--simulate",
        type=positive,
        metavar="N",
        help="draw so many outcomes of the plan and tell how often it keeps every limit",
    )
    made.add_argument(
        "--seed", type=positive, default=1, metavar="S", help="of the drawn outcomes (default: 1)"
    )
    made.add_argument("--quiet", action="store_true", help="print nothing but errors")
    with_overlay(made)
    with_calibration(made)


def with_calibration(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which measurements of the user's own correct the estimates."""
    parser.add_argument(
        "--no-calibration",
        action="store_true",
        help="estimate without your own measurements (see `trilemma calibrate`)",
    )
    with_profile(parser)


def run(arguments: argparse.Namespace) -> int:
    """Plan, print, write."""
    # Pyomo and what it loads take 250 ms that no other command should pay.
    from solver.answer import ALTERNATIVES, answer  # noqa: PLC0415
    from solver.outcome.simulated import with_simulation  # noqa: PLC0415

    catalog = load_catalog(overlay_of(arguments))
    question = _with_aim(read_known_question(arguments.question, catalog), arguments.aim)
    constants = own_constants(arguments)
    progress = Progress(quiet=arguments.quiet or arguments.json == TO_STDOUT)
    try:
        with native_prints_nowhere():
            made = answer(
                question,
                catalog,
                constants=constants,
                top=arguments.top or ALTERNATIVES,
                time_limit_s=arguments.time_limit,
                progress=progress,
            )
    finally:
        progress.done()
    if arguments.simulate is not None:
        made = with_simulation(made, arguments.simulate, arguments.seed)
    _write(made, arguments)
    if arguments.why_not is not None:
        tell = complain if arguments.json == TO_STDOUT else say
        tell(why_not(arguments.why_not, made, catalog, constants))
        return 0
    return EXIT_CODES[made.outcome]


def own_constants(arguments: argparse.Namespace) -> EstimateConstants:
    """The constants of this release with the user's own runs and scores.

    A broken file of either is told, and no reason not to plan.
    """
    if arguments.no_calibration:
        return shipped_constants()
    path = profile_path(arguments.profile_dir)
    calibration, unread = NEUTRAL, []
    own: tuple[OwnScore, ...] = ()
    try:
        calibration = read_profile(path).calibration
    except ProfileError as error:
        unread.append(_told("measurements", error))
    try:
        own = read_own(scores_path(path.parent)).scores
    except OwnScoresError as error:
        unread.append(_told("scores", error))
    return shipped_constants(calibration, own, tuple(unread))


def _told(what: str, error: ProblemsError) -> str:
    """Warn of what is planned without."""
    complain(f"warning: {error}\nPlanned without them.")
    return unused(what, error)


def _with_aim(question: Question, aim: str | None) -> Question:
    return question if aim is None else question.replace(aim=Aim(aim))


def _write(made: Answer, arguments: argparse.Namespace) -> None:
    if arguments.json == TO_STDOUT:
        say_bytes(to_json(made).encode())
        return
    if arguments.json is not None:
        write_atomically(Path(arguments.json), to_json(made))
    if arguments.quiet:
        return
    if arguments.why_not is None:
        say_report(report_of(made))
        if isinstance(made, Solved | Stopped) and made.simulation is not None:
            say_simulation(made.simulation)
    if arguments.json is not None:
        complain(f"Written: {arguments.json}")
