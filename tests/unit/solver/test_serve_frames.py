"""Messages between window and worker."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.serve.frames import HEAD, FrameError, Frames, Message, encoded


@given(st.integers(min_value=1, max_value=40))
def test_that_messages_survive_a_pipe_that_cuts_them_anywhere(size):
    sent = [
        Message("cloud", {"ticket": 7}, {"hours": np.arange(5, dtype=np.float32)}),
        Message("quit"),
    ]
    raw = b"".join(encoded(message) for message in sent)
    frames = Frames()

    got = [m for at in range(0, len(raw), size) for m in frames.feed(raw[at : at + size])]

    assert [m.kind for m in got] == ["cloud", "quit"]
    assert got[0].fields["ticket"] == 7
    assert got[0].arrays["hours"].tolist() == [0, 1, 2, 3, 4]


def test_that_received_arrays_cannot_be_changed():
    raw = encoded(Message("cloud", {}, {"hours": np.ones(3, dtype=np.float32)}))

    (message,) = Frames().feed(raw)

    with pytest.raises(ValueError, match="read-only"):
        message.arrays["hours"][0] = 2


@pytest.mark.parametrize("raw", [b"HiGHS 1.15 banner", HEAD.pack(2, 0) + b"{}"])
def test_that_what_a_library_prints_is_no_message(raw):
    with pytest.raises(FrameError):
        list(Frames().feed(raw))
