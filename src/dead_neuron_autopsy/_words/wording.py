"""All words that people read or hear, in the language of the caller's choice."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from .._intake.foreign import short_repr, typed_repr
from .notation import (
    clean,
    compact_number,
    is_visible,
    peak_number,
    percentage,
    plain_number,
    shorten,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .._verdict.autopsy import Autopsy, State
    from .._verdict.groups import GroupCounts

PluralCategory: TypeAlias = Literal["zero", "one", "two", "few", "many", "other"]

#: We try plural functions on all counts below this one; one that handles these handles all.
_COUNTS_TRIED = 201

#: Most ids that a description lists.
MOST_IDS_SPELLED = 20

#: Longest id, in characters, that a description gives in full.
LONGEST_ID_SPELLED = 80


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


def one_or_other(count: int) -> PluralCategory:
    """Return the plural category of a count in English, German and many others.

    Examples
    --------
    >>> one_or_other(1), one_or_other(2)
    ('one', 'other')
    """
    return "one" if count == 1 else "other"


@dataclass(frozen=True, kw_only=True)
class Plural:
    """A template for each plural category of a language.

    The categories are those of the Unicode CLDR, https://cldr.unicode.org/. Categories
    without a template use that of *other*.

    Attributes
    ----------
    other : str
        The template for all categories without one of their own.
    zero, one, two, few, many : str, optional
        The templates for these categories.

    Examples
    --------
    >>> from dead_neuron_autopsy import Plural
    >>> Plural(one="{count} neuron", other="{count} neurons").other
    '{count} neurons'
    """

    other: str
    zero: str | None = None
    one: str | None = None
    two: str | None = None
    few: str | None = None
    many: str | None = None

    def template(self, category: str) -> str:
        """Return the template for a category.

        Parameters
        ----------
        category : {"zero", "one", "two", "few", "many", "other"}
            A plural category.

        Returns
        -------
        str
            The category's template, or that of *other* if it has none.

        Raises
        ------
        AttributeError
            If the category does not exist.

        Examples
        --------
        >>> from dead_neuron_autopsy import Plural
        >>> neurons = Plural(one="{count} neuron", other="{count} neurons")
        >>> neurons.template("one"), neurons.template("few")
        ('{count} neuron', '{count} neurons')
        """
        template: str | None = getattr(self, category)
        return self.other if template is None else template


@dataclass(frozen=True, kw_only=True)
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
        one="{n_dead} of {n_neurons} neuron dead "
        "(max absolute activation below {dead_threshold}).",
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
        for count in range(_COUNTS_TRIED):
            self._category(count)
        for field in fields(self):
            if field.name != "plural":
                _check(field.name, getattr(self, field.name), field.default)

    # The picture

    def state(self, state: State) -> str:
        """Return the word for a state.

        Parameters
        ----------
        state : {"alive", "dead"}
            The verdict on a neuron.

        Returns
        -------
        str
            The word.

        Examples
        --------
        >>> from dead_neuron_autopsy import GERMAN
        >>> GERMAN.state("dead")
        'tot'
        """
        return self.dead if state == "dead" else self.alive

    def count_words(self, n_dead: int, n_neurons: int) -> str:
        """Return the text of the header's badge.

        Parameters
        ----------
        n_dead, n_neurons : int
            Number of dead neurons and of all neurons.

        Returns
        -------
        str
            *count_badge*, filled.
        """
        return self.count_badge.format(
            n_dead=self._count(n_dead), n_neurons=self._count(n_neurons)
        )

    def heading_words(self, group: GroupCounts) -> str:
        """Return a group's heading: its name, its count and how many cards it has.

        Parameters
        ----------
        group : GroupCounts
            A group, as in `LayerBars.layers`.

        Returns
        -------
        str
            *heading*, filled; inside *with_shown* if not all neurons have a card.
        """
        name, count = clean(group.name), self.dead_words(group)
        heading = self.heading.format(group=name, count=count)
        if group.n_shown == group.n_neurons:
            return heading
        shown = self._shown(group.n_shown, group.n_neurons)
        return self.with_shown.format(line=heading, shown=shown)

    def dead_words(self, group: GroupCounts) -> str:
        """Return how many neurons of a group are dead.

        Parameters
        ----------
        group : GroupCounts
            A group, as in `LayerBars.layers`.

        Returns
        -------
        str
            *count_badge*, filled.
        """
        return self.count_words(group.n_dead, group.n_neurons)

    def share_words(self, group: GroupCounts) -> str:
        """Return the percentage of a group's neurons that are dead.

        Parameters
        ----------
        group : GroupCounts
            A group, as in `LayerBars.layers`.

        Returns
        -------
        str
            *share*, filled.
        """
        percent = percentage(group.n_dead, group.n_neurons)
        return self.share.format(percent=self._number(percent))

    def range_words(self, first: int, last: int, n_shown: int) -> str:
        """Return the range of cards on a page.

        Parameters
        ----------
        first, last : int
            Positions of the page's first and last card, counted from 1.
        n_shown : int
            Number of cards on all pages.

        Returns
        -------
        str
            *page_range*, filled.
        """
        return self.page_range.format(
            first=self._count(first), last=self._count(last), n_shown=self._count(n_shown)
        )

    def page_name(self, title: str, cards: str) -> str:
        """Return the title of a page.

        Parameters
        ----------
        title : str
            The title of the report; "" if it has none.
        cards : str
            The range of cards on the page, in words; "" if there are none.

        Returns
        -------
        str
            *page_title*, filled; if *title* or *cards* is empty, the other one.
        """
        if not title.strip() or not cards:
            return title if title.strip() else cards
        return self.page_title.format(title=title, range=cards)

    def bookmark_words(self, cards: str, ids: Sequence[str]) -> str:
        """Return the bookmark to a page with a range of cards.

        Parameters
        ----------
        cards : str
            The range, in words.
        ids : sequence of str
            The ids of the page's neurons.

        Returns
        -------
        str
            *bookmark*, filled; the range alone if there are no neurons.
        """
        if not ids:
            return cards
        first, last = self._spelled(ids[0]), self._spelled(ids[-1])
        return self.bookmark.format(range=cards, first_id=first, last_id=last)

    def header_line(self, autopsy: Autopsy, n_shown: int) -> str:
        """Return the header's line: the rule, and how many are shown, if not all.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        n_shown : int
            Number of neurons that have a card.

        Returns
        -------
        str
            The rule; inside *with_shown* if not all neurons have a card.
        """
        rule = self.rule_line(autopsy.dead_threshold, autopsy.sample_counts)
        shown = self.left_out_words(autopsy, n_shown)
        return self.with_shown.format(line=rule, shown=shown) if shown else rule

    def left_out_words(self, autopsy: Autopsy, n_shown: int) -> str:
        """Return how many neurons have a card, if not all.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        n_shown : int
            Number of neurons that have a card.

        Returns
        -------
        str
            *shown*, filled; "" if all neurons have a card.
        """
        if n_shown == len(autopsy):
            return ""
        return self._shown(n_shown, len(autopsy))

    def rule_line(self, dead_threshold: float, sample_counts: ArrayLike) -> str:
        """Return the rule, with the number of samples it was applied to.

        Parameters
        ----------
        dead_threshold : float
            The threshold, in the unit of the activations.
        sample_counts : array_like of int
            Number of samples that each neuron's peak was taken from.

        Returns
        -------
        str
            *rule*, filled; inside *rule_over* or *rule_over_range* if there are neurons.
        """
        threshold = self._number(compact_number(dead_threshold))
        rule = self.rule.format(dead_threshold=threshold)
        counts = np.asarray(sample_counts)
        if counts.size == 0:
            return rule
        fewest, most = int(counts.min()), int(counts.max())
        if fewest == most:
            return self._counted(self.rule_over, most, rule=rule)
        return self.rule_over_range.format(
            rule=rule, fewest=self._count(fewest), most=self._count(most)
        )

    def _shown(self, n_shown: int, n_neurons: int) -> str:
        return self.shown.format(
            n_shown=self._count(n_shown), n_neurons=self._count(n_neurons)
        )

    def peak_line(self, peak: float, n_samples: int) -> str:
        """Return a card's last line: its peak, or that there are no samples.

        Parameters
        ----------
        peak : float
            max(\\|activation\\|), in the activations' own unit.
        n_samples : int
            Number of samples that the peak was taken from.

        Returns
        -------
        str
            *peak*, filled, or *no_samples*.
        """
        return self.peak.format(peak=self._peak(peak)) if n_samples else self.no_samples

    # The alt text

    def neuron_label(
        self, neuron_id: str, state: State, peak: float, n_samples: int
    ) -> str:
        """Return the alt text of a neuron's sparkline.

        Parameters
        ----------
        neuron_id : str
            The neuron's id.
        state : {"alive", "dead"}
            The verdict on it.
        peak : float
            max(\\|activation\\|), in the activations' own unit.
        n_samples : int
            Number of samples that the peak was taken from.

        Returns
        -------
        str
            *label*, filled; inside *label_without_samples* if there are none.

        Examples
        --------
        >>> from dead_neuron_autopsy import ENGLISH
        >>> ENGLISH.neuron_label("L3·N1", "alive", 0.44, 24)
        'L3·N1, alive, peak absolute activation 4.4e-1'
        """
        label = self.label.format(
            id=self._id(neuron_id), state=self.state(state), peak=self._peak(peak)
        )
        return label if n_samples else self.label_without_samples.format(label=label)

    def group_words(self, group: GroupCounts) -> str:
        """Return the alt text of a group, which precedes that of its cards.

        Parameters
        ----------
        group : GroupCounts
            A group, as in `LayerBars.layers`.

        Returns
        -------
        str
            *group_label*, filled.
        """
        words = self.group_label.template(self._category(group.n_neurons)).format(
            group=clean(group.name), **self._counts_of(group)
        )
        if group.n_shown == group.n_neurons:
            return words
        return f"{words}{self.comma}{self._shown(group.n_shown, group.n_neurons)}"

    def bar_words(self, group: GroupCounts) -> str:
        """Return the alt text of a group's bar.

        Parameters
        ----------
        group : GroupCounts
            A group, as in `LayerBars.layers`.

        Returns
        -------
        str
            *bar_label*, filled.
        """
        return self.bar_label.format(
            label=self.group_words(group), share=self.share_words(group)
        )

    def _counts_of(self, group: GroupCounts) -> dict[str, str]:
        return {
            "n_dead": self._count(group.n_dead),
            "n_neurons": self._count(group.n_neurons),
        }

    def name(self, title: str) -> str:
        """Return the name of a figure that has a title or none.

        Parameters
        ----------
        title : str
            The title as drawn; "" if there is none.

        Returns
        -------
        str
            The title, or the default title of this wording.
        """
        return clean(title).strip() or self.title

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
        return self.joined([self.as_sentence(self.name(title)), *self._verdict(autopsy)])

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
        return self.joined([*self._verdict(autopsy), *self._findings(autopsy)])

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
        findings = [*self._by_group(groups), *self._findings(autopsy)]
        return self._alt_text(autopsy, title, n_shown, findings)

    def page_alt_text(self, autopsy: Autopsy, on_page: Autopsy, title: str) -> AltText:
        """Return the alt text of a page: the whole verdict, and which are dead on it.

        Parameters
        ----------
        autopsy : Autopsy
            The verdicts on all neurons.
        on_page : Autopsy
            The neurons that have a card on the page.
        title : str
            The title of the page.

        Returns
        -------
        AltText
            Its description names only the dead neurons on the page.
        """
        findings = [self.none_on_page] if len(on_page) else []
        if on_page.n_dead:
            findings = [self.dead_on_page.format(ids=self._dead_ids(on_page))]
        return self._alt_text(autopsy, title, len(on_page), findings)

    def _alt_text(
        self, autopsy: Autopsy, title: str, n_shown: int | None, findings: Sequence[str]
    ) -> AltText:
        opening = self.as_sentence(self.name(title))
        verdict = [*self._verdict(autopsy)]
        if n_shown is not None and n_shown != len(autopsy):
            verdict.append(self.as_sentence(self._shown(n_shown, len(autopsy))))
        return AltText(
            self.language,
            self.name(title),
            self.joined([opening, *verdict]),
            self.joined([*verdict, *findings]),
            self.joined([opening, *verdict, *findings]),
        )

    def together(
        self, alts: Sequence[AltText], title: str, other_titles: Sequence[str]
    ) -> AltText:
        """Return the alt text of a figure with several autopsies or other plots.

        Parameters
        ----------
        alts : sequence of AltText
            The alt texts of the autopsies; at least one.
        title : str
            The title above all of them; "" if there is none.
        other_titles : sequence of str
            The titles of the other plots.

        Returns
        -------
        AltText
            The alt text of the whole figure, in this language.

        Examples
        --------
        >>> from dead_neuron_autopsy import ENGLISH, diagnose
        >>> alt = ENGLISH.alt_text(diagnose({"a": [0.0]}), "Layer 3")
        >>> ENGLISH.together([alt, alt], "Two runs", ["Training loss"]).summary
        'Two runs. Layer 3. 1 of 1 neuron dead ... Also shown: Training loss.'
        """
        title = clean(title).strip()
        opening = [self.as_sentence(title)] if title else []
        closing = []
        if other_titles:
            titles = self._listed([clean(other).strip() for other in other_titles])
            closing = [self.also_shown.format(titles=titles)]
        findings = [alts[0].description] if len(alts) == 1 else [alt.full for alt in alts]
        return AltText(
            self.language,
            title or self._listed([alt.title for alt in alts]),
            self.joined([*opening, *(alt.summary for alt in alts), *closing]),
            self.joined([*findings, *closing]),
            self.joined([*opening, *(alt.full for alt in alts), *closing]),
        )

    def as_sentence(self, title: str) -> str:
        """Return a title as a sentence, with a full stop unless it ends with one.

        Parameters
        ----------
        title : str
            A title.

        Returns
        -------
        str
            *sentence*, filled; a title that already ends a sentence stays as it is.
        """
        if title.rstrip(_CLOSING).endswith(_STOPS):
            return title
        return self.sentence.format(title=title.rstrip(_PAUSES))

    def joined(self, sentences: Iterable[str]) -> str:
        """Return sentences joined into one text.

        Parameters
        ----------
        sentences : iterable of str
            Whole sentences.

        Returns
        -------
        str
            The sentences, separated by *space*.
        """
        return self.space.join(sentences)

    def _verdict(self, autopsy: Autopsy) -> Iterator[str]:
        category = self._category(len(autopsy))
        yield self.verdict.template(category).format(
            n_dead=self._count(autopsy.n_dead),
            n_neurons=self._count(len(autopsy)),
            dead_threshold=self._number(plain_number(autopsy.dead_threshold)),
        )
        yield from self._if_any(self.undecided, np.isnan(autopsy.peaks))

    def _by_group(self, groups: Sequence[GroupCounts]) -> Iterator[str]:
        if groups:
            first = [
                self.of_group.format(
                    group=shorten(clean(group.name), LONGEST_ID_SPELLED),
                    **self._counts_of(group),
                )
                for group in groups[:MOST_IDS_SPELLED]
            ]
            listed = self._listed(first, len(groups) - len(first))
            yield self.dead_by_group.format(groups=listed)

    def _findings(self, autopsy: Autopsy) -> Iterator[str]:
        if autopsy.n_dead:
            yield self.dead_ids.format(ids=self._dead_ids(autopsy))
        yield from self._living_peaks(autopsy)
        yield from self._if_any(self.without_samples, autopsy.sample_counts == 0)
        yield from self._if_any(self.missing, autopsy.incomplete)
        yield from self._if_any(self.infinite, np.isinf(autopsy.peaks))

    def _living_peaks(self, autopsy: Autopsy) -> Iterator[str]:
        living = (~autopsy.dead & ~np.isnan(autopsy.peaks)).nonzero()[0]
        if len(living) == 0:
            return
        highest, lowest = (
            living[choose(autopsy.peaks[living])] for choose in (np.argmax, np.argmin)
        )
        peaks = [self._peak(float(autopsy.peaks[index])) for index in (highest, lowest)]
        names = [self._spelled(autopsy.ids[index]) for index in (highest, lowest)]
        if len(living) == 1:
            yield self.only_peak.format(peak=peaks[0], id=names[0])
            return
        if highest == lowest:  # only if all are equal: argmax and argmin return the first
            yield self.equal_peaks.format(peak=peaks[0])
            return
        yield self.peaks.format(
            highest=peaks[0], highest_id=names[0], lowest=peaks[1], lowest_id=names[1]
        )

    def _dead_ids(self, autopsy: Autopsy) -> str:
        dead = autopsy.dead.nonzero()[0].tolist()
        first = [self._spelled(autopsy.ids[index]) for index in dead[:MOST_IDS_SPELLED]]
        return self._listed(first, len(dead) - len(first))

    def _listed(self, items: Sequence[str], n_more: int = 0) -> str:
        if n_more:
            return self._counted(self.and_more, n_more, ids=self.comma.join(items))
        if len(items) == 1:
            return items[0]
        return f"{self.comma.join(items[:-1])}{self.last_comma}{items[-1]}"

    def _id(self, neuron_id: str) -> str:
        spoken = clean(neuron_id)
        return spoken if is_visible(spoken) else self.no_id

    def _spelled(self, neuron_id: str) -> str:
        return shorten(self._id(neuron_id), LONGEST_ID_SPELLED)

    # Numbers

    def _if_any(self, template: Plural, found: NDArray[np.bool_]) -> Iterator[str]:
        if count := int(np.count_nonzero(found)):
            yield self._counted(template, count)

    def _counted(self, template: Plural, count: int, **words: str) -> str:
        wanted = template.template(self._category(count))
        return wanted.format(count=self._count(count), **words)

    def _category(self, count: int) -> str:
        category = self.plural(count)
        if category not in get_args(PluralCategory):
            raise ValueError(
                "Wording.plural: must return one of "
                f"{', '.join(get_args(PluralCategory))}; got "
                f"{short_repr(category)} for {count}."
            )
        return category

    def _count(self, count: int) -> str:
        return f"{count:,}".replace(",", self.thousands_separator)

    def _number(self, written: str) -> str:
        return written.replace(".", self.decimal_sign)

    def _peak(self, peak: float) -> str:
        return self._number(peak_number(peak))


#: Marks that end a sentence, in Latin and other scripts.
_STOPS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "\u061f", "\u0964")


#: Closing marks that may follow them.
_CLOSING = "\"')]}»”\u2019」』"

#: Marks at the end of a title that a full stop replaces.
_PAUSES = ":;,"

#: Separators that may be empty: between thousands, and between sentences.
_MAY_BE_EMPTY = {"thousands_separator", "space"}


def _check(field: str, value: object, english: object) -> None:
    """Raise an error for a template that would lose words or fail when filled."""
    if not isinstance(value, type(english)):
        raise TypeError(
            f"Wording.{field}: must be a {type(english).__name__}, such as {english!r}; "
            f"got {typed_repr(value)}."
        )
    if isinstance(english, Plural):
        needed = _names(field, english.other)
        for form in fields(value):  # type: ignore[arg-type]  # a Plural too
            template = getattr(value, form.name)
            if template is not None:
                # A form such as "No neuron" needs no number.
                least = needed if form.name == "other" else needed - {"count", "n_neurons"}
                _check_template(f"{field}.{form.name}", template, least, needed)
        return
    needed = _names(field, str(english))
    _check_template(field, value, needed, needed)
    if not str(value).strip() and field not in _MAY_BE_EMPTY and str(english).strip():
        raise ValueError(f"Wording.{field}: must not be empty.")


def _check_template(field: str, template: object, least: set[str], most: set[str]) -> None:
    if not isinstance(template, str):
        raise TypeError(f"Wording.{field}: must be a str; got {typed_repr(template)}.")
    if "\ufffd" in clean(template):
        raise ValueError(
            f"Wording.{field}: holds a control character, or another that no file format "
            f"can carry; got {short_repr(template)}."
        )
    if most and not least <= _names(field, template) <= most:
        wanted = ", ".join(f"{{{name}}}" for name in sorted(most))
        raise ValueError(
            f"Wording.{field}: must hold {wanted}; got {short_repr(template)}."
        )


def _names(field: str, template: str) -> set[str]:
    """Return the names in braces in a template."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(
            f"Wording.{field}: {short_repr(template)} is no template: {error}."
        ) from error
    if any(form or conversion for _, _, form, conversion in parsed):
        raise ValueError(
            f"Wording.{field}: must hold names alone in braces; got {short_repr(template)}."
        )
    return {name for _, name, _, _ in parsed if name is not None}


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
    rule_over=Plural(
        one="{rule} über {count} Messwert", other="{rule} über {count} Messwerte"
    ),
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
