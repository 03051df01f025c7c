"""What the worker does with each message; every fault becomes a message, never an exit."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.load import load_catalog
from solver.answer import answer
from solver.calibration.calibration import NEUTRAL
from solver.calibration.profile import read_profile
from solver.constants import shipped_constants
from solver.limits import limits_of
from solver.outcome.planned import planned_job
from solver.patience import heed
from solver.plan import ANSWER, Failed
from solver.question import Question, TaskFamily
from solver.question_check import problems_with
from solver.question_file import QuestionError, question_from
from solver.scored.own import read_own, scores_path
from solver.serve.cloud import Drawn, cloud
from solver.serve.estimates import Estimates
from solver.serve.frames import Message
from solver.serve.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from solver.calibration.calibration import Calibration
    from solver.constants import EstimateConstants
    from solver.estimate.quality_constants import OwnScore

logger = logging.getLogger(__name__)

PICTURE_WIDTH, PICTURE_HEIGHT = 1120.0, 680.0
"""Size of an exported picture of the region. [px]"""


TELL_AFTER_S = 0.1
"""Progress is told so often at most. [s]"""


class Superseded(Exception):  # noqa: N818 - it is no error: a newer question came in
    """A newer message waits: this question is no longer of interest."""


class Desk:
    """Answers messages one after the other, keeping catalogue and candidates warm."""

    def __init__(
        self,
        send: Callable[[Message], None],
        is_superseded: Callable[[], bool],
        overlay: Path | None = None,
        own_runs: Path | None = None,
    ) -> None:
        """A desk that is ready to answer.

        Args:
            send: takes each reply.
            is_superseded: true where a newer question waits.
            overlay: folder of the user's catalogue rows.
            own_runs: file of the user's own runs; None: plan without.
        """
        self._send = send
        self._is_superseded = is_superseded
        self._catalog = load_catalog(overlay)
        self._own_runs = Kept(own_runs, _calibration, NEUTRAL, "measurements")
        scores = None if own_runs is None else scores_path(own_runs.parent)
        none: tuple[OwnScore, ...] = ()
        self._own_scores = Kept(scores, _scores, none, "scores")
        self._constants = self._own_constants()
        self._estimates = Estimates(self._catalog, self._constants)
        self._drawn: Drawn | None = None
        self._cloud_name = ""

    def handle(self, message: Message) -> None:
        """Answer one message; whatever goes wrong is told to the window."""
        ticket = message.fields.get("ticket", 0)
        try:
            self._take_up_own_runs()
            self._handlers()[message.kind](message.fields)
        except Superseded:
            self._send(Message("superseded", {"ticket": ticket}))
        except QuestionError as error:
            problems = [[p.where, p.what, p.remedy] for p in error.problems]
            self._send(
                Message("refused", {"ticket": ticket, "title": error.title, "problems": problems})
            )
        except Exception as error:
            # The edge of the process: the window shows the fault, the log has the traceback.
            logger.exception("message %s failed", message.kind)
            self._send(
                Message("fault", {"ticket": ticket, "text": f"{type(error).__name__}: {error}"})
            )

    def greet(self) -> None:
        """Tell the window what may be chosen."""
        facts = self._catalog
        offers = facts.offers.values()
        fields = {
            "revision": facts.revision,
            "sha256": facts.sha256,
            "tasks": [[task.id, task.name, task.family] for task in facts.tasks.values()],
            "families": [family.value for family in TaskFamily],
            "models": sorted(facts.models),
            "methods": [[m.id, m.name] for m in facts.methods.values()],
            "precisions": [p.id for p in facts.precisions.values() if p.role == "training"],
            "providers": sorted({offer.provider for offer in offers}),
            "regions": sorted({offer.region for offer in offers}),
            "accelerators": [[a.id, a.name] for a in facts.accelerators.values()],
        }
        self._send(Message("ready", fields))

    def _handlers(self) -> dict[str, Callable[[Any], None]]:
        return {
            "ask": self._ask,
            "draw": self._draw,
            "look": self._look,
            "errand": self._errand,
        }

    def _take_up_own_runs(self) -> None:
        """Estimate anew where the user's runs or scores have changed since the last message."""
        constants = self._own_constants()
        if constants != self._constants:
            self._constants = constants
            self._estimates = Estimates(self._catalog, self._constants)

    def _own_constants(self) -> EstimateConstants:
        """The constants of this release with what the user's files say now."""
        kept = self._own_runs, self._own_scores
        unused = tuple(one.fault for one in kept if one.fault)
        return shipped_constants(self._own_runs.content, self._own_scores.content, unused)

    def _ask(self, fields: dict[str, Any]) -> None:
        """Cloud and answer of a question."""
        ticket, moment = int(fields["ticket"]), datetime.now(UTC)
        question = question_from(fields["question"], "question")
        problems = problems_with(question, self._catalog, moment)
        if problems:
            raise QuestionError("The question cannot be used", list(problems))

        last = time.monotonic()

        def told(stage: str, share: float) -> None:
            nonlocal last
            self._end_if_superseded()
            # A window that is told of every step of a quick answer paints more than it shows.
            if time.monotonic() - last > TELL_AFTER_S:
                last = time.monotonic()
                self._send(Message("progress", {"ticket": ticket, "stage": stage, "share": share}))

        if fields.get("holds") != self._cloud_name:
            self._drawn = None
        told("estimating", 0.05)
        if self._is_new(question, moment):
            # Where nothing is drawn yet, the picture comes before the plan.
            self._send_cloud(question, moment, ticket, question.limits.confidence)
        with self._heeding_newer_questions():
            made = answer(
                question,
                self._catalog,
                constants=self._constants,
                now=moment,
                progress=told,
                estimates=lambda job, asked: self._estimates.of(job, asked, moment.date()),
            )
        content = np.frombuffer(ANSWER.dump_json(made), np.uint8)
        self._send(Message("answer", {"ticket": ticket}, {"answer": content}))
        if not isinstance(made, Failed) and not self._is_superseded():
            self._send_cloud(question, moment, ticket, made.margin_quantile)

    @contextmanager
    def _heeding_newer_questions(self) -> Iterator[None]:
        """End a solve in its midst once a newer question waits."""
        token = heed.set(self._end_if_superseded)
        try:
            yield
        finally:
            heed.reset(token)

    def _end_if_superseded(self) -> None:
        if self._is_superseded():
            raise Superseded

    def _draw(self, fields: dict[str, Any]) -> None:
        """Only the cloud of a question: its answer came from a file."""
        question, moment = question_from(fields["question"], "question"), datetime.now(UTC)
        self._drawn = None
        self._send_cloud(question, moment, int(fields["ticket"]), float(fields["quantile"]))

    def _is_new(self, question: Question, moment: datetime) -> bool:
        job = question.jobs[0]
        return not self._estimates.holds(job, question, moment.date())

    def _send_cloud(
        self, question: Question, moment: datetime, ticket: int, quantile: float
    ) -> None:
        """Send the cloud of a question of one job, unless the window holds one that serves.

        Several jobs have no region.
        """
        if len(question.jobs) > 1:
            return
        made = self._estimates.of(question.jobs[0], question, moment.date())
        if not len(made):
            return
        limits = limits_of(question, moment)
        drawn = Drawn(made.row, quantile, limits)
        if self._drawn is None or not self._drawn.serves(drawn):
            self._drawn = drawn
            self._cloud_name = uuid.uuid4().hex
            self._send(cloud(made, limits, quantile, ticket, self._cloud_name))

    def _look(self, fields: dict[str, Any]) -> None:
        """One candidate in full."""
        question = question_from(fields["question"], "question")
        today = datetime.now(UTC).date()
        made = self._estimates.of(question.jobs[0], question, today)
        position = made.find(fields["key"])
        if position is None:
            text = f"{fields['key']} is no candidate of this question"
            self._send(Message("fault", {"ticket": fields["ticket"], "text": text}))
            return
        job = planned_job(made, position, float(fields["quantile"]))
        reply = {"ticket": fields["ticket"], "job": job.model_dump(mode="json")}
        self._send(Message("candidate", reply))

    def _errand(self, fields: dict[str, Any]) -> None:
        """What the window sends for beside its question."""
        # 60 ms of imports that no question needs.
        from solver.serve.clerk import Clerk, reply  # noqa: PLC0415

        clerk = Clerk(self._catalog, self._constants, self._estimates, self._own_runs.path)
        self._send(reply(clerk, fields))


def _calibration(path: Path) -> Calibration:
    """What the runs of a profile say."""
    return read_profile(path).calibration


def _scores(path: Path) -> tuple[OwnScore, ...]:
    """The scores that a file keeps."""
    return read_own(path).scores
