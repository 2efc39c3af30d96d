"""`Panel`: a header and, below it, cells in rows, as one artist in one Axes.

The panel lives in a host Axes whose data coordinates count cells. Without headings, the
cell in row r and column c covers [c, c + 1] x [r, r + 1], with half a gap on each side::

    0      1      2  x
    +------+------+
    | cell | cell |
    +------+------+ 1
    | cell | cell |
    +------+------+ 2
                    y

A heading takes a quarter of a row. Every draw computes where the parts sit, from the
current position and size of the cells; neither a draw nor a question changes the limits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import MouseEvent, RendererBase
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D, Bbox
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from .._layout.grid import GridPlan, heading_height
from .._layout.header import HeaderLayout, header_within
from .._layout.measures import card_length, proportional_height
from .._verdict.autopsy import Autopsy
from .._verdict.groups import GroupCounts
from .._words.description import AltText, alt_text_of
from .._words.wording import Wording
from .again import Moving
from .behind import axes_of, color_behind
from .cells import Cells, Drawn
from .elements import unnoticed
from .header import Appearance, HeaderParts, HeaderWords, HeadingParts
from .keeping import KeptPixels, look_of
from .locators import CardsLocator, RowScale, room_of
from .painting import Brush, draw_in_bulk
from .placement import PartsLayout, View, card_edges, place_cards, span, steady
from .renderers import is_raster
from .style import Style
from .svg import SvgTooltip, draw_with_roles, svg_writer
from .svg_motion import SvgMotion

#: The height of a heading in data coordinates, in rows: about as high as it is drawn in a
#: figure of natural size.
_LASTING_HEADING = 0.25


class _Planned(NamedTuple):
    """What stands where in a room of one size."""

    grid: GridPlan
    header: HeaderLayout  # with all its lines
    beside: float  # room for words to the left of the cells, in points


class Panel(Generic[PartsLayout], Artist):  # Artist.__init_subclass__ calls no super
    """A header and, below it, cells in rows, as one artist in one Axes.

    The alt text counts the dead of *all_groups*, drawn or not.
    """

    def __init__(
        self,
        autopsy: Autopsy,
        appearance: Appearance,
        cells: Cells[PartsLayout],
        *,
        n_shown: int,
        groups: Sequence[GroupCounts],
        all_groups: Sequence[GroupCounts],
        words: HeaderWords | None = None,
    ) -> None:
        super().__init__()
        self.autopsy, self._n_shown = autopsy, n_shown
        self._appearance, self._cells = appearance, cells
        self._groups, self._all_groups = tuple(groups), tuple(all_groups)
        self._margin, self._kept = 0.0, KeptPixels()
        self._planned: tuple[tuple[float, float], _Planned] | None = None
        self._headers: dict[tuple[float, float], HeaderLayout] = {}  # by the size of the room
        #: Whether the last draw gave each cell its role; a raster canvas has no roles.
        self.has_roles = False
        self.set_clip_on(False)
        if words is None:
            words = HeaderWords.of(autopsy, n_shown, appearance.wording)
        self._header = HeaderParts(words, appearance)
        self._headings = HeadingParts(appearance, autopsy.criterion)
        #: How the cards move in an SVG.
        self.svg_motion: SvgMotion | None = None
        #: What answers to the pointer and the keys.
        self.interaction: object = None
        #: What the keyboard's focus is on, in words; a window is called by it.
        self.said = ""
        #: What displaces the cells in a window until they have moved to where they belong.
        self.moving: Moving | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Return what can be copied: a copy is at rest, and in no window."""
        state: Any = super().__getstate__()
        return dict(state, moving=None, interaction=None, said="")

    # Words

    @property
    def title(self) -> str:
        """The title as drawn."""
        return self._appearance.title

    @property
    def alt_text(self) -> str:
        """The title and the verdict, in a sentence each."""
        return self.alt.summary

    @property
    def description(self) -> str:
        """The verdict and the findings, without the title."""
        return self.alt.description

    @property
    def wording(self) -> Wording:
        """The words drawn, and those for screen readers."""
        return self._appearance.wording

    @property
    def header(self) -> HeaderParts:
        """The title, the count and the rule, to be restyled like any other artists."""
        return self._header

    @property
    def groups(self) -> tuple[GroupCounts, ...]:
        """The groups of the cells, in order; none without grouping."""
        return self._groups

    @property
    def style(self) -> Style:
        """The colours and fonts."""
        return self._appearance.style

    @property
    def alt(self) -> AltText:
        """Everything that a saved file says about this panel."""
        found = self.wording, self.autopsy, self.title, self._n_shown
        return alt_text_of(*found, groups=self._all_groups, picture=self._pictured())

    def _pictured(self) -> str:
        """Return what is drawn, in a sentence; "" once the panel has been removed."""
        if self.axes is None:
            return ""
        width, height = self._points_of(self.get_window_extent())
        return self._cells.pictured(*self._cell_size(width, height))

    # Position

    @property
    def _host(self) -> Axes:
        if not isinstance(self.axes, Axes):
            raise RuntimeError(  # noqa: TRY004  no argument is at fault
                f"This {type(self).__name__} is in no Axes: it has been removed."
            )
        return self.axes

    @property
    def root_figure(self) -> Figure:
        """The figure that holds the panel, perhaps in a SubFigure."""
        figure = self._host.get_figure(root=True)
        if figure is None:
            raise RuntimeError("The Axes of this panel has been removed from its figure.")
        return figure

    @property
    def n_cells(self) -> int:
        """The number of cells."""
        return len(self._lasting_plan.rows)

    @property
    def nrows(self) -> int:
        """The number of rows."""
        return self._lasting_plan.nrows

    def attach(
        self, host: Axes, background: ColorType | None = None, *, margin: float = 0.0
    ) -> None:
        """Take over an Axes: its limits, its frame, and its position within its room.

        Parameters
        ----------
        host : matplotlib.axes.Axes
            The Axes; it holds no other panel.
        background : color, optional
            Replaces the style's; "none" lets the figure's show.
        margin : float, default: 0
            Around the panel, in points.
        """
        self._margin = margin
        host.add_artist(self)
        try:
            for part in self.get_children():
                part.axes = host
                part.set_figure(host.figure)
            self._plan_now()  # looks up fonts, so it may fail
        except BaseException:  # so far, nothing else of the Axes has changed
            super().remove()
            raise
        style = self._appearance.style
        host.set_axis_off()
        host.set(xscale="linear", yscale="linear")
        host.set_facecolor(style.background if background is None else background)
        host.margins(0)
        if self._cells.group_sizes.headed:
            host.set_yscale(RowScale(host, self._lasting_plan, self._plan_now))
        right, bottom = self._ends
        host.set(xlim=(0, right), ylim=(bottom, 0))
        # Autoscaling fits the data limits, so it shows exactly the cells.
        host.dataLim.set_points(np.array([(0.0, 0.0), (right, bottom)]))
        locator = CardsLocator(host, self._cells_within)
        locator.hold()
        host.apply_aspect(locator(host, None))

    def _rearrange(self) -> None:
        """Make room for other cells; a view of all cells shows all of them again."""
        host, ends = self._host, self._ends
        limits = host.get_xlim(), host.get_ylim()
        for name in ("_lasting_plan", "_rows_of_cells"):
            vars(self).pop(name, None)
        self._plan_anew()
        right, bottom = self._ends
        headed = self._cells.group_sizes.headed
        host.set_yscale(RowScale(host, self._lasting_plan, self._plan_now) if headed else "linear")
        is_whole = limits == ((0.0, ends[0]), (ends[1], 0.0))
        xlim, ylim = ((0, right), (bottom, 0)) if is_whole else limits
        host.set(xlim=xlim, ylim=ylim)
        host.dataLim.set_points(np.array([(0.0, 0.0), (right, bottom)]))
        toolbar = getattr(host.figure.canvas, "toolbar", None)
        if toolbar is not None and ends != self._ends:
            toolbar.update()  # its Home leads to the limits of other cells

    def remove(self) -> None:
        """Remove the panel from its Axes, and give the Axes its room back."""
        host = self._host
        locator = host.get_axes_locator()
        super().remove()
        host.set_yscale("linear")
        if isinstance(locator, CardsLocator):
            locator.let_go()

    def _plan_now(self) -> GridPlan:
        """Return where the cells stand in the room that they have now."""
        return self._plan_in(self.get_window_extent()).grid

    def _plan_in(self, room: Bbox) -> _Planned:
        """Return what stands where in a room; computed again if its size has changed."""
        width, height = (round(float(length), 3) for length in self._points_of(room))
        if self._planned is None or self._planned[0] != (width, height):
            header, cells = self._header_for(width, height), self._cells
            beside = cells.row_room(width, self._cell_size(width, height)[1])
            card_height = proportional_height(width - beside, cells.ncols, cells.natural_size)
            below = height - header.height
            heading = heading_height(cells.group_sizes, cells.ncols, below, card_height)
            self._planned = (width, height), _Planned(cells.plan(heading), header, beside)
        return self._planned[1]

    @cached_property
    def _lasting_plan(self) -> GridPlan:
        """Where the cells stand in data coordinates, whatever the size of the figure."""
        return self._cells.plan(_LASTING_HEADING if self._cells.group_sizes.headed else 0.0)

    @property
    def _ends(self) -> tuple[float, float]:
        """The right and the bottom end of the cells, in data coordinates."""
        plan = self._lasting_plan
        return float(max(plan.ncols, 1)), float(max(plan.height, 1))

    @property
    def _per_point(self) -> float:
        return self._host.figure.dpi / 72

    def _points_of(self, room: Bbox) -> tuple[float, float]:
        """Return the size of a room without its margins, in points."""
        around = 2 * self._margin
        return room.width / self._per_point - around, room.height / self._per_point - around

    def _header_in(self, room: Bbox) -> HeaderLayout:
        """Return the header in a room, lower if all of it would leave the cells too little."""
        (width, height), (plan, header, beside) = self._points_of(room), self._plan_in(room)
        card_height = proportional_height(width - beside, plan.ncols, self._cells.natural_size)
        return header_within(header, height, plan.nrows, card_height)

    def _plan_anew(self) -> None:
        """Forget where everything was: there are other words, or other cells."""
        self._planned = None
        self._headers.clear()

    def _header_for(self, width: float, height: float) -> HeaderLayout:
        """Return the header, with a key to the marks of cells that are too small for words."""
        room = round(width, 3), round(height, 3)
        if room not in self._headers:
            if len(self._headers) > 32:  # a window that is dragged has many sizes
                self._headers.clear()
            self._headers[room] = self._new_header(width, height)
        return self._headers[room]

    def _new_header(self, width: float, height: float) -> HeaderLayout:
        size = self._cell_size(width, height)
        with_key = self._header.layout(width, self._cells.key(*size))
        # A key that takes a line of its own must not cost the cards a part.
        lower = self._cell_size(width, height, with_key)
        if _detail(self._cells.layout(*lower)) == _detail(self._cells.layout(*size)):
            return with_key
        return self._header.layout(width)

    def _cell_size(
        self, width: float, height: float, header: HeaderLayout | None = None
    ) -> tuple[float, float]:
        """Return the size of the cells in a room, all in view, in points."""
        cells, natural = self._lasting_plan, self._cells.natural_size
        header = self._header.layout(width) if header is None else header
        card_height = proportional_height(width, cells.ncols, natural)
        below = height - header_within(header, height, cells.nrows, card_height).height
        across, down = max(cells.ncols, 1), max(cells.height, 1)
        return card_length(max(width, 1.0), across), card_length(max(below, 1.0), down)

    def _cells_within(self, room: Bbox, whole: bool) -> Bbox:  # noqa: FBT001  a callback
        """Return where the cells are in a room, with half a gap around them."""
        if self.axes is None:  # the host has been cleared, and has its room back
            return room
        room = steady(room)
        per_point, planned = self._per_point, self._plan_in(room)
        margin, plan = self._margin * per_point, planned.grid
        header = self._header_in(room).height * per_point
        beside = planned.beside * per_point
        width = max(room.width - 2 * margin - beside, 1.0)
        height = max(room.height - 2 * margin - header, 1.0)
        bottom = room.y1 - margin - header - height
        left, width = span(room.x0 + margin + beside, width, plan.ncols, per_point, whole=whole)
        bottom, height = span(bottom, height, plan.height, per_point, whole=whole)
        return Bbox.from_bounds(left, bottom, width, height)

    def get_window_extent(self, renderer: RendererBase | None = None) -> Bbox:
        """Return the room of the header and the cells, in display coordinates."""
        locator = self._host.get_axes_locator()
        # While it saves, savefig(bbox_inches="tight") pins every Axes by a locator.
        before = locator.room if isinstance(locator, CardsLocator) else None
        return room_of(self._host, before, renderer)

    def contains(self, mouseevent: MouseEvent) -> tuple[bool, dict[str, Any]]:
        """Return whether the pointer is on a cell, and which one, as "ind"."""
        host, figure = self.axes, self.get_figure(root=True)
        if not isinstance(host, Axes) or not (host.get_visible() and self.get_visible()):
            return False, {}
        elsewhere = figure is None or mouseevent.canvas is not figure.canvas
        if elsewhere or not host.bbox.fully_contains(mouseevent.x, mouseevent.y):
            return False, {}
        x, y = host.transData.inverted().transform((mouseevent.x, mouseevent.y))
        found = self._cell_at(x, y)
        return found is not None, {"ind": np.array([] if found is None else [found], dtype=int)}

    def _cell_at(self, x: float, y: float) -> int | None:
        """Return the cell at a place in data coordinates; as fast for many cells as for few."""
        tops, cells = self._rows_of_cells
        row = int(np.searchsorted(tops, y, side="right")) - 1
        if row < 0 or y >= tops[row] + 1 or not np.isfinite(x):
            return None
        return cells.get((row, int(np.floor(x))))

    @cached_property
    def _rows_of_cells(self) -> tuple[NDArray[np.float64], dict[tuple[int, int], int]]:
        """Where rows begin, and the cell in each row and column."""
        plan = self._lasting_plan
        tops, rows = np.unique(plan.tops, return_inverse=True)
        places = zip(rows.tolist(), plan.lefts.tolist(), strict=True)
        return tops, {(row, int(left)): cell for cell, (row, left) in enumerate(places)}

    # Drawing

    def get_children(self) -> list[Artist]:
        """Return all parts: of the header, the headings and the cells."""
        return [*self._header.all, self._headings.labels, *self._cells.all]

    def get_rasterized(self) -> bool:
        """Return whether the panel or any of its parts is to be rasterized."""
        # If one is, all are: a raster canvas has another resolution, and snapping to its
        # whole pixels moves the parts.
        parts = self.get_children()
        return bool(super().get_rasterized() or any(map(Artist.get_rasterized, parts)))

    @allow_rasterization  # type: ignore[untyped-decorator]  # upstream has no types
    def draw(self, renderer: RendererBase) -> None:
        """Draw the header and the cells: in bulk, or cell by cell with roles in SVG."""
        if not self.get_visible():
            return
        view, parts = View.of(self._host, whole=is_raster(renderer)), self.get_children()
        look = self._look_of(renderer, view)
        if self._kept.restore(renderer, look):
            return
        with unnoticed(parts):
            drawn = self._place(view, renderer)
            brush = self._brush(view)
            unclipped, badge = brush._replace(clip=None), [self._header.count_badge]
            above = unclipped.prepared(self._header.drawn, badge)
            headings = brush.prepared([self._headings.labels], [])
            headings += unclipped.prepared(drawn.beside, [])
            cells = brush.prepared([*drawn.words, *drawn.picture], drawn.outlined)
            if self.moving is not None and brush.skip_animated and view.whole:
                cells = self.moving.painted(cells, drawn.cells)
            writer = svg_writer(renderer)
            self.has_roles = writer is not None
            if writer is None:
                for _, painted in above + headings + cells:
                    draw_in_bulk(painted, renderer)
            else:
                draw_with_roles(
                    renderer,
                    writer,
                    alt=self.alt,
                    prefix=self._svg_prefix(),
                    above=[painted for _, painted in above],
                    headings=[painted for _, painted in headings],
                    parts=[(painted, part in drawn.picture) for part, painted in cells],
                    n_cards=len(drawn.cells),
                    lists=self._cells.lists(drawn.cells),
                    tooltips=self._tooltips(drawn.cells, view),
                    motion=self.svg_motion,
                )
            for part in parts:
                part.stale = False
        self.stale = False
        self._kept.keep(renderer, look, self._look_of(renderer, view))

    def _tooltips(self, cells: NDArray[np.int64], view: View) -> list[SvgTooltip]:
        """Return what a browser tells the pointer of the cells in view."""
        placed = place_cards(view, self._plan_now(), self._cells.layout)
        tops, lefts = placed.tops[cells], placed.lefts[cells]
        corners = np.column_stack([lefts, tops - placed.height]).tolist()
        size = placed.width, placed.height
        words = map(self._cells.tooltip, cells.tolist())
        return [SvgTooltip(one, (*at, *size)) for one, at in zip(words, corners, strict=True)]

    def _look_of(self, renderer: RendererBase, view: View) -> object:
        """Return what tells this draw from others; None if it has to be drawn."""
        return look_of(self, self.get_children(), renderer, view)

    def _place(self, view: View, renderer: RendererBase) -> Drawn:
        """Put every part where it belongs for this draw."""
        host = self._host
        room = steady(self.get_window_extent(renderer))
        plan, _, beside = self._plan_in(room)
        edges = card_edges(view, plan)
        alone = axes_of(host.figure) == [host]
        behind = host.figure.get_facecolor() if alone else "none"
        self._header.paint(room, host.patch.get_facecolor(), behind)
        shifted = edges._replace(left=edges.left - beside * view.per_point)
        self._header.place(self._header_in(room), shifted, view)
        headed = self._headings.place(self._groups, plan, edges, view)
        placed = place_cards(view, plan, self._cells.layout)
        return self._cells.place(
            placed,
            headed,
            color_behind(self, host, is_painted=self._header.background.get_visible()),
            beside,
        )

    def _brush(self, view: View) -> Brush:
        figure: Any = self._host.get_figure(root=True)
        left, right = sorted(self._host.get_xlim())
        top, bottom = sorted(self._host.get_ylim())
        ends = self._ends
        # Clip only where something is out of view: an SVG clip path takes space, and its
        # id differs from run to run unless the figure is saved by us.
        all_in_view = left <= 0 and top <= 0 and right >= ends[0] and bottom >= ends[1]
        clip = None if all_in_view else view.box
        return Brush(view, clip, self.get_alpha(), not figure.canvas.is_saving())

    def _svg_prefix(self) -> str:
        """Return a prefix for ids that depends on content alone, not on the run."""
        # Where the panel stands in its figure tells it from an equal one beside it.
        host = self._host
        figure = host.get_figure(root=True)
        to_figure = Affine2D() if figure is None else figure.transFigure.inverted()
        corners = to_figure.transform(host.bbox.get_points()).ravel().tolist()
        place = self.get_gid(), [round(corner, 6) for corner in corners]
        content = (*place, self.alt, self._appearance.style, self._cells.content())
        digest = hashlib.sha256(repr(content).encode("utf-8", "replace"))
        return f"autopsy-{digest.hexdigest()[:16]}"


def _detail(layout: object) -> object:
    """Return how much of a card there is; bars have always all."""
    return getattr(layout, "detail", None)
