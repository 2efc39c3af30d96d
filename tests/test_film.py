"""Films: what they show, for how long, and what they say."""

from __future__ import annotations

import io
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from drawing import saved
from matplotlib import pyplot as plt
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from dead_neuron_autopsy import (
    GERMAN,
    Constant,
    Recording,
    animate_autopsy,
    diagnose,
    plot_autopsy,
    save_animated_svg,
)

STEPS = np.arange(60) * 10


def dying(n_neurons: int = 8, n_samples: int = 60) -> dict[str, NDArray[np.float64]]:
    """Return neurons that die one after another, those of L2 last."""
    generator = np.random.default_rng(3)
    found = {}
    for number in range(n_neurons):
        history = generator.uniform(0.1, 1.0, n_samples)
        if number % 2:
            history[n_samples // 4 + 3 * number :] = 0
        found[f"L{1 + 2 * number // n_neurons}·N{number}"] = history
    return found


def frames_of(path: str | Path) -> list[tuple[NDArray[np.int64], float]]:
    """Return the pictures of a film, and for how many seconds each is shown."""
    with Image.open(path) as film:
        return [
            (np.asarray(one.convert("RGB")).astype(int), one.info["duration"] / 1000)
            for one in ImageSequence.Iterator(film)
        ]


@pytest.mark.parametrize("suffix", [".webp", ".gif"])
def test_a_film_ends_with_the_verdict_and_plays_once(suffix: str, tmp_path: Path) -> None:
    film = animate_autopsy(tmp_path / f"film{suffix}", dying(), steps=STEPS, window=6)
    frames = frames_of(film.path)
    assert film.seconds == pytest.approx(5.0)
    assert sum(seconds for _, seconds in frames) == pytest.approx(5.0)
    assert frames[-1][1] >= 1.0
    with Image.open(film.path) as opened:
        assert opened.info.get("loop", 1) == 1
    figure = plot_autopsy(dying(), steps=STEPS, window=6)
    with Image.open(io.BytesIO(saved(figure, "png", dpi=100))) as still:
        end = np.asarray(still.convert("RGB")).astype(int)
    difference = np.abs(frames[-1][0] - end)
    assert difference.max() <= (0 if suffix == ".webp" else 60)  # GIF has 256 colours
    assert difference.mean() < 0.5
    assert Path(film.still).read_bytes() == saved(figure, "png", dpi=100)


@pytest.mark.slow
def test_lines_grow_and_cards_stay_where_they_are(tmp_path: Path) -> None:
    film = animate_autopsy(tmp_path / "film.webp", dying(), steps=STEPS, window=6)
    pictures = [picture for picture, _ in frames_of(film.path)]
    figure = plot_autopsy(dying(), steps=STEPS, window=6)
    figure.canvas.draw()
    reached = []
    for picture in pictures:
        box = figure.autopsy_grid.cards["L1·N0"].bbox
        left, right = int(box.x0) + 4, int(box.x1) - 4
        # The line is blue, the midline paler.
        top, bottom = int(len(picture) - box.y1) + 24, int(len(picture) - box.y0) - 18
        card = picture[top:bottom, left:right]
        blue = (card[..., 2] - card[..., 0] > 110).any(axis=0)
        reached.append(int(np.flatnonzero(blue).max()))
    assert reached == sorted(reached)
    assert reached[0] < (right - left) / 3
    borders = [picture[int(len(picture) - box.y1), left:right] for picture in pictures]
    assert (borders[0] < 250).any()
    assert all((border == borders[0]).all() for border in borders)


def test_cards_stay_though_the_header_needs_another_line(tmp_path: Path) -> None:
    neurons = {f"N{i}": np.full(20, 0.5 + i) for i in range(4)}
    neurons["N3"][-1] = np.nan  # "0/4 dead, 1 unknown" is too long beside the title
    film = animate_autopsy(tmp_path / "film.webp", neurons, title="Dead neuron autopsy")
    pictures = [picture for picture, _ in frames_of(film.path)]
    dark = [picture.min(axis=-1) < 240 for picture in (pictures[0], pictures[-1])]
    # The left border of the cards, below the header.
    below = len(dark[0]) // 4
    column = int(np.flatnonzero(dark[0][below:].mean(axis=0) > 0.5)[0])
    first, last = (np.flatnonzero(one[below:, column]).tolist() for one in dark)
    assert len(first) > 50
    assert first == last
    with Image.open(film.still) as still:
        np.testing.assert_array_equal(pictures[-1], np.asarray(still.convert("RGB")))


def test_a_bar_is_closed_if_drawing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tqdm = pytest.importorskip("tqdm.auto").tqdm
    closed = list[bool]()
    monkeypatch.setattr(tqdm, "close", lambda _: closed.append(True))
    monkeypatch.setattr(tqdm, "update", lambda _, count: count / 0)
    with pytest.raises(ZeroDivisionError):
        animate_autopsy(tmp_path / "film.webp", dying(2, 9), progress=True)
    assert closed


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_film_says_how_it_goes_and_how_it_ends(language: str, tmp_path: Path) -> None:
    wording: Any = {"wording": GERMAN} if language == "de" else {}
    film = animate_autopsy(tmp_path / "film.webp", dying(), steps=STEPS, window=6, **wording)
    course = {
        "en": "0 of 8 neurons dead at step 50, 4 at step 590; L1 first.",
        "de": "0 von 8 Neuronen tot bei Schritt 50, 4 bei Schritt 590; L1 zuerst.",
    }[language]
    assert course in film.alt_text
    assert plot_autopsy(dying(), steps=STEPS, window=6, **wording).autopsy_grid.description in (
        film.alt_text
    )
    with Image.open(film.path) as opened:
        assert course in opened.info["xmp"].decode()
    gif = animate_autopsy(tmp_path / "film.gif", dying(), steps=STEPS, window=6, **wording)
    with Image.open(gif.path) as opened:
        assert course.encode() in opened.info["comment"]


@pytest.mark.slow
def test_the_same_film_has_the_same_bytes(tmp_path: Path) -> None:
    for suffix in (".gif", ".webp"):
        paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
        for path in paths:
            animate_autopsy(path, dying(), window=6)
            plt.figure().canvas.draw()
        assert paths[0].read_bytes() == paths[1].read_bytes()
    plt.close("all")


@pytest.mark.slow
def test_autopsies_are_frames(tmp_path: Path) -> None:
    parts = [diagnose({name: one[:end] for name, one in dying().items()}) for end in (9, 30, 60)]
    film = animate_autopsy(tmp_path / "film.webp", parts)
    assert film.n_frames == 3
    assert "at frame 1" in film.alt_text
    with Image.open(film.still) as still:
        end = np.asarray(still.convert("RGB"))
    np.testing.assert_array_equal(frames_of(film.path)[-1][0], end)
    many = animate_autopsy(tmp_path / "many.webp", parts * 30)
    assert many.seconds == 5.0
    assert min(seconds for _, seconds in frames_of(many.path)) >= 0.5
    with pytest.raises(ValueError, match=r"^frames\[1\]: has other neurons"):
        animate_autopsy(tmp_path / "film.webp", [parts[0], parts[0].take([0])])
    with pytest.raises(TypeError, match=r"^frames\[1\]: must be an Autopsy"):
        animate_autopsy(tmp_path / "film.webp", [parts[0], 3])


def test_a_recording_is_a_film(tmp_path: Path) -> None:
    recording = Recording()
    for step in range(30):
        values = np.array([[0.0, step < 12, 1.0]])
        recording.observe("fc", values, unit_axis=1, function="relu")
        recording.step()
    film = animate_autopsy(tmp_path / "film.webp", recording, window=4)
    assert "1 of 3 neurons dead at step 3, 2 at step 29; fc first" in film.alt_text
    with pytest.raises(ValueError, match=r"^criterion: a Recording can be judged"):
        animate_autopsy(tmp_path / "b.webp", recording, criterion=Constant(0.1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "neurons", [{}, {"N": []}, {"N": [1.0]}, {"N": [1.0, 0.0]}, {"a": [1.0] * 9, "b": [np.nan] * 3}]
)
def test_any_history_can_be_a_film(neurons: Any, tmp_path: Path) -> None:
    film = animate_autopsy(tmp_path / "film.webp", neurons)
    assert film.seconds == 5.0
    figure = plot_autopsy(neurons)
    assert Path(film.still).read_bytes() == saved(figure, "png", dpi=100)


def test_masked_samples_never_count(tmp_path: Path) -> None:
    masked = np.ma.masked_equal([[0.5, -9.0, 0.4, 0.3], [0.1, 0.2, -9.0, 0.6]], -9.0)
    film = animate_autopsy(tmp_path / "film.webp", masked, neuron_axis=0, nan_policy="raise")
    assert "0 of 2 neurons dead at sample 1, 0 at sample 3" in film.alt_text


def test_a_film_that_cannot_be_written_leaves_the_old_still(tmp_path: Path) -> None:
    (tmp_path / "film.webp").mkdir()
    for before in (None, b"old"):
        if before is not None:
            (tmp_path / "film.png").write_bytes(before)
        with pytest.raises(OSError, match=r"film\.webp"):
            animate_autopsy(tmp_path / "film.webp", dying(2, 8))
        still = tmp_path / "film.png"
        assert (still.read_bytes() if still.exists() else None) == before


def test_progress_is_told(tmp_path: Path) -> None:
    told = list[tuple[int, int]]()
    film = animate_autopsy(
        tmp_path / "film.webp", dying(), progress=lambda *both: told.append(both)
    )
    assert told == [(number, film.n_frames) for number in range(1, film.n_frames + 1)]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "film.webp"
    path.write_bytes(b"old")
    for wrong, message in [
        ({"seconds": 1}, r"^seconds: must be at least 1.5"),
        ({"dpi": 0}, r"^dpi: must be above 0"),
        ({"scale": "none"}, r"^scale: "),
        ({"window": 0}, r"^window: "),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            animate_autopsy(path, dying(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^path: must end with .gif, .webp or .mp4; got"):
        animate_autopsy(tmp_path / "film.avi", dying())
    with pytest.raises(ZeroDivisionError):
        animate_autopsy(path, dying(), progress=lambda done, _: done / 0)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["film.webp"]  # noqa: PTH208
    assert not plt.get_fignums()


def test_without_ffmpeg_an_mp4_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match=r"^path: an MP4 needs the program ffmpeg"):
        animate_autopsy(tmp_path / "film.mp4", dying())


@pytest.mark.slow
def test_an_mp4_has_the_words_and_the_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    monkeypatch.setitem(mpl.rcParams, "animation.ffmpeg_path", ffmpeg)
    films = [
        animate_autopsy(tmp_path / f"{name}.mp4", dying(), steps=STEPS, window=6) for name in "ab"
    ]
    assert Path(films[0].path).read_bytes() == Path(films[1].path).read_bytes()
    command = [ffmpeg, "-hide_banner", "-i", films[0].path]
    told = subprocess.run(command, capture_output=True, check=False, text=True).stderr
    assert "0 of 8 neurons dead at step 50, 4 at step 590; L1 first." in told
    (duration,) = re.findall(r"Duration: 00:00:([\d.]+)", told)
    assert float(duration) == pytest.approx(5.0, abs=0.1)


# Flashes


def luminance(picture: NDArray[np.int64]) -> NDArray[np.float64]:
    share = picture / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    levels: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return levels


def most_flashes(frames: list[tuple[NDArray[np.int64], float]]) -> float:
    """Return how many flashes any pixel has within a second: pairs of opposing changes."""
    levels = [luminance(picture) for picture, _ in frames]
    times = np.cumsum([0.0, *(seconds for _, seconds in frames)])
    extreme, direction = levels[0].copy(), np.zeros(levels[0].shape, dtype=int)
    turns = list[tuple[float, NDArray[np.bool_]]]()
    for time, level in zip(times[1:], levels[1:], strict=False):
        change = level - extreme
        # WCAG 2.3.1: by a tenth or more of the highest luminance, the darker one below 0.8.
        is_large = (np.abs(change) >= 0.1) & (np.minimum(level, extreme) < 0.8)
        sign = np.sign(change).astype(int)
        turns.append((float(time), is_large & (sign != direction)))
        same = (sign == direction) & (direction != 0)
        extreme = np.where(is_large | same, level, extreme)
        direction = np.where(is_large, sign, direction)
    counted = [
        sum(turned.astype(int) for at, turned in turns if start <= at < start + 1)
        for start, _ in turns
    ]
    return max((float(np.max(one)) for one in counted), default=0.0) / 2


def test_the_measure_finds_flashes() -> None:
    black, white = np.zeros((4, 4, 3), dtype=int), np.full((4, 4, 3), 255)
    flashing = [(one, 0.1) for one in itertools.islice(itertools.cycle([black, white]), 20)]
    assert most_flashes(flashing) > 3
    assert most_flashes([(one, 0.5) for one, _ in flashing]) <= 1
    assert most_flashes([(black, 1.0)] * 5) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "options"), [("light", {}), ("dark", {}), ("light", {"width": 1.2, "ncols": 8})]
)
def test_nothing_flashes_though_neurons_die_and_revive_all_the_time(
    style: str, options: dict[str, Any], tmp_path: Path
) -> None:
    flipping = {f"N{i}": np.tile([0.0, 0.0, 1.0, 1.0], 60) for i in range(16)}
    film = animate_autopsy(tmp_path / "film.webp", flipping, window=1, style=style, **options)
    frames = frames_of(film.path)
    box = plot_autopsy(flipping, window=1, style=style, **options)
    assert box.autopsy.n_dead == 0
    changes = [
        (np.abs(one - other).max(axis=-1) > 40).mean()
        for (one, _), (other, _) in itertools.pairwise(frames)
    ]
    assert max(changes) > 0
    assert most_flashes(frames) <= 3


# Animated SVG


def test_an_animated_svg_is_the_still_one_with_a_style_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    save_animated_svg(path, dying(), steps=STEPS, window=6)
    written = path.read_text(encoding="utf-8")
    (sheet,) = re.findall(r"(?s)<style>\n@media.*?</style>", written)
    written = written.replace(sheet, "")
    still = saved(plot_autopsy(dying(), steps=STEPS, window=6), "svg").decode()
    for what in (r'aria-label="[^"]*"', r'role="\w+"', r'data-state="\w+"', r'(?s) d="[^"]*"'):
        assert re.findall(what, written) == re.findall(what, still)
    assert len(re.findall(r'style="--at: [\d.]+s"', written)) == 4
    assert "<animate" not in written
    assert "infinite" not in written
    assert "<script" not in written
    again = tmp_path / "b.svg"
    save_animated_svg(again, dying(), steps=STEPS, window=6)
    assert again.read_bytes() == path.read_bytes()


def test_wrong_arguments_leave_an_svg_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text("old")
    with pytest.raises(ValueError, match=r"^seconds: must be at least 0.5"):
        save_animated_svg(path, dying(), seconds=0)
    with pytest.raises(TypeError, match=r"^neurons: "):
        save_animated_svg(path, 3)
    assert path.read_text() == "old"


@pytest.mark.slow
def test_a_film_needs_no_window_and_no_pyplot(tmp_path: Path) -> None:
    code = (
        "import sys; from dead_neuron_autopsy import animate_autopsy; "
        f"animate_autopsy({str(tmp_path / 'a.gif')!r}, {{'N': [1.0, 0.0, 0.0]}}); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "False"
