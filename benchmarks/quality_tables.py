"""Reads the bulk tables of published results from a folder. Scores become 0..1."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from solver.estimate.quality_formats import ENCODER_INT8

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.estimate.configurations import FloatArray

Row = dict[str, str]

LIMITS = {
    "MNLI": (0.333, 0.96),
    "SST-2": (0.50, 1.0),
    "QNLI": (0.50, 1.0),
    "QQP": (0.50, 0.95),
    "CoLA": (-0.30, 0.85),
    "STS-B": (0.0, 0.97),
    "MRPC": (0.50, 0.97),
    "RTE": (0.50, 1.0),
    "SQuAD1.1": (0.0, 1.0),
    "SQuAD2.0": (0.0, 1.0),
    "MMLU": (0.22, 0.94),
    "ARC-c": (0.17, 0.99),
    "HellaSwag": (0.22, 0.98),
    "WinoGrande": (0.46, 0.97),
    "GSM8K": (-0.02, 1.0),
    "HumanEval": (-0.02, 0.97),
    "TruthfulQA": (0.20, 1.0),
}
"""Floor and ceiling of the log-odds scale by task: chance a little lowered where models fall below
it, the best published score a little raised. [ratio]"""

ENCODER_TASKS = tuple(LIMITS)[:10]

METRICS = {"CoLA": "mcc", "STS-B": "corr", "SQuAD1.1": "f1", "SQuAD2.0": "f1"}
"""Metric of the encoders' tasks; the others are accuracies."""

RECYCLED = {
    "20_newsgroup": ("20-Newsgroups", 0.05),
    "ag_news": ("AGNews", 0.25),
    "amazon_reviews_multi": ("Amazon-reviews-multi", 0.2),
    "anli": ("ANLI", 1 / 3),
    "boolq": ("BoolQ", 0.5),
    "cb": ("CB", 1 / 3),
    "copa": ("COPA", 0.4),
    "dbpedia": ("DBpedia", 1 / 14),
    "esnli": ("e-SNLI", 1 / 3),
    "financial_phrasebank": ("Financial-PhraseBank", 1 / 3),
    "imdb": ("IMDb", 0.5),
    "isear": ("ISEAR", 1 / 7),
    "multirc": ("MultiRC", 0.5),
    "poem_sentiment": ("Poem-sentiment", 0.25),
    "rotten_tomatoes": ("Rotten-Tomatoes", 0.5),
    "sst_5bins": ("SST-5", 0.2),
    "trec_coarse": ("TREC-6", 1 / 6),
    "trec_fine": ("TREC-50", 0.02),
    "tweet_ev_emoji": ("TweetEval-emoji", 0.05),
    "tweet_ev_emotion": ("TweetEval-emotion", 0.25),
    "tweet_ev_hate": ("TweetEval-hate", 0.4),
    "tweet_ev_irony": ("TweetEval-irony", 0.5),
    "tweet_ev_offensive": ("TweetEval-offensive", 0.5),
    "tweet_ev_sentiment": ("TweetEval-sentiment", 1 / 3),
    "wic": ("WiC", 0.5),
    "wsc": ("WSC", 0.4),
    "yahoo_answers": ("Yahoo", 0.1),
}
"""Tasks of choshen2022 beyond GLUE by their name there: the catalogue's id and the floor, a little
lower than chance where models fall below it. [ratio]"""

LIMITS.update({task: (floor, 1.0) for task, floor in RECYCLED.values()})

LARGE_TASKS = frozenset(
    {
        *("MNLI", "SST-2", "QNLI", "QQP", "SQuAD1.1", "SQuAD2.0"),
        *("AGNews", "IMDb", "DBpedia", "Yahoo", "Amazon-reviews-multi", "ANLI", "e-SNLI"),
        *("TweetEval-emoji", "TweetEval-sentiment", "TweetEval-offensive"),
    }
)
"""Encoders' tasks with 10,000 training examples or more: models differ less, and less noisily."""

RECYCLED_TASKS = tuple(task for task, _ in RECYCLED.values())

CATALOGUE_NAMES = {
    "MiniLM-L6-H384": "MiniLM-L6-H384 (all-MiniLM-L6-v2)",
    "DistilBERT": "DistilBERT-base",
    "DistilBERT-cased": "DistilBERT-base-cased",
    "DistilRoBERTa": "DistilRoBERTa-base",
    "TinyBERT-6": "TinyBERT-6L-768D",
}
"""Spellings of the tables that differ from the catalogue's."""


def rows(folder: Path, name: str) -> list[Row]:
    """All rows of a table."""
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def number(text: str | None) -> float:
    """The number in a cell, NaN where there is none."""
    try:
        return float(text or "")
    except ValueError:
        return math.nan


def model_name(name: str) -> str:
    """The catalogue's spelling of a model."""
    return CATALOGUE_NAMES.get(name, name)


@dataclass(frozen=True, slots=True)
class EncoderTable:
    """Published fine-tuning scores of encoders: one row a model, one column a task and split."""

    models: tuple[str, ...]
    parameters: FloatArray
    distilled: tuple[bool, ...]
    items: tuple[tuple[str, str], ...]
    scores: FloatArray
    """Medians, NaN where nothing is published. [ratio], shape (models, items)."""
    repeats: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    """All publications of a cell. [ratio]"""


def encoder_table(folder: Path) -> EncoderTable:
    """Full fine-tuning of encoders and encoder-decoders on GLUE and SQuAD, splits apart."""
    cells: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    parameters: dict[str, float] = {}
    distilled: dict[str, bool] = defaultdict(bool)
    for row in rows(folder, "finetune_results.csv"):
        task = _encoder_task(row)
        if not task:
            continue
        name = model_name(row["model"])
        cells[name, task, row["split"]].append(float(row["score"]) / 100.0)
        parameters[name] = number(row["params"])
        distilled[name] |= row["method"] == "distilled"
    models = sorted(parameters)
    items = sorted({(task, split) for _, task, split in cells}, key=_item_order)
    scores = np.full((len(models), len(items)), np.nan)
    for (model, task, split), values in cells.items():
        scores[models.index(model), items.index((task, split))] = np.median(values)
    return EncoderTable(
        tuple(models),
        np.array([parameters[m] for m in models]),
        tuple(distilled[m] for m in models),
        tuple(items),
        scores,
        dict(cells),
    )


def _encoder_task(row: Row) -> str:
    """The item's task of a row that tells of an encoder, empty for other rows."""
    if row["model"].startswith(("GPT", "LL", "Ll", "MPNet")):
        return ""
    if row["task"].startswith("MR:"):
        return RECYCLED.get(row["task"].removeprefix("MR:"), ("", 0.0))[0]
    task = row["task"]
    if task not in ENCODER_TASKS or row["method"] not in {"full", "distilled"}:
        return ""
    alike = row["metric"] == METRICS.get(task, "acc")
    return task if alike and number(row["train_examples"]) >= 2000 else ""


def _item_order(item: tuple[str, str]) -> tuple[int, str]:
    return (*ENCODER_TASKS, *RECYCLED_TASKS).index(item[0]), item[1]


@dataclass(frozen=True, slots=True)
class Pair:
    """A method and full fine-tuning under one recipe."""

    model: str
    task: str
    kind: str
    method: str
    rank: float
    epochs: float
    examples: float
    difference: float
    """Method minus full. [ratio]"""
    source: str
    notes: str
    verified: bool


KINDS = {
    **dict.fromkeys(("MNLI", "SST-2", "QNLI", "QQP", "QQP-F1"), "nlu_large"),
    **dict.fromkeys(("CoLA", "STS-B", "MRPC", "MRPC-F1", "RTE"), "nlu_small"),
    **dict.fromkeys(("SQuAD1.1", "SQuAD2.0"), "qa"),
    **dict.fromkeys(("XSum", "CNN/DM", "E2E", "DART", "WebNLG", "SAMSum", "SuperNI"), "generation"),
    **dict.fromkeys(("GSM8K", "MATH"), "math"),
    **dict.fromkeys(("HumanEval", "MBPP"), "code"),
    "MMLU": "knowledge",
    "MT-Bench": "chat",
}
"""Kind of task by task."""

COMPARED = (
    "lora",
    "qlora",
    "adapter",
    "bitfit",
    "prefix",
    "prompt_tuning",
    "ia3",
    "linear_probe",
    "dora",
    "adalora",
)


def method_pairs(folder: Path) -> list[Pair]:
    """Scores of methods beside full fine-tuning of the same model, task, data and source."""
    table = rows(folder, "finetune_results.csv")
    full: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for row in table:
        if row["method"] == "full":
            full[_recipe(row)].append(float(row["score"]))
    return [
        _pair(row, float(np.mean(full[_recipe(row)])))
        for row in table
        if row["method"] in COMPARED and row["task"] in KINDS and _recipe(row) in full
    ]


def _pair(row: Row, full: float) -> Pair:
    scale = 10.0 if row["metric"] == "score10" else 100.0
    return Pair(
        model=model_name(row["model"]),
        task=row["task"],
        kind=KINDS[row["task"]],
        method=row["method"],
        rank=number(row["lora_rank"]),
        epochs=number(row["epochs"]),
        examples=_examples(row),
        difference=(float(row["score"]) - full) / scale,
        source=row["source"],
        notes=row["notes"],
        verified=row["verified"] == "yes",
    )


def _examples(row: Row) -> float:
    """Training examples; the PEFT comparison states steps and batch alone."""
    return 20_000.0 if "5000 steps x batch 4" in row["notes"] else number(row["train_examples"])


def _recipe(row: Row) -> tuple[str, ...]:
    """What must be equal for two rows to differ by method alone."""
    source = row["source"].split(",")[0].split(" (")[0].split(" Table")[0].split(" /")[0]
    same = (row["model"], row["task"], row["metric"])
    if "peft" in row["source"] or "Lightning" in row["source"]:
        return (*same, source)
    note = ""
    if "LoRA Learns" in row["source"]:
        note = row["notes"][:18]
    if "QLoRA" in row["source"]:
        note = row["notes"]
    few = row["train_examples"] in {"100", "1000", "10000"}
    if source.startswith(("github facebookresearch/fairseq", "LoRA paper", "Ding et al")):
        # the LoRA paper and Ding et al. compare with fairseq's fine-tuning of the same checkpoint
        epochs = row["epochs"] if few else ""
        return (*same, "roberta-lora", row["train_examples"], epochs, note)
    return (*same, source, row["train_examples"], row["epochs"], note)


@dataclass(frozen=True, slots=True)
class Curve:
    """A published learning curve."""

    id: str
    kind: str
    task: str
    model: str
    method: str
    source: str
    verified: bool
    chance: float
    """[ratio]"""
    evaluated_on: float
    sizes: FloatArray
    """Examples, epochs, or billions of tokens."""
    scores: FloatArray
    """[ratio]"""


def curves(
    folder: Path, kinds: tuple[str, ...] = ("finetune_examples", "epochs", "finetune_tokens")
) -> list[Curve]:
    """Fine-tuning curves in accuracy or F1."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(folder, "learning_curves.csv"):
        if row["kind"] in kinds and row["metric"] in {"acc", "f1"} and "peft" not in row["source"]:
            found[row["curve_id"]].append(row)
    return [_curve(group) for group in found.values()]


def _curve(group: list[Row]) -> Curve:
    ordered = sorted(group, key=lambda row: float(row["x"]))
    first = ordered[0]
    scale = 1e9 if "tokens" in first["kind"] else 1.0
    chance, evaluated = number(first["chance"]), number(first["n_eval"])
    return Curve(
        id=first["curve_id"],
        kind=first["kind"],
        task=first["task"],
        model=first["model"],
        method=first["method"],
        source=first["source"],
        verified=first["verified"] == "yes",
        chance=0.0 if math.isnan(chance) else chance / 100.0,
        evaluated_on=1000.0 if math.isnan(evaluated) else evaluated,
        sizes=np.array([float(row["x"]) / scale for row in ordered]),
        scores=np.array([float(row["score"]) / 100.0 for row in ordered]),
    )


def format_differences(folder: Path) -> dict[tuple[str, bool], list[tuple[str, float]]]:
    """(model, difference to 16 bits [ratio]) by number format and hardness of the task."""
    found: dict[tuple[str, bool], list[tuple[str, float]]] = defaultdict(list)
    for row in rows(folder, "precision_results.csv"):
        name = _format_name(row["precision"], row["algorithm"])
        if name:
            hard = row["task"] in {"GSM8K", "MMLU", "MMLU-Pro", "LAMBADA", "SuperNI"}
            found[name, hard].append((row["model"], float(row["delta"]) / 100.0))
    for row in rows(INT8_ENCODERS.parent, INT8_ENCODERS.name):
        lost = (float(row["int8"]) - float(row["fp32"])) / 100.0
        found[ENCODER_INT8, False].append((row["model"], lost))
    return dict(found)


INT8_ENCODERS = Path(__file__).parent / "int8_encoders.csv"
"""Scores of fine-tuned encoders in int8 and fp32 [percent]: the bulk tables have decoders only."""


def _format_name(precision: str, algorithm: str) -> str:
    if precision.startswith("int"):
        if "HQQ" in algorithm or "Omni" in algorithm:
            return ""
        calibrated = algorithm in {"GPTQ", "AWQ", "AutoRound", "Tuning"}
        way = "RTN" if "RTN" in algorithm else "calibrated" if calibrated else algorithm
        return f"{precision} {way}"
    if precision.startswith(("mxfp4", "nvfp4")) and precision != "nvfp4-qat":
        return f"{precision.split(maxsplit=1)[0]} RTN"
    return precision


def groups(pairs: list[Pair]) -> Iterator[tuple[tuple[str, str], list[Pair]]]:
    """Pairs by method and kind, and by method over all kinds (kind empty)."""
    found: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[pair.method, pair.kind].append(pair)
        found[pair.method, ""].append(pair)
    yield from sorted(found.items())
