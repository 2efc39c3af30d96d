"""The command line: draw, check or tabulate the activations in a file."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import Autopsy

_EPILOG = """
FILE: npz, npy, csv (one column per neuron), parquet, safetensors, HDF5 (.h5), zarr, or what
Recording.save writes. Exit codes: 0; 1 if more neurons are dead than allowed; 2 for bad input.
"""


class _InputError(Exception):
    """What is wrong with the input, in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except _InputError as error:
        message = str(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # such as ``| head``
        sys.stderr.close()
        return 0
    except ImportError as error:
        message = f"{error}. Install it: pip install 'dead-neuron-autopsy[files]'"
    except MemoryError:
        message = f"{options.file}: does not fit into memory. Choose some of it with --layers."
    except OSError as error:
        place = error.filename or options.file
        message = f"{place}: {error.strerror or error}"
    print(f"dead-neuron-autopsy: error: {' '.join(message.split())}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dead-neuron-autopsy",
        description="Which neurons are dead, by their recorded activations.",
        epilog=_EPILOG,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    plot = commands.add_parser("plot", help="draw every neuron as a card", epilog=_EPILOG)
    plot.set_defaults(run=_plot)
    plot.add_argument("-o", "--output", default="autopsy.svg", help="default: %(default)s")
    orders = ("given", "dead first", "died", "layer", "peak")
    plot.add_argument("--order", choices=orders, default="given")
    plot.add_argument("--limit", type=int, metavar="N", help="draw at most so many cards")
    plot.add_argument("--only", choices=("alive", "dead", "unknown"))
    plot.add_argument("--group-by", choices=("layer",))
    plot.add_argument("--style", choices=("light", "dark", "print"), default="light")
    plot.add_argument("--title")
    check = commands.add_parser("check", help="fail if too many are dead", epilog=_EPILOG)
    check.set_defaults(run=_check)
    check.add_argument(
        "--fail-over", type=_share, default=0.0, metavar="SHARE", help='such as "5%%"; default: 0'
    )
    table = commands.add_parser("table", help="print the findings as CSV", epilog=_EPILOG)
    table.set_defaults(run=_table)
    table.add_argument("-o", "--output", help="a .csv or .json file; default: print CSV")
    for command in (plot, check, table):
        _add_rule(command)
    panel = commands.add_parser("explore", help="open a panel in a window", epilog=_EPILOG)
    panel.set_defaults(run=_explore)
    _add_rule(panel, is_optional=True)
    return parser


def _add_rule(command: argparse.ArgumentParser, *, is_optional: bool = False) -> None:
    command.add_argument("file", type=Path, metavar="FILE", nargs="?" if is_optional else None)
    command.add_argument(
        "--neuron-axis",
        type=int,
        choices=(0, 1),
        help="the axis of 2-D arrays that is the neurons'",
    )
    command.add_argument(
        "--layers", nargs="+", default=[], metavar="NAME", help='arrays to read, such as "fc*"'
    )
    command.add_argument("--threshold", type=float, help="the criterion's number; default: its own")
    names = ("peak", "firing-rate", "dormant", "constant")
    command.add_argument("--criterion", choices=names)
    command.add_argument("--window", type=int, metavar="N", help="judge the last N samples only")


def _share(text: str) -> float:
    """Read "5%" or "0.05"."""
    number, percent, rest = text.partition("%")
    share = float(number) / (100 if percent else 1)
    if rest or not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0% to 100%; got {text}")
    return share


def _diagnosed(options: argparse.Namespace) -> Autopsy:
    """Read the file and return what is found in it."""
    from . import Constant, Dormant, FiringRate, Peak, diagnose
    from ._intake.files import read_file

    kinds: dict[str, Any] = {
        "peak": Peak,
        "firing-rate": FiringRate,
        "dormant": Dormant,
        "constant": Constant,
    }
    given = () if options.threshold is None else (options.threshold,)
    try:
        criterion = None
        if options.criterion or given:
            criterion = kinds[options.criterion or "peak"](*given)
        found = read_file(options.file, options.layers, _watched)
        return diagnose(
            found.neurons,
            criterion=criterion,
            window=options.window,
            steps=found.steps,
            neuron_axis=options.neuron_axis,
        )
    except (OSError, ImportError, MemoryError):
        raise
    except Exception as error:  # damaged files raise whatever their library raises
        raise _InputError(f"{options.file}: {_as_option(str(error) or repr(error))}") from error


def _as_option(message: str) -> str:
    """Return a message of `diagnose` in the words of the command line."""
    for name in ("neuron_axis", "window", "criterion"):
        option = f"--{name.replace('_', '-')}"
        message = re.sub(rf"\b{name}=(?=\w)", f"{option} ", message)
        message = re.sub(rf"\b{name}(=|(?=:))", option, message)
    return message


def _watched(names: Sequence[str]) -> Iterable[str]:
    """Show how far along reading is, on a terminal that has tqdm."""
    if len(names) > 1 and sys.stderr.isatty():
        try:
            from tqdm import tqdm
        except ImportError:
            return names
        shown: Iterable[str] = tqdm(names, desc="reading", leave=False, delay=1)
        return shown
    return names


def _plot(options: argparse.Namespace) -> int:
    autopsy = _diagnosed(options)
    import matplotlib as mpl

    mpl.use("agg")
    from . import plot_autopsy

    looks: dict[str, Any] = {
        name: getattr(options, name)
        for name in ("order", "limit", "only", "group_by", "style", "title")
    }
    try:
        figure = plot_autopsy(autopsy, **looks)
        figure.savefig(options.output)
    except (TypeError, ValueError) as error:  # ids without layers, formats
        raise _InputError(str(error)) from error
    print(figure.alt_text)
    return 0


def _check(options: argparse.Namespace) -> int:
    autopsy = _diagnosed(options)
    print(autopsy.summary)
    is_over = autopsy.n_dead > options.fail_over * len(autopsy)
    if is_over:
        print(f"More than {options.fail_over:.6g} of all are dead: {autopsy.description}")
    return int(is_over)


def _table(options: argparse.Namespace) -> int:
    autopsy = _diagnosed(options)
    if options.output is None:
        sys.stdout.write(autopsy.to_csv() or "")
        return 0
    suffix = Path(options.output).suffix.lower()
    if suffix not in {".csv", ".json"}:
        raise _InputError(f"--output: must end in .csv or .json; got {options.output}.")
    text = autopsy.to_json() if suffix == ".json" else autopsy.to_csv()
    _replace(Path(options.output), (text or "").encode("utf-8", "surrogatepass"))
    return 0


def _explore(options: argparse.Namespace) -> int:
    autopsy = None if options.file is None else _diagnosed(options)
    from matplotlib import pyplot as plt
    from matplotlib.backends.registry import BackendFilter, backend_registry

    from . import explore

    try:
        explore(autopsy)
    except ValueError as error:  # a criterion without a panel
        raise _InputError(str(error)) from error
    if plt.get_backend().lower() in backend_registry.list_builtin(BackendFilter.NON_INTERACTIVE):
        raise _InputError("explore needs a window: install PySide6, or choose MPLBACKEND.")
    plt.show()
    return 0


def _replace(path: Path, content: bytes) -> None:
    """Write a file; an old one stays if that fails."""
    import io

    from ._output.files import replace_whole

    replace_whole(io.BytesIO(content), path)


if __name__ == "__main__":
    sys.exit(main())
