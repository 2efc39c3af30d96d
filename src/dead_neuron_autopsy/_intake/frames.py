"""Tables with one column per neuron: of pandas, polars, pyarrow and Dask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .arrays import to_array
from .foreign import comes_from, short_repr

#: Names of columns that count steps.
STEP_NAMES = frozenset({"step", "steps", "global_step", "epoch", "iteration"})

#: Names under which row numbers arrive as a column.
_INDEX_NAMES = frozenset({"", "index", "__index_level_0__"})


def counts_steps(name: object, column: object) -> bool:
    """Return whether a column counts steps or rows, and is not a neuron.

    Its name says so, and its values are integers that only rise.
    """
    if not isinstance(name, str):
        return False
    text = name.strip().lower()
    if text not in STEP_NAMES | _INDEX_NAMES and not text.startswith("unnamed:"):
        return False
    values = to_array(column, f"column {name!r}")
    whole = values.dtype.kind in "iu" or np.array_equal(values, np.round(values))
    return len(values) > 1 and whole and bool(np.all(np.diff(values) > 0))


def columns_of(neurons: Any) -> Iterable[tuple[object, object]] | None:
    """Return the columns of a table with their names; None if this is not a table."""
    if comes_from(neurons, "polars", "LazyFrame"):
        raise TypeError("neurons: got a LazyFrame; pass neurons.collect() instead.")
    if comes_from(neurons, "dask", "DataFrame"):
        neurons = neurons.compute()
    if comes_from(neurons, "pandas", "DataFrame"):
        return _without_index(neurons.items())
    if comes_from(neurons, "polars", "DataFrame"):
        return _without_index(zip(neurons.columns, neurons.get_columns(), strict=True))
    if comes_from(neurons, "pyarrow", "Table"):
        names = neurons.column_names
        columns = (column.to_numpy() for column in neurons.columns)
        return _without_index(zip(names, columns, strict=True))
    return None


def _without_index(columns: Iterable[tuple[object, object]]) -> Iterator[tuple[object, object]]:
    """Yield columns; raise ValueError for one that counts the steps."""
    for name, column in columns:
        if counts_steps(name, column):
            raise ValueError(
                f"neurons: the column {short_repr(name)} counts steps and is not a neuron. Drop "
                "it or make it the index; pass it as steps= to have times given in steps."
            )
        yield name, column
