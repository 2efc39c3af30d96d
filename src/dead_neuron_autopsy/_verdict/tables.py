"""Findings as text that other programs read, with every float exact."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .groups import id_within, layer_of

if TYPE_CHECKING:
    import os


def columns_of(autopsy: Any) -> dict[str, Any]:
    """Return what an `Autopsy` says of each neuron, by name."""
    layers = [layer_of(one) for one in autopsy.ids]
    both = zip(autopsy.ids, layers, strict=True)
    columns: dict[str, Any] = {
        "id": autopsy.ids,
        "layer": layers,
        "unit": [None if layer is None else id_within(one, layer) for one, layer in both],
        "state": autopsy.states,
        "peak": autopsy.peaks,
        "score": autopsy.scores,
        "n_samples": autopsy.sample_counts,
        "last_active": autopsy.last_active,
        "died_at": autopsy.died_at,
    }
    if autopsy.steps is not None:
        columns["last_active_step"] = autopsy.last_active_step
        columns["died_at_step"] = autopsy.died_at_step
    return columns


def as_csv(columns: Mapping[str, Any]) -> str:
    """Return columns as lines of CSV, the names first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(_rows(columns))
    return text.getvalue()


def as_json(rule: Mapping[str, object], columns: Mapping[str, Any]) -> str:
    """Return a rule, and under "neurons" one object per row, as JSON."""
    rows = [dict(zip(columns, map(_for_json, row), strict=True)) for row in _rows(columns)]
    found = {**rule, "neurons": rows}
    return json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _rows(columns: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    lists = (one.tolist() if isinstance(one, np.ndarray) else one for one in columns.values())
    return zip(*lists, strict=True)


def _for_json(value: object) -> object:
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def written(text: str, path: str | os.PathLike[str] | None) -> str | None:
    """Return a text, or write it to a file and return None."""
    if path is None:
        return text
    Path(path).write_bytes(text.encode("utf-8", "surrogatepass"))
    return None
