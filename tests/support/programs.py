"""Small programs, by hand and by chance."""

import numpy as np
from hypothesis import strategies as st

from solver.program import JobColumns, Limit, Program
from solver.timetable import Resource

BY_JOB = ("min_accuracy", "max_deployed", "max_latency", "deadline")
OF_ALL = ("deadline", "budget", "co2", "max_gpus")


def columns_of(**given):
    """One job's columns from lists; what is not given is equal for all candidates."""
    many = max(len(values) for values in given.values() if isinstance(values, list))
    plain = {
        "hours": [1.0] * many,
        "usd": [1.0] * many,
        "accuracy": [np.nan] * many,
        "co2_kg": [np.nan] * many,
        "gpus": [1.0] * many,
        "deployed_gb": [1.0] * many,
        "latency_ms": [0.0] * many,
        "pool": [-1] * many,
        "instances": [1.0] * many,
        "takes": [-1] * many,
        "gives": [-1] * many,
        "left_out": [False] * many,
    }
    quotas = np.array(given.pop("quota_gpus", np.zeros((0, many))), dtype=float)
    arrays = {name: np.array(given.pop(name, values)) for name, values in plain.items()}
    known = np.nan_to_num(arrays["accuracy"], nan=-1.0)
    level = np.unique(known, return_inverse=True)[1].reshape(-1)
    return JobColumns(**arrays, level=level, quota_gpus=quotas, **given)


def pools_of(*machines):
    """Pools of so many machines, free at all times."""
    return tuple(Resource(f"pool {k}", most) for k, most in enumerate(machines))


@st.composite
def jobs_columns(draw, pools=0, most=6):
    """Up to `most` candidates with many ties, free prices and unknown figures."""
    many = draw(st.integers(1, most))

    def some(*values):
        return draw(st.lists(st.sampled_from(values), min_size=many, max_size=many))

    return columns_of(
        hours=some(0.25, 1.0, 1.0, 2.0, 5.0, 12.0),
        usd=some(0.0, 0.0, 1.0, 2.5, 4.0, 20.0),
        accuracy=some(np.nan, 0.5, 0.75, 0.75, 0.875, 0.9),
        co2_kg=some(np.nan, 0.0, 0.5, 1.0, 8.0),
        gpus=some(1.0, 2.0, 4.0, 8.0),
        deployed_gb=some(0.25, 1.0, 16.0),
        latency_ms=some(np.nan, 0.5, 4.0, 4.0, 30.0),
        pool=some(*range(-1, pools)),
        instances=some(1.0, 2.0, 3.0),
        chance=draw(st.sampled_from((0.0, 0.25))),
        ceiling=draw(st.sampled_from((0.95, 1.0))),
    )


BOUNDS = {
    "deadline": (0.5, 1.0, 2.0, 6.0, 20.0),
    "budget": (0.0, 1.0, 3.5, 5.0, 21.0, 60.0),
    "min_accuracy": (0.5, 0.75, 0.8, 0.9, 0.93),
    "co2": (0.0, 1.0, 1.5, 9.0, 30.0),
    "max_gpus": (1.0, 3.0, 6.0, 12.0),
    "max_deployed": (0.5, 1.0, 20.0),
    "max_latency": (1.0, 4.0, 50.0),
}


@st.composite
def limits_for(draw, jobs):
    """Any mix of limits that a question of so many jobs can set."""
    slots = [(name, None) for name in OF_ALL] + [(n, j) for j in range(jobs) for n in BY_JOB]
    chosen = draw(st.lists(st.sampled_from(slots), unique=True, max_size=5))
    return tuple(Limit(n, j, draw(st.sampled_from(BOUNDS[n]))) for n, j in chosen)


@st.composite
def programs(draw, most_jobs=3, most=5):
    """A program of one to three jobs with any mix of limits and pools."""
    jobs, pools = draw(st.integers(1, most_jobs)), draw(st.integers(0, 2))
    columns = tuple(draw(jobs_columns(pools=pools, most=most)) for _ in range(jobs))
    stock = [draw(st.sampled_from((1.0, 2.0, 4.0))) for _ in range(pools)]
    return Program(columns, draw(limits_for(jobs)), pools_of(*stock))


@st.composite
def many_columns(draw, pools=0):
    """Up to thirty candidates with many ties, drawn all at once."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    many = draw(st.integers(1, 30))

    def some(*values):
        return rng.choice(values, many).tolist()

    return columns_of(
        hours=some(0.25, 1.0, 1.0, 2.0, 5.0, 12.0),
        usd=some(0.0, 0.0, 1.0, 2.5, 4.0, 20.0),
        accuracy=some(np.nan, 0.5, 0.75, 0.75, 0.9),
        co2_kg=some(np.nan, 0.0, 0.5, 8.0),
        gpus=some(1.0, 2.0, 8.0),
        deployed_gb=some(0.25, 16.0),
        latency_ms=some(np.nan, 0.5, 30.0),
        pool=some(*range(-1, pools)),
        instances=some(1.0, 2.0, 3.0),
    )
