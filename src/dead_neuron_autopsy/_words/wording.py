"""All words that people read or hear, in the language of the caller's choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .._intake.foreign import short_repr
from .description import AltText, alt_text_of, drawn_rule, pictured
from .filling import plural_category
from .templates import Plural, RuleWords, check_template, one_or_other

if TYPE_CHECKING:
    from .._verdict.autopsy import Autopsy
    from .._verdict.groups import GroupCounts


@dataclass(frozen=True, kw_only=True, repr=False)
class Wording:
    """All words and sentences of a figure in one language; the defaults are English.

    Templates hold names in braces, which we replace by numbers, ids and words. A
    translation must hold the same names. A `Plural` holds one template per plural form.

    Attributes
    ----------
    language : str
        A BCP 47 tag; tells screen readers which voice to use.
    plural : callable
        Function from a count to its plural category, one of those of `Plural`.
    decimal_sign, thousands_separator : str
        The punctuation of numbers.
    title : str
        The title of a figure that is given none.
    alive, dead, unknown : str
        The words for the states.
    peak_rule, firing_rate_rule, dormant_rule, constant_rule : RuleWords
        The words of the criteria.
    count_badge, with_unknown : str
        The count in the header; the same with unknown neurons.
    rule, rule_over, reduced, counted_as
        A rule; the same over so many samples; samples that are the largest of many; the rule
        as a sentence.
    samples, samples_range, last_of_samples, last_samples
        So many samples, the same of all histories or not; the last of so many samples, the
        same of all histories or not.
    steps : str
        The first and the last step.
    shaded_key, died_key, silent_key : str
        What the shading means, the marks at a time of death, and those of neurons that fell
        silent.
    never, always_silent
        The words for a neuron that was never active; and for one whose history begins later
        than others, of which only its own samples are known.
    fell_silent, shown, with_more
        How many of the living fell silent; how many neurons have a card, if not all; a line
        with more words after it.
    heading, share
        The heading of a group's cards; a percentage.
    page_title, page_range, overview, bookmark
        The title of a page of cards, and the range in it; the bookmarks to the page of
        bars and to a page of cards.
    peak, overall_peak, no_samples
        The last line of a card: the peak of what was judged; that of all samples, where only
        the last ones were judged.
    at_sample, at_step, dead_since, silent_since, activation_at
        A time; the state of a neuron with the time of its death, and of a living neuron that
        fell silent.
    no_id, label, overall_label, label_without_samples
        The alt text that replaces an empty id, and a neuron's sparkline; the same where only
        the last samples were judged.
    group_label, bar_label
        The alt text of a group, and of its bar.
    many, many_more, many_peaks
        The alt text of many neurons of one state; of those beyond a list; with their peaks.
    minus, power_of_ten, infinity, not_a_number
        Numbers as a voice reads them right.
    sentence, space : str
        Turns a title into a sentence; the space between two sentences.
    verdict, unknown_count
        How many neurons are dead by which rule; how many are unknown.
    neurons, found, with_share
        So many neurons; how many of them are dead; the same with a percentage.
    rising, worst_layer, of_group
        In which layers most and fewest are dead: in the order of the layers, or not; a
        layer and its count.
    died, died_together, never_active_count
        When the dead were last active; the same if it was at one time; how many never were.
    fell_silent_ids, dead_ids, unknown_ids, without_samples, missing, infinite
        Which neurons fell silent, are dead, are unknown, have no samples, lack some, or
        reach infinity.
    dead_on_page, none_on_page
        Which of a page's neurons are dead.
    only_peak, equal_peaks, two_peaks, peaks
        The living peaks, if there is only one, if all are equal, if there are two, and if
        there are more.
    cards, tiles, bars
        What is drawn.
    comparison_title, changes, compared, change_label
        The title of a comparison; what became of so many neurons; the same as a sentence
        about all, with the overlap of the dead; the alt text of a layer's bar.
    died_ids, revived_ids, new_ids, gone_ids, changes_key
        Which neurons died, revived, are new or gone; what the parts of a bar mean.
    film, film_layer, at_frame
        How a film goes, where the first neuron died, and what a frame without steps is called.
    page_threshold, page_only, page_close
        What one can set on a page, and the button that closes a neuron that is shown large.
    made_up, set_window, set_step, set_order, set_only, set_all, orders
        What one can set in `explore`, and the names of the orders, between commas.
    set_neurons, set_samples, set_share, set_seed
        What one can set of neurons that are made up.
    comma, last_comma : str
        The separators between list items, and before the last one.
    and_more
        A list of which only the beginning is given.
    also_shown
        The titles of whatever else is in the figure.

    Raises
    ------
    TypeError, ValueError
        If a template is not a string or a `Plural`, or does not hold exactly the names of
        the English one; if *plural* is not a function, or does not return a plural
        category. Forms of a `Plural` other than *other* may leave out the count.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from dead_neuron_autopsy import ENGLISH, plot_autopsy
    >>> units = replace(ENGLISH, title="Unit check", dead="silent", alive="firing")
    >>> plot_autopsy({"U1": [0.0, 0.2]}, wording=units).autopsy_grid.title
    'Unit check'
    """

    language: str = "en"
    plural: Callable[[int], str] = one_or_other
    decimal_sign: str = "."
    thousands_separator: str = ","

    title: str = "Dead neuron autopsy"
    alive: str = "alive"
    dead: str = "dead"
    unknown: str = "unknown"
    peak_rule: RuleWords = RuleWords(
        "", "max |activation| < {threshold}", "max absolute activation below {threshold}"
    )
    firing_rate_rule: RuleWords = RuleWords(
        "",
        "firing rate (share > 0) <= {threshold}",
        "share of samples above zero at most {threshold}",
    )
    dormant_rule: RuleWords = RuleWords(
        "dormant",
        "mean |activation| / layer mean <= {threshold}",
        "mean absolute activation at most {threshold} of the layer's mean",
    )
    constant_rule: RuleWords = RuleWords(
        "constant", "max - min <= {threshold}", "activations span at most {threshold}"
    )
    count_badge: str = "{n_dead}/{n_neurons} {dead}"
    with_unknown: str = "{count}, {n_unknown} unknown"
    rule: str = "{dead}: {formula}"
    counted_as: str = "Counted as {dead}: {rule}."
    rule_over: str = "{rule} over {samples}"
    reduced: str = "{samples}, each the largest of its step"
    samples: Plural = Plural(one="{count} sample", other="{count} samples")
    samples_range: str = "{fewest} to {most} samples"
    last_of_samples: Plural = Plural(
        one="only the last of {n_samples} samples", other="the last {count} of {n_samples} samples"
    )
    last_samples: Plural = Plural(other="the last {count} samples", one="only the last sample")
    shaded_key: str = "shaded: judged"
    steps: str = "steps {first} to {last}"
    died_key: str = "† died: first silent {unit}"
    silent_key: str = "| fell silent: first silent {unit}"
    never: str = "never active"
    always_silent: Plural = Plural(
        one="silent in its only sample", other="silent in all {count} samples"
    )
    fell_silent: Plural = Plural(other="{count} more fell silent")
    shown: str = "{n_shown} of {n_neurons} shown"
    with_more: str = "{line} · {more}"
    heading: str = "{group} · {count}"
    share: str = "{percent}%"
    page_title: str = "{title} · {range}"
    page_range: str = "{first} to {last} of {n_shown}"
    overview: str = "Layers"
    bookmark: str = "{range} · {first_id} to {last_id}"
    peak: str = "peak {peak}"
    overall_peak: str = "overall peak {peak}"
    no_samples: str = "no samples"

    at_sample: str = "sample {number}"
    at_step: str = "step {number}"
    dead_since: str = "{dead} since {time}"
    silent_since: str = "{alive}, silent since {time}"
    activation_at: str = "{time}: {activation}"
    no_id: str = "no id"
    label: str = "{id}, {state}, peak absolute activation {peak}"
    overall_label: str = "{id}, {state}, overall peak absolute activation {peak}"
    label_without_samples: str = "{label}, no samples"
    group_label: Plural = Plural(
        one="{group}, {n_dead} of {n_neurons} neuron {dead}",
        other="{group}, {n_dead} of {n_neurons} neurons {dead}",
    )
    bar_label: str = "{label}, {share}"

    many: Plural = Plural(other="{count} {state}")
    many_more: Plural = Plural(other="and {count} more {state}")
    many_peaks: Plural = Plural(other="{count} {state}, peaks from {lowest} to {highest}")
    minus: str = "minus {number}"
    power_of_ten: str = "{digits} times 10 to the {exponent}"
    infinity: str = "infinity"
    not_a_number: str = "not a number"
    sentence: str = "{title}."
    space: str = " "
    # "2 of 6 neurons dead (max absolute activation below 0.000001)."; the rule in parentheses is
    # the criterion's, such as `peak_rule.spoken`.
    verdict: Plural = Plural(
        one="{n_dead} of {n_neurons} neuron {dead} ({rule}).",
        other="{n_dead} of {n_neurons} neurons {dead} ({rule}).",
    )
    unknown_count: Plural = Plural(
        one="{count} neuron is unknown (nan).", other="{count} neurons are unknown (nan)."
    )
    neurons: Plural = Plural(one="{count} neuron", other="{count} neurons")
    found: Plural = Plural(
        one="{count} of {neurons} is {dead}", other="{count} of {neurons} are {dead}"
    )
    with_share: str = "{found} ({share})"
    rising: str = "More with each layer, from {fewest} to {most}."
    worst_layer: str = "Most in {most}, fewest in {fewest}."
    of_group: str = "{group} ({n_dead} of {n_neurons})"
    died: Plural = Plural(
        other="{count} were active before and died between {first} and {last}, half of them by "
        "{median}; the first was {first_id}."
    )
    died_together: Plural = Plural(
        one="{count} was active before and died at {first}.",
        other="{count} were active before and died at {first}.",
    )
    never_active_count: Plural = Plural(
        one="{count} was silent in all its samples.",
        other="{count} were silent in all their samples.",
    )
    fell_silent_ids: Plural = Plural(other="{count} of the living fell silent: {ids}.")
    dead_ids: str = "{dead}: {ids}."
    unknown_ids: Plural = Plural(other="{count} unknown, with nan: {ids}.")
    without_samples: Plural = Plural(other="{count} without samples, counted dead: {ids}.")
    missing: Plural = Plural(other="{count} with missing samples: {ids}.")
    infinite: Plural = Plural(other="{count} with infinite activations: {ids}.")
    dead_on_page: str = "{dead} on this page: {ids}."
    none_on_page: str = "None on this page is {dead}."
    only_peak: str = "The only living peak is {peak} ({id})."
    equal_peaks: str = "All living peaks are {peak}."
    two_peaks: str = "The living peaks are {lowest} ({lowest_id}) and {highest} ({highest_id})."
    peaks: str = (
        "Living peaks: median {median}, from {lowest} ({lowest_id}) to {highest} ({highest_id})."
    )
    cards: Plural = Plural(
        one="{count} card, a line of {samples}.", other="{count} cards, each a line of {samples}."
    )
    tiles: Plural = Plural(
        one="{count} tile; filled means {dead}.",
        other="A map of {count} tiles; filled means {dead}.",
    )
    bars: Plural = Plural(one="{count} bar.", other="{count} bars, one per layer.")
    comparison_title: str = "Dead neurons, before and after"
    changes: str = "{n_died} died, {n_revived} revived, {n_still_dead} still dead"
    compared: str = "{changes}, of {neurons} in both; overlap of the dead: {overlap}."
    change_label: str = "{group}, {changes}, of {neurons}"
    died_ids: Plural = Plural(other="Died: {ids} ({count}).")
    revived_ids: Plural = Plural(other="Revived: {ids} ({count}).")
    new_ids: Plural = Plural(other="New: {ids} ({count}).")
    gone_ids: Plural = Plural(other="Gone: {ids} ({count}).")
    at_frame: str = "frame {number}"
    film: Plural = Plural(
        one="{n_first} of {n_neurons} neuron {dead} at {first}, {n_last} at {last}",
        other="{n_first} of {n_neurons} neurons {dead} at {first}, {n_last} at {last}",
    )
    film_layer: str = "{film}; {layer} first"
    changes_key: str = "from the left: still dead, died, revived"
    page_threshold: str = "Threshold"
    page_only: str = "Only {dead}"
    page_close: str = "Close"
    made_up: str = "Made-up neurons"
    set_window: str = "Window"
    set_step: str = "Samples seen"
    set_order: str = "Order: {order}"
    set_only: str = "Show: {state}"
    set_all: str = "all"
    set_neurons: str = "Neurons"
    set_samples: str = "Samples"
    set_share: str = "Share of dead"
    set_seed: str = "Seed"
    orders: str = "given, dead first, died, layer, peak"
    comma: str = ", "
    last_comma: str = " and "
    and_more: Plural = Plural(other="{ids} and {count} more")
    also_shown: str = "Also shown: {titles}."

    def __post_init__(self) -> None:
        if not callable(self.plural):
            raise TypeError(
                "Wording.plural: must be a function from a count to a plural category; "
                f"got {short_repr(self.plural)}."
            )
        for count in range(201):  # a function that handles these handles all
            plural_category(self, count)
        for field in fields(self):
            if field.name != "plural":
                check_template(field.name, getattr(self, field.name), field.default)

    def __repr__(self) -> str:
        # All templates would be longer than the signatures that have a wording as default.
        return f"Wording({self.language!r})"

    def summary(self, autopsy: Autopsy, title: str = "") -> str:
        """Return the title, the verdict and how many neurons are unknown.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        title : str, default: the title of this wording
            The title of the figure.

        Returns
        -------
        str
            The title and the verdict; the number of unknown neurons, if any.

        Examples
        --------
        >>> from dead_neuron_autopsy import GERMAN, diagnose
        >>> GERMAN.summary(diagnose({"a": [0.0, 0.0]}), "Schicht 3")
        'Schicht 3. 1 von 1 Neuron tot (höchste absolute Aktivierung unter 0,000001).'
        """
        return self.alt_text(autopsy, title).summary

    def description(self, autopsy: Autopsy) -> str:
        """Return the findings in a few sentences, and the rule.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.

        Returns
        -------
        str
            The findings and the rule, without the title.

        Examples
        --------
        >>> from dead_neuron_autopsy import GERMAN, diagnose
        >>> GERMAN.description(diagnose({"a": [0.5], "b": [0.0]}, 0.1)).partition(" Als")[0]
        '1 von 2 Neuronen ist tot. Tot: b. Der einzige Spitzenwert eines aktiven ist 0,5 (a).'
        """
        return alt_text_of(self, autopsy, "", len(autopsy)).description

    def rule_in_force(self, autopsy: Autopsy) -> str:
        """Return the rule as a formula, and over how many samples it was applied.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.

        Returns
        -------
        str
            The rule, as the header of a figure has it.

        Examples
        --------
        >>> from dead_neuron_autopsy import ENGLISH, diagnose
        >>> ENGLISH.rule_in_force(diagnose({"a": [0.5, 0.0]}, window=1))
        'dead: max |activation| < 1e-6 over only the last of 2 samples'
        """
        return drawn_rule(self, autopsy)

    def alt_text(
        self,
        autopsy: Autopsy,
        title: str = "",
        n_shown: int | None = None,
        groups: Sequence[GroupCounts] = (),
    ) -> AltText:
        """Return the full alt text of an autopsy with all or some of its cards.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        title : str, default: the title of this wording
            The title of the figure.
        n_shown : int, optional
            Number of neurons that have a card. Default: all.
        groups : sequence of GroupCounts, default: none
            The groups to count dead neurons in, as in `LayerBars.layers`.

        Returns
        -------
        AltText
            The title, the verdict and the findings.

        Examples
        --------
        >>> from dead_neuron_autopsy import ENGLISH, diagnose
        >>> alt = ENGLISH.alt_text(diagnose({"a": [0.0], "b": [0.3]}), "Layer 3", n_shown=1)
        >>> alt.title, alt.summary.rpartition("). ")[2]
        ('Layer 3', '1 of 2 shown.')
        """
        shown = len(autopsy) if n_shown is None else n_shown
        picture = pictured(self, autopsy, shown)
        return alt_text_of(self, autopsy, title, shown, groups=groups, picture=picture)
