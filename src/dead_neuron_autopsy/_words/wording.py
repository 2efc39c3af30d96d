"""All words that people read or hear, in the language of the caller's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple, get_args

import numpy as np

from .._intake.foreign import short_repr
from .fitting import shortened
from .notation import clean, is_visible, peak_number, plain_number
from .templates import Plural, PluralCategory, check_template, one_or_other

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .._verdict.autopsy import Autopsy
    from .._verdict.groups import GroupCounts

MOST_IDS_SPELLED = 20  # in a description
LONGEST_ID_SPELLED = 80  # in characters

# Marks that end a sentence, in Latin and other scripts, and those that may follow them.
_STOPS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "\u061f", "\u0964")
_CLOSING = "\"')]}»”\u2019」』"


class AltText(NamedTuple):
    """The name of a figure and its description for people who do not see it.

    Attributes
    ----------
    language : str
        The language of the words, as a BCP 47 tag.
    title : str
        The name of the figure.
    summary : str
        The title and the verdict, one sentence each.
    description : str
        The verdict and the findings, without the title.
    full : str
        The summary and the findings, for formats that hold only one text.

    Examples
    --------
    >>> from dead_neuron_autopsy import ENGLISH, diagnose
    >>> alt = ENGLISH.alt_text(diagnose({"a": [0.0], "b": [0.3]}))
    >>> alt.language, alt.title
    ('en', 'Dead neuron autopsy')
    >>> alt.description.partition("). ")[2]
    'Dead: a. The only living peak is 3.0e-1 (b).'
    """

    language: str
    title: str
    summary: str
    description: str
    full: str


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
    alive, dead : str
        The words for the states.
    count_badge, rule, rule_over, rule_over_range
        The text of the header. *rule_over* and *rule_over_range* contain *rule*.
    shown, with_shown
        How many neurons have a card, if not all; a line that ends with these words.
    heading, share
        The heading of a group's cards; the percentage of a group that is dead.
    page_title, page_range, overview, bookmark
        The title of a page of cards, and the range in it; the bookmarks to the page of
        bars and to a page of cards.
    peak, no_samples
        The last line of a card.
    no_id, label, label_without_samples
        The alt text that replaces an empty id, and a neuron's sparkline.
    group_label, bar_label
        The alt text of a group, and of its bar.
    sentence, space : str
        Turns a title into a sentence; the space between two sentences.
    verdict, undecided
        How many neurons are dead by which threshold; how many peaks are nan.
    dead_ids, only_peak, equal_peaks, peaks
        Which neurons are dead; the living peaks, if there is only one, if all are equal,
        and otherwise the highest and the lowest.
    dead_on_page, none_on_page
        Which of a page's neurons are dead.
    dead_by_group, of_group
        How many neurons are dead in each group.
    without_samples, missing, infinite
        How many neurons have no samples, lack some, or reach infinity.
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
    count_badge: str = "{n_dead}/{n_neurons} dead"
    rule: str = "dead: max |activation| < {dead_threshold}"
    rule_over: Plural = Plural(
        one="{rule} over {count} sample", other="{rule} over {count} samples"
    )
    rule_over_range: str = "{rule} over {fewest} to {most} samples"
    shown: str = "{n_shown} of {n_neurons} shown"
    with_shown: str = "{line} · {shown}"
    heading: str = "{group} · {count}"
    share: str = "{percent}%"
    page_title: str = "{title} · {range}"
    page_range: str = "{first} to {last} of {n_shown}"
    overview: str = "Layers"
    bookmark: str = "{range} · {first_id} to {last_id}"
    peak: str = "peak {peak}"
    no_samples: str = "no samples"

    no_id: str = "no id"
    label: str = "{id}, {state}, peak absolute activation {peak}"
    label_without_samples: str = "{label}, no samples"
    group_label: Plural = Plural(
        one="{group}, {n_dead} of {n_neurons} neuron dead",
        other="{group}, {n_dead} of {n_neurons} neurons dead",
    )
    bar_label: str = "{label}, {share}"

    sentence: str = "{title}."
    space: str = " "
    verdict: Plural = Plural(
        one="{n_dead} of {n_neurons} neuron dead (max absolute activation below {dead_threshold}).",
        other="{n_dead} of {n_neurons} neurons dead "
        "(max absolute activation below {dead_threshold}).",
    )
    undecided: Plural = Plural(
        one="{count} neuron has a peak that is not a number (nan).",
        other="{count} neurons have peaks that are not numbers (nan).",
    )
    dead_by_group: str = "Dead by group: {groups}."
    of_group: str = "{group} {n_dead} of {n_neurons}"
    dead_ids: str = "Dead: {ids}."
    dead_on_page: str = "Dead on this page: {ids}."
    none_on_page: str = "None on this page is dead."
    only_peak: str = "The only living peak is {peak} ({id})."
    equal_peaks: str = "All living peaks are {peak}."
    peaks: str = (
        "The highest peak is {highest} ({highest_id}); "
        "the lowest living peak is {lowest} ({lowest_id})."
    )
    without_samples: Plural = Plural(
        one="{count} neuron has no samples.", other="{count} neurons have no samples."
    )
    missing: Plural = Plural(
        one="{count} neuron has missing samples.",
        other="{count} neurons have missing samples.",
    )
    infinite: Plural = Plural(
        one="{count} neuron reaches infinity.", other="{count} neurons reach infinity."
    )
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
            _plural_category(self, count)
        for field in fields(self):
            if field.name != "plural":
                check_template(field.name, getattr(self, field.name), field.default)

    def __repr__(self) -> str:
        # All templates would be longer than the signatures that have a wording as default.
        return f"Wording({self.language!r})"

    def summary(self, autopsy: Autopsy, title: str = "") -> str:
        """Return the title, the verdict and how many neurons are undecided.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        title : str, default: the title of this wording
            The title of the figure.

        Returns
        -------
        str
            The title and the verdict; the number of nan peaks, if any.

        Examples
        --------
        >>> from dead_neuron_autopsy import GERMAN, diagnose
        >>> GERMAN.summary(diagnose({"a": [0.0, 0.0]}), "Schicht 3")
        'Schicht 3. 1 von 1 Neuron tot (höchste absolute Aktivierung unter 0,000001).'
        """
        return self.alt_text(autopsy, title).summary

    def description(self, autopsy: Autopsy) -> str:
        """Return the verdict and the findings: which are dead, and the living peaks.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.

        Returns
        -------
        str
            The verdict and the findings, without the title.

        Examples
        --------
        >>> from dead_neuron_autopsy import GERMAN, diagnose
        >>> GERMAN.description(diagnose({"a": [0.5], "b": [0.0]}, 0.1)).partition(").")[2]
        ' Tot: b. Der einzige Spitzenwert eines aktiven Neurons ist 5,0e-1 (a).'
        """
        return self.alt_text(autopsy).description

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
        findings = [*_by_group(self, groups), *_findings(self, autopsy)]
        shown = len(autopsy) if n_shown is None else n_shown
        return alt_text_with(self, findings, autopsy, title, shown)


def alt_text_with(
    wording: Wording, findings: Sequence[str], autopsy: Autopsy, title: str, n_shown: int
) -> AltText:
    """Return the alt text of an autopsy with these findings after the verdict."""
    title = clean(title).strip() or wording.title
    counts = {"n_dead": autopsy.n_dead, "n_neurons": len(autopsy)}
    threshold = localized(wording, plain_number(autopsy.dead_threshold))
    verdict = [filled(wording, wording.verdict, dead_threshold=threshold, **counts)]
    verdict += _if_any(wording, wording.undecided, np.isnan(autopsy.peaks))
    if words := shown_if_not_all(wording, n_shown, len(autopsy)):
        verdict.append(as_sentence(wording, words))
    opening, join = as_sentence(wording, title), wording.space.join
    return AltText(
        wording.language,
        title,
        join([opening, *verdict]),
        join([*verdict, *findings]),
        join([opening, *verdict, *findings]),
    )


def as_sentence(wording: Wording, title: str) -> str:
    """Return a title with a full stop, unless it ends a sentence already."""
    if title.rstrip(_CLOSING).endswith(_STOPS):
        return title
    return wording.sentence.format(title=title.rstrip(":;,"))


def _by_group(wording: Wording, groups: Sequence[GroupCounts]) -> Iterator[str]:
    first = []
    for group in groups[:MOST_IDS_SPELLED]:
        name = shortened(clean(group.name), LONGEST_ID_SPELLED)
        first.append(filled(wording, wording.of_group, group=name, **group._asdict()))
    if first:
        listing = listed(wording, first, len(groups) - len(first))
        yield wording.dead_by_group.format(groups=listing)


def _findings(wording: Wording, autopsy: Autopsy) -> Iterator[str]:
    if autopsy.n_dead:
        yield wording.dead_ids.format(ids=dead_ids(wording, autopsy))
    living = (~autopsy.dead & ~np.isnan(autopsy.peaks)).nonzero()[0]
    if len(living):
        yield _living_peaks(wording, autopsy.ids[living], autopsy.peaks[living])
    yield from _if_any(wording, wording.without_samples, autopsy.sample_counts == 0)
    yield from _if_any(wording, wording.missing, autopsy.incomplete)
    yield from _if_any(wording, wording.infinite, np.isinf(autopsy.peaks))


def _living_peaks(wording: Wording, ids: NDArray[np.object_], peaks: NDArray[np.float64]) -> str:
    highest, lowest = peaks.argmax(), peaks.argmin()
    most, least = float(peaks[highest]), float(peaks[lowest])
    most_id, least_id = spelled(wording, ids[highest]), spelled(wording, ids[lowest])
    if len(ids) == 1:
        return filled(wording, wording.only_peak, peak=most, id=most_id)
    if highest == lowest:  # only if all are equal: argmax and argmin return the first
        return filled(wording, wording.equal_peaks, peak=most)
    both = {"highest_id": most_id, "lowest_id": least_id}
    return filled(wording, wording.peaks, highest=most, lowest=least, **both)


def _if_any(wording: Wording, template: Plural, found: NDArray[np.bool_]) -> Iterator[str]:
    if count := int(np.count_nonzero(found)):
        yield filled(wording, template, count=count)


def shown_if_not_all(wording: Wording, n_shown: int, n_neurons: int) -> str:
    """Return how many neurons have a card; "" if all have one."""
    if n_shown == n_neurons:
        return ""
    return filled(wording, wording.shown, n_shown=n_shown, n_neurons=n_neurons)


def dead_ids(wording: Wording, autopsy: Autopsy) -> str:
    """Return the ids of the dead neurons as a list; at least one must be dead."""
    dead = autopsy.dead.nonzero()[0].tolist()
    first = [spelled(wording, autopsy.ids[index]) for index in dead[:MOST_IDS_SPELLED]]
    return listed(wording, first, len(dead) - len(first))


def listed(wording: Wording, items: Sequence[str], n_more: int = 0) -> str:
    """Return items as a list, which may end with how many more there are."""
    if n_more:
        ids = wording.comma.join(items)
        return filled(wording, wording.and_more, ids=ids, count=n_more)
    *before, last = items
    return f"{wording.comma.join(before)}{wording.last_comma}{last}" if before else last


def audible_id(wording: Wording, neuron_id: str) -> str:
    """Return an id, or the words for an id that cannot be heard."""
    spoken = clean(neuron_id)
    return spoken if is_visible(spoken) else wording.no_id


def spelled(wording: Wording, neuron_id: str) -> str:
    """Return an id that is short enough for a sentence."""
    return shortened(audible_id(wording, neuron_id), LONGEST_ID_SPELLED)


def localized(wording: Wording, number: str) -> str:
    """Return a written number with this language's decimal sign."""
    return number.replace(".", wording.decimal_sign)


def filled(wording: Wording, template: str | Plural, **values: float | str) -> str:
    """Return a template filled, a `Plural` in the form for its count."""
    # An int is written with separators between thousands, a float as a peak.
    if isinstance(template, Plural):
        count = values["count"] if "count" in values else values["n_neurons"]
        form: str | None = getattr(template, _plural_category(wording, int(count)))
        template = template.other if form is None else form
    words = dict[str, str]()
    for name, value in values.items():
        if isinstance(value, str):
            words[name] = value
        elif isinstance(value, float):
            words[name] = localized(wording, peak_number(value))
        else:
            words[name] = f"{value:,}".replace(",", wording.thousands_separator)
    return template.format(**words)


def _plural_category(wording: Wording, count: int) -> str:
    category = wording.plural(count)
    if category not in get_args(PluralCategory):
        raise ValueError(
            f"Wording.plural: must return one of {', '.join(get_args(PluralCategory))}; "
            f"got {short_repr(category)} for {count}."
        )
    return category
