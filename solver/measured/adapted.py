"""Which maps of a layer a measured run adapts: as stated, else as its software does unasked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solver.estimate.trainable import EVERY_MAP, Adapted

if TYPE_CHECKING:
    from solver.measured.runs import Run
    from solver.measured.shape import Network

QUERY_AND_VALUE = Adapted.QUERY | Adapted.VALUE

FUSED = Adapted.QUERY | Adapted.KEY | Adapted.VALUE | Adapted.FUSED

STATED = (
    (r"all[- _]?linear|every linear|all maps|target[-_ ]modules[=: ]*all", EVERY_MAP),
    (r"target[-_ ](?:modules[=: ]*)?(?:mlp|ffn)\b", Adapted.FEED_FORWARD),
    (r"target[-_ ](?:modules[=: ]*)?(?:attn|attention)\b|\bq, ?k, ?v, ?o\b", Adapted.ATTENTION),
    (r"\bq_proj, ?v_proj\b|\bq ?[,+] ?v\b", QUERY_AND_VALUE),
)
"""Words of notes that name the adapted maps, the first that fits."""

TUNED_EVERYWHERE = r"gemma|phi-?\d|tiny-?llama"
"""Families for which the settings that LitGPT ships adapt every map; those of the others, like its
own defaults, adapt queries and values (litgpt2024)."""

FUSED_QUERIES = r"gpt-?2|bloom|falcon|neox|pythia|chatglm|mpt|starcoder|bigcode"
"""Families whose queries, keys and values are one map, which PEFT adapts by default (peft2025)."""

RESULTS_SINCE = "2024-10"
"""From about here on the settings that torchtune ships adapt queries, values, results and
feed-forward blocks; before, queries and values (torchtune2024)."""


@dataclass(frozen=True, slots=True)
class Adaption:
    """What a low-rank method adds to the layers of a run."""

    maps: Adapted
    in_place: bool
    """Adapters read the inputs as they are: maps that share one keep it once, without a mask."""
    drops_out: bool
    """Inputs pass a dropout, which keeps a mask."""


def adaption_of(run: Run) -> Adaption:
    """What a low-rank method adapts, and what it keeps of its inputs."""
    words = " ".join(run.texts[name] for name in ("stack", "source_name")).lower()
    in_place = "torchtune" in words
    drops_out = not in_place and re.search(r"\bpeft\b", words) is None
    return Adaption(_maps(run, words), in_place, drops_out)


def _maps(run: Run, words: str) -> Adapted:
    """Every map where neither the notes nor the defaults of the software say otherwise.

    Source:
        dettmers2023: every map is needed to match full fine-tuning.
    """
    notes, model = run.texts["notes"].lower(), run.texts["model"].lower()
    for pattern, maps in STATED:
        if re.search(pattern, notes):
            return maps
    if "litgpt" in words:
        return EVERY_MAP if re.search(TUNED_EVERYWHERE, model) else QUERY_AND_VALUE
    if "torchtune" in words:
        since = _date_of(run) >= RESULTS_SINCE
        added = Adapted.RESULT | Adapted.FEED_FORWARD if since else Adapted(0)
        return QUERY_AND_VALUE | added
    if re.search(r"\bpeft\b|\btrl\b|optimum", words):
        return _default_of_peft(model)
    # Qwen's own script adapts every map, of which queries, keys and values are one (qwen2023)
    return EVERY_MAP | Adapted.FUSED if re.search(r"\bqwen-?1?\b(?!\.)", model) else EVERY_MAP


def _date_of(run: Run) -> str:
    """Year and month as the notes state them, else the year."""
    stated = re.search(r"20\d\d-\d\d", run.texts["notes"])
    return stated[0] if stated else run.texts["year"]


def _default_of_peft(model: str) -> Adapted:
    """Defaults by the type of model: one for all but a few (peft2025)."""
    if re.search(FUSED_QUERIES, model):
        return FUSED
    if re.search(r"\bphi-?[12]", model):
        return QUERY_AND_VALUE | Adapted.FEED_FORWARD
    return QUERY_AND_VALUE


def inputs_kept(adaption: Adaption, network: Network) -> float:
    """Widths of the inputs of one layer that adapters keep copies of. [1]

    LitGPT's adapters of queries, keys and values share one copy, but the joint result, of which
    values are a view, stays whole: about as much.
    """
    maps = adaption.maps
    once = adaption.in_place
    of_stream = sum(bool(maps & m) for m in (Adapted.QUERY, Adapted.KEY, Adapted.VALUE))
    if once or maps & Adapted.FUSED:
        of_stream = min(of_stream, 1)
    inputs = of_stream * network.hidden
    if maps & Adapted.RESULT:
        inputs += network.heads * network.head_dim
    if maps & Adapted.FEED_FORWARD:
        reads = 1.0 if once else 1.0 + network.gated
        inputs += reads * network.hidden + network.ffn_hidden
    return inputs
