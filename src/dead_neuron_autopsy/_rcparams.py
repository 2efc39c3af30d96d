"""rcParams that are changed for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl

_lock = threading.RLock()


@contextmanager
def changed_rcparams(values: Mapping[Any, Any]) -> Iterator[None]:
    """Change some rcParams, in one thread at a time, and change those alone back.

    `matplotlib.rc_context` takes down all of them: of two threads, the one that leaves
    last would bring back what the other one had changed.

    Parameters
    ----------
    values : mapping
        The rcParams' names and values.
    """
    with _lock:
        before = {name: mpl.rcParams[name] for name in values}
        mpl.rcParams.update(values)
        try:
            yield
        finally:
            mpl.rcParams.update(before)
