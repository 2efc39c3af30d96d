"""The languages that come with the package."""

from __future__ import annotations

from .templates import Plural
from .wording import Wording

ENGLISH = Wording()

GERMAN = Wording(
    language="de",
    decimal_sign=",",
    thousands_separator=".",
    title="Autopsie toter Neuronen",
    alive="aktiv",
    dead="tot",
    count_badge="{n_dead}/{n_neurons} tot",
    rule="tot: max. |Aktivierung| < {dead_threshold}",
    rule_over=Plural(one="{rule} über {count} Messwert", other="{rule} über {count} Messwerte"),
    rule_over_range="{rule} über {fewest} bis {most} Messwerte",
    shown="{n_shown} von {n_neurons} gezeigt",
    share="{percent}\N{NO-BREAK SPACE}%",
    page_range="{first} bis {last} von {n_shown}",
    overview="Schichten",
    bookmark="{range} · {first_id} bis {last_id}",
    peak="Spitze {peak}",
    no_samples="keine Messwerte",
    no_id="ohne ID",
    label="{id}, {state}, höchste absolute Aktivierung {peak}",
    label_without_samples="{label}, keine Messwerte",
    group_label=Plural(
        one="{group}, {n_dead} von {n_neurons} Neuron tot",
        other="{group}, {n_dead} von {n_neurons} Neuronen tot",
    ),
    verdict=Plural(
        one="{n_dead} von {n_neurons} Neuron tot "
        "(höchste absolute Aktivierung unter {dead_threshold}).",
        other="{n_dead} von {n_neurons} Neuronen tot "
        "(höchste absolute Aktivierung unter {dead_threshold}).",
    ),
    undecided=Plural(
        one="Der Spitzenwert von {count} Neuron ist keine Zahl (nan).",
        other="Die Spitzenwerte von {count} Neuronen sind keine Zahlen (nan).",
    ),
    dead_by_group="Tot je Gruppe: {groups}.",
    of_group="{group} {n_dead} von {n_neurons}",
    dead_ids="Tot: {ids}.",
    dead_on_page="Tot auf dieser Seite: {ids}.",
    none_on_page="Auf dieser Seite ist keines tot.",
    only_peak="Der einzige Spitzenwert eines aktiven Neurons ist {peak} ({id}).",
    equal_peaks="Alle Spitzenwerte aktiver Neuronen sind {peak}.",
    peaks="Der höchste Spitzenwert ist {highest} ({highest_id}), "
    "der niedrigste eines aktiven Neurons {lowest} ({lowest_id}).",
    without_samples=Plural(
        one="{count} Neuron hat keine Messwerte.",
        other="{count} Neuronen haben keine Messwerte.",
    ),
    missing=Plural(
        one="Bei {count} Neuron fehlen Messwerte.",
        other="Bei {count} Neuronen fehlen Messwerte.",
    ),
    infinite=Plural(
        one="{count} Neuron erreicht unendliche Werte.",
        other="{count} Neuronen erreichen unendliche Werte.",
    ),
    last_comma=" und ",
    and_more=Plural(one="{ids} und {count} weiteres", other="{ids} und {count} weitere"),
    also_shown="Außerdem zu sehen: {titles}.",
)
