"""What exiftool reads in saved pictures, before and after Pillow saves them again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from drawing import Histories, saved
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, PngImagePlugin, TiffImagePlugin
from programs import output_of

from dead_neuron_autopsy import ENGLISH, AutopsyFigure, plot_autopsy

if TYPE_CHECKING:
    from pathlib import Path

TAGS = (
    "-XMP-iptcCore:AltTextAccessibility",
    "-XMP-iptcCore:ExtDescrAccessibility",
    "-XMP-dc:Title",
    "-XMP-dc:Description",
    "-PNG:Title",
    "-PNG:Description",
)

FAULTS = ("-validate", "-warning", "-error", "-a")


def writes_avif() -> bool:
    """Return whether Matplotlib (since 3.11) and Pillow (since 11.3) can write AVIF."""
    Image.init()
    return "avif" in FigureCanvasAgg.filetypes and "AVIF" in Image.SAVE


NEEDS_AVIF = pytest.mark.skipif(
    not writes_avif(), reason="this Matplotlib or this Pillow cannot write AVIF"
)
EVERYWHERE = ("png", "jpg", "webp", "tif")
WRITABLE = (*EVERYWHERE, "avif") if writes_avif() else EVERYWHERE
FORMATS = pytest.mark.parametrize(
    "file_format", [*EVERYWHERE, pytest.param("avif", marks=NEEDS_AVIF)]
)


def plain(six_neurons: Histories) -> AutopsyFigure:
    return plot_autopsy(six_neurons)


def every_script(six_neurons: Histories) -> AutopsyFigure:
    ids = [
        "漢字·N1",
        "\U0001f9e0 brain",
        "שלום·N1",
        "<b>&amp;\"'",
        "a\u0301  b",
        "ends in &",
    ]
    neurons = dict(zip(ids, six_neurons.values(), strict=True))
    return plot_autopsy(neurons, title='死 \U0001f480 מת & <b> "it\'s"')


def long_description(six_neurons: Histories) -> AutopsyFigure:
    dead = {f"{index} {'long 長い ' * 30}": np.zeros(24) for index in range(25)}
    figure = plot_autopsy({**six_neurons, **dead})
    assert "and 7 more" in figure.autopsy_grid.description
    return figure


POPULATIONS = pytest.mark.parametrize("population", [plain, every_script, long_description])

Population = Callable[[Histories], AutopsyFigure]


def saved_as(folder: Path, figure: AutopsyFigure, *formats: str) -> list[Path]:
    paths = [folder / f"autopsy.{file_format}" for file_format in formats]
    for path in paths:
        figure.savefig(path, dpi=40)  # words, not pixels, are what matters here
    return paths


def read(paths: Iterable[Path], *options: str) -> list[dict[str, Any]]:
    """Return what exiftool says of each file."""
    text = output_of("exiftool", "-json", "-G1", "-charset", "utf8", *options, *paths)
    files: list[dict[str, Any]] = json.loads(text)
    for found in files:
        del found["SourceFile"]
    return files


def xmp_words(figure: AutopsyFigure) -> dict[str, str]:
    """Return what is to be read in a file of any format."""
    grid = figure.autopsy_grid
    return {
        "XMP-iptcCore:AltTextAccessibility": grid.alt_text,
        "XMP-iptcCore:ExtDescrAccessibility": grid.description,
        "XMP-dc:Title": grid.title,
        "XMP-dc:Description": grid.alt_text,
    }


def png_words(figure: AutopsyFigure) -> dict[str, str]:
    """Return what is to be read in a PNG in addition."""
    alt = figure.autopsy_grid.alt
    return {"PNG:Title": alt.title, "PNG:Description": alt.full}


def words_in(figure: AutopsyFigure, file_format: str) -> dict[str, str]:
    return xmp_words(figure) | (png_words(figure) if file_format == "png" else {})


# Files as they are saved


@pytest.mark.slow
@POPULATIONS
@FORMATS
def test_exiftool_reads_the_words_and_finds_no_fault(
    six_neurons: Histories, population: Population, file_format: str, tmp_path: Path
) -> None:
    figure = population(six_neurons)
    (found,) = read(saved_as(tmp_path, figure, file_format), *FAULTS, *TAGS)
    assert found == {"ExifTool:Validate": "OK", **words_in(figure, file_format)}


def test_exiftool_would_find_a_fault(six_neurons: Histories, tmp_path: Path) -> None:
    paths = saved_as(tmp_path, plain(six_neurons), "webp", "jpg")
    for path in paths:
        path.write_bytes(path.read_bytes().replace(b"</rdf:RDF>", b"</rdf:FDR>"))
    for found in read(paths, *FAULTS):
        assert "XMP format error" in found["ExifTool:Warning"]


# Files that Pillow has saved again


def as_rgb(image: Image.Image) -> Image.Image:
    """Return an image that every format can hold: JPEG has no transparency."""
    return image.convert("RGB")


def save_jpeg_webp_or_avif(image: Image.Image, path: Path) -> None:
    image.save(path, xmp=image.info["xmp"])


def save_tiff(image: Image.Image, path: Path) -> None:
    image.save(path, tiffinfo={TiffImagePlugin.XMP: image.info["xmp"]})


def save_png(image: Image.Image, path: Path) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_itxt("XML:com.adobe.xmp", image.info["xmp"].decode())
    image.save(path, pnginfo=words)


SAVING: dict[str, Callable[[Image.Image, Path], None]] = {
    "png": save_png,
    "jpg": save_jpeg_webp_or_avif,
    "webp": save_jpeg_webp_or_avif,
    "avif": save_jpeg_webp_or_avif,
    "tif": save_tiff,
}


def saved_again(
    sources: Iterable[Path], file_format: str, save: Callable[[Image.Image, Path], None]
) -> list[Path]:
    copies = []
    for source in sources:
        copies.append(source.with_name(f"from_{source.suffix[1:]}.{file_format}"))
        with Image.open(source) as image:
            save(as_rgb(image), copies[-1])
    return copies


def test_pillow_keeps_the_words_of_a_tiff(six_neurons: Histories, tmp_path: Path) -> None:
    figure = every_script(six_neurons)
    (source,) = saved_as(tmp_path, figure, "tif")
    copy = tmp_path / "copy.tif"
    with Image.open(source) as image:
        image.save(copy)
    assert read([copy], *TAGS) == [xmp_words(figure)]


@pytest.mark.slow
@FORMATS
def test_pillow_saves_the_words_when_it_is_handed_them(
    six_neurons: Histories, file_format: str, tmp_path: Path
) -> None:
    figure = every_script(six_neurons)
    sources = saved_as(tmp_path, figure, *WRITABLE)
    copies = saved_again(sources, file_format, SAVING[file_format])
    assert read(copies, *TAGS) == [xmp_words(figure)] * len(WRITABLE)


def test_pillow_saves_a_pngs_text_when_it_is_handed_it(
    six_neurons: Histories, tmp_path: Path
) -> None:
    figure = every_script(six_neurons)
    (source,) = saved_as(tmp_path, figure, "png")
    copy = tmp_path / "copy.png"
    with Image.open(source) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        words = PngImagePlugin.PngInfo()
        for name, text in image.text.items():
            words.add_text(name, text)
        image.save(copy, pnginfo=words)
    assert read([copy], *TAGS) == [words_in(figure, "png")]


@pytest.mark.slow
@FORMATS
def test_exiftool_copies_the_words_into_any_format(
    six_neurons: Histories, file_format: str, tmp_path: Path
) -> None:
    figure = every_script(six_neurons)
    (source,) = saved_as(tmp_path, figure, file_format)
    copies = [tmp_path / f"copy.{target}" for target in WRITABLE]
    with Image.open(source) as image:
        for copy in copies:
            as_rgb(image).save(copy)
    copying = ("-overwrite_original", "-tagsFromFile", source, "-XMP")
    output_of("exiftool", *copying, *copies)
    assert read(copies, *TAGS) == [xmp_words(figure)] * len(copies)


@pytest.mark.slow
@pytest.mark.parametrize("field", ["language", "title", "alive"])
def test_words_of_any_length_are_saved(six_neurons: Histories, field: str) -> None:
    words: dict[str, Any] = {field: "x" * 70_000}
    figure = plot_autopsy(six_neurons, wording=replace(ENGLISH, **words))
    for file_format in ("jpg", "png", "webp", "tiff", "svg", "pdf"):
        assert saved(figure, file_format), file_format
