"""Write frames as GIF, WebP or MP4, with their words."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._words.description import AltText
from .._words.notation import clean
from .metadata import xmp_packet

#: Pictures per second of an MP4, in which each picture is repeated.
_RATE = 25


class Film(NamedTuple):
    """What `animate_autopsy` has written.

    Attributes
    ----------
    path, still : str
        The film, and the picture of its end.
    alt_text : str
        What the film shows, in words.
    seconds : float
        How long it takes.
    n_frames : int
        How many pictures it has.

    Examples
    --------
    >>> from dead_neuron_autopsy import Film
    >>> Film("film.gif", "film.png", "3 of 6 neurons are dead.", 5.0, 25).still
    'film.png'
    """

    path: str
    still: str
    alt_text: str
    seconds: float
    n_frames: int


class Pictures:
    """The pictures of a film, made opaque: arrays of shape (height, width), little-endian RGBA.

    Most pixels are those of the picture before, so only the others are kept.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = width, height
        self._last = np.zeros((height, width), dtype="<u4")  # transparent, as none is
        self._changes: list[tuple[NDArray[np.int64], NDArray[np.uint32]]] = []

    def add(self, rgba: NDArray[np.uint8]) -> None:
        """Keep a picture of shape (height, width, 4)."""
        picture = (rgba.view("<u4")[..., 0] | 0xFF000000).astype("<u4", copy=False)
        changed = np.flatnonzero(picture != self._last)
        self._changes.append((changed, picture.ravel()[changed]))
        self._last = picture

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        picture = np.zeros_like(self._last)
        for places, pixels in self._changes:
            picture.ravel()[places] = pixels
            yield picture.copy()


def encoder_of(path: str) -> Callable[[Pictures, Sequence[int], AltText], bytes]:
    """Return what encodes pictures for a path, or raise."""
    suffix = Path(path).suffix.lower()
    if suffix == ".gif":
        return _gif
    if suffix == ".webp":
        return _webp
    if suffix == ".mp4":
        program = str(mpl.rcParams["animation.ffmpeg_path"])
        if not shutil.which(program):
            raise ValueError(
                f"path: an MP4 needs the program {program}, which is not there. Install ffmpeg, "
                "or choose .webp or .gif."
            )
        return _mp4
    raise ValueError(f"path: must end with .gif, .webp or .mp4; got {path!r}.")


def _gif(pictures: Pictures, milliseconds: Sequence[int], alt: AltText) -> bytes:
    # The commonest colours, exactly: a palette of averages would tint the background. One for
    # all frames, so that nothing flickers.
    packed = [one.view(">u4") >> 8 for one in pictures]
    seen = np.concatenate([packed[at].ravel() for at in (0, len(pictures) // 2, -1)])
    colors, counts = np.unique(seen, return_counts=True)
    common = colors[np.argsort(-counts, kind="stable")[:256]]
    numbers = np.full(1 << 24, -1, dtype=np.int16)  # of each colour there is, in the palette
    numbers[common] = np.arange(len(common))
    images = []
    for frame in packed:
        unknown = np.unique(frame[numbers[frame] < 0])
        numbers[unknown] = _nearest(unknown, common)
        image = Image.fromarray(numbers[frame].astype(np.uint8))
        image.putpalette(_channels(common).astype(np.uint8).ravel().tolist())
        images.append(image)
    words = clean(alt.full).encode("utf-8", "replace")  # the format knows ASCII, its readers this
    return _saved(images, milliseconds, format="GIF", comment=words, optimize=False)


def _nearest(colors: NDArray[np.int64], among: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the nearest colour for each."""
    # Pillow's own search is a coarse one: it would turn white into (252, 252, 252).
    away = _channels(colors)[:, np.newaxis] - _channels(among)[np.newaxis]
    return np.asarray((away**2).sum(axis=2).argmin(axis=1))


def _channels(colors: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(colors[:, np.newaxis] >> np.array([16, 8, 0]) & 255)


def _webp(pictures: Pictures, milliseconds: Sequence[int], alt: AltText) -> bytes:
    options: dict[str, Any] = {"lossless": True, "quality": 60, "method": 4, "loop": 1}
    images = [Image.fromarray(one.view(np.uint8).reshape(*one.shape, 4)) for one in pictures]
    return _saved(images, milliseconds, format="WEBP", xmp=xmp_packet(alt), **options)


def _saved(images: Sequence[Image.Image], milliseconds: Sequence[int], **options: Any) -> bytes:
    written = io.BytesIO()
    images[0].save(
        written,
        save_all=True,
        append_images=images[1:],
        duration=list(milliseconds),
        **options,
    )
    return written.getvalue()


def _mp4(pictures: Pictures, milliseconds: Sequence[int], alt: AltText) -> bytes:
    width, height = pictures.size
    ends = np.round(np.cumsum(milliseconds) * _RATE / 1000).astype(int)
    counts = np.diff([0, *ends.tolist()])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "film.mp4")  # noqa: PTH118  a string for the command
        command = [
            *(mpl.rcParams["animation.ffmpeg_path"], "-loglevel", "error", "-y"),
            *("-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}"),
            *("-r", str(_RATE), "-i", "-", "-an", "-threads", "1"),
            # Most players need an even size, and colours at half the resolution.
            *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white"),
            *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "16"),
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
            *("-metadata", f"title={clean(alt.title)}"),
            *("-metadata", f"comment={clean(alt.full)}"),
            *("-metadata", f"description={clean(alt.full)}"),
            *("-movflags", "+faststart", path),
        ]
        with tempfile.TemporaryFile() as told:
            # The command above, and nothing of the caller's but a path and words.
            process: Any = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=told)  # noqa: S603
            with process, suppress(BrokenPipeError):  # if it fails, it says why
                for one, count in zip(pictures, counts.tolist(), strict=True):
                    for _ in range(count):
                        process.stdin.write(one.tobytes())
            if process.returncode:
                told.seek(0)
                problem = told.read().decode(errors="replace").strip()
                raise OSError(f"path: ffmpeg failed: {problem}")
        return Path(path).read_bytes()
