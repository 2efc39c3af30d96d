"""`animate_autopsy` and `save_animated_svg`: histories that grow, as a film or by CSS."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Literal, SupportsIndex

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike

from ._diagnose import NeuronAxis
from ._drawing.grid import AutopsyGrid
from ._drawing.header import Appearance
from ._drawing.hosts import planned_figure
from ._drawing.sparklines import Scale, check_scale
from ._drawing.style import Style
from ._drawing.svg_motion import SvgMotion
from ._intake.foreign import Number, typed_repr
from ._intake.recording import Recording
from ._layout.sizes import Sizes, checked_sizes
from ._live.frames import HELD, STEADY, Frame, given_frames, growing_frames
from ._output.figure import AutopsyFigure, figure_options, fill_figure
from ._output.files import kept_if_writing_fails, write_whole
from ._output.film import Film, Pictures, encoder_of
from ._recipe import Recipe
from ._verdict.autopsy import Autopsy, NanPolicy
from ._verdict.criteria import Criterion, Peak, checked_threshold
from ._verdict.groups import GroupBy, Groups
from ._verdict.judging import Rule
from ._verdict.selection import Order, Selection
from ._words.description import AltText
from ._words.languages import ENGLISH
from ._words.phrases import film_words
from ._words.wording import Wording

#: How long a card takes to turn into that of a dead neuron, in seconds.
_FADING = 0.3


def animate_autopsy(
    path: str | os.PathLike[str],
    frames: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    group_by: GroupBy | None = None,
    ncols: SupportsIndex | None = None,
    width: Number | None = None,
    height: Number | None = None,
    card_width: Number | None = None,
    scale: Scale = "local",
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    seconds: Number = 5.0,
    dpi: Number = 100.0,
    progress: Callable[[int, int], object] | bool = False,
) -> Film:
    """Write a film of neurons dying: histories that grow, or one autopsy after another.

    It plays once, and ends with the verdict. Beside it, a still of the end is written: of
    ``film.webp``, ``film.png``. No card changes its state more than twice a second.

    Parameters
    ----------
    path : str or path-like
        The file, whose name ends with ".webp", ".gif" or, where the program ffmpeg is, ".mp4".
    frames : iterable, mapping, DataFrame, array, Recording, Autopsy or sequence of Autopsy
        Neurons as in `plot_autopsy`, whose histories grow from left to right, and are judged as
        far as they have grown; or autopsies of the same neurons, each of which is a frame (of
        more than there is time for, some).
    dead_threshold, criterion, window, steps
        As in `plot_autopsy`. A `Recording` can only be judged by `Peak`.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    order, limit, group_by
        As in `plot_autopsy`, by the verdict at the end.
    ncols, width, height, card_width, scale
        As in `plot_autopsy`. With "local", each line has the range of its part so far.
    title, header, style, wording
        As in `plot_autopsy`.
    seconds : float, default: 5.0
        How long the film takes, the end of 1 s included. What moves for longer than 5 s must be
        stoppable (WCAG 2.2.2).
    dpi : float, default: 100.0
        Pixels per inch.
    progress : callable or bool, default: False
        Called after each frame with the number of frames done and of all; True shows a bar of
        tqdm.

    Returns
    -------
    Film
        The paths, and what the film shows in words, which are also in the file's metadata.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; no file is changed then.
    ImportError
        If *progress* is True and tqdm is not installed.
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from dead_neuron_autopsy import animate_autopsy
    >>> dying = {"L1·N1": [1.0, 0.5, 0.0, 0.0], "L1·N2": [0.2, 0.3, 0.1, 0.4]}
    >>> with TemporaryDirectory() as folder:
    ...     film = animate_autopsy(f"{folder}/film.webp", dying, window=2)
    >>> film.alt_text.partition(" 1 of 2")[0]
    'Dead neuron autopsy. 0 of 2 neurons dead at sample 1, 1 at sample 3; L1 first.'
    """
    target = os.fspath(path)
    encode = encoder_of(target)
    least = HELD + STEADY
    in_all = checked_threshold("seconds", seconds, f"at least {least:g}, such as 5.0", least)
    per_inch = checked_threshold("dpi", dpi, "above 0, such as 100", 1.0)
    sizes = checked_sizes(ncols, width=width, height=height, card_width=card_width)
    check_scale(scale)
    appearance = Appearance.checked(title, style, wording, header)
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    recipe = Recipe(
        *(rule, nan_policy, ids, neuron_axis, reduce),
        *(order, limit, None, group_by, ncols),
    )
    given = _autopsies_in(frames)
    selection = recipe.select(frames if given is None else given[-1])
    autopsy = selection.autopsy
    if given is None:
        _refuse_sums(frames, autopsy)
        shown = [*growing_frames(autopsy, rule.window or autopsy.window, in_all)]
    else:
        _refuse_others(given)
        shown = [*given_frames(given, in_all)]
    figure, grid = _figure_of(selection, appearance, sizes, scale)
    grid.begin_film(frame.autopsy for frame in shown)
    figure.set_dpi(per_inch)
    canvas = FigureCanvasAgg(figure)
    still = io.BytesIO()
    figure.savefig(still, format="png", dpi=per_inch)
    pictures = Pictures(*canvas.get_width_height())
    with _telling(progress, len(shown)) as tell:
        for number, frame in enumerate(shown, 1):
            grid.show_part(frame.autopsy, frame.share)
            canvas.draw()
            pictures.add(np.asarray(canvas.buffer_rgba()))
            tell(number, len(shown))
    alt = _alt_of(shown, grid, autopsy, appearance, are_given=given is not None)
    milliseconds = [int(frame.seconds * 100) * 10 for frame in shown]  # as GIF counts
    milliseconds[-1] += round(in_all * 100) * 10 - sum(milliseconds)
    film = io.BytesIO(encode(pictures, milliseconds, alt))
    beside = str(Path(target).with_suffix(".png"))
    with kept_if_writing_fails(beside):
        write_whole(still, beside)
        write_whole(film, target)
    return Film(target, beside, alt.full, sum(milliseconds) / 1000, len(shown))


def save_animated_svg(
    path: str | os.PathLike[str],
    neurons: object,
    dead_threshold: Number | None = None,
    *,
    criterion: Criterion | None = None,
    window: SupportsIndex | None = None,
    steps: ArrayLike | None = None,
    ids: Iterable[object] | None = None,
    neuron_axis: NeuronAxis | None = None,
    reduce: Literal["max-abs"] | None = None,
    nan_policy: NanPolicy | None = None,
    order: Order = "given",
    limit: SupportsIndex | None = None,
    group_by: GroupBy | None = None,
    ncols: SupportsIndex | None = None,
    width: Number | None = None,
    height: Number | None = None,
    card_width: Number | None = None,
    scale: Scale = "local",
    title: str | None = None,
    header: bool = True,
    style: str | Style = "light",
    wording: Wording = ENGLISH,
    seconds: Number = 5.0,
) -> None:
    """Write an SVG in which lines grow, and neurons die at their time of death.

    It moves once, by CSS, and only where whoever looks at it welcomes motion; else, and at the
    end, it is the SVG that `plot_autopsy` saves, with all its roles. It works in an ``img``, too.

    Parameters
    ----------
    path : str or path-like
        The file.
    neurons, dead_threshold, criterion, window, steps
        As in `plot_autopsy`. Neurons without a time of death are dead from the start.
    ids, neuron_axis, reduce, nan_policy
        As in `plot_autopsy`.
    order, limit, group_by
        As in `plot_autopsy`.
    ncols, width, height, card_width, scale
        As in `plot_autopsy`.
    title, header, style, wording
        As in `plot_autopsy`.
    seconds : float, default: 5.0
        How long it moves. What moves for longer than 5 s must be stoppable (WCAG 2.2.2).

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid; the file is not changed then.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from dead_neuron_autopsy import save_animated_svg
    >>> with TemporaryDirectory() as folder:
    ...     save_animated_svg(f"{folder}/a.svg", {"N1": [1.0, 0.5, 0.0, 0.0]}, window=2)
    ...     "prefers-reduced-motion" in Path(folder, "a.svg").read_text()
    True
    """
    accepted = f"at least {STEADY:g}, such as 5.0"
    in_all = checked_threshold("seconds", seconds, accepted, STEADY)
    sizes = checked_sizes(ncols, width=width, height=height, card_width=card_width)
    check_scale(scale)
    appearance = Appearance.checked(title, style, wording, header)
    rule = Rule.checked(dead_threshold, criterion, window, steps)
    cards = (order, limit, None, group_by, ncols)
    recipe = Recipe(rule, nan_policy, ids, neuron_axis, reduce, *cards)
    figure, grid = _figure_of(recipe.select(neurons), appearance, sizes, scale)
    growing = in_all - _FADING
    grid.svg_motion = SvgMotion(
        {
            grid.sparklines: "line",
            grid.borders: "border",
            grid.badges: "badge",
            grid.state_labels: "badge",
            grid.deaths: "time",
            grid.time_labels: "time",
        },
        _delays(grid.shown, growing),
        growing,
        to_hex(appearance.style.alive_line),
        to_hex(appearance.style.alive_border),
    )
    figure.savefig(os.fspath(path), format="svg")


def _delays(shown: Autopsy, seconds: float) -> list[float | None]:
    """Return after how many seconds a line that grows comes to each time of death."""
    longest = int(shown.source.lengths.max(initial=0))
    after = shown.last_active + 1 + longest - shown.source.lengths
    shares = np.clip(after / max(longest - 1, 1), 0.0, 1.0) * seconds
    known = shown.dead & shown.has_times & (shown.last_active >= 0) | shown.fell_silent
    return [float(one) if is_known else None for one, is_known in zip(shares, known, strict=True)]


def _autopsies_in(frames: object) -> list[Autopsy] | None:
    """Return the autopsies if there is a sequence of them."""
    if not isinstance(frames, Sequence) or isinstance(frames, str) or not frames:
        return None
    if not any(isinstance(one, Autopsy) for one in frames):
        return None
    for place, one in enumerate(frames):
        if not isinstance(one, Autopsy):
            raise TypeError(f"frames[{place}]: must be an Autopsy; got {typed_repr(one)}.")
    return list(frames)


def _refuse_others(autopsies: Sequence[Autopsy]) -> None:
    for place, (before, after) in enumerate(pairwise(autopsies), 1):
        if not np.array_equal(before.ids, after.ids):
            raise ValueError(
                f"frames[{place}]: has other neurons than the frame before it. All frames need "
                "the same ids in the same order."
            )


def _refuse_sums(frames: object, autopsy: Autopsy) -> None:
    if isinstance(frames, Recording) and not isinstance(autopsy.criterion, Peak):
        raise ValueError(  # noqa: TRY004  the criterion is at fault
            f"criterion: a Recording can be judged step by step by Peak alone; got "
            f"{autopsy.criterion!r}. Pass a sequence of autopsies, one for each frame."
        )


@contextmanager
def _telling(
    progress: Callable[[int, int], object] | bool,  # noqa: FBT001  the caller's
    count: int,
) -> Iterator[Callable[[int, int], object]]:
    """Yield what is told after each frame: the caller's function, a bar of tqdm, or nothing."""
    if callable(progress):
        yield progress
    elif not progress:
        yield lambda _, __: None
    else:
        try:
            from tqdm.auto import tqdm
        except ImportError as error:
            raise ImportError(
                "progress=True needs tqdm: pip install 'dead-neuron-autopsy[progress]'."
            ) from error
        with tqdm(total=count, unit="frame") as bar:
            yield lambda _, __: bar.update(1)


def _figure_of(
    selection: Selection, appearance: Appearance, sizes: Sizes, scale: Scale
) -> tuple[AutopsyFigure, AutopsyGrid]:
    """Return a figure that pyplot does not know, and the grid in it."""
    columns, across, down = planned_figure(selection, appearance, sizes)
    figure = AutopsyFigure(**figure_options(across, down, appearance.style))
    grid = AutopsyGrid(selection, appearance, ncols=columns, scale=scale)
    fill_figure(figure, grid)
    return figure, grid


def _alt_of(
    shown: Sequence[Frame],
    grid: AutopsyGrid,
    autopsy: Autopsy,
    appearance: Appearance,
    *,
    are_given: bool,
) -> AltText:
    """Return what a film shows, in words: how it goes, then how it ends."""
    before = shown[0].autopsy.dead
    layer = ""
    for frame in shown[1:]:
        died = np.flatnonzero(frame.autopsy.dead & ~before)
        if len(died):
            layer = _layer_of(autopsy, died.tolist())
            break
    course = film_words(
        appearance.wording,
        [frame.autopsy for frame in shown],
        layer,
        are_given=are_given,
    )
    alt, space = grid.alt, appearance.wording.space
    opening = appearance.wording.sentence.format(title=alt.title) if alt.title else ""
    description = space.join([course, alt.description])
    full = space.join(filter(None, [opening, description]))
    summary = space.join(filter(None, [opening, course]))
    return alt._replace(summary=summary, description=description, full=full)


def _layer_of(autopsy: Autopsy, died: list[int]) -> str:
    """Return the layer of some neurons; "" if they are in several, or ids name none."""
    try:
        layers = Groups(autopsy.ids, "layer")
    except ValueError:
        return ""
    found = {int(layers.of_neurons[one]) for one in died}
    return layers.names[found.pop()] if len(found) == 1 else ""
