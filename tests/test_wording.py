from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from inspect import signature
from typing import Any, get_args
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import matplotlib as mpl
import numpy as np
import pytest
from drawing import Histories, redrawn, saved, written
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from dead_neuron_autopsy import (
    ENGLISH,
    GERMAN,
    Autopsy,
    Peak,
    Plural,
    RuleWords,
    Wording,
    diagnose,
    draw_autopsy,
    plot_autopsy,
    plot_layers,
    save_autopsy_pages,
)
from dead_neuron_autopsy._words import phrases
from dead_neuron_autopsy._words.description import MOST_IDS_SPELLED
from dead_neuron_autopsy._words.filling import as_sentence
from dead_neuron_autopsy._words.templates import PluralCategory

LONGEST_ID_SPELLED = 80

Neurons = dict[str, list[float]]

# Characters that tend to break one file format or a template, among all others.
texts = st.text(
    st.one_of(st.characters(), st.sampled_from("{}!:0\0\n\r\x85\u2028\ud800\uffff…<&]"))
)

# The picture's words


def header_line(wording: Wording, threshold: float, sample_counts: Sequence[int]) -> str:
    """Return the header's line above neurons with so many samples."""
    autopsy = diagnose(((i, [0] * n) for i, n in enumerate(sample_counts)), threshold)
    return phrases.header_line(wording, autopsy, len(autopsy))


@pytest.mark.parametrize(
    ("wording", "n_dead", "n_neurons", "words"),
    [
        (ENGLISH, 2, 6, "2/6 dead"),
        (ENGLISH, 0, 0, "0/0 dead"),
        (ENGLISH, 1234, 56789, "1,234/56,789 dead"),
        (GERMAN, 2, 6, "2/6 tot"),
        (GERMAN, 1234, 56789, "1.234/56.789 tot"),
    ],
)
def test_the_count_badge_says_how_many_of_how_many(
    wording: Wording, n_dead: int, n_neurons: int, words: str
) -> None:
    assert phrases.count_badge(wording, Peak(), n_dead, n_neurons, 0) == words
    assert phrases.count_badge(wording, Peak(), n_dead, n_neurons, 3).startswith(f"{words}, 3 un")


@pytest.mark.parametrize(
    ("sample_counts", "english", "german"),
    [
        ((), "", ""),
        ((0,), " over 0 samples", " über 0 Messwerte"),
        ((1, 1), " over 1 sample", " über 1 Messwert"),
        ((24, 24), " over 24 samples", " über 24 Messwerte"),
        ((4096,), " over 4,096 samples", " über 4.096 Messwerte"),
        ((24, 0, 7), " over 0 to 24 samples", " über 0 bis 24 Messwerte"),
        ((2000, 1), " over 1 to 2,000 samples", " über 1 bis 2.000 Messwerte"),
    ],
)
def test_the_rule_says_how_much_it_was_applied_to(
    sample_counts: tuple[int, ...], english: str, german: str
) -> None:
    rules = {
        ENGLISH: f"dead: max |activation| < 2.5e-4{english}",
        GERMAN: f"tot: max. |Aktivierung| < 2,5e-4{german}",
    }
    for wording, rule in rules.items():
        assert header_line(wording, 0.00025, sample_counts) == rule


@pytest.mark.parametrize(
    ("peak", "n_samples", "english", "german"),
    [
        (0.44, 3, "peak 4.4e-1", "Spitze 4,4e-1"),
        (0.0, 1, "peak 0", "Spitze 0"),
        (math.nan, 2, "peak nan", "Spitze nan"),
        (math.inf, 2, "peak inf", "Spitze inf"),
        (0.0, 0, "no samples", "keine Messwerte"),
    ],
)
def test_the_last_line_of_a_card_is_its_peak(
    peak: float, n_samples: int, english: str, german: str
) -> None:
    assert phrases.peak_line(ENGLISH, peak, n_samples) == english
    assert phrases.peak_line(GERMAN, peak, n_samples) == german


def label_of(wording: Wording, neuron_id: str, history: list[float]) -> str:
    return phrases.neuron_label(wording, diagnose({neuron_id: history}), 0)


@pytest.mark.parametrize(
    ("neuron_id", "history", "english", "german"),
    [
        ("L3·N1", [0.0] * 24, "L3·N1, dead, {en} 0", "L3·N1, tot, {de} 0"),
        ("a", [1.25], "a, alive, {en} 1.3", "a, aktiv, {de} 1,3"),
        ("a", [math.nan], "a, unknown, {en} not a number", "a, unbekannt, {de} keine Zahl"),
        ("a", [math.inf], "a, alive, {en} infinity", "a, aktiv, {de} unendlich"),
        ("a", [], "a, dead, {en} 0, no samples", "a, tot, {de} 0, keine Messwerte"),
        ("a\nb\0", [0.0], "a b\ufffd, dead, {en} 0", "a b\ufffd, tot, {de} 0"),
    ],
)
def test_the_label_of_a_sparkline_says_what_it_shows(
    neuron_id: str, history: list[float], english: str, german: str
) -> None:
    peaks = {"en": "peak absolute activation", "de": "höchste absolute Aktivierung"}
    for wording, label in ((ENGLISH, english), (GERMAN, german)):
        assert label_of(wording, neuron_id, history) == label.format(**peaks)


def test_a_label_holds_a_long_id_whole() -> None:
    neuron_id = "layer." * 100
    assert label_of(ENGLISH, neuron_id, [0.0]).startswith(f"{neuron_id}, dead")


@pytest.mark.parametrize(
    ("peak", "english", "german"),
    [
        (0.44, "0.44", "0,44"),
        (0.3, "0.3", "0,3"),
        (4.25, "4.3", "4,3"),
        (3e5, "300,000", "300.000"),
        (994_999.0, "990,000", "990.000"),
        (1e6, "1 times 10 to the 6", "1 mal 10 hoch 6"),
        (995_000.0, "1 times 10 to the 6", "1 mal 10 hoch 6"),
        (0.001, "0.001", "0,001"),
        (4.2e-5, "4.2 times 10 to the minus 5", "4,2 mal 10 hoch minus 5"),
        (5e-324, "4.9 times 10 to the minus 324", "4,9 mal 10 hoch minus 324"),
    ],
)
def test_a_voice_reads_numbers_right(peak: float, english: str, german: str) -> None:
    assert label_of(ENGLISH, "a", [peak]).endswith(f" {english}")
    assert label_of(GERMAN, "a", [peak]).endswith(f" {german}")


# Sentences


def test_the_summary_states_the_verdict_and_the_rule() -> None:
    autopsy = diagnose({f"L{i}·N1": [0.0 if i in (1, 4) else 0.5] for i in range(6)})
    assert ENGLISH.summary(autopsy) == (
        "Dead neuron autopsy. 2 of 6 neurons dead (max absolute activation below 0.000001)."
    )
    assert GERMAN.summary(autopsy) == (
        "Autopsie toter Neuronen. "
        "2 von 6 Neuronen tot (höchste absolute Aktivierung unter 0,000001)."
    )


@pytest.mark.parametrize(
    ("n_neurons", "english", "german"),
    [
        (0, "0 of 0 neurons dead", "0 von 0 Neuronen tot"),
        (1, "1 of 1 neuron dead", "1 von 1 Neuron tot"),
        (2, "2 of 2 neurons dead", "2 von 2 Neuronen tot"),
        (1500, "1,500 of 1,500 neurons dead", "1.500 von 1.500 Neuronen tot"),
    ],
)
def test_the_summary_counts_as_people_do(n_neurons: int, english: str, german: str) -> None:
    autopsy = diagnose((neuron, [0]) for neuron in range(n_neurons))
    assert f"autopsy. {english} (" in ENGLISH.summary(autopsy)
    assert f"Neuronen. {german} (" in GERMAN.summary(autopsy)


@pytest.mark.parametrize(
    ("threshold", "english", "german"),
    [
        (1e-6, "0.000001", "0,000001"),
        (1e-4, "0.0001", "0,0001"),
        (1.5e-7, "1.5 times 10 to the minus 7", "1,5 mal 10 hoch minus 7"),
        (1e-7, "1 times 10 to the minus 7", "1 mal 10 hoch minus 7"),
        (5, "5", "5"),
        (1234.5678, "1,234.5678", "1.234,5678"),
    ],
)
def test_the_summary_writes_the_threshold_plainly(
    threshold: float, english: str, german: str
) -> None:
    autopsy = diagnose({"a": [1.0]}, threshold)
    assert ENGLISH.summary(autopsy).endswith(f"(max absolute activation below {english}).")
    assert GERMAN.summary(autopsy).endswith(f"(höchste absolute Aktivierung unter {german}).")


@pytest.mark.parametrize(
    ("title", "beginning"),
    [
        ("", "Dead neuron autopsy. 0 of"),
        (" \n", "Dead neuron autopsy. 0 of"),
        ("Epoch 3", "Epoch 3. 0 of"),
        ("Epoch 3.", "Epoch 3. 0 of"),
        ("All alive?", "All alive? 0 of"),
        ("To be continued…", "To be continued… 0 of"),
        ("  Epoch\n3 ", "Epoch 3. 0 of"),
        ("a\0b", "a\ufffdb. 0 of"),
        ("{title} {0}", "{title} {0}. 0 of"),
    ],
)
def test_the_summary_begins_with_the_callers_title(title: str, beginning: str) -> None:
    assert ENGLISH.summary(diagnose({"a": [1.0]}), title).startswith(beginning)


@pytest.mark.parametrize(
    ("n_nan", "english", "german"),
    [
        (1, "1 neuron is unknown (nan).", "1 Neuron ist unbekannt (nan)."),
        (2, "2 neurons are unknown (nan).", "2 Neuronen sind unbekannt (nan)."),
    ],
)
def test_the_summary_says_which_verdict_a_nan_prevents(
    n_nan: int, english: str, german: str
) -> None:
    neurons = {"alive": [1.0]} | {str(i): [math.nan] for i in range(n_nan)}
    autopsy = diagnose(neurons)
    assert ENGLISH.summary(autopsy).endswith(f"). {english}")
    assert GERMAN.summary(autopsy).endswith(f"). {german}")


@pytest.mark.parametrize(
    ("neurons", "english", "german"),
    [
        ({}, "0 of 0 neurons are dead.", "0 von 0 Neuronen sind tot."),
        (
            {"a": [1]},
            "0 of 1 neuron are dead. The only living peak is 1 (a).",
            "0 von 1 Neuron sind tot. Der einzige Spitzenwert eines aktiven ist 1 (a).",
        ),
        ({"a": [0]}, "1 of 1 neuron is dead. Dead: a.", "1 von 1 Neuron ist tot. Tot: a."),
        (
            {"c": [0], "a": [0], "b": [0]},
            "3 of 3 neurons are dead. Dead: c, a and b.",
            "3 von 3 Neuronen sind tot. Tot: c, a und b.",
        ),
        (
            {"a": [math.nan]},
            "0 of 1 neuron are dead. 1 unknown, with nan: a.",
            "0 von 1 Neuron sind tot. Unbekannt, mit nan: 1 (a).",
        ),
        (
            {"a": [0.5], "b": [-2], "c": [0], "d": [math.nan]},
            "1 of 4 neurons is dead. Dead: c. 1 unknown, with nan: d. "
            "The living peaks are 0.5 (a) and 2 (b).",
            "1 von 4 Neuronen ist tot. Tot: c. Unbekannt, mit nan: 1 (d). "
            "Die Spitzenwerte der aktiven sind 0,5 (a) und 2 (b).",
        ),
        (
            {"a": [], "b": []},
            "2 of 2 neurons are dead. Dead: a and b. 2 without samples, counted dead: a and b.",
            "2 von 2 Neuronen sind tot. Tot: a und b. "
            "Ohne Messwerte, als tot gezählt: 2 (a und b).",
        ),
        (
            {"a": [math.inf], "b": [1], "c": [4], "d": [2]},
            "0 of 4 neurons are dead. 1 with infinite activations: a. "
            "Living peaks: median 2, from 1 (b) to 4 (c).",
            "0 von 4 Neuronen sind tot. Mit unendlichen Aktivierungen: 1 (a). "
            "Spitzenwerte der aktiven: Median 2, von 1 (b) bis 4 (c).",
        ),
        (
            {"a": np.ma.array([1.0, 2.0], mask=[True, False]), "b": [2, 2]},
            "0 of 2 neurons are dead. 1 with missing samples: a. All living peaks are 2.",
            "0 von 2 Neuronen sind tot. Mit fehlenden Messwerten: 1 (a). "
            "Alle Spitzenwerte der aktiven sind 2.",
        ),
        ({"a\nb": [0]}, "1 of 1 neuron is dead. Dead: a b.", "1 von 1 Neuron ist tot. Tot: a b."),
    ],
)
def test_the_description_tells_the_findings(neurons: Neurons, english: str, german: str) -> None:
    autopsy = diagnose(neurons)
    for wording, findings, rule in (
        (ENGLISH, english, " Counted as dead: max absolute activation below 0.000001"),
        (GERMAN, german, " Als tot gilt: höchste absolute Aktivierung unter 0,000001"),
    ):
        found, beginning, rest = wording.description(autopsy).partition(rule)
        assert (found, beginning) == (findings, rule)
        assert rest.count(".") == 1
    assert autopsy.description == ENGLISH.description(autopsy)


LAYERS = {"L1": 1, "L2": 4, "L3": 8}  # how many of ten are dead


def layered(dead: dict[str, int], size: int = 10) -> dict[str, list[float]]:
    """Return layers of neurons, some of them dead at the end of ten samples."""
    return {
        f"{layer}·{unit}": [1.0] * (2 + unit) + [0.0] * (8 - unit) if unit < n_dead else [1.0] * 10
        for layer, n_dead in dead.items()
        for unit in range(size)
    }


def test_a_description_says_where_and_when() -> None:
    autopsy = diagnose(layered(LAYERS), window=1, steps=range(100, 110))
    assert autopsy.description.startswith(
        "13 of 30 neurons are dead (43%). "
        "More with each layer, from L1 (1 of 10) to L3 (8 of 10). "
        "13 were active before and died between step 102 and step 109, half of them by "
        "step 104; the first was L1·0. Dead: L1·0, L2·0, "
    )
    assert autopsy.description.endswith("over only the last of 10 samples.")
    mixed = diagnose(layered({"L1": 3, "L2": 0, "L3": 8}), window=1).description
    assert "Most in L3 (8 of 10), fewest in L2 (0 of 10)." in mixed
    alike = diagnose(layered({"L1": 3, "L2": 3}), window=1).description
    assert "Most in" not in alike
    assert "layer" not in alike


@pytest.mark.parametrize(
    ("n_dead", "share"), [(1, "<1%"), (3, "2%"), (100, "50%"), (199, ">99%"), (197, "98%")]
)
def test_a_share_is_never_rounded_to_none_or_all(n_dead: int, share: str) -> None:
    autopsy = diagnose((n, [0.0 if n < n_dead else 1.0]) for n in range(201 if n_dead < 3 else 200))
    assert f"neurons {'is' if n_dead == 1 else 'are'} dead ({share})." in autopsy.description


def test_a_description_says_which_were_never_active_and_which_fell_silent() -> None:
    neurons = {"a": [0.0] * 9, "b": [1.0] * 3 + [0.0] * 6, "c": [1.0] * 9}
    judged = diagnose(neurons, window=2).description
    assert "1 was active before and died at sample 3. 1 was silent in all its samples." in judged
    assert "samples. Dead: a and b." in judged
    whole = diagnose(neurons).description
    assert "1 of the living fell silent: b. Dead: a." in whole
    assert "in all" not in whole
    assert "Von den aktiven verstummt: 1 (b)." in GERMAN.description(diagnose(neurons))


@given(
    ids=st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=60, unique=True),
    title=st.text(max_size=400),
    window=st.sampled_from([None, 1]),
)
def test_no_text_is_longer_than_sites_take(ids: list[str], title: str, window: int | None) -> None:
    kinds = [[0.0, 0.0], [1.0, 0.0], [math.nan, 1.0], [], [math.inf, 1.0], [1.0, 0.5]]
    neurons = {one: kinds[place % len(kinds)] for place, one in enumerate(ids)}
    for wording in (ENGLISH, GERMAN):
        alt = wording.alt_text(diagnose(neurons, window=window), title)
        assert len(alt.summary) <= 250
        assert len(alt.full) <= 1000


@pytest.mark.parametrize(
    ("more", "english", "german"),
    [
        (0, "18 and 19.", "18 und 19."),
        (1, "18, 19 and 1 more.", "18, 19 und 1 weiteres."),
        (3, "18, 19 and 3 more.", "18, 19 und 3 weitere."),
        (1001, "18, 19 and 1,001 more.", "18, 19 und 1.001 weitere."),
    ],
)
def test_a_description_spells_only_so_many_ids(more: int, english: str, german: str) -> None:
    autopsy = diagnose((neuron, [0]) for neuron in range(MOST_IDS_SPELLED + more))
    for wording, start, end in [
        (ENGLISH, "Dead: 0, 1, 2, ", english),
        (GERMAN, "Tot: 0, 1, 2, ", german),
    ]:
        words = wording.description(autopsy)
        assert f" {start}" in words
        assert f" {end} " in words


def test_a_description_shortens_a_long_id() -> None:
    long_id = "layer." * 100 + "N1"
    for neurons in ({long_id: [0.0]}, {long_id: [1.0]}):
        _, _, findings = ENGLISH.description(diagnose(neurons)).partition(" dead. ")
        findings = findings.partition(" Counted as")[0]
        assert long_id not in findings
        assert "layer.layer." in findings
        assert "N1" in findings
        assert len(findings) < LONGEST_ID_SPELLED + 60


@pytest.mark.parametrize("neuron_id", ["", " ", "\n\t"])
def test_an_id_that_cannot_be_heard_is_named(neuron_id: str) -> None:
    autopsy = diagnose({neuron_id: [0.0], "b": [0.0]})
    for wording in (ENGLISH, GERMAN):
        label = phrases.neuron_label(wording, autopsy, 0)
        assert label.startswith(f"{wording.no_id}, {wording.dead}, ")
        assert f": {wording.no_id}{wording.last_comma}b." in wording.description(autopsy)


def test_what_else_a_figure_shows_is_listed_in_its_language() -> None:
    alt = GERMAN.alt_text(diagnose({"a": [0.0]}))
    both = phrases.joint_alt_text(GERMAN, [alt], "", ["Verlust", "{Fehler}", "Rate"])
    assert both.language == "de"
    ending = "Außerdem zu sehen: Verlust, {Fehler} und Rate."
    assert both.full == f"{alt.full} {ending}"
    assert both.summary == f"{alt.summary} {ending}"
    assert both.description == f"{alt.description} {ending}"


@pytest.mark.parametrize("wording", [ENGLISH, GERMAN], ids=lambda wording: wording.language)
@pytest.mark.parametrize("title", ["", "Epoch 3", "Really?"])
@pytest.mark.parametrize(
    "neurons", [{}, {"a": [0.0]}, {"a": [0.0], "b": [math.nan], "c": [math.inf], "d": []}]
)
def test_the_full_text_says_nothing_twice(wording: Wording, title: str, neurons: Neurons) -> None:
    alt = wording.alt_text(diagnose(neurons), title)
    title_sentence = as_sentence(wording, alt.title)
    assert alt.full == f"{title_sentence} {alt.description}"
    sentences = re.split(r"(?<=[.?]) ", alt.full)
    assert len(set(sentences)) == len(sentences)


def test_the_alt_text_is_what_the_methods_say() -> None:
    autopsy = diagnose({"a": [0.0], "b": [1.0]})
    alt = GERMAN.alt_text(autopsy, " Schicht\n3 ")
    assert (alt.language, alt.title) == ("de", "Schicht 3")
    assert alt.summary == GERMAN.summary(autopsy, "Schicht 3")
    cards = " 2 Karten, jede eine Linie durch 1 Messwert."
    assert alt.description.replace(cards, "") == GERMAN.description(autopsy)


# Ids and titles are no templates


@pytest.mark.parametrize("neuron_id", ["{peak}", "{0}", "{", "}}", "{id!r:>9}"])
def test_an_id_with_braces_is_said_as_it_is(neuron_id: str) -> None:
    assert f"Dead: {neuron_id}." in ENGLISH.description(diagnose({neuron_id: [0.0]}))
    assert f"({neuron_id})." in ENGLISH.description(diagnose({neuron_id: [1.0]}))
    assert label_of(ENGLISH, neuron_id, []).startswith(f"{neuron_id}, dead")


@pytest.mark.parametrize("wording", [ENGLISH, GERMAN], ids=lambda wording: wording.language)
@given(
    ids=st.lists(texts, max_size=4, unique=True),
    peak=st.sampled_from([0.0, 1.0, math.nan, math.inf]),
    title=texts,
)
def test_whatever_the_ids_and_title_the_words_go_into_every_format(
    wording: Wording, ids: list[str], peak: float, title: str
) -> None:
    autopsy = diagnose({neuron_id: [peak] for neuron_id in ids})
    labels = [phrases.neuron_label(wording, autopsy, index) for index in range(len(autopsy))]
    for words in (*wording.alt_text(autopsy, title), *labels):
        assert ET.fromstring(f"<text>{escape(words)}</text>").text == words
        assert "\n" not in words


# The picture in German

#: What an English ear would notice. "Neuron" is a German word too.
ENGLISH_WORDS = re.compile(
    r"\b([Dd]ead|[Aa]live|[Ll]iving|[Pp]eaks?|neurons?|[Nn]eurons|[Ss]amples?"
    r"|[Aa]ctivations?|[Hh]ighest|[Ll]owest|more|over|below|and|of|no)\b"
)
NEURONS = {"L1·N1": [0.44] * 4096, "L1·N2": [0.0], "L2·N1": [], "L2·N2": [math.nan]}


def svg_tree(neurons: object, **options: Any) -> ET.Element:
    with mpl.rc_context({"svg.fonttype": "none"}):
        return ET.fromstring(saved(plot_autopsy(neurons, **options), "svg"))


def texts_of(tree: ET.Element, tag: str) -> set[str | None]:
    return {element.text for element in tree.iter(f"{{http://www.w3.org/2000/svg}}{tag}")}


def test_the_picture_is_in_german() -> None:
    tree = svg_tree(NEURONS, ncols=4, wording=GERMAN)
    verdict = "2 von 4 Neuronen tot (höchste absolute Aktivierung unter 0,000001)"
    nan = "1 Neuron ist unbekannt (nan)"
    (figure,) = (element for element in tree.iter() if element.get("role") == "figure")
    assert figure.get("lang") == "de"
    assert texts_of(figure, "title") == {"Autopsie toter Neuronen"}
    assert texts_of(figure, "desc") == {f"Autopsie toter Neuronen. {verdict}. {nan}."}
    assert texts_of(figure, "text") == {
        *("Autopsie toter Neuronen", "2/4 tot, 1 unbekannt"),
        "tot: max. |Aktivierung| < 1e-6 über 0 bis 4.096 Messwerte",
        *NEURONS,
        *("aktiv", "tot", "unbekannt"),
        *("Spitze 4,4e-1", "Spitze 0", "keine Messwerte", "Spitze nan"),
    }
    labels = [element.get("aria-label") for element in tree.iter()]
    assert list(filter(None, labels))[2:] == [
        "L1·N1, aktiv, höchste absolute Aktivierung 0,44",
        "L1·N2, tot, höchste absolute Aktivierung 0",
        "L2·N1, tot, höchste absolute Aktivierung 0, keine Messwerte",
        "L2·N2, unbekannt, höchste absolute Aktivierung keine Zahl",
    ]


@pytest.mark.parametrize("title", [None, "", "Schicht 3"])
def test_no_english_word_is_left(six_neurons: Histories, title: str | None) -> None:
    tree = svg_tree(six_neurons, title=title, wording=GERMAN)
    (figure,) = (element for element in tree.iter() if element.get("role") == "figure")
    for element in figure.iter():
        for words in (element.text or "", element.get("aria-label", "")):
            assert not ENGLISH_WORDS.search(words)
    assert ENGLISH_WORDS.search(" ".join(map(str, texts_of(svg_tree(six_neurons), "text"))))


def test_states_are_english_for_machines() -> None:
    tree = svg_tree(NEURONS, wording=GERMAN)
    states = [element.get("data-state") for element in tree.iter()]
    assert list(filter(None, states)) == ["alive", "dead", "dead", "unknown"]


def test_an_english_picture_says_that_it_is_english(six_neurons: Histories) -> None:
    tree = svg_tree(six_neurons)
    assert [element.get("lang") for element in tree.iter() if element.get("lang")] == ["en"]


def test_an_axes_of_the_callers_is_worded_too(six_neurons: Histories) -> None:
    _, ax = plt.subplots()
    grid = draw_autopsy(ax, six_neurons, wording=GERMAN)
    assert grid.title == GERMAN.title
    assert grid.alt_text == GERMAN.summary(diagnose(six_neurons))
    assert grid.alt == GERMAN.alt_text(diagnose(six_neurons))


def test_a_figure_without_a_drawn_title_has_a_name(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, title="", wording=GERMAN)
    assert figure.alt_text.startswith("Autopsie toter Neuronen. 2 von 6")
    tree = svg_tree(six_neurons, title="", wording=GERMAN)
    assert GERMAN.title in texts_of(tree, "title")
    assert GERMAN.title not in texts_of(tree, "text")


def test_german_words_fit_into_the_cards() -> None:
    neurons = {f"Schicht {i}, Neuron {i}": [float(i % 2), 1e-300] for i in range(4)}
    figure = plot_autopsy(neurons, wording=GERMAN)
    grid = figure.autopsy_grid
    figure.set_dpi(72)  # as of an SVG: its points are our pixels
    # The header comes first; then each card says its id, its state and its peak.
    said = written(figure)[-12:]
    labels = (grid.id_labels, grid.state_labels, grid.peak_labels)
    for index in range(4):
        neuron_id, state, peak = (
            (one.left, one.left + label.font.measure(one.text))
            for one, label in zip(said[3 * index : 3 * index + 3], labels, strict=True)
        )
        pill = grid.badges.get_paths()[index].get_extents()
        badge_left = np.asarray(grid.badges.get_offsets())[index, 0]
        outline = grid.borders.get_paths()[index].get_extents()
        card_right = np.asarray(grid.borders.get_offsets())[index, 0] + outline.x1
        assert neuron_id[1] < badge_left < state[0]
        assert state[1] < badge_left + pill.x1 < card_right
        assert peak[1] < card_right


@pytest.mark.parametrize("wording", ["de", None, Wording, {"dead": "tot"}])
def test_words_of_another_kind_are_refused(wording: Any) -> None:
    _, ax = plt.subplots()
    for draw in (plot_autopsy, partial(draw_autopsy, ax)):
        with pytest.raises(TypeError, match=r"^wording: must be a Wording"):
            draw({"a": [1.0]}, wording=wording)
    assert len(plt.get_fignums()) == 1
    assert not ax.artists


# German is a translation of all there is


def test_all_that_german_has_of_english_is_meant_to_be_there() -> None:
    names = [field.name for field in fields(Wording)]
    assert [name for name in names if getattr(ENGLISH, name) == getattr(GERMAN, name)] == [
        "plural",
        "count_badge",
        "rule",
        "with_more",
        "heading",
        "page_title",
        "activation_at",
        "bar_label",
        "many",
        "minus",
        "sentence",
        "space",
        "with_share",
        "dead_ids",
        "comma",
    ]


def test_no_plural_form_of_german_is_english() -> None:
    for field in fields(Wording):
        english, german = (getattr(wording, field.name) for wording in (ENGLISH, GERMAN))
        if isinstance(german, Plural) and german != english:
            forms = {german.one, german.other} - {None}
            assert not forms & {english.one, english.other}, field.name
            assert english.one is None or len(forms) == 2, field.name


# Languages with more plurals, or with none


def polish_plural(count: int) -> str:
    if count == 1:
        return "one"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return "few" if few else "many"


POLISH = replace(
    ENGLISH,
    language="pl",
    plural=polish_plural,
    decimal_sign=",",
    thousands_separator="\N{NO-BREAK SPACE}",
    unknown_count=Plural(
        one="{count} neuron jest nieznany.",
        few="{count} neurony są nieznane.",
        many="{count} neuronów jest nieznanych.",
        other="{count} neuronu jest nieznane.",
    ),
)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "1 neuron jest nieznany."),
        (2, "2 neurony są nieznane."),
        (5, "5 neuronów jest nieznanych."),
        (12, "12 neuronów jest nieznanych."),
        (22, "22 neurony są nieznane."),
        (1022, "1\u00a0022 neurony są nieznane."),
    ],
)
def test_polish_counts_in_three_ways(count: int, sentence: str) -> None:
    autopsy = diagnose((neuron, [math.nan]) for neuron in range(count))
    assert POLISH.summary(autopsy).endswith(f". {sentence}")


def naming_its_categories(plural: Callable[[int], str]) -> Wording:
    """Return English with every plural form preceded by its category's name."""
    forms: dict[str, Any] = {
        field.name: Plural(
            **{
                category: f"<{category}>{field.default.other}"
                for category in get_args(PluralCategory)
            }
        )
        for field in fields(Wording)
        if isinstance(field.default, Plural)
    }
    return replace(ENGLISH, plural=plural, **forms)


def population(n_dead: int, n_infinite: int, n_nan: int, n_empty: int) -> Autopsy:
    """Return an autopsy of that many neurons of each kind; the empty are dead too."""
    kinds = zip(
        ([0.0], [math.inf], [math.nan], []),
        (n_dead, n_infinite, n_nan, n_empty),
        strict=True,
    )
    return diagnose(enumerate(history for history, count in kinds for _ in range(count)))


@pytest.mark.parametrize(("count", "category"), [(1, "one"), (2, "few"), (5, "many"), (22, "few")])
def test_every_sentence_takes_its_plural_from_its_own_count(count: int, category: str) -> None:
    wording = naming_its_categories(polish_plural)
    sentences = {
        f"{count} unknown, with nan": population(0, 0, count, 7),
        f"{count} without samples": population(7, 0, 0, count),
        f"{count} with infinite activations": population(7, count, 0, 0),
        f"{count} neurons": population(0, 0, count, 0),
        "0, 1, 2, 3, 4, 5, 6, 7": population(MOST_IDS_SPELLED + count, 0, 0, 0),
    }
    for sentence, autopsy in sentences.items():
        assert f"<{category}>{sentence}" in wording.description(autopsy)
    rule = header_line(wording, 0.5, [count])
    assert rule == f"dead: max |activation| < 0.5 over <{category}>{count} samples"


@pytest.mark.parametrize("category", get_args(PluralCategory))
def test_every_category_of_the_cldr_can_be_taken(category: str) -> None:
    wording = naming_its_categories(lambda _: category)
    assert f"<{category}>1 of 1 neurons dead" in wording.summary(population(1, 0, 0, 0))


@pytest.mark.parametrize("category", get_args(PluralCategory))
def test_a_category_that_is_left_out_is_worded_as_other(category: str) -> None:
    forms = Plural(other="{count} of none")
    wording = replace(ENGLISH, plural=lambda _: category, unknown_count=forms)
    assert wording.summary(population(0, 0, 1, 0)).endswith(" 1 of none")


def test_a_plural_form_may_leave_its_number_out() -> None:
    forms = Plural(zero="keine Messwerte", other="{count} Messwerte")
    wording = replace(GERMAN, plural=lambda n: "other" if n else "zero", samples=forms)
    line = header_line(wording, 0.5, [0])
    assert line == "tot: max. |Aktivierung| < 0,5 über keine Messwerte"


JAPANESE = Wording(
    language="ja",
    plural=lambda _: "other",
    title="死んだニューロンの検査",
    alive="活動",
    dead="停止",
    count_badge="{n_neurons}個中{n_dead}個{dead}",
    peak_rule=RuleWords("", "最大|活性| < {threshold}", "最大絶対値{threshold}未満"),
    rule_over="{samples}で{rule}",
    counted_as="{dead}: {rule}。",
    samples=Plural(other="{count}標本"),
    samples_range="{fewest}から{most}標本",
    peak="最大 {peak}",
    no_samples="標本なし",
    no_id="(名前なし)",
    label="{id}、{state}、最大絶対値{peak}",
    label_without_samples="{label}、標本なし",
    sentence="{title}。",
    space="",
    verdict=Plural(other="{n_neurons}個中{n_dead}個{dead}({rule})。"),
    neurons=Plural(other="{count}個"),
    found=Plural(other="{neurons}中{count}個{dead}"),
    dead_ids="{dead}: {ids}。",
    only_peak="唯一の最大値は{peak}({id})。",
    unknown_ids=Plural(other="{count}個は不明: {ids}。"),
    without_samples=Plural(other="{count}個は標本なし: {ids}。"),
    cards=Plural(other="{count}枚、{samples}。"),
    comma="、",
    last_comma="、",
    and_more=Plural(other="{ids}、他{count}個"),
    also_shown="他に: {titles}。",
)


def test_japanese_sentences_stand_without_spaces() -> None:
    autopsy = diagnose({"a": [0], "b": [], "c": [0.5], "d": [math.nan]})
    alt = JAPANESE.alt_text(autopsy)
    assert alt.full == (
        "死んだニューロンの検査。4個中2個停止。停止: a、b。1個は不明: d。"
        "1個は標本なし: b。唯一の最大値は0.5(c)。4枚、0から1標本。"
        "停止: 0から1標本で最大絶対値0.000001未満。"
    )
    assert alt.full == f"死んだニューロンの検査。{alt.description}"
    assert JAPANESE.summary(diagnose({"a": [0]}), "終わり。") == (
        "終わり。1個中1個停止(最大絶対値0.000001未満)。"
    )


@pytest.mark.parametrize("count", [1, 2, 5, 22])
def test_japanese_has_one_form_for_all_counts(count: int) -> None:
    autopsy = diagnose((neuron, [0]) for neuron in range(MOST_IDS_SPELLED + count))
    description = JAPANESE.description(autopsy)
    assert f"、19、他{count}個。" in description
    assert f"{MOST_IDS_SPELLED + count}個中" in description
    assert header_line(JAPANESE, 0.5, [count]).startswith(f"{count}標本で停止")


# What is refused

PLURAL = Plural(other="{n_dead} {n_neurons} {dead} {rule}")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("peak", "Spitze", "Wording.peak: must hold {peak}; got 'Spitze'"),
        ("peak", "{peek}", "Wording.peak: must hold {peak}; got"),
        ("peak", "{peak} {id}", "Wording.peak: must hold {peak}; got"),
        ("peak", "{peak} {}", "Wording.peak: must hold {peak}; got"),
        ("peak", "{0}", "Wording.peak: must hold {peak}; got"),
        ("peak", "{peak.real}", "Wording.peak: must hold {peak}; got"),
        ("peak", "{peak[0]}", "Wording.peak: must hold {peak}; got"),
        ("label", "{id} {peak}", "Wording.label: must hold {id}, {peak}, {state}; got"),
        ("title", " ", "Wording.title: must not be empty"),
        ("dead", "", "Wording.dead: must not be empty"),
        ("no_samples", "a\0", "Wording.no_samples: holds a control character"),
        ("verdict", replace(PLURAL, other="{n_dead}"), "Wording.verdict.other: must hold"),
        ("verdict", replace(PLURAL, few="{n_dead}"), "Wording.verdict.few: must hold"),
        ("verdict", replace(PLURAL, many="{x}"), "Wording.verdict.many: must hold"),
        ("unknown_count", Plural(other="some"), "Wording.unknown_count.other: must hold {count}"),
    ],
)
def test_a_template_that_loses_something_is_refused(
    field: str, value: str | Plural, message: str
) -> None:
    wrong: dict[str, Any] = {field: value}
    with pytest.raises(ValueError, match=re.escape(message)):
        Wording(**wrong)


@pytest.mark.parametrize("template", ["{peak", "{peak}}", "{peak:d}", "{peak!x}", "{peak:{width}}"])
def test_a_template_that_cannot_be_filled_is_refused_when_it_is_made(
    template: str,
) -> None:
    with pytest.raises(ValueError, match=r"^Wording\.peak: "):
        Wording(peak=template)
    forms = Plural(one=template.replace("peak", "count"), other="{count}")
    with pytest.raises(ValueError, match=r"^Wording\.unknown_count\.one: "):
        Wording(unknown_count=forms)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("peak", None, "must be a str, such as 'peak {peak}'; got NoneType None."),
        ("dead", 0, "must be a str, such as 'dead'; got int 0."),
        ("dead", b"tot", "must be a str, such as 'dead'; got bytes b'tot'."),
        ("dead_ids", PLURAL, "must be a str, such as '{dead}: {ids}.'; got Plural"),
        ("verdict", "{count}", "must be a Plural, such as Plural("),
        ("verdict", {"other": "{count}"}, "must be a Plural, such as Plural("),
        ("plural", "one", "must be a function from a count to a plural category; got"),
        ("plural", None, "must be a function from a count to a plural category; got"),
    ],
)
def test_words_of_a_wrong_type_are_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(f'Wording.{field}: {message}')}"):
        Wording(**{field: value})


def test_a_plural_form_of_a_wrong_type_is_refused() -> None:
    wrong: Any = 1
    with pytest.raises(TypeError, match=r"^Wording\.unknown_count\.one: "):
        Wording(unknown_count=Plural(one=wrong, other="{count}"))


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (("dead", "peak", "peak {threshold}"), ValueError, "RuleWords.drawn: must hold"),
        (("dead", "{threshold}", "{thresh}"), ValueError, "RuleWords.spoken: must hold"),
        ((None, "{threshold}", "{threshold}"), TypeError, "RuleWords.state: must be a str"),
    ],
)
def test_words_of_a_rule_that_lose_something_are_refused(
    words: tuple[Any, Any, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        RuleWords(*words)


def test_a_misspelt_field_is_refused() -> None:
    misspelt: dict[str, Any] = {"titel": "Autopsie"}
    with pytest.raises(TypeError, match=r"Wording.*'titel'"):
        Wording(**misspelt)


@pytest.mark.parametrize("nonsense", ["plenty", "", None, 1, ["one"]])
def test_a_plural_function_that_returns_nonsense_is_named(nonsense: Any) -> None:
    message = (
        "Wording.plural: must return one of zero, one, two, few, many, other; "
        f"got {nonsense!r} for 0."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        replace(GERMAN, plural=lambda _: nonsense)


def test_a_line_that_is_too_long_for_its_card_is_shortened() -> None:
    wording = replace(ENGLISH, peak="the largest absolute activation of all: {peak}")
    labels = redrawn(plot_autopsy({"a": [1.0]}, wording=wording)).autopsy_grid.peak_labels
    (text,) = labels.get_texts()
    assert "…" in text
    assert text.endswith("1.0e+0")
    assert labels.font.measure(text) <= 72


# Wordings are values


def test_a_wording_as_a_default_leaves_signatures_readable() -> None:
    assert [repr(ENGLISH), repr(GERMAN)] == ["Wording('en')", "Wording('de')"]
    for drawing in (plot_autopsy, draw_autopsy, plot_layers, save_autopsy_pages):
        assert "wording: 'Wording' = Wording('en')" in str(signature(drawing))
        assert len(str(signature(drawing))) < 1000


def test_english_is_what_a_wording_is_by_default() -> None:
    assert Wording() == ENGLISH
    assert ENGLISH != GERMAN
    assert replace(ENGLISH, dead="silent") != ENGLISH


def test_wordings_are_pickled_and_hashed() -> None:
    copy = pickle.loads(pickle.dumps(GERMAN))  # noqa: S301  our own
    assert copy == GERMAN
    assert len({copy, GERMAN, ENGLISH, Wording()}) == 2


def test_a_pickled_figure_keeps_its_words(six_neurons: Histories) -> None:
    figure = plot_autopsy(six_neurons, wording=GERMAN)
    copy = pickle.loads(pickle.dumps(figure))  # noqa: S301  our own
    assert copy.alt_text == figure.alt_text


def test_a_wording_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ENGLISH.dead = "silent"  # type: ignore[misc]


def test_a_plural_function_that_fails_for_some_counts_is_refused() -> None:
    with pytest.raises(KeyError):
        replace(ENGLISH, plural={0: "other", 1: "one", 2: "other"}.__getitem__)


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Layer 3:", "Layer 3."),
        ("\u201cQuoted.\u201d", "\u201cQuoted.\u201d"),
        ("(Really?)", "(Really?)"),
        ("f(x)", "f(x)."),
    ],
)
def test_a_title_becomes_a_sentence(title: str, sentence: str) -> None:
    assert as_sentence(ENGLISH, title) == sentence


def test_what_is_missing_is_said() -> None:
    neurons = {"a": [math.nan, 1.0], "b": [2.0, 1.0]}
    omitted = ENGLISH.description(diagnose(neurons, nan_policy="omit"))
    assert "1 with missing samples: a." in omitted
    masked = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], [[True, False], [False, True]])
    described = ENGLISH.description(diagnose(masked, neuron_axis=0))
    assert "2 with missing samples: 0 and 1." in described
    assert "missing" not in ENGLISH.description(diagnose({"a": [1.0]}, nan_policy="omit"))


def test_equal_peaks_are_said_once() -> None:
    words = ENGLISH.description(diagnose({"a": [1.0], "b": [-1.0], "c": [0.0]}))
    assert "Dead: c. All living peaks are 1. " in words
