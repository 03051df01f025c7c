"""The kinds of fact the catalogue holds: frozen, each with its source and date.

Field names carry the unit in which people edit the tables (GB, TFLOP/s, Gbit/s); properties give
the one internal unit (byte, FLOP/s, byte/s) that every formula uses.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog.units import BYTES_PER_GB, BYTES_PER_GBIT, BYTES_PER_GIB, FLOP_PER_TFLOP

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern="^[^:]+$")]
"""A name that stands between colons in the key of a candidate."""
Word = Annotated[str, Field(pattern="^[^:/]+$")]
"""A name that stands between slashes in the key of an offer."""


class Fact(BaseModel):
    """A row of the catalogue: immutable, no unknown columns, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Verified(StrEnum):
    """How far a fact was checked at its source."""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"


class Pricing(StrEnum):
    """How a machine is paid for."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    RESERVED_1Y = "reserved-1y"
    RESERVED_3Y = "reserved-3y"
    OWNED = "owned"


class Architecture(StrEnum):
    """Which halves of a Transformer a model has."""

    ENCODER = "encoder"
    DECODER = "decoder"
    ENCODER_DECODER = "encoder-decoder"


class Accelerator(Fact):
    """A processor that trains: its dense peaks, memory, links and power.

    Peaks are dense (never the structured-sparsity figure) and exclude boost assumptions beyond
    the vendor's data sheet. None means not published or not supported.
    """

    id: str
    name: str
    vendor: str
    architecture: str
    year: Annotated[int, Field(ge=2010, le=2035)]
    form_factor: str
    memory_gib: Positive
    """Memory a process can use. [GiB]"""
    bandwidth_gb_per_s: Positive
    fp32_tflops: Positive | None = None
    tf32_tflops: Positive | None = None
    fp16_tflops: Positive | None = None
    bf16_tflops: Positive | None = None
    fp8_tflops: Positive | None = None
    fp4_tflops: Positive | None = None
    measured_max_bf16_tflops: Positive | None = None
    """Highest matmul rate anybody measured. [TFLOP/s]"""
    link: str = "none"
    """Name of the link between accelerators of one machine, e.g. NVLink4+NVSwitch."""
    link_gb_per_s_bidirectional: Positive | None = None
    host_link: str = ""
    tdp_watts: Positive | None = None
    trains: bool = True
    """False where no training stack is assumed; such parts stay out of plans."""
    source: str
    verified: Verified
    notes: str = ""

    @property
    def memory_bytes(self) -> float:
        """Memory of one accelerator. [byte]"""
        return self.memory_gib * BYTES_PER_GIB

    @property
    def bandwidth_bytes_per_s(self) -> float:
        """Peak memory bandwidth. [byte/s]"""
        return self.bandwidth_gb_per_s * BYTES_PER_GB

    def peak_flop_per_s(self, number_format: str) -> float | None:
        """Dense peak for a number format (fp32, tf32, fp16, bf16, fp8, fp4). [FLOP/s]

        None where the part does not have the format.
        """
        tflops: float | None = getattr(self, f"{number_format}_tflops")
        return None if tflops is None else tflops * FLOP_PER_TFLOP


class Offer(Fact):
    """A machine that can be had at a price on a date."""

    provider: Word
    sku: Word
    region: str
    pricing: Pricing
    accelerator: str
    gpus_per_instance: Count
    vcpus: Positive | None = None
    ram_gb: Positive | None = None
    intra_node_link: str = ""
    """What joins the accelerators of one instance; empty where unknown."""
    inter_node_gbit_per_s: Positive | None = None
    """Network of one instance. None: unknown, so the offer is single-node only. [Gbit/s]"""
    usd_per_hour: NonNegative
    """Price of one whole instance; for an owned machine the user's own rate. [USD/h]"""
    price_date: date
    """The day the price was read; the earliest day of a range where only a range is known."""
    price_date_to: date | None = None
    """The latest day on which the price may have been read, where only a range is known."""
    interruptions: str = ""
    """Published interruption band of a spot offer, with its date; empty where unknown."""
    marked: str = ""
    """Why the price is doubtful (far from the median, secondary source); empty where it is not."""
    source: str
    verified: Verified
    notes: str = ""

    @property
    def key(self) -> str:
        """Unique name: provider/sku/region/pricing."""
        return f"{self.provider}/{self.sku}/{self.region}/{self.pricing.value}"

    @property
    def usd_per_accelerator_hour(self) -> float:
        """Price of one accelerator of the instance. [USD/h]"""
        return self.usd_per_hour / self.gpus_per_instance

    @property
    def inter_node_bytes_per_s(self) -> float | None:
        """Line rate of one instance's network. [byte/s]"""
        rate = self.inter_node_gbit_per_s
        return None if rate is None else rate * BYTES_PER_GBIT


class Model(Fact):
    """A base model: the shape of its network, its size and its licence."""

    name: Name
    family: str
    hub_id: str = ""
    architecture: Architecture
    parameters: Count
    """All parameters. [1]"""
    active_parameters: Count
    """Parameters that one token passes through; equal to `parameters` for dense models, larger
    where layers share weights, which count each time they are passed. [1]"""
    layers: Count
    decoder_layers: int = 0
    """Layers of the decoder half of an encoder-decoder, which has `layers` in its encoder."""
    hidden: Count
    heads: Count
    kv_heads: Count
    head_dim: Count
    ffn_hidden: Count
    ffn_stacks: Count = 1
    """Feed-forward blocks of one layer. [1]"""
    bottleneck_hidden: int = 0
    """Width inside a layer where blocks narrow the residual (MobileBERT); 0 where they do not."""
    gated_ffn: bool
    vocabulary: Count
    tied_embeddings: bool
    max_sequence: Count
    embedding_dim: int | None = None
    """Width of a factorised embedding; None where it is `hidden`."""
    shared_layers: bool = False
    learned_positions: int = 0
    experts: int = 0
    experts_per_token: int = 0
    expert_ffn_hidden: int = 0
    shared_expert_ffn_hidden: int = 0
    dense_layers: int = 0
    moe_every: int = 1
    mla: str = ""
    """Multi-head latent attention as q=;kv=;no=;ro=;v=, empty otherwise."""
    pretrain_tokens: Positive | None = None
    licence: str = ""
    open_weights: bool = True
    release: str = ""
    parameters_source: str = ""
    formula_disagrees: bool = False
    """True where the closed parameter formula misses the published count by more than 2 %: the
    shape is not trusted and the model is refused in plans."""
    source: str
    verified: Verified
    notes: str = ""

    @property
    def is_moe(self) -> bool:
        """True for a mixture of experts."""
        return self.experts > 0


class MethodKind(StrEnum):
    """What a method does to the base model."""

    FROM_SCRATCH = "from-scratch"
    CONTINUED_PRETRAINING = "continued-pretraining"
    FULL = "full"
    LORA = "lora"
    DORA = "dora"
    QLORA = "qlora"
    ADAPTER = "adapter"
    PREFIX = "prefix"
    IA3 = "ia3"
    BITFIT = "bitfit"
    PROMPT_TUNING = "prompt-tuning"
    LINEAR_PROBE = "linear-probe"
    DISTILLATION = "distillation"
    PROMPTING = "prompting"


class Method(Fact):
    """A way to make a model do a task."""

    id: Name
    kind: MethodKind
    name: str
    trains: bool
    """False for prompting: no training run."""
    updates_all_weights: bool
    ranks: tuple[int, ...] = ()
    """LoRA-like ranks that become candidates by default; empty where rank has no meaning."""
    storage_formats: tuple[str, ...] = ()
    """Storage formats of frozen base weights the method needs; empty where it follows precision."""
    architectures: tuple[Architecture, ...] = tuple(Architecture)
    task_families: tuple[str, ...] = ()
    """Families for which the method makes sense; empty: all."""
    source: str
    notes: str = ""


class Precision(Fact):
    """Number formats of a training run, of stored weights, or of a finished model."""

    id: Name
    name: str
    role: Literal["training", "storage", "deployment"]
    compute_format: str
    """The format matmuls run in: fp32, tf32, fp16, bf16, fp8."""
    weight_bytes: Positive
    """Bytes of one stored weight. [byte]"""
    needs: tuple[str, ...] = ()
    """Accelerator peaks that must exist, e.g. ("bf16",)."""
    vendors: tuple[str, ...] = ()
    """Vendors on which the software runs; empty: all."""
    deployed_bits: Positive | None = None
    """Bits of one weight of a finished model, scales and zero points included; None: no model is
    deployed in it. [bit]"""
    source: str
    notes: str = ""


class Task(Fact):
    """A task with a metric: what chance gives, what nobody exceeds."""

    id: str
    name: str
    family: Literal[
        "classification",
        "pair-classification",
        "regression",
        "qa",
        "generation",
        "knowledge",
        "maths",
        "code",
        "chat",
        "language-modelling",
    ]
    kind: Literal["nlu_large", "nlu_small", "qa", "generation", "knowledge", "math", "code", "chat"]
    """Key of the quality tables; nlu_small below 10,000 training examples."""
    metric: str
    chance: Ratio
    ceiling: Ratio
    train_examples: Count | None = None
    tokens_per_example: Count | None = None
    source: str
    notes: str = ""


class Score(Fact):
    """A published result of a model on a task."""

    model: str
    task: str
    metric: str
    score: Ratio
    method: str
    rank: int | None = None
    precision: str = ""
    train_examples: Positive | None = None
    epochs: Positive | None = None
    split: str = ""
    source: str
    year: int
    verified: Verified
    notes: str = ""


class Grid(Fact):
    """Carbon intensity of a place's electricity."""

    region: str
    """Provider region, country or state that offers name."""
    place: str
    grams_co2_per_kwh: NonNegative
    year: int | None = None
    """Year of the mix; None where the source does not say."""
    method: str
    source: str


class Provider(Fact):
    """How a provider bills, and what surrounds the GPU-hour."""

    id: str
    name: str
    billing_grain_hours: Positive
    billing_minimum_hours: NonNegative = 0.0
    startup_hours: NonNegative
    """Provisioning, image and data download, compile: median. [h]"""
    storage_usd_per_gb_month: NonNegative
    egress_usd_per_gb: NonNegative
    egress_free_gb: NonNegative = 0.0
    pue: Annotated[float, Field(ge=1, le=3)]
    source: str
    verified: Verified
    notes: str = ""


class Source(Fact):
    """Where facts and formulas come from."""

    key: str
    title: str
    where: str
    read_on: date | None = None
    """Day on which a figure was taken from it; None where it is cited for a definition only."""
    notes: str = ""
