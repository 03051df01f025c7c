"""The seal of an answer: a digest over everything else in it, so that an edit is recognised."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from solver.plan import ANSWER, Failed, Impossible, Solved, Stopped, Unknown

if TYPE_CHECKING:
    from solver.plan import Answer


AnyAnswer = TypeVar("AnyAnswer", Solved, Impossible, Unknown, Stopped, Failed)


def sealed(answer: AnyAnswer) -> AnyAnswer:
    """The answer with its digest."""
    return answer.model_copy(update={"digest": digest_of(answer)})


def digest_of(answer: Answer) -> str:
    """SHA-256 over the canonical JSON of everything but the digest itself."""
    return canonical_digest(ANSWER.dump_python(answer, mode="json"))


def canonical_digest(data: dict[str, Any]) -> str:
    """The same of an answer as JSON holds it."""
    sealed_part = {name: value for name, value in data.items() if name != "digest"}
    text = json.dumps(sealed_part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
