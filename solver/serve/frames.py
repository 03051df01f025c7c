"""Messages between the window and its worker: a JSON header and raw arrays, with their lengths.

A frame is the length of the header and that of the arrays (two unsigned 32-bit integers, big
endian), the header as UTF-8 JSON, and the arrays' bytes one after the other. The header's `arrays`
lists name, dtype and shape of each.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

HEAD = struct.Struct(">II")

MOST_BYTES = 1 << 28
"""A longer frame is no frame of ours: something wrote into the pipe. [byte]"""

DTYPES = ("float32", "float64", "int32", "uint8")


class FrameError(Exception):
    """The other side wrote something that is no message."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one side tells the other."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Anything that JSON can hold."""
    arrays: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=lambda: MappingProxyType({}))


def encoded(message: Message) -> bytes:
    """The message as a frame."""
    raw = message.arrays
    header = {
        "kind": message.kind,
        "fields": dict(message.fields),
        "arrays": [[name, str(array.dtype), list(array.shape)] for name, array in raw.items()],
    }
    head = json.dumps(header, ensure_ascii=False, allow_nan=False).encode()
    body = b"".join(array.tobytes() for array in raw.values())
    return HEAD.pack(len(head), len(body)) + head + body


class Frames:
    """Cuts what comes through a pipe, in pieces of any size, into messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that a piece completes.

        Raises:
            FrameError: the bytes are no frame.
        """
        self._rest += piece
        while len(self._rest) >= HEAD.size:
            head, body = HEAD.unpack_from(self._rest)
            if head + body > MOST_BYTES:
                raise FrameError(f"a frame of {head + body:,} bytes is no message")
            end = HEAD.size + head + body
            if len(self._rest) < end:
                return
            frame = bytes(self._rest[HEAD.size : end])
            del self._rest[:end]
            yield decoded(frame[:head], frame[head:])


def decoded(head: bytes, body: bytes) -> Message:
    """The message of a header and the bytes of its arrays; the arrays are read-only.

    Raises:
        FrameError: they do not belong together.
    """
    try:
        header = json.loads(head)
        kind, fields, listed = header["kind"], header["fields"], header["arrays"]
        arrays, at = {}, 0
        for name, dtype, shape in listed:
            if dtype not in DTYPES:
                raise FrameError(f"array {name} has the unknown type {dtype}")
            count = math.prod(shape)
            arrays[name] = _array(body, dtype, count, at).reshape(shape)
            at += arrays[name].nbytes
    except (ValueError, KeyError, TypeError) as error:
        raise FrameError(f"a message cannot be read: {error}") from error
    if at != len(body):
        raise FrameError(f"arrays of {at:,} bytes came with {len(body):,}")
    return Message(kind, MappingProxyType(fields), MappingProxyType(arrays))


def _array(body: bytes, dtype: str, count: int, at: int) -> np.ndarray[Any, Any]:
    # 80 ms that a window whose first cloud is still to come need not wait for.
    import numpy as np  # noqa: PLC0415

    return np.frombuffer(body, dtype, count, at)
