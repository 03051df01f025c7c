"""One job's predictions: from publications alone, or from pilots carried over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.schema import Architecture, MethodKind
from solver.estimate.quality_accuracy import Accuracy, failures, frozen
from solver.estimate.quality_anchor import PUBLISHED_EPOCHS, carried_to
from solver.estimate.quality_basis import PROMPTED_WORDS, pilot_basis, published_basis
from solver.estimate.quality_curve import Observation, effective_examples
from solver.estimate.quality_decoders import MOST_DATA
from solver.estimate.quality_delta import Delta
from solver.estimate.quality_deltas import ENOUGH_MODELS, Recipe, method_delta, variant_delta
from solver.estimate.quality_distilled import beside_teacher, retention_on
from solver.estimate.quality_full import (
    INTERPOLATED,
    MEASURED,
    NONE,
    UNSEEN,
    Full,
    full_scores,
    quality_of,
    rows_by_model,
)
from solver.estimate.quality_pilots import (
    OWN_CURVE,
    Group,
    carried_over,
    group_curve,
    observation,
    slope_on,
)
from solver.estimate.quality_prompted import prompted_score
from solver.estimate.quality_scale import from_logit, slope_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.schema import Model
    from catalog.tables import Catalog
    from solver.estimate.configurations import FloatArray, IntArray
    from solver.estimate.quality_basis import Basis
    from solver.estimate.quality_constants import QualityConstants
    from solver.estimate.quality_encoders import Belief
    from solver.estimate.quality_ground import Ground
    from solver.space.variants import Variant

TYPICAL_SCORE, TYPICAL_SD = 0.6, 0.02
"""Stand for a model where no line is fitted. [ratio], judgement"""

LABEL_KINDS = ("nlu_large", "nlu_small")
"""Kinds of task on which encoders are trained with a head of their own."""

USUAL_RANK = 16.0
"""Rank of pilots under a low-rank method: a question does not state it. [1]"""

_NOTHING_PUBLISHED = (
    "nothing published covers these models and methods on this task: measure pilots"
)

_NOTES = (
    (
        "passes beyond the fourth add nothing, repeated examples are worth at most two more passes "
        "(muennighoff2023 with the constant refitted to biderman2024)"
    ),
)


class Case:
    """One job's task, models and variants, with what both ways of predicting share."""

    def __init__(
        self,
        ground: Ground,
        models: Sequence[Model],
        variants: Sequence[Variant],
        sizes: FloatArray,
        catalog: Catalog,
        constants: QualityConstants,
    ) -> None:
        self._ground, self._models, self._variants = ground, models, variants
        self._sizes, self._constants = sizes, constants
        self._catalog, self._rows = catalog, rows_by_model(catalog)
        self._full = full_scores(models, ground, self._rows, constants)
        self._deltas = [variant_delta(v, ground.kind, constants, ground.examples) for v in variants]

    def from_publications(self) -> Accuracy:
        """Stage A and B at the published size, stage C down to the job's size."""
        ground = self._ground
        level, level_sd = self._levels(self._full)
        carried = carried_to(
            level.ravel(),
            level_sd.ravel(),
            self._anchor_size(),
            self._sizes,
            ground.chance,
            self._constants.curve,
        )
        shape = (*level.shape, len(self._sizes))
        evidence = self._evidence()
        return self._made(
            carried.median.reshape(shape),
            carried.sd.reshape(shape),
            self._common_by_curve(),
            evidence,
            published_basis(ground, self._full.rows, evidence),
        )

    def _common_by_curve(self) -> float:
        """Share of the variance that the shape of the curve brings, at a typical model.

        A function of the task alone, so that it is the same for one candidate as for all.
        """
        ground, item = self._ground, self._ground.item
        typical, spread = np.array([TYPICAL_SCORE]), np.array([TYPICAL_SD])
        if item is not None:
            typical = from_logit(np.array([item.offset]), item.floor, item.ceiling)
            spread = item.noise * slope_at(typical, item.floor, item.ceiling)
        carried = carried_to(
            typical, spread, self._anchor_size(), self._sizes, ground.chance, self._constants.curve
        )
        return float(carried.common.mean())

    def from_pilots(self, groups: Sequence[Group]) -> Accuracy:
        """A curve through the pilots, carried over to the other models and methods."""
        shape = (len(self._models), len(self._variants), len(self._sizes))
        median, sd = np.full(shape, np.nan), np.full(shape, np.nan)
        common = 0.0
        leading = [g for g in groups if len(g.pilots) >= OWN_CURVE] or [groups[0]]
        chosen = self._nearest(leading)
        for place, group in enumerate(leading):
            mine, spread, shared = self._from_group(group, groups)
            here = chosen == place
            median[here], sd[here] = mine[here], spread[here]
            common = max(common, shared)
        evidence = self._pilot_evidence(groups)
        missing = evidence == NONE
        median[missing] = np.nan
        basis = pilot_basis(self._models, self._variants, groups, self._full.rows, evidence)
        return self._made(median, sd, common, evidence, basis)

    def _from_group(
        self, group: Group, groups: Sequence[Group]
    ) -> tuple[FloatArray, FloatArray, float]:
        ground, constants = self._ground, self._constants
        curve = group_curve(
            group, ground, constants, self._anchor(group), new_head=self._gets_head(group)
        )
        reference, own_sd = curve.mean(self._sizes), curve.sd(self._sizes)
        same = np.array([float(m.name == group.model) for m in self._models])
        slope = slope_on(ground, constants)
        passes = effective_examples(ground.examples or 1.0, PUBLISHED_EPOCHS, constants.curve)
        at_size = np.array([float(passes)])
        level = float(curve.mean(at_size)[0])
        apart, doubt = carried_over(
            level, self._belief(group.model), self._full.quality, same, slope
        )
        at_pilots = self._method_delta(group)
        steps = [self._step(v, d, group, at_pilots) for v, d in self._with_deltas()]
        mean = apart[:, None] + np.array([step.mean for step in steps])[None, :]
        variance = doubt[:, None] ** 2 + np.array([step.sd**2 for step in steps])[None, :]
        for other in groups:
            if other is group or not other.pilots:
                continue
            at = np.array([[self._is(m, v, other) for v in self._variants] for m in self._models])
            for pilot in other.pilots:
                seen = observation(pilot, constants.curve)
                there = float(curve.mean(np.array([seen.examples]))[0])
                gain = np.where(at, variance / (variance + seen.sd**2), 0.0)
                mean = mean + gain * (seen.score - there - mean)
                variance = variance * (1.0 - gain)
        median = reference[None, None, :] + mean[:, :, None]
        total = own_sd[None, None, :] ** 2 + variance[:, :, None]
        # against the spread of another model of the same quality: a function of the pilots alone
        other_sd = slope.noise * float(slope_at(level, slope.floor, slope.ceiling))
        own = float(curve.sd(at_size)[0]) ** 2
        return median, np.sqrt(total), own / (own + other_sd**2)

    def _step(self, variant: Variant, delta: Delta | None, group: Group, at_pilots: Delta) -> Delta:
        """Difference of a variant to the pilots' method."""
        if delta is None:
            return Delta(0.0, 0.0, 0)
        if variant.method.id == group.method:
            # the same method: its own cost is in the pilots, only number formats may differ
            rest = max(delta.sd**2 - at_pilots.sd**2, 0.0) ** 0.5
            return Delta(delta.mean - at_pilots.mean, rest, delta.models)
        spread = (delta.sd**2 + at_pilots.sd**2) ** 0.5
        return Delta(delta.mean - at_pilots.mean, spread, delta.models)

    def _gets_head(self, group: Group) -> bool:
        """True where training adds a classification head: not where a decoder writes the label."""
        model = self._catalog.models.get(group.model)
        decoder = model is not None and model.architecture is Architecture.DECODER
        return self._ground.kind in LABEL_KINDS and not decoder

    def _anchor(self, group: Group) -> Observation | None:
        """What is published for the pilots' model and method with all the data."""
        model = self._catalog.models.get(group.model)
        if model is None or self._ground.published_examples is None:
            return None
        full = full_scores([model], self._ground, self._rows, self._constants)
        if not np.isfinite(full.mean[0]):
            return None
        delta = self._method_delta(group)
        score = min(float(full.mean[0]) + delta.mean, 0.995)
        sd = (float(full.sd[0]) ** 2 + delta.sd**2) ** 0.5
        return Observation(self._anchor_size(), score, sd)

    def _method_delta(self, group: Group) -> Delta:
        """The published difference of the pilots' method, at the ranks that are usual."""
        recipe = Recipe(rank=USUAL_RANK, examples=self._ground.examples)
        method = group.method.replace("-", "_")
        return method_delta(method, self._ground.kind, self._constants, recipe)

    def _anchor_size(self) -> float:
        published = self._ground.published_examples or self._ground.examples or 1.0
        return float(effective_examples(published, PUBLISHED_EPOCHS, self._constants.curve))

    def _belief(self, name: str) -> Belief:
        model = self._catalog.models.get(name)
        size = float(model.parameters) if model else None
        decoder = model is not None and model.architecture is Architecture.DECODER
        return quality_of(name, size, self._rows, self._constants.encoder, decoder=decoder)

    def _levels(self, full: Full) -> tuple[FloatArray, FloatArray]:
        means = np.array([np.nan if d is None else d.mean for d in self._deltas])
        sds = np.array([np.nan if d is None else d.sd for d in self._deltas])
        means[[self._is_unsupported(d) for d in self._deltas]] = np.nan
        mean, sd = (np.repeat(a[:, None], len(means), axis=1) for a in (full.mean, full.sd))
        taught = [v.method.kind is MethodKind.DISTILLATION for v in self._variants]
        beside = self._beside_teacher(full) if any(taught) else None
        if beside is not None:
            mean[:, taught], sd[:, taught] = beside[0][:, None], beside[1][:, None]
        return mean + means[None, :], np.sqrt(sd**2 + sds[None, :] ** 2)

    def _beside_teacher(self, full: Full) -> tuple[FloatArray, FloatArray] | None:
        """Scores of students from their teacher's, where the task and the teacher are known."""
        ground, name = self._ground, self._ground.teacher
        teacher = self._catalog.model_named(name) if name else None
        if teacher is None or ground.item is None:
            return None
        above = full_scores([teacher], ground, self._rows, self._constants)
        retention = retention_on(ground.item, self._constants)
        if retention is None or not np.isfinite(above.mean[0]):
            return None
        return beside_teacher(full, above, ground.item, retention)

    def _is_unsupported(self, delta: Delta | None) -> bool:
        return delta is None or delta.models < ENOUGH_MODELS - 1

    def _evidence(self) -> IntArray:
        found = np.repeat(self._full.evidence[:, None], len(self._variants), axis=1)
        if self._ground.examples is not None and self._ground.published_examples is not None:
            elsewhere = self._ground.examples < MOST_DATA * self._ground.published_examples
            found = np.where(elsewhere, np.maximum(found, INTERPOLATED), found)
        for column, (variant, delta) in enumerate(self._with_deltas()):
            if self._is_unsupported(delta):
                found[:, column] = NONE
            elif variant.method.kind is not MethodKind.FULL:
                found[:, column] = np.maximum(found[:, column], INTERPOLATED)
        return found

    def _pilot_evidence(self, groups: Sequence[Group]) -> IntArray:
        names = {group.model for group in groups}
        found = np.full((len(self._models), len(self._variants)), UNSEEN)
        for row, model in enumerate(self._models):
            known = self._full.rows[row] > 0
            for column, (variant, delta) in enumerate(self._with_deltas()):
                if any(self._is(model, variant, group) for group in groups):
                    found[row, column] = INTERPOLATED
                elif self._is_unsupported(delta):
                    found[row, column] = NONE
                elif model.name in names or known:
                    found[row, column] = INTERPOLATED
        return found

    def _nearest(self, groups: Sequence[Group]) -> IntArray:
        """Which group's curve serves each model and variant: its own, its model's, the largest."""
        found = np.zeros((len(self._models), len(self._variants)), dtype=np.int64)
        for row, model in enumerate(self._models):
            for column, variant in enumerate(self._variants):
                ranks = [
                    (not self._is(model, variant, g), model.name != g.model, place)
                    for place, g in enumerate(groups)
                ]
                found[row, column] = min(ranks)[2]
        return found

    def _with_deltas(self) -> list[tuple[Variant, Delta | None]]:
        return list(zip(self._variants, self._deltas, strict=True))

    def _notes(self) -> tuple[str, ...]:
        item = self._ground.item
        if item is None:
            return _NOTES
        split = "development" if item.split == "dev" else item.split
        return (*_NOTES, f"scores on {item.task} are those of the {split} set")

    def _put_prompted(
        self, median: FloatArray, sd: FloatArray, evidence: IntArray, basis: Basis
    ) -> Basis:
        """Prompting without training: published, or predicted on the benchmarks of decoders."""
        task = self._ground.task
        columns = np.array([v.method.kind is MethodKind.PROMPTING for v in self._variants])
        if task is None or not columns.any():
            return basis
        told = [list(lines) for lines in basis]
        for row, model in enumerate(self._models):
            own = self._rows.get(model.name, ())
            found = prompted_score(model, task, own, self._constants.benchmarks)
            if found is None:
                continue
            median[row, columns], sd[row, columns] = found.mean, found.sd
            code = MEASURED if found.measured else UNSEEN if found.unseen else INTERPOLATED
            evidence[row, columns] = code
            for column in np.flatnonzero(columns).tolist():
                told[row][column] = PROMPTED_WORDS[code]
        return tuple(tuple(lines) for lines in told)

    @staticmethod
    def _is(model: Model, variant: Variant, group: Group) -> bool:
        return model.name == group.model and variant.method.id == group.method

    def _made(
        self,
        median: FloatArray,
        sd: FloatArray,
        common: float,
        evidence: IntArray,
        basis: Basis,
    ) -> Accuracy:
        ground = self._ground
        basis = self._put_prompted(median, sd, evidence, basis)
        evidence = np.where(np.isnan(median).all(axis=2), NONE, evidence)
        return Accuracy(
            median=frozen(np.clip(median, 0.0, ground.ceiling)),
            sd=frozen(np.where(np.isnan(median), np.nan, sd)),
            common_ratio=min(max(common, 0.0), 1.0),
            failure_ratio=failures(self._models, self._variants),
            evidence=frozen(evidence),
            chance=ground.chance,
            ceiling=ground.ceiling,
            unknown_because="" if np.isfinite(median).any() else _NOTHING_PUBLISHED,
            notes=self._notes(),
            basis=basis,
        )
