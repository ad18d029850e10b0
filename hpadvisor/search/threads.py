"""Threads of linear algebra: one for the model, whose matrices are small; a share for a worker."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator
from typing import Any

try:
    from threadpoolctl import ThreadpoolController
except ImportError:  # then the model takes as many threads as the library likes
    ThreadpoolController = None

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
"""What libraries ask for the number of their threads, before they are loaded."""


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let linear algebra use one thread: on small matrices more only wait for each other."""
    if ThreadpoolController is None:
        yield
        return
    with _controller().limit(limits=1):
        yield


@functools.cache
def _controller() -> Any:
    return ThreadpoolController()


@contextlib.contextmanager
def shared_threads(workers: int) -> Iterator[None]:
    """Let processes that are started meanwhile share the cores, unless the user has said how.

    Args:
        workers: Processes; one alone keeps all cores.
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    added = [name for name in THREADS if workers > 1 and name not in os.environ]
    os.environ.update(dict.fromkeys(added, str(max(1, cores // workers))))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)
