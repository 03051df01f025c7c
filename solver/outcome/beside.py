"""Offers that matter to a plan beside those that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solver.candidates import Candidates


def offers_beside(jobs: Iterable[Candidates], keys: Iterable[str]) -> set[str]:
    """Offers that matter to some candidates beside those that their keys name.

    Their models are served on them afterwards, or they take over after a window on spot machines.
    """
    told = [parts for key in keys if len(parts := key.split(":")) > 1]
    models = {parts[0] for parts in told}
    rents = {f"{parts[3]}:{parts[4]}" for parts in told}
    serve = {
        offer
        for job in jobs
        for model, offers in zip(job.bench.models, job.served_by, strict=False)
        for offer in offers
        if model.name in models
    }
    return serve | {
        rent.then.offer.key
        for job in jobs
        for rent in job.rents.rents
        if rent.then is not None and rent.label in rents
    }
