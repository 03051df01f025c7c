"""Locks where shared memory cannot be written, as in some containers and hardened systems."""

from __future__ import annotations

import os
import sys
import threading

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - where Linux keeps named semaphores


def settle_locks() -> None:
    """Let Pyomo be imported without shared memory; call it before.

    `pyomo.common.dependencies` makes a lock between processes as it is imported, and the import
    fails where that cannot be. No process of ours would share it: a lock between threads will do.
    To be removed once Pyomo makes its lock at first use (`tests/unit/test_house_traps.py` tells).
    """
    if not sys.platform.startswith("linux") or os.access(SHARED_MEMORY, os.W_OK | os.X_OK):
        return
    import multiprocessing  # noqa: PLC0415 - 10 ms that only such machines pay

    setattr(multiprocessing, "Lock", threading.Lock)  # noqa: B010 - no type checker allows the other form
