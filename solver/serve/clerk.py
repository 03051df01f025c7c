"""Errands of the window beside its question: files, catalogue rows, pilots, curves, own runs.

An errand names what is wanted; the reply is a header that JSON can hold and, where files were made,
their bytes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.problems import Problem, ProblemsError
from catalog.show import facts_of
from solver.calibration.plan import run_plan
from solver.calibration.profile import forget_profile, read_profile, write_profile
from solver.calibration.reading import read_own_runs
from solver.calibration.report import (
    CHANGE_HEADERS,
    change_rows,
    changes,
    run_lines,
)
from solver.calibration.short_run import short_run, short_run_words
from solver.export.charts import region_svg
from solver.export.csv_tables import csv_tables
from solver.export.html import report_html
from solver.export.launch.preview import previews
from solver.export.markdown import report_markdown
from solver.export.report import region_chart, report_of
from solver.export.themes import LIGHT
from solver.outcome.curves import curve_of
from solver.outcome.pilot_plans import pilot_plans
from solver.plan import ANSWER
from solver.question_check import problems_with
from solver.question_file import QuestionError, question_from
from solver.serve.frames import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from catalog.tables import Catalog
    from solver.calibration.profile import Profile
    from solver.constants import EstimateConstants
    from solver.question import Question
    from solver.serve.estimates import Estimates

logger = logging.getLogger(__name__)

BROWSED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "accelerators": (
        ("Accelerator", "name"),
        ("Id", "id"),
        ("Vendor", "vendor"),
        ("Year", "year"),
        ("Memory GiB", "memory_gib"),
        ("GB/s", "bandwidth_gb_per_s"),
        ("bf16 TFLOP/s", "bf16_tflops"),
        ("fp16 TFLOP/s", "fp16_tflops"),
        ("fp8 TFLOP/s", "fp8_tflops"),
        ("W", "tdp_watts"),
        ("Verified", "verified"),
    ),
    "offers": (
        ("Machine", "sku"),
        ("Provider", "provider"),
        ("Region", "region"),
        ("Pricing", "pricing"),
        ("Accelerator", "accelerator"),
        ("GPUs", "gpus_per_instance"),
        ("USD/h", "usd_per_hour"),
        ("USD/h a GPU", "usd_per_accelerator_hour"),
        ("Read on", "price_date"),
        ("Gbit/s", "inter_node_gbit_per_s"),
        ("Verified", "verified"),
        ("Marked", "marked"),
    ),
    "models": (
        ("Model", "name"),
        ("Family", "family"),
        ("Kind", "architecture"),
        ("Parameters", "parameters"),
        ("Active", "active_parameters"),
        ("Longest text", "max_sequence"),
        ("Released", "release"),
        ("Licence", "licence"),
        ("Verified", "verified"),
    ),
    "methods": (("Method", "name"), ("Id", "id"), ("Kind", "kind"), ("Ranks", "ranks")),
    "precisions": (
        ("Precision", "name"),
        ("Id", "id"),
        ("Role", "role"),
        ("Bytes", "weight_bytes"),
        ("Needs", "needs"),
    ),
    "tasks": (
        ("Task", "name"),
        ("Id", "id"),
        ("Family", "family"),
        ("Metric", "metric"),
        ("Chance", "chance"),
        ("Ceiling", "ceiling"),
        ("Examples", "train_examples"),
    ),
    "scores": (
        ("Model", "model"),
        ("Task", "task"),
        ("Metric", "metric"),
        ("Score", "score"),
        ("Method", "method"),
        ("Rank", "rank"),
        ("Examples", "train_examples"),
        ("Split", "split"),
        ("Year", "year"),
        ("Verified", "verified"),
    ),
}
"""Tables that can be browsed: heading and attribute of each column."""


ON_SCREEN = "the plan on screen"
"""Stands for the name of an answer's file in messages."""

PICTURE_WIDTH, PICTURE_HEIGHT = 1120.0, 680.0
"""Size of an exported picture of the region. [px]"""


@dataclass(frozen=True, slots=True)
class Done:
    """What an errand brings back."""

    fields: dict[str, Any]
    """Anything that JSON can hold."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Content by name; the name is empty where the window asks for one."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Does errands with the facts and factors of the desk."""

    catalog: Catalog
    constants: EstimateConstants
    estimates: Estimates
    own_runs: Path | None
    """File of the user's own runs; None: none are kept."""

    def done(self, what: str, wanted: Mapping[str, Any]) -> Done:
        """What an errand brings back.

        Args:
            what: a name of `ERRANDS`.
            wanted: what that errand needs.

        Raises:
            KeyError: there is no such errand, or it lacks something.
            ProblemsError: it cannot be done, and why.
        """
        return ERRANDS[what](self, wanted)


def reply(clerk: Clerk, fields: Mapping[str, Any]) -> Message:
    """The message that answers an errand; whatever goes wrong is told in it."""
    number = {"errand": fields["errand"]}
    try:
        done = clerk.done(fields["what"], fields)
    except ProblemsError as error:
        told = {"title": error.title, "problems": _told(error.problems)}
        return Message("reply", {**number, **told})
    except Exception as error:
        # The edge of the process: the window shows the fault, the log has the traceback.
        logger.exception("errand %s failed", fields["what"])
        return Message("reply", {**number, "fault": f"{type(error).__name__}: {error}"})
    arrays = {str(i): np.frombuffer(made, np.uint8) for i, made in enumerate(done.files.values())}
    return Message("reply", {**number, **done.fields, "names": list(done.files)}, arrays)


def _launch(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """The files that launch an answer, for every target."""
    del clerk
    found = [
        {
            "target": made.target,
            "title": made.title,
            "start": made.start,
            "files": [[file.path, file.text] for file in made.files],
            "problems": _told(made.problems),
        }
        for made in previews(ANSWER.validate_python(wanted["answer"]))
    ]
    return Done({"previews": found})


def _paper(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """An answer as page, picture, text or tables, as the command line would write them."""
    del clerk
    # 3 ms of typst that no question needs.
    from solver.export.paper import png_of  # noqa: PLC0415
    from solver.export.pdf import report_pdf  # noqa: PLC0415

    answer, form = ANSWER.validate_python(wanted["answer"]), wanted["format"]
    if form == "csv":
        return Done({}, {name: text.encode() for name, text in csv_tables(answer).items()})
    if form == "png":
        chart = region_chart(answer)
        if chart is None:
            what = "a question of several jobs has no picture of its region"
            raise ProblemsError("Nothing was written", [Problem("picture", what, "Take the PDF.")])
        svg = region_svg(chart, LIGHT, PICTURE_WIDTH, PICTURE_HEIGHT)
        return Done({}, {"": png_of(svg, PICTURE_WIDTH)})
    report = report_of(answer)
    if form == "pdf":
        return Done({}, {"": report_pdf(report)})
    text = report_html(report) if form == "html" else report_markdown(report)
    return Done({}, {"": text.encode()})


def _rows(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """A table of the catalogue, and where each row was read."""
    table = wanted["table"]
    columns = BROWSED[table]
    facts: Mapping[str, Any] = clerk.catalog.table(table)
    sources = clerk.catalog.sources
    named = sorted({fact.source for fact in facts.values()} & sources.keys())
    return Done(
        {
            "table": table,
            "columns": [heading for heading, _ in columns],
            "attributes": [attribute for _, attribute in columns],
            "keys": list(facts),
            "rows": [
                [_plain(getattr(fact, name)) for _, name in columns] for fact in facts.values()
            ],
            "sources": [fact.source for fact in facts.values()],
            "source_titles": {key: [sources[key].title, sources[key].where] for key in named},
        }
    )


def _facts(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """Everything known of one row."""
    table, key = wanted["table"], wanted["key"]
    sheets = [sheet for sheet in facts_of(clerk.catalog, key) if sheet.table == table]
    pairs = [list(pair) for sheet in sheets[:1] for pair in sheet.pairs]
    return Done({"table": table, "key": key, "pairs": pairs})


def _pilots(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """Which pilots to measure for each job of a question."""
    moment = datetime.now(UTC)
    question = _question(clerk, wanted, moment)
    plans = pilot_plans(
        question,
        clerk.catalog,
        clerk.constants,
        moment,
        lambda job, asked: clerk.estimates.of(job, asked, moment.date()),
    )
    return Done({"plans": [plan.model_dump(mode="json") for plan in plans]})


def _curve(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """Accuracy by examples of a model and method on a job."""
    question = _question(clerk, wanted, datetime.now(UTC))
    job = question.jobs[wanted["job"]]
    curve = curve_of(job, wanted["model"], wanted["method"], clerk.catalog, clerk.constants)
    return Done({"curve": curve.model_dump(mode="json")})


def _runs(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """The user's own runs: shown, read from logs, kept or forgotten.

    `logs` are read beside what is kept, with the plan of `answer` and `job` for logs that do not
    say what was trained, run on `gpus` where not as planned; `keeps` writes the
    result, `forgets` takes everything away.
    """
    path = clerk.own_runs
    if path is None:
        what = "this worker was started without a folder of settings"
        raise ProblemsError("Own runs", [Problem("profile", what, "Start the window again.")])
    if wanted.get("forgets"):
        forget_profile(path)
    profile, read, left_out = read_profile(path), 0, []
    if wanted.get("logs"):
        plan = None
        if wanted.get("answer") is not None:
            answer = ANSWER.validate_python(wanted["answer"])
            tokens, gpus = wanted.get("tokens_per_step"), wanted.get("gpus")
            plan = run_plan(answer, wanted.get("job"), ON_SCREEN, tokens, gpus)
        logs = [Path(log) for log in wanted["logs"]]
        made = read_own_runs(logs, profile, clerk.catalog, datetime.now(UTC).date(), plan)
        profile, read, left_out = made.profile, len(made.read), _told(made.left_out)
        if wanted.get("keeps"):
            write_profile(path, profile)
    return Done({**_runs_shown(profile), "read": read, "left_out": left_out})


def _measure(clerk: Clerk, wanted: Mapping[str, Any]) -> Done:
    """What to measure of an answer before its job is started, in words."""
    del clerk
    made = short_run(ANSWER.validate_python(wanted["answer"]), wanted.get("job"), ON_SCREEN)
    fewer = None if made.is_on_all else made.gpus
    return Done({"lines": list(short_run_words(made)), "fewer_gpus": fewer})


def _runs_shown(profile: Profile) -> dict[str, Any]:
    if not profile.runs:
        return {"runs": [], "headers": [], "changes": []}
    return {
        "runs": [[line.name, line.speed, line.peak] for line in run_lines(profile.runs)],
        "headers": list(CHANGE_HEADERS),
        "changes": [list(row) for row in change_rows(changes(profile.runs))],
    }


ERRANDS: dict[str, Callable[[Clerk, Mapping[str, Any]], Done]] = {
    "launch": _launch,
    "paper": _paper,
    "rows": _rows,
    "facts": _facts,
    "pilots": _pilots,
    "curve": _curve,
    "runs": _runs,
    "measure": _measure,
}
"""What the window may send for."""


def _question(clerk: Clerk, wanted: Mapping[str, Any], moment: datetime) -> Question:
    """The question of an errand.

    Raises:
        QuestionError: the catalogue does not know what it names.
    """
    question = question_from(wanted["question"], "question")
    problems = problems_with(question, clerk.catalog, moment)
    if problems:
        raise QuestionError("The question cannot be used", list(problems))
    return question


def _told(problems: Iterable[Problem]) -> list[list[str]]:
    return [[problem.where, problem.what, problem.remedy] for problem in problems]


def _plain(value: Any) -> Any:  # noqa: ANN401 - of any attribute of a fact
    """A value that JSON can hold and the window can sort by."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else value
