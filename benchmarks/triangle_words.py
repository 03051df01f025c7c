"""What the page on the impossible triangle says between its tables and pictures."""

INTRODUCTION = """\
# The impossible triangle

Whoever trains a model wants it soon, cheap and good. Each of the three can be had at the expense
of the others: more machines make it sooner and dearer, a smaller model cheaper and worse, another
pass over the data better and later. Which corner gives way, and by how much, is what `trilemma
plan` computes for a whole question at once. This page shows the single moves, one at a time, and
then what the same estimates say of training runs that everybody has heard of.

All figures are predictions of this program with the interval that should hold 80 % of outcomes."""

MOVES = """\
Each picture has three axes on which better lies outwards: *soon* and *cheap* in logarithms (100
hours to 15 minutes, $300 to $2), *accurate* over 16 points. Dashed is the case before, filled the
case after; thick bars are the intervals of the case after. Unless said otherwise the case is
BERT-large, fine-tuned on the 392,702 pairs of sentences of MNLI as a first script does it: 32-bit
numbers, every pair padded to 512 tokens, three passes, one A100 of 40 GB rented on demand."""

CASE = """\
That is this question; `trilemma plan` answers it, with more GPUs where that is better.

All moves at a glance:"""

ATTENTION = """\
The same billion tokens of text for Llama-3.1-8B on eight A100 of 80 GB, a million tokens a step,
cut into sequences of different length. The work of all other layers does not depend on the
length."""

RUNS = """\
*As it was run* takes the layout, number formats and software that the source states, through
`trilemma estimate`; what it does not state is filled in as is common practice. *Planned today* is
the fastest plan on the same machines, with the layouts that the planner tries and the software of
today (attention that never stores its scores, for one). Nothing was fitted to these runs, apart
from the speeds of the MLPerf entries, which are among the measured runs.

Published times contain what was paid for: restarts, failed hardware, evaluation, and for some
runs the training after pre-training. Predictions contain training, a fixed share for evaluation
and saving, and what failures cost so many machines in so long a time. Where no layout is
published, the one that is common for such software is assumed, and the interval is no wider for
it than such guesses have been off."""

MARKED = """\
† derived by others from assumed hardware, no log was published. ‡ what third parties estimate:
nothing of it is confirmed, the shape of the network is ours, chosen to give the numbers that are
told.

The first BERT is the widest miss and is kept: its chips did 11 % of the peak of a v2, or 4 % of a
v3, and runs on later TPUs, which the estimates rest on, do several times that. What made it slow
is not known, and no constant is tuned to it. RoBERTa's paper does not say whether its day was
spent on 100,000 steps or on 500,000: it lies between the two predictions. The steps of DistilBERT
are published nowhere, so its line compares 90 hours with a guess of the work. DeepSeek-V3 hides
the exchange between its experts behind computation by a schedule of its own, of which the estimate
knows a part. MLPerf's runs have sequences twice as long as Llama 2 is made for, and most of them
more GPUs than their batch has sequences: the planner refuses them."""

SPEED = """\
The clock of MLPerf runs from the first batch to the target, evaluations included, which take a
third of the time at 1,024 GPUs. Their speed alone:"""

PRICES = """\
Lowest unmarked price on demand in the catalogue for machines of that kind that can be joined,
with the day on which it was read; TPUs before v5 and the H800 are not on offer. Thousands of GPUs
are a contract and not an offer: these sums say what list prices would come to."""

MADE = """\
The published figures lie in `benchmarks/headline/runs.csv` in the contract of measured runs, so
that `trilemma estimate benchmarks/headline/runs.csv --overlay benchmarks/headline/facts --out
FILE` predicts their speeds too; models that nobody can fine-tune lie in
`benchmarks/headline/facts`."""

DATA_PARALLEL = """\
Every GPU holds the whole model and works on its share of each batch; after each step they add up
their gradients. Time is bought, and as long as every GPU has enough to do the price per run
hardly rises. It depends on the work: the same batch of 32 in 16 bits and of short sequences keeps
one GPU busy; of eight, most of what is paid for is waiting. A larger batch would feed them and
take fewer steps over the same data; what that does to accuracy, no law for fine-tuning says well
enough."""

MODEL_PARALLEL = """\
The state of 13 billion weights in training fits on no GPU. Either the replicas share it out and
gather each layer's weights when they need them, or each layer is cut into pieces that work
together on every token. This move is not about better terms: without it there is no run. Accuracy
does not change, since the arithmetic is the same. The planner tries such layouts for every
candidate and keeps the fastest that fits."""

MIXED = """\
Products in 16 bits run on units that 32-bit products cannot use, and half the bytes move. Master
weights and sums stay in 32 bits, so accuracy stays within the noise between seeds. The one move
that costs nothing."""

QUANTISED = """\
The frozen weights of a LoRA run are stored in 4 bits and expanded when they are used. That takes
time, but the model fits on a quarter of the GPUs: what is saved is machines, not minutes.
Measured differences in accuracy are a fraction of a point."""

ONCE = """\
Work, and with it time and money, is proportional to passes over the data. On a large data set
later passes add little; how little is less certain than the time they take, as the wider interval
of accuracy shows."""

SHORT = """\
Padding is computed like text. Beyond that each token looks at every other one, so the work of
attention grows with the square of the length. What is cut off is lost, and that loss is not
predicted: a pair of sentences rarely has more than 128 tokens, a document does."""

SMALLER = """\
Time and money go with the size of the model, accuracy goes with its logarithm. Often the cheapest
move per point lost; where the minimum accuracy forbids it, there is no other."""

DISTILLED = """\
A small model learns from the outputs of a large one, which runs forward beside it. Training costs
little more than that of the small model alone, and each answer costs as little for ever after."""

TOGETHER = """\
Moves that do not get in each other's way multiply. The planner does not make moves, it compares
all combinations at once: that is the region of candidates in the window."""
