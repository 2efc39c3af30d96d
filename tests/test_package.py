from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import dead_neuron_autopsy

SOURCE = Path(dead_neuron_autopsy.__file__).parent


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_every_public_name_is_there_and_documented() -> None:
    for name in dead_neuron_autopsy.__all__:
        public = getattr(dead_neuron_autopsy, name)
        if callable(public):
            assert public.__doc__
            assert public.__module__.startswith("dead_neuron_autopsy.")
    assert set(dead_neuron_autopsy.__all__) <= set(dir(dead_neuron_autopsy))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="plot_autopsie"):
        dead_neuron_autopsy.plot_autopsie  # noqa: B018


def test_the_version_is_the_distributions() -> None:
    assert dead_neuron_autopsy.__version__ == metadata.version("dead-neuron-autopsy")


def test_importing_has_no_effect_on_matplotlib() -> None:
    printed = run(
        "import sys, matplotlib as mpl\n"
        "before = mpl.rcParams.copy()\n"
        "import dead_neuron_autopsy\n"
        "dead_neuron_autopsy.plot_autopsy, dead_neuron_autopsy.Style\n"
        "print(mpl.rcParams.copy() == before, 'matplotlib.pyplot' in sys.modules)"
    )
    assert printed.split() == ["True", "False"]


def imported_by(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            own = [node.module] if node.module else [alias.name for alias in node.names]
            names |= {f".{name}" for name in own}
    return names


#: Every module imports only from those before it: the data goes one way.
ORDER = [
    "_notation",
    "_wording",
    "_lazy",
    "_intake",
    "_peaks",
    "_diagnosis",
    "_groups",
    "_selection",
    "_layout",
    "_names",
    "_sizes",
    "_sparkline",
    "_style",
    "_shapes",
    "_accessible",
    "_glyphs",
    "_pixels",
    "_parts",
    "_panel",
    "_grid",
    "_layer_bars",
    "_tagged_pdf",
    "_saving",
    "_latex",
    "_notebook",
    "_figure",
    "_pages",
]


def test_imports_point_one_way() -> None:
    assert {path.stem for path in SOURCE.glob("*.py")} == {"__init__", *ORDER}
    for position, name in enumerate(ORDER):
        own = {used for used in imported_by(SOURCE / f"{name}.py") if used[0] == "."}
        for_types_alone = {"._diagnosis", "._groups"} if name == "_wording" else set()
        assert own - for_types_alone <= {f".{before}" for before in ORDER[:position]}


@pytest.mark.parametrize("name", ORDER[: ORDER.index("_style")])
def test_numbers_and_words_need_no_matplotlib(name: str) -> None:
    assert "matplotlib" not in imported_by(SOURCE / f"{name}.py")


def test_only_numpy_and_what_matplotlib_brings_is_imported() -> None:
    ours = set().union(*(imported_by(path) for path in SOURCE.glob("*.py")))
    theirs = {name for name in ours if name[0] != "."} - set(sys.stdlib_module_names)
    # Pillow is Matplotlib's own; IPython calls us; pandas and tqdm only if asked for.
    assert theirs == {"IPython", "matplotlib", "numpy", "PIL", "pandas", "tqdm"}
