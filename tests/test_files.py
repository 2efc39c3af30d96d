"""Where a figure is saved to: what stood there is lost only to a whole new file."""

from __future__ import annotations

import errno
import io
import itertools
import os
import re
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pdfplumber
import pytest
from drawing import saved
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect

from dead_neuron_autopsy import (
    draw_autopsy,
    plot_autopsy,
    save_autopsy_pages,
    savefig_with_alt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Put = Callable[[Figure, BaseException], Callable[[], object]]
    Target = Iterator[tuple[str, Callable[[], bytes]]]

NEURONS = {"L1·N1": [0.3, 0.0, 0.2], "L2·N1": [0.0, 0.0, 0.0]}
FORMATS = ["svg", "svgz", "pdf", "png", "jpg", "webp", "tiff", "eps", "ps"]
KINDS = ["svg", "png", "pdf", "pages"]
OLD = b"what stood here before"
POSIX = pytest.mark.skipif(os.name != "posix", reason="of POSIX systems")


def errors() -> list[BaseException]:
    full = OSError(errno.ENOSPC, "no space left")
    return [
        ZeroDivisionError("a bug of the caller's"),
        MemoryError(),
        full,
        KeyboardInterrupt(),
    ]


def cards() -> Figure:
    return plot_autopsy(NEURONS)


def plain() -> Figure:
    figure, axs = plt.subplot_mosaic("AB")
    draw_autopsy(axs["A"], NEURONS)
    axs["B"].plot([2.3, 1.9, 1.7])
    return figure


def save(kind: str, fname: Any) -> None:
    """Save cards in a format, or as a document of three pages."""
    if kind == "pages":
        save_autopsy_pages(fname, NEURONS, per_page=1)
    else:
        cards().savefig(fname, format=kind)


@cache
def content_of(kind: str) -> bytes:
    buffer = io.BytesIO()
    save(kind, buffer)
    return buffer.getvalue()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What fails


class Failing(Artist):
    """Raises an error when it is drawn."""

    def __init__(self, error: BaseException, zorder: float = 100) -> None:
        super().__init__()
        self.error = error
        self.set_zorder(zorder)

    def draw(self, renderer: object) -> None:
        del renderer
        raise self.error


class FailingEffect(AbstractPathEffect):
    """Raises an error when a path is drawn."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def draw_path(self, *arguments: object) -> None:
        del arguments
        raise self.error


def below(figure: Figure, error: BaseException) -> Callable[[], object]:
    return figure.axes[0].add_artist(Failing(error, -100)).remove


def above(figure: Figure, error: BaseException) -> Callable[[], object]:
    return figure.axes[-1].add_artist(Failing(error)).remove


def in_a_card(figure: Figure, error: BaseException) -> Callable[[], object]:
    grid: Any = figure.axes[0].artists[0]
    artist: Artist = grid.cards["L2·N1"].axes.add_artist(Failing(error))
    return artist.remove


def in_a_part(figure: Figure, error: BaseException) -> Callable[[], object]:
    grid: Any = figure.axes[0].artists[0]
    grid.sparklines.set_path_effects([FailingEffect(error)])
    return lambda: grid.sparklines.set_path_effects([])


@pytest.mark.parametrize(
    ("make", "file_format", "put"),
    [
        *itertools.product([cards], FORMATS, [above]),
        *itertools.product([cards], ["svg", "pdf", "png"], [below, in_a_card, in_a_part]),
        *itertools.product([plain], ["svg", "pdf", "png"], [above, in_a_part]),
    ],
)
def test_a_failed_save_leaves_the_old_file(
    make: Callable[[], Figure], file_format: str, put: Put, tmp_path: Path
) -> None:
    def write(figure: Figure, fname: Any) -> None:
        if make is plain:
            savefig_with_alt(figure, fname, format=file_format)
        else:
            figure.savefig(fname, format=file_format)

    figure, path = make(), tmp_path / f"autopsy.{file_format}"
    path.write_bytes(OLD)
    new = tmp_path / f"new.{file_format}"
    for error, target in zip(errors(), (path, new, path, path), strict=True):
        undo = put(figure, error)
        with pytest.raises(type(error)) as caught:
            write(figure, target)
        assert caught.value is error
        assert path.read_bytes() == OLD
        assert names_in(tmp_path) == [path.name]
        undo()
    write(figure, path)
    fresh, buffer = make(), io.BytesIO()
    put(fresh, MemoryError())()
    write(fresh, buffer)
    assert path.read_bytes() == buffer.getvalue()
    assert names_in(tmp_path) == [path.name]


def fail_at(number: int, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the drawing of an Axes fail, once so many have been drawn."""
    draw, numbers = Axes.draw, itertools.count(1)

    def failing(axes: Axes, renderer: Any) -> None:
        draw(axes, renderer)
        if next(numbers) == number:
            raise error

    monkeypatch.setattr(Axes, "draw", failing)


@pytest.mark.parametrize(
    ("number", "error"),
    [(1, OSError()), *((2, error) for error in errors()), (3, OSError())],
)
def test_a_failed_document_leaves_the_old_one(
    number: int, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(OLD)
    with monkeypatch.context() as patch:
        fail_at(number, error, patch)
        with pytest.raises(type(error)) as caught:
            save("pages", path)
    assert caught.value is error
    assert path.read_bytes() == OLD
    assert names_in(tmp_path) == [path.name]
    save("pages", path)
    assert path.read_bytes() == content_of("pages")


OPTIONS = ("misspelt", "format", "facecolor", "bbox_inches", "backend", "dpi")
WRONG: list[dict[str, Any]] = [{option: "nonsense"} for option in OPTIONS]
WRONG_IN_A_FORMAT: dict[str, list[dict[str, Any]]] = {
    "svg": [{"metadata": {"Nonsense": ""}}, {"metadata": {"Date": 7}}],
    "svgz": [{"metadata": {"Nonsense": ""}}],
    "png": [{"pil_kwargs": {"compress_level": "nonsense"}}],
    "jpg": [{"pil_kwargs": {"quality": "nonsense"}}],
    "webp": [{"pil_kwargs": {"quality": "nonsense"}}],
    "tiff": [{"pil_kwargs": {"dpi": "nonsense"}}],
    "eps": [{"papertype": "nonsense"}],
}


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_wrong_option_leaves_the_old_file(file_format: str, tmp_path: Path) -> None:
    refusals = AttributeError, ImportError, TypeError, ValueError
    path = tmp_path / f"autopsy.{file_format}"
    path.write_bytes(OLD)
    for options in [*WRONG, *WRONG_IN_A_FORMAT.get(file_format, [])]:
        with pytest.raises(refusals) as theirs:
            Figure().savefig(io.BytesIO(), **{"format": file_format, **options})
        with pytest.raises(theirs.type):
            cards().savefig(path, **options)
        assert path.read_bytes() == OLD
        assert names_in(tmp_path) == [path.name]
    with pytest.raises(ValueError, match="nonsense"):
        cards().savefig(tmp_path / "autopsy.nonsense")
    assert names_in(tmp_path) == [path.name]


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_has_no_room_is_not_begun(kind: str, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "autopsy"
    path.write_bytes(OLD)
    save(kind, io.BytesIO())  # imports what it needs
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for target in (path, tmp_path / "new"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
        try:
            with pytest.raises(OSError, match="large") as caught:
                save(kind, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == OLD
    assert names_in(tmp_path) == [path.name]


# Files


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_overwritten_and_keeps_its_mode(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "autopsy"
    path.write_bytes(OLD * 100_000)
    for mode in (0o600, 0o666):
        path.chmod(mode)
        save(kind, path)
        assert path.read_bytes() == content_of(kind)
        assert stat.S_IMODE(path.stat().st_mode) == mode or os.name != "posix"
    assert names_in(tmp_path) == [path.name]


@POSIX
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [0o022, 0o027])
def test_a_new_file_has_the_mode_that_the_umask_gives(kind: str, mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        save(kind, tmp_path / "autopsy")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "autopsy").stat().st_mode) == 0o666 & ~mask


@POSIX
@pytest.mark.parametrize("kind", ["svg", "png", "pages"])
@pytest.mark.parametrize("links", [["/there/file"], ["there/file"], ["b", "there/file"]])
def test_a_link_stays_a_link(
    kind: str, links: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "there" / "file"
    file.parent.mkdir()
    made = [tmp_path / name for name, _ in zip("ab", links, strict=False)]
    for link, target in zip(made, links, strict=True):
        link.symlink_to(f"{tmp_path}{target}" if target.startswith("/") else target)
    for exists in (False, True):
        save(kind, made[0])
        assert file.read_bytes() == content_of(kind), exists
        file.write_bytes(OLD)
    assert all(link.is_symlink() for link in made)
    assert names_in(file.parent) == ["file"]
    fail_at(1, ZeroDivisionError(), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        save(kind, made[0])
    assert made[0].is_symlink()
    assert file.read_bytes() == OLD


@pytest.mark.parametrize("kind", ["svg", "png", "pages"])
@pytest.mark.parametrize("name", ["-größe 死", ".hidden", "a%s{}$HOME", "n" * 255])
def test_a_name_is_taken_as_it_is(
    kind: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for target in (name, tmp_path / name):
        save(kind, target)
        assert names_in(tmp_path) == [name]
        assert Path(name).read_bytes() == content_of(kind)
        Path(name).write_bytes(OLD)


@pytest.mark.parametrize(
    ("default", "chosen"), [("png", None), ("svg", None), ("png", "jpg"), ("png", "SVG")]
)
def test_a_path_without_a_suffix_gets_it_as_in_matplotlib(
    default: str, chosen: str | None, tmp_path: Path
) -> None:
    mpl.rcParams["savefig.format"] = default
    names = ["autopsy", "one.", "two..", "a.b.", ".hidden", "run.7/autopsy", "loud.PNG"]
    found = []
    for figure, folder in ((cards(), tmp_path / "ours"), (Figure(), tmp_path / "theirs")):
        for parent in (folder, folder / "text"):
            (parent / "run.7").mkdir(parents=True)
        for name in names:
            figure.savefig(folder / name, format=chosen, dpi=30)
            figure.savefig(f"{folder}/text/{name}", format=chosen, dpi=30)
        paths = [path for path in folder.rglob("*") if path.is_file()]
        found.append({path.relative_to(folder): path.read_bytes()[:4] for path in paths})
    assert found[0] == found[1]
    assert len(found[0]) == 2 * len(names)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_written_to_is_an_error(kind: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileNotFoundError):
        save(kind, tmp_path / "missing" / "autopsy")
    with pytest.raises(OSError, match="folder"):
        save(kind, tmp_path / "folder")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_links_in_a_circle_are_an_error(kind: str, tmp_path: Path) -> None:
    for link, target in ("ab", "ba"):
        (tmp_path / link).symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        save(kind, tmp_path / "a")
    assert names_in(tmp_path) == ["a", "b"]


@POSIX
@pytest.mark.parametrize("kind", KINDS)
def test_permissions_count(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("writable", "read-only"):
        (folder / name).write_bytes(OLD)
    (folder / "read-only").chmod(0o444)
    if os.access(folder / "read-only", os.W_OK):
        pytest.skip("root may do everything")
    with pytest.raises(PermissionError):
        save(kind, folder / "read-only")
    folder.chmod(0o555)
    try:
        save(kind, folder / "writable")  # where no other file can be made
        with pytest.raises(PermissionError):
            save(kind, folder / "new")
    finally:
        folder.chmod(0o755)
    assert (folder / "writable").read_bytes() == content_of(kind)
    assert (folder / "read-only").read_bytes() == OLD
    assert names_in(folder) == ["read-only", "writable"]


# What is no name of a regular file


class Reader(threading.Thread):
    """Reads a pipe to its end; whoever waits for it does so for a while only."""

    def __init__(self, pipe: int | Path) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.start()

    def run(self) -> None:
        with open(self.pipe, "rb") as file:  # noqa: PTH123  a descriptor, too
            self.content = file.read()

    def read(self) -> bytes:
        self.join(20)
        assert not self.is_alive(), "nothing has been written"
        return self.content


@contextmanager
def named_pipe(folder: Path) -> Target:
    path = folder / "pipe"
    os.mkfifo(path)
    yield str(path), Reader(path).read
    assert path.is_fifo()
    assert names_in(folder) == ["pipe"]


@contextmanager
def pipe(_folder: Path) -> Target:
    end, start = os.pipe()
    reader = Reader(end)

    def read() -> bytes:
        os.close(start)
        return reader.read()

    yield f"/dev/fd/{start}", read


@contextmanager
def open_file(folder: Path) -> Target:
    with (folder / "file").open("w+b") as file:
        yield f"/dev/fd/{file.fileno()}", file.read
    assert names_in(folder) == ["file"]


@contextmanager
def deleted_file(folder: Path) -> Target:
    with tempfile.TemporaryFile(dir=folder) as file:
        yield f"/dev/fd/{file.fileno()}", file.read
    assert not names_in(folder)


@POSIX
@pytest.mark.parametrize("kind", [*KINDS, "svgz", "jpg"])
@pytest.mark.parametrize("target", [named_pipe, pipe, open_file, deleted_file])
def test_what_is_no_name_of_a_file_is_written_straight(
    kind: str, target: Callable[[Path], Any], tmp_path: Path
) -> None:
    with target(tmp_path) as (fname, read):
        save(kind, fname)
        assert read() == content_of(kind)


def device(number: int, name: str, folder: Path) -> Path:
    """Return a device; for root, who could lose the system's to a bug, one of its own."""
    path = Path("/dev", name)
    if os.geteuid() == 0:
        path = folder / name
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, number))
            path.open("wb").close()
        except OSError:
            pytest.skip("no device can be made here")
    if not path.is_char_device():
        pytest.skip(f"there is no {path}")
    return path


@POSIX
@pytest.mark.parametrize(("kind", "linked"), [*itertools.product(KINDS, [""]), ("svg", "link")])
def test_a_device_stays_a_device(kind: str, linked: str, tmp_path: Path) -> None:
    null, full = device(3, "null", tmp_path), device(7, "full", tmp_path)
    targets = [null, full]
    if linked:
        targets = [tmp_path / f"link{number}" for number in range(2)]
        for target, path in zip(targets, (null, full), strict=True):
            target.symlink_to(path)
    save(kind, targets[0])
    with pytest.raises(OSError, match="space") as caught:
        save(kind, targets[1])
    assert caught.value.errno == errno.ENOSPC
    assert null.is_char_device()
    assert full.is_char_device()
    assert all(target.is_symlink() == bool(linked) for target in targets)


SCRIPT = f"""
import sys
from dead_neuron_autopsy import plot_autopsy, save_autopsy_pages

for kind in sys.argv[1:]:
    if kind == "pages":
        save_autopsy_pages("/dev/stdout", {NEURONS!r}, per_page=1)
    else:
        plot_autopsy({NEURONS!r}).savefig("/dev/stdout", format=kind)
"""


def run(*kinds: str, stdout: Any) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *kinds],
        env={**os.environ, "MPLBACKEND": "agg"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout or b""


@POSIX
@pytest.mark.slow
def test_standard_output_may_be_a_pipe() -> None:
    assert run(*KINDS, stdout=subprocess.PIPE) == b"".join(map(content_of, KINDS))


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["svg", "pages"])
def test_standard_output_may_be_a_file(kind: str, tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+b") as file:
        run(kind, stdout=file)
        assert file.seek(0) == 0
        assert file.read() == content_of(kind)
    assert names_in(tmp_path) == ["out"]


# Open files


class OnlyWrites:
    """Takes bytes and can do nothing else, as the answer of a web server."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, content: bytes) -> int:
        self.content += content
        return len(content)


@pytest.mark.parametrize("kind", KINDS)
def test_an_open_file_gets_all_or_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, buffer, path = OnlyWrites(), io.BytesIO(), tmp_path / "file"
    with path.open("wb") as file:
        for target in (stream, buffer, file):
            with monkeypatch.context() as patch:
                fail_at(1, ZeroDivisionError(), patch)
                with pytest.raises(ZeroDivisionError):
                    save(kind, target)
        assert (stream.content, buffer.getvalue(), file.tell()) == (b"", b"", 0)
        for target in (stream, buffer, file):
            save(kind, target)
    assert stream.content == buffer.getvalue() == path.read_bytes() == content_of(kind)


@pytest.mark.parametrize("kind", ["svg", "eps", "ps"])
def test_a_text_file_gets_all_or_nothing(kind: str, tmp_path: Path) -> None:
    figure, text, path = cards(), io.StringIO(), tmp_path / "file"
    undo = above(figure, ZeroDivisionError())
    with path.open("w", encoding="utf-8", newline="") as file:
        for target in (text, file):
            with pytest.raises(ZeroDivisionError):
                figure.savefig(target, format=kind)
        assert (text.getvalue(), file.tell()) == ("", 0)
        undo()
        for target in (text, file):
            figure.savefig(target, format=kind)
    assert text.getvalue().encode() == path.read_bytes() == content_of(kind)


@pytest.mark.parametrize("kind", ["svg", "svgz", "png", "pdf"])
def test_what_an_open_file_holds_is_left_before_it(kind: str) -> None:
    buffer = io.BytesIO(OLD)
    buffer.seek(0, io.SEEK_END)
    figure = cards()
    undo = above(figure, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        figure.savefig(buffer, format=kind)
    assert buffer.getvalue() == OLD
    undo()
    figure.savefig(buffer, format=kind)
    assert buffer.getvalue() == OLD + content_of(kind)


# Pages


@pytest.mark.parametrize("bad", [0, 1, 2])
@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt()], ids=repr)
def test_a_page_that_fails_leaves_a_usable_document(
    bad: int, error: BaseException, tmp_path: Path
) -> None:
    buffer, path = io.BytesIO(), tmp_path / "pages.pdf"
    for target in (buffer, path):
        figures = [plot_autopsy(NEURONS, title=f"Step {number}") for number in range(3)]
        above(figures[bad], error)
        with PdfPages(target) as pages:
            for number, figure in enumerate(figures):
                if number != bad:
                    figure.savefig(pages)
                    continue
                with pytest.raises(type(error)) as caught:
                    figure.savefig(pages)
                assert caught.value is error
    good = [f"Step {number}" for number in range(3) if number != bad]
    for target in (buffer, path):
        with pdfplumber.open(target) as pdf:
            texts = [page.extract_text() for page in pdf.pages]
            told = re.findall(r"'alt_text': '(Step \d)", str(pdf.structure_tree))
        for step in good:
            (text,) = (text for text in texts if step in text)
            assert "L2·N1" in text
        assert [step for step in told if step != f"Step {bad}"] == good


# In place


def test_whoever_holds_the_file_open_reads_what_was_saved(tmp_path: Path) -> None:
    figure = cards()
    with tempfile.NamedTemporaryFile(dir=tmp_path, suffix=".png") as file:
        figure.savefig(file.name)
        assert file.read() == saved(figure, "png")
    path, link = tmp_path / "a.svg", tmp_path / "b.svg"
    path.write_text("old" * 10_000_000)
    link.hardlink_to(path)
    figure.savefig(path)
    assert link.read_bytes() == saved(figure, "svg")
    save_autopsy_pages(path, NEURONS)
    assert path.stat().st_nlink == 2


def test_a_long_document_is_whole_at_every_moment(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(OLD)
    path.chmod(0o640)
    with path.open("rb") as before:
        save_autopsy_pages(path, NEURONS)
        assert before.read() == OLD  # replaced, not written over
    assert path.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["a.pdf"]


def test_a_path_that_names_a_folder_writes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(OLD)
    with pytest.raises(OSError, match="directory"):
        cards().savefig(f"{path}/")
    assert path.read_bytes() == OLD


@pytest.mark.parametrize("file_format", ["png", "pdf", "svgz", "jpg"])
def test_a_text_file_takes_no_bytes(file_format: str) -> None:
    file = io.StringIO()
    with pytest.raises(TypeError, match="bytes"):
        cards().savefig(file, format=file_format)
    assert file.getvalue() == ""


class Slow(io.RawIOBase):
    """Writes a hundred bytes at a time, as a pipe may."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.content += bytes(content[:100])
        return min(len(content), 100)


@pytest.mark.parametrize("file_format", ["png", "svg", "pdf"])
def test_a_file_that_takes_a_part_at_a_time_gets_all(file_format: str) -> None:
    file: Any = Slow()
    figure = cards()
    figure.savefig(file, format=file_format)
    assert file.content == saved(figure, file_format)
