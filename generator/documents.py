"""Markdown files → compiled documents: front matter read, every template and expression parsed, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec import field as entry

from generator.charts import Kind, Option
from generator.config import KNOWN_LANGUAGES, Config
from generator.embargoes import moment
from generator.figures.spec import OVER_TIME, FigureSpec, TableSpec
from generator.lint.typed_numbers import Find, typed_numbers
from generator.lint.unbound import Allowances, Allowed, Found, unbound, unbound_in_expression
from generator.problems import Location, Problem, Problems, SourceError, did_you_mean, one_of
from generator.prose.render import Compiled, Expression, Language
from generator.prose.scanner import Segment, scan
from generator.reading import read_spec
from generator.source import Document, MapNode, Node, Scalar, locate, locate_key, node_at, parse_yaml
from generator.specs import Spec, looks_at
from generator.updates import UPDATES, Updates
from generator.values import NumberStyle

T = TypeVar("T")


class NumberSpec(Spec):
    """One of the key numbers below the heading."""

    label: str
    """Text: what is counted."""
    value: str
    """Expression: the number."""
    unit: str = ""
    """Text after the number."""
    rank: str = ""
    """Expression that gives a rank; printed as “2nd of 6”."""
    note: str = ""
    """Text below: the date, what is left out."""
    when: str = ""
    """Expression; the number is left out where it is false."""


class NeighboursSpec(Spec):
    """The entities next to this one in a ranking by a measure."""

    measure: str
    """The measure that ranks."""
    label: str = ""
    """Text above it."""
    by: str = ""
    """One of the measure's rates, to rank by that."""
    select: dict[str, str] = entry(default_factory=dict)
    """A selection, such as ``{status: pending, at: "2025-06-06"}``."""


class ChildrenSpec(Spec):
    """A list of places with links."""

    title: str
    """Text above it."""
    of: str
    """Expression: the places, such as ``province.towns``."""
    note: str = ""
    """Expression over ``row``, printed after each name."""


class CardSpec(Spec):
    """The picture that goes with a shared link: a finding, a number, a small chart.

    What is left out is taken from the page: its heading and lead, its first key number, its first figure or, on a
    page without one, the first rows of a table of places.
    """

    short = "show"
    show: Literal["", "none"] = ""
    """``card: none`` in place of all this: no card of its own, but that of the place above."""
    heading: str = ""
    """Text: the finding."""
    lead: str = ""
    """Text below it; whole sentences of it are shown, as many as fit."""
    number: str = ""
    """Expression: the number."""
    label: str = ""
    """Text: what is counted."""
    unit: str = ""
    """Text after the number."""
    note: str = ""
    """Text below the number: the date, what is left out."""
    figure: str = ""
    """The ``id`` of the figure of the page whose chart is shown; ``none`` for no chart."""
    of: str = ""
    """Expression: places, as many as fit, for bars in place of the chart."""
    value: str = ""
    """Expression over ``row``: the figure of each of these places."""
    caption: str = ""
    """Text above the chart: what is shown, in which unit; the figure's subtitle or title when left out."""

    def __post_init__(self) -> None:
        if bool(self.of) != bool(self.value):
            raise ValueError("bars need both 'of', the places, and 'value', the figure of each")
        if self.label and not self.number:
            raise ValueError("'label' is what 'number' counts, and there is no 'number'")


class FrontSpec(Spec):
    """Front matter, as written."""

    title: str = ""
    """Text: the page's name, in the browser's tab and in links."""
    heading: str = ""
    """Text: the heading on the page; the title when left out."""
    kicker: str = ""
    """Text: the small line above the heading."""
    lead: str = ""
    """Text: the sentence under the heading."""
    description: str = ""
    """Text for search engines and link previews; plain, without links."""
    language: str = ""
    """The language of the page where it is not the site's, such as ``es``."""
    template: str = ""
    """The template to use: ``page``, ``entity``, ``index``, ``ranking`` or one of your own; chosen by the kind
    of page when left out."""
    numbers: tuple[NumberSpec, ...] = ()
    """The key numbers under the heading, a list."""
    neighbours: tuple[NeighboursSpec, ...] = ()
    """Rankings in which to show the two places above and the two below this one, a list."""
    children: ChildrenSpec | None = None
    """A list of places with links."""
    card: CardSpec | None = None
    """The picture that goes with a shared link, or ``none``; made from the page when left out."""
    toc: bool = True
    """``false``: no table of contents."""
    search: bool = True
    """``false``: the text search does not look into its pages."""
    noindex: str = ""
    """'true', or an expression."""
    updated: str = ""
    """When it was last changed, as the masthead and the footer show it; as a date, ``2026-05-18``, it is for search
    engines, too."""
    draft: bool = False
    """Not published; may hold problems."""
    embargo: str = ""
    """Until when nothing that holds it is made, but as a draft: ``2026-12-01`` or ``2026-12-01T06:00+01:00``; UTC
    without a zone."""
    body: Literal["replace", "before", "after"] = "replace"
    """For a document of one entity: whether its text replaces the shared one, or goes before or after it."""

    @staticmethod
    @looks_at("embargo")
    def _moment(value: str) -> str:
        if value:
            moment(value)
        return value


class BlockProgram(Struct, frozen=True):
    """One ``figure`` or ``table`` block, ready to be made for an entity."""

    what: str
    kind: str
    spec: FigureSpec | TableSpec
    place: Location
    texts: Mapping[str, Compiled]
    """title, description, note, subtitle; and headings of columns, as ``columns.0.label``."""
    expressions: Mapping[str, Expression]
    """By their text."""


class Program(Struct, frozen=True):
    """A document, ready to render."""

    path: str
    front: FrontSpec
    given: frozenset[str]
    """The front-matter keys that are written."""
    places: Callable[[tuple[str | int, ...]], Location]
    texts: Mapping[tuple[str | int, ...], Compiled]
    expressions: Mapping[str, Expression]
    body: Compiled
    blocks: tuple[BlockProgram, ...]


_TEXT_KEYS = ("title", "heading", "kicker", "lead", "description")
_BLOCK_TEXTS = ("title", "description", "note", "subtitle")
_PRINTED_IN_FRONT = ("value", "rank", "note", "number")
_CARD_TEXTS = ("heading", "lead", "label", "unit", "note", "caption")
_PRINTED_IN_BLOCKS = ("value", "label")
"""Keys whose expressions give what the reader sees."""
_BLOCK_EXPRESSIONS = (
    "when", "of", "sort", "entity", "entities", "value", "x", "y", "before", "after", "label", "key",
)  # fmt: skip


Pieces = dict[str, dict[tuple[object, ...], Any]]
"""By document, what was made of each of its texts, by the text and its place."""


class Compiler:
    """Compiles documents; knows which kinds of figure there are.

    With ``lint`` it also gathers in ``typed`` every number that is typed and bound to nothing, but for what
    ``allow`` lets stand. That is no reason not to compile, so that one run tells of everything.

    ``pieces`` is what was made of the documents before: what stands unchanged in a document is taken
    from there. What it holds of ``allow`` is not met again.
    """

    def __init__(
        self,
        language: Language,
        kinds: Mapping[str, object],
        templates: Collection[str],
        *,
        lint: bool = False,
        allow: Allowances | None = None,
        pieces: Pieces | None = None,
        style_in: Callable[[str], NumberStyle] | None = None,
    ) -> None:
        """``style_in`` gives how a language is written; it raises ValueError for one that nobody knows."""
        self.pieces: Pieces = {} if pieces is None else pieces
        self._before: dict[tuple[object, ...], Any] = {}
        self._now: dict[tuple[object, ...], Any] = {}
        self.language = language
        self.kinds = kinds
        self.templates = templates
        self.lint = lint
        self.allow = allow or Allowances()
        self.typed: list[Found] = []
        self.style = language.style
        """That of the language of the text that is looked at."""
        self._style_in = style_in or (lambda _: language.style)

    def compile(self, document: Document) -> Program:
        """Raises SourceError with every problem of the file."""
        self._before = self.pieces.get(document.path, {})
        self._now = self.pieces[document.path] = {}
        problems = Problems()
        front = problems.attempt(lambda: read_spec(document.front, FrontSpec, "the front matter")) or FrontSpec()
        if front.template and front.template not in self.templates:
            message = f"the theme has no template {front.template!r}{did_you_mean(front.template, self.templates)}"
            place = locate(document.front, ("template",))
            problems.add("unknown-template", message, place, hint=f"Templates: {one_of(sorted(self.templates))}.")
        self.style = problems.attempt(lambda: self._style_of(front, document.front)) or self.language.style
        texts: dict[tuple[str | int, ...], Compiled] = {}
        expressions: dict[str, Expression] = {}
        for path, text in _front_texts(front):
            made = problems.attempt(lambda p=path, t=text: self._line(document.front, p, t))  # type: ignore[misc]
            if made:
                texts[path] = made
        for path, text in _front_expressions(front):
            if path[-1] in _PRINTED_IN_FRONT:
                self._look_in_expression(document.front, path, text)
            where = locate(document.front, path)
            found = problems.attempt(lambda t=text, w=where: self._expression(t, w))  # type: ignore[misc]
            if found:
                expressions[text] = found
        body = problems.attempt(lambda: self._compiled(document.body, Location(document.path, document.body_line)))
        if body:
            self._look(body.segments, document.path)
        blocks = []
        for block in body.blocks if body else ():
            made_block = problems.attempt(lambda b=block: self._block(document.path, b.what, b.kind, b.segment))  # type: ignore[misc]
            if made_block:
                blocks.append(made_block)
        problems.raise_if_any()
        assert body is not None
        node = document.front

        def places(path: tuple[str | int, ...]) -> Location:
            return locate(node, path)

        given = frozenset(document.front.entries)
        return Program(document.path, front, given, places, texts, expressions, body, tuple(blocks))

    def _style_of(self, front: FrontSpec, node: Node) -> NumberStyle:
        """How the language of a document is written. Raises SourceError for one that nobody knows."""
        if not front.language:
            return self.language.style
        try:
            return self._style_in(front.language)
        except ValueError as error:
            place = locate(node, ("language",))
            raise SourceError(Problem("unknown-language", str(error), place, KNOWN_LANGUAGES)) from None

    def updates(self, file: Updates) -> dict[tuple[str | int, ...], Compiled]:
        """The texts of updates.yml: ``("updates", 0, "title")`` is the newest one's title.

        Raises SourceError with every problem of the file.
        """
        self._before = self.pieces.get(UPDATES, {})
        self._now = self.pieces[UPDATES] = {}
        problems = Problems()
        made: dict[tuple[str | int, ...], Compiled] = {}
        for index, update in enumerate(file.entries):
            for key in ("title", "text"):
                path, text = ("updates", file.numbers[index], key), getattr(update, key)
                compiled = problems.attempt(lambda p=path, t=text: self._line(file.node, p, t)) if text else None  # type: ignore[misc]
                if compiled:
                    made["updates", index, key] = compiled
        problems.raise_if_any()
        return made

    def _line(self, node: Node, path: tuple[str | int, ...], text: str) -> Compiled:
        """A template in a YAML scalar."""
        source, where, columns, folded = _as_written(node, path, text)
        compiled = self._compiled(source, where, columns, folded=folded)
        self._look(compiled.segments, where.path, columns)
        return compiled

    def _block(self, path: str, what: str, kind: str, segment: Segment) -> BlockProgram:
        place = Location(path, segment.line, segment.column)
        if what == "figure":
            self._check_kind(kind, place)
        node = parse_yaml(segment.inner, path, line=segment.inner_line)
        if not isinstance(node, MapNode):
            raise SourceError(Problem("wrong-shape", f"a {what} is a list of 'key: value' lines", place))
        shape: type[FigureSpec | TableSpec] = FigureSpec if what == "figure" else TableSpec
        name = f"the {what} {kind}".strip()
        try:
            spec = read_spec(node, shape, name)
        except SourceError as error:
            raise SourceError(*(_explained(problem, what, place) for problem in error.problems)) from None
        problems = Problems()
        if isinstance(spec, FigureSpec):
            if not spec.description.strip():
                problems.extend([_no_description(locate(node, ("description",)))])
            _check_options(self.kinds[kind], spec, node, problems)
            _check_events(kind, spec, node, problems)
        texts: dict[str, Compiled] = {}
        expressions: dict[str, Expression] = {}
        for key in _BLOCK_TEXTS:
            text = getattr(spec, key, "")
            if text:
                made = problems.attempt(lambda k=key, t=text: self._line(node, (k,), t))  # type: ignore[misc]
                if made:
                    texts[key] = made
        for at, text in _labels(spec):
            if "{" not in text:
                self._look_in_words(node, at, text)
                continue
            made = problems.attempt(lambda p=at, t=text: self._line(node, p, t))  # type: ignore[misc]
            if made:
                texts[".".join(map(str, at))] = made
        wanted = [((key,), getattr(spec, key, "")) for key in _BLOCK_EXPRESSIONS]
        wanted += [(("columns", i, "value"), column.value) for i, column in enumerate(spec.columns)]  # type: ignore[misc]
        if isinstance(spec, FigureSpec) and spec.events:
            wanted += [(("events", key), getattr(spec.events, key)) for key in ("of", "date", "label", "text")]  # type: ignore[misc]
        for at, text in wanted:
            if text:
                if at[-1] in _PRINTED_IN_BLOCKS:
                    self._look_in_expression(node, at, text)
                where = locate(node, at)
                found = problems.attempt(lambda t=text, w=where: self._expression(t, w))  # type: ignore[misc]
                if found:
                    expressions[text] = found
        for at, text in _printed_words(spec, self.kinds.get(kind)):
            self._look_in_words(node, at, text)
        problems.raise_if_any()
        return BlockProgram(what, kind, spec, place, texts, expressions)

    # --- what was made before -----------------------------------------------------------------------------

    def _remembered(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What was made of a text of the document the last time, else what ``make`` gives."""
        made: T = self._before[key] if key in self._before else make()
        self._now[key] = made
        return made

    def _compiled(
        self, text: str, where: Location, columns: tuple[int, ...] = (1,), *, folded: bool = False
    ) -> Compiled:
        return self._remembered(
            ("text", text, where, columns, folded),
            lambda: self.language.compile(text, where.path, where.line, columns, folded=folded),
        )

    def _expression(self, text: str, where: Location) -> Expression:
        return self._remembered(("expression", text, where), lambda: self.language.expression(text, where))

    # --- typed numbers ----------------------------------------------------------------------------------

    def look_at_settings(self, config: Config) -> None:
        """What site.yml puts on every page."""
        self.style = self.language.style
        spec = config.spec
        texts: list[tuple[tuple[str | int, ...], str]] = [
            ((key,), getattr(spec, key)) for key in ("title", "description", "publisher", "licence")
        ]
        texts += [(("navigation", index, "title"), item.title) for index, item in enumerate(spec.navigation)]
        for path, text in texts:
            self._look_in_words(config.node, path, text)

    def _look(self, segments: Sequence[Segment], path: str, columns: Sequence[int] = (1,)) -> None:
        if self.lint and segments:
            text = "".join(segment.text for segment in segments)
            style, key = self.style, ("numbers", text, path, segments[0].line, tuple(columns), self.style.language)
            self.typed += self._remembered(
                key, lambda: tuple(unbound(segments, path, allow=self.allow, columns=columns, style=style))
            )

    def _look_in_words(self, node: Node, path: tuple[str | int, ...], text: str) -> None:
        if self.lint and text:
            source, where, columns, _ = _as_written(node, path, text)
            try:
                segments = scan(source, where.path, where.line, columns)
            except SourceError:  # braces in words that are no template
                return
            self._look(segments, where.path, columns)

    def _look_in_expression(self, node: Node, path: tuple[str | int, ...], text: str) -> None:
        if self.lint:
            source, where, columns, _ = _as_written(node, path, text)
            self.typed += self._remembered(
                ("numbers in", source, where, columns, self.style.language),
                lambda: tuple(
                    unbound_in_expression(
                        source, where.path, where.line, columns, allow=self.allow, style=self.style
                    )
                ),
            )

    def _check_kind(self, kind: str, place: Location) -> None:
        kinds = f"Kinds: {one_of(self.kinds, most=40)}."
        if not kind:
            message = "the figure does not say which kind it is"
            hint = f"Write for example '```figure line'. {kinds}"
            raise SourceError(Problem("unknown-kind", message, place, hint))
        if kind not in self.kinds:
            message = f"there is no kind of figure {kind!r}{did_you_mean(kind, self.kinds)}"
            raise SourceError(Problem("unknown-kind", message, place, kinds))


def allowances(config: Config, find: Find = typed_numbers) -> Allowances:
    """What the settings let stand in prose. Raises SourceError for entries that would hide a figure."""
    made = Allowances(
        [
            Allowed(
                entry.text, entry.pattern, config.place(("allow", index, "pattern" if entry.pattern else "text"))
            )
            for index, entry in enumerate(config.spec.allow)
        ],
        find,
    )
    problems = list(made.problems())
    if problems:
        raise SourceError(*problems)
    return made


def _as_written(node: Node, path: tuple[str | int, ...], text: str) -> tuple[str, Location, tuple[int, ...], bool]:
    """A text as it stands in the file, where it begins, the columns of its lines, and whether YAML folds them."""
    scalar = _scalar(node, path)
    where = locate(node, path)
    if scalar is not None and scalar.rows:
        begins = Location(where.path, where.line + (1 if scalar.block else 0))
        columns = tuple(column for _, column in scalar.rows)
        return "\n".join(row for row, _ in scalar.rows), begins, columns, True
    if scalar is not None and scalar.block:
        return text, Location(where.path, where.line + 1), (scalar.indent + 1,), False
    # without a scalar of its own it is a default, or text that a short form stands for
    quoted = scalar is not None and scalar.quoted
    return text, where, (where.column + (1 if quoted else 0),), False


def _printed_words(spec: FigureSpec | TableSpec, kind: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a block that have no expressions and reach the reader as they are."""
    for index, column in enumerate(spec.columns):
        yield ("columns", index, "unit"), column.unit or ""
        for code, text in column.labels.items():
            yield ("columns", index, "labels", code), text
    if not isinstance(spec, FigureSpec) or not isinstance(kind, Kind):
        return
    for name, given in spec.options.items():
        option = kind.options.get(name)
        if option and option.type == "list of words" and isinstance(given, list):
            for index, text in enumerate(given):
                yield ("options", name, index), str(text)
        elif option and name == "missing":
            yield ("options", name), str(given)


def _check_options(kind: object, spec: FigureSpec, node: Node, problems: Problems) -> None:
    """The options of a built-in kind; a function of the story reads its own."""
    if not isinstance(kind, Kind):
        return
    for name, given in spec.options.items():
        option = kind.options.get(name)
        if option is None:
            problems.add(
                "unknown-option",
                f"a {kind.name} figure has no option {name!r}{did_you_mean(name, kind.options)}",
                locate_key(node, ("options", name)),
                hint=f"Its options: {one_of(kind.options) or 'none'}.",
            )
        elif not _fits(option, given):
            wanted = f"one of {one_of(option.choices)}" if option.choices else f"a {option.type}"
            if option.type == "yes or no":
                wanted = "'true' or 'false'"
            shown = repr(given) if isinstance(given, str) else "a list or mapping"
            place = locate(node, ("options", name))
            problems.add("bad-option", f"{name}: {shown} is not {wanted}", place)


def _check_events(kind: str, spec: FigureSpec, node: Node, problems: Problems) -> None:
    if spec.events and kind not in OVER_TIME:
        problems.add(
            "events-without-time",
            f"a {kind} figure has no axis of time that events could be drawn on",
            locate_key(node, ("events",)),
            hint=f"'events' go with {one_of(OVER_TIME)}.",
        )


def _fits(option: Option, given: Any) -> bool:
    """Whether a text, or list of texts, can be read as the option's type."""
    if option.type.startswith("list of"):
        number = option.type == "list of numbers"
        return isinstance(given, list) and all(not number or _NUMBER.fullmatch(str(item)) for item in given)
    if not isinstance(given, str):
        return False
    match option.type:
        case "yes or no":
            return given in ("true", "false")
        case "whole number":
            return given.isascii() and given.isdigit()
        case "choice":
            return given in option.choices
    return True


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _labels(spec: FigureSpec | TableSpec) -> list[tuple[tuple[str | int, ...], str]]:
    """Headings of columns."""
    found: list[tuple[tuple[str | int, ...], str]] = [
        (("columns", index, "label"), column.label) for index, column in enumerate(spec.columns)
    ]
    if isinstance(spec, FigureSpec):
        found += [(("labels", name), text) for name, text in spec.labels.items()]
    return found


def _explained(problem: Problem, what: str, place: Location) -> Problem:
    """What a figure or table must have, in words of its own, at its first line."""
    blank = problem.message.startswith("description: nothing")
    if blank or (problem.code == "missing-key" and "has no 'description'" in problem.message):
        return _no_description(problem.location if blank else place)
    if problem.message.startswith("title: nothing") or (
        problem.code == "missing-key" and "has no 'title'" in problem.message
    ):
        hint = "Add a line 'title: …': for a figure the finding, for a table what it lists."
        where = place if problem.code == "missing-key" else problem.location
        return Problem("no-title", f"the {what} has no 'title'", where, hint)
    if problem.code == "missing-key" and "has no 'columns'" in problem.message:
        hint = "Add a line 'columns: [row.name, …]', with an expression over row for each."
        return Problem("missing-key", f"the {what} has no 'columns'", place, hint)
    return problem


def _no_description(where: Location) -> Problem:
    return Problem(
        "no-description",
        "the figure has no 'description', so a reader who cannot see it learns nothing",
        where,
        "Add a line 'description: …' that says in one sentence what the chart shows.",
    )


def _scalar(node: Node, path: tuple[str | int, ...]) -> Scalar | None:
    found = node_at(node, path)
    return found if isinstance(found, Scalar) else None


def _front_texts(front: FrontSpec) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = [((key,), getattr(front, key)) for key in _TEXT_KEYS]
    for index, number in enumerate(front.numbers):
        found += [(("numbers", index, key), getattr(number, key)) for key in ("label", "unit", "note")]
    found += [(("neighbours", index, "label"), n.label) for index, n in enumerate(front.neighbours)]
    if front.children:
        found.append((("children", "title"), front.children.title))
    if front.card:
        found += [(("card", key), getattr(front.card, key)) for key in _CARD_TEXTS]
    return [(path, text) for path, text in found if text]


def _front_expressions(front: FrontSpec) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    for index, number in enumerate(front.numbers):
        found += [(("numbers", index, key), getattr(number, key)) for key in ("value", "rank", "when")]
    if front.children:
        found += [(("children", "of"), front.children.of), (("children", "note"), front.children.note)]
    if front.card:
        found += [(("card", key), getattr(front.card, key)) for key in ("number", "of", "value")]
    if front.noindex not in ("", "true", "false"):
        found.append((("noindex",), front.noindex))
    return [(path, text) for path, text in found if text]
