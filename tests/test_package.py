from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable
from functools import cached_property
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from types import FunctionType

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


OWN = "dead_neuron_autopsy."

Function = Callable[..., object]


def public_objects() -> dict[str, type | Function]:
    """Return the public classes and functions by their names."""
    public = {name: getattr(dead_neuron_autopsy, name) for name in dead_neuron_autopsy.__all__}
    return {name: thing for name, thing in public.items() if callable(thing)}


def public_methods(owner: type) -> dict[str, Function]:
    """Return the public methods of a class that are the package's own."""
    return {
        name: method
        for name, method in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
        and method.__name__ == name  # else it is the default of a field
        and method.__module__.startswith(OWN)
    }


def is_matplotlibs(owner: type, name: str) -> bool:
    """Return whether a class from outside the package says what a method is for."""
    outside = (base for base in owner.__mro__ if not base.__module__.startswith(OWN))
    return any(hasattr(base, name) for base in outside)


def public_functions() -> dict[str, Function]:
    """Return the public functions and methods, by their names.

    Without those that Matplotlib documents, unless their parameters are documented here.
    """
    found: dict[str, Function] = {}
    for name, thing in public_objects().items():
        if not isinstance(thing, type):
            found[name] = thing
            continue
        for method_name, method in public_methods(thing).items():
            if section(method, "Parameters") or not is_matplotlibs(thing, method_name):
                found[f"{name}.{method_name}"] = method
    return found


def section(thing: object, title: str) -> list[str]:
    """Return the lines of a section of a docstring in numpydoc form."""
    lines = (inspect.getdoc(thing) or "").splitlines()
    heads = [
        position
        for position, rule in enumerate(lines[1:])
        if rule and rule == "-" * len(lines[position])
    ]
    for head, following in pairwise([*heads, len(lines)]):
        if lines[head] == title:
            return lines[head + 2 : following]
    return []


def documented_parameters(function: Function) -> list[str]:
    """Return the names in a docstring's section on parameters, in order."""
    heads = [line for line in section(function, "Parameters") if line.strip() == line != ""]
    return [name for head in heads for name in head.split(" : ")[0].split(", ")]


def parameters(function: Function) -> list[str]:
    """Return the names in a signature, as numpydoc writes them."""
    stars: dict[object, str] = {
        inspect.Parameter.VAR_POSITIONAL: "*",
        inspect.Parameter.VAR_KEYWORD: "**",
    }
    return [
        f"{stars.get(parameter.kind, '')}{name}"
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in {"self", "cls"}
    ]


def test_every_public_name_is_there_and_documented() -> None:
    for name, thing in public_objects().items():
        assert inspect.getdoc(thing), name
        assert thing.__module__.startswith(OWN), name
        for method_name, method in vars(thing).items() if isinstance(thing, type) else ():
            if isinstance(method, FunctionType | property | cached_property):
                assert method_name.startswith("_") or inspect.getdoc(method), (name, method_name)
    assert set(dead_neuron_autopsy.__all__) <= set(dir(dead_neuron_autopsy))


@pytest.mark.parametrize("name", sorted(public_functions()))
def test_a_docstring_names_the_parameters_of_its_signature(name: str) -> None:
    function = public_functions()[name]
    assert documented_parameters(function) == parameters(function)


@pytest.mark.parametrize("name", public_objects())
def test_every_public_class_and_function_has_an_example(name: str) -> None:
    assert any(line.startswith(">>> ") for line in section(public_objects()[name], "Examples"))


def test_the_parameters_of_a_docstring_are_found() -> None:
    def documented() -> None:
        """Do nothing.

        Parameters
        ----------
        one, two : int
            A description, with a comma : and a colon.
        three
            Another.

            It goes on.
        **kwargs
            The rest.

        Returns
        -------
        four : int
            A result.
        """

    assert documented_parameters(documented) == ["one", "two", "three", "**kwargs"]
    assert parameters(documented) == []


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


#: The way of the data: a folder imports only from those before it.
FOLDERS = [
    "_intake",
    "_verdict",
    "_words",
    "_layout",
    "_drawing",
    "_live",
    "_output",
    "_torch",
]


def folders_imported_by(module: Path) -> set[str]:
    """Return the package's own folders and files that a module imports, types included."""
    inside = module.relative_to(SOURCE).parts
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == len(inside):
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {name.partition(".")[0] for name in names}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_only_from_those_before_it(folder: str) -> None:
    before = set(FOLDERS[: FOLDERS.index(folder)])
    for module in (SOURCE / folder).rglob("*.py"):
        assert folders_imported_by(module) <= before, module


def test_every_module_has_its_room() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir()}
    assert rooms - {"__pycache__"} == set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS[: FOLDERS.index("_drawing")])
def test_numbers_and_words_need_no_matplotlib(folder: str) -> None:
    for module in (SOURCE / folder).rglob("*.py"):
        assert "matplotlib" not in imported_by(module), module


def test_only_numpy_and_what_matplotlib_brings_is_imported() -> None:
    ours = set().union(*(imported_by(path) for path in SOURCE.rglob("*.py")))
    theirs = {name for name in ours if name[0] != "."} - set(sys.stdlib_module_names)
    # Pillow is Matplotlib's own; IPython calls us; the others only if asked for, or if one
    # of their objects or files came.
    of_files = {"h5py", "ipywidgets", "pyarrow", "zarr"}
    assert theirs - of_files - {
        "dask",
        "pandas",
        "polars",
        "tensorflow",
        "torch",
        "tqdm",
    } == {
        "IPython",
        "matplotlib",
        "numpy",
        "PIL",
    }
