"""The languages that come with the package."""

from __future__ import annotations

from .templates import Plural, RuleWords
from .wording import Wording

ENGLISH = Wording()

GERMAN = Wording(
    language="de",
    decimal_sign=",",
    thousands_separator=".",
    title="Autopsie toter Neuronen",
    alive="aktiv",
    dead="tot",
    unknown="unbekannt",
    peak_rule=RuleWords(
        "", "max. |Aktivierung| < {threshold}", "höchste absolute Aktivierung unter {threshold}"
    ),
    firing_rate_rule=RuleWords(
        "",
        "Feuerrate (Anteil > 0) <= {threshold}",
        "Anteil der Messwerte über null höchstens {threshold}",
    ),
    dormant_rule=RuleWords(
        "ruhend",
        "Mittel |Aktivierung| / Mittel der Schicht <= {threshold}",
        "mittlere absolute Aktivierung höchstens {threshold} des Mittels der Schicht",
    ),
    constant_rule=RuleWords(
        "konstant",
        "max. - min. <= {threshold}",
        "Aktivierungen in einer Spanne von höchstens {threshold}",
    ),
    with_unknown="{count}, {n_unknown} unbekannt",
    rule_over="{rule} über {samples}",
    reduced="{samples}, jeder der größte seines Schritts",
    counted_as="Als {dead} gilt: {rule}.",
    samples=Plural(one="{count} Messwert", other="{count} Messwerte"),
    samples_range="{fewest} bis {most} Messwerte",
    last_of_samples=Plural(
        one="nur den letzten von {n_samples} Messwerten",
        other="die letzten {count} von {n_samples} Messwerten",
    ),
    last_samples=Plural(one="nur den letzten Messwert", other="die letzten {count} Messwerte"),
    shaded_key="hinterlegt: beurteilt",
    steps="Schritte {first} bis {last}",
    died_key="† gestorben: erster stummer {unit}",
    silent_key="| verstummt: erster stummer {unit}",
    never="nie aktiv",
    always_silent=Plural(
        one="stumm im einzigen Messwert", other="stumm in allen {count} Messwerten"
    ),
    fell_silent=Plural(one="{count} weiteres verstummt", other="{count} weitere verstummt"),
    shown="{n_shown} von {n_neurons} gezeigt",
    share="{percent}\N{NO-BREAK SPACE}%",
    page_range="{first} bis {last} von {n_shown}",
    overview="Schichten",
    bookmark="{range} · {first_id} bis {last_id}",
    peak="Spitze {peak}",
    overall_peak="Spitze insgesamt {peak}",
    no_samples="keine Messwerte",
    at_sample="Messwert {number}",
    at_step="Schritt {number}",
    dead_since="{dead} seit {time}",
    silent_since="{alive}, stumm seit {time}",
    activation_at="{time}: {activation}",
    no_id="ohne ID",
    label="{id}, {state}, höchste absolute Aktivierung {peak}",
    overall_label="{id}, {state}, höchste absolute Aktivierung insgesamt {peak}",
    label_without_samples="{label}, keine Messwerte",
    group_label=Plural(
        one="{group}, {n_dead} von {n_neurons} Neuron {dead}",
        other="{group}, {n_dead} von {n_neurons} Neuronen {dead}",
    ),
    many_more=Plural(other="und {count} weitere, {state}"),
    many_peaks=Plural(other="{count} {state}, Spitzenwerte von {lowest} bis {highest}"),
    minus="minus {number}",
    power_of_ten="{digits} mal 10 hoch {exponent}",
    infinity="unendlich",
    not_a_number="keine Zahl",
    verdict=Plural(
        one="{n_dead} von {n_neurons} Neuron {dead} ({rule}).",
        other="{n_dead} von {n_neurons} Neuronen {dead} ({rule}).",
    ),
    unknown_count=Plural(
        one="{count} Neuron ist unbekannt (nan).", other="{count} Neuronen sind unbekannt (nan)."
    ),
    neurons=Plural(one="{count} Neuron", other="{count} Neuronen"),
    found=Plural(one="{count} von {neurons} ist {dead}", other="{count} von {neurons} sind {dead}"),
    rising="Mit jeder Schicht mehr, von {fewest} bis {most}.",
    worst_layer="Die meisten in {most}, die wenigsten in {fewest}.",
    of_group="{group} ({n_dead} von {n_neurons})",
    died=Plural(
        other="{count} waren vorher aktiv und starben zwischen {first} und {last}, die Hälfte "
        "davon bis {median}; als erstes {first_id}."
    ),
    died_together=Plural(
        one="{count} war vorher aktiv und starb bei {first}.",
        other="{count} waren vorher aktiv und starben bei {first}.",
    ),
    never_active_count=Plural(
        one="{count} war in keinem seiner Messwerte aktiv.",
        other="{count} waren in keinem ihrer Messwerte aktiv.",
    ),
    fell_silent_ids=Plural(other="Von den aktiven verstummt: {count} ({ids})."),
    unknown_ids=Plural(other="Unbekannt, mit nan: {count} ({ids})."),
    without_samples=Plural(other="Ohne Messwerte, als tot gezählt: {count} ({ids})."),
    missing=Plural(other="Mit fehlenden Messwerten: {count} ({ids})."),
    infinite=Plural(other="Mit unendlichen Aktivierungen: {count} ({ids})."),
    dead_on_page="{dead} auf dieser Seite: {ids}.",
    none_on_page="Auf dieser Seite ist keines {dead}.",
    only_peak="Der einzige Spitzenwert eines aktiven ist {peak} ({id}).",
    equal_peaks="Alle Spitzenwerte der aktiven sind {peak}.",
    two_peaks="Die Spitzenwerte der aktiven sind {lowest} ({lowest_id}) und {highest} "
    "({highest_id}).",
    peaks="Spitzenwerte der aktiven: Median {median}, von {lowest} ({lowest_id}) bis {highest} "
    "({highest_id}).",
    cards=Plural(
        one="{count} Karte, eine Linie durch {samples}.",
        other="{count} Karten, jede eine Linie durch {samples}.",
    ),
    tiles=Plural(
        one="{count} Kachel; gefüllt heißt {dead}.",
        other="{count} Kacheln; gefüllt heißt {dead}.",
    ),
    bars=Plural(one="{count} Balken.", other="{count} Balken, einer je Schicht."),
    comparison_title="Tote Neuronen, vorher und nachher",
    changes="{n_died} gestorben, {n_revived} wieder aktiv, {n_still_dead} weiterhin tot",
    compared="{changes}, von {neurons} in beiden; Überlappung der toten: {overlap}.",
    change_label="{group}, {changes}, von {neurons}",
    died_ids=Plural(other="Gestorben: {ids} ({count})."),
    revived_ids=Plural(other="Wieder aktiv: {ids} ({count})."),
    new_ids=Plural(other="Neu: {ids} ({count})."),
    gone_ids=Plural(other="Nicht mehr da: {ids} ({count})."),
    page_threshold="Schwelle",
    page_only="Nur {dead}",
    page_close="Schließen",
    made_up="Erfundene Neuronen",
    set_window="Fenster",
    set_step="Gesehen",
    set_order="Reihenfolge: {order}",
    set_only="Gezeigt: {state}",
    set_all="alle",
    set_neurons="Neuronen",
    set_samples="Messwerte",
    set_share="Anteil toter",
    set_seed="Startwert",
    orders="gegeben, tote zuerst, Todeszeit, Schicht, Spitzenwert",
    at_frame="Bild {number}",
    film=Plural(
        one="{n_first} von {n_neurons} Neuron {dead} bei {first}, {n_last} bei {last}",
        other="{n_first} von {n_neurons} Neuronen {dead} bei {first}, {n_last} bei {last}",
    ),
    film_layer="{film}; {layer} zuerst",
    changes_key="von links: weiterhin tot, gestorben, wieder aktiv",
    last_comma=" und ",
    and_more=Plural(one="{ids} und {count} weiteres", other="{ids} und {count} weitere"),
    also_shown="Außerdem zu sehen: {titles}.",
)
