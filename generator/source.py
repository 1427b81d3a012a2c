"""Files of a story → text and YAML with positions kept.

One reader for every text file (UTF-8, any line ends, an optional byte order mark) and one for every piece
of YAML. YAML scalars stay text, so that ``NO`` is not a boolean and ``01`` keeps its zero; anchors, aliases
and tags are refused. What type a scalar has is decided by the type it is read into (:mod:`generator.specs`).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Location, Problem, SourceError

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?:^)---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_BARE_TEMPLATE = re.compile(r"^(?P<before>\s*(?:- )?(?:[^\s:#'\"]+:)?\s*)(?P<sign>\{[{%])")


class Scalar(Struct, frozen=True):
    text: str
    location: Location
    quoted: bool = False
    block: str = ""
    """``|`` or ``>``: the text starts on the line after ``location``."""
    indent: int = 0
    """How far a block's text is indented in the file."""
    rows: tuple[tuple[str, int], ...] = ()
    """For a text that YAML folds into one line: its lines in the file, each with the column it begins in."""


class Sequence(Struct, frozen=True):
    items: tuple[Node, ...]
    location: Location


class MapNode(Struct, frozen=True):
    entries: Mapping[str, Node]
    keys: Mapping[str, Location]
    location: Location


Node = Scalar | Sequence | MapNode


class Document(Struct, frozen=True):
    """A Markdown file: its front matter, and its body with the line the body starts on."""

    path: str
    front: MapNode
    body: str
    body_line: int
    text: str = ""
    unread: bool = False
    """Something is so wrong with it that it could not be read; it stands empty for the file."""


def inside(root: Path, name: str, location: Location) -> Path:
    """``root / name``, refused when it is absolute or leads out of ``root`` (also through a link)."""
    pure = PurePosixPath(name)
    target = root / pure
    if (
        pure.is_absolute()
        or ".." in pure.parts
        or "\\" in name
        or "\0" in name
        or not target.resolve().is_relative_to(root.resolve())
    ):
        raise SourceError(
            Problem(
                "path-outside",
                f"{name!r} leads out of the story",
                location,
                "Write a path below the story's own folder, with forward slashes and without '..'.",
            )
        )
    return target


def read_text(root: Path, name: str, *, named_at: Location | None = None) -> str:
    """The text of a file of the story, with ``\\n`` line ends and no byte order mark.

    Raises SourceError when the file is missing, leaves the story, is not UTF-8, or holds a character that no
    text file should (control characters, and the private-use ones that the generator itself uses).
    """
    path = inside(root, name, named_at or Location(name))
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        where = named_at or Location(name)
        message = f"there is no file {name!r}{_similar(path, name)}"
        raise SourceError(Problem("file-missing", message, where, _EXPECTED.get(name, ""))) from None
    except OSError as error:
        message = f"{name!r} cannot be read: {error.strerror}"
        raise SourceError(Problem("file-unreadable", message, named_at or Location(name))) from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(Problem("not-utf8", "the file is UTF-16, not UTF-8", Location(name), _SAVE_AS))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        raise SourceError(
            Problem(
                "not-utf8",
                f"byte 0x{raw[error.start]:02X} is not UTF-8",
                Location(name, line, column),
                _SAVE_AS,
            )
        ) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    refuse_characters(text, name)
    return text


_SAVE_AS = "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
_EXPECTED = {
    "content/site.yml": "It holds the settings of the site, at least 'title: …' and 'description: …'.",
    "data/datapackage.json": "It describes the tables of the story, at least '{\"resources\": []}'.",
}


def _similar(path: Path, name: str) -> str:
    """A file of the same folder with nearly that name."""
    folder = path.parent
    there = sorted(entry for entry in folder.iterdir() if entry.is_file()) if folder.is_dir() else []
    by_stem = {entry.stem: entry.name for entry in there if entry.suffix == path.suffix}
    close = difflib.get_close_matches(path.stem, by_stem, n=1, cutoff=0.75)
    return f"; did you mean {name.removesuffix(path.name) + by_stem[close[0]]!r}?" if close else ""


_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff\ufffd-\uffff]")


def refuse_characters(text: str, name: str) -> None:
    """Raises SourceError for control characters and for those that the generator itself uses."""
    found = []
    for match in _FORBIDDEN.finditer(text):
        line, column = position(text, match.start())
        found.append(_bad_character(match.group(), Location(name, line, column)))
        if len(found) == 20:
            break
    if found:
        raise SourceError(*found)


def _bad_character(char: str, location: Location) -> Problem:
    what, hint = f"the character U+{ord(char):04X} ({_kind_of(char)})", "Remove it."
    if char == "\ufffd":
        what, hint = "the character U+FFFD, which stands for a damaged one,", "Restore it from the source."
    return Problem("bad-character", f"{what} does not belong here", location, hint)


def _kind_of(char: str) -> str:
    if "\ue000" <= char <= "\uf8ff":
        return "private use"
    return "a line separator" if char in "\u2028\u2029" else "a control character"


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of an offset."""
    line_start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - line_start + 1


def parse_yaml(text: str, path: str, *, line: int = 1, column: int = 1) -> Node:
    """One YAML document as nodes; ``line`` and ``column`` say where ``text`` begins in the file.

    ``column`` shifts every line (the indentation that was taken off a block). Empty text is an empty mapping.
    """

    def at(mark: Any) -> Location:
        return Location(path, mark.line + line, mark.column + column)

    try:
        events = list(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise SourceError(_YamlError(error, text).problem(path, line, column)) from None
    problems: list[Problem] = []
    tree = _Builder(iter(events), text, at, problems).document()
    if problems:
        raise SourceError(*problems)
    return tree or MapNode({}, {}, Location(path, line, column))


DEEPEST = 100
"""Lists and mappings that may lie in one another."""


class _Builder:
    def __init__(self, events: Iterator[Any], text: str, at: Any, problems: list[Problem]) -> None:
        self.depth = 0
        self.events = events
        self.lines = text.split("\n")
        self.at = at
        self.problems = problems

    def document(self) -> Node | None:
        documents = 0
        tree: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(
                        "yaml-syntax", "a second YAML document starts here", event, "Remove the line '---'."
                    )
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                node = self.node(event)
                tree = node if tree is None else tree
        return tree

    def refuse(self, code: str, message: str, event: Any, hint: str = "") -> None:
        self.problems.append(Problem(code, message, self.at(event.start_mark), hint))

    def node(self, event: Any) -> Node:
        location = self.at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            hint = "Write the value out; put quotes around a text that begins with '*'."
            self.refuse("yaml-anchor", f"*{event.anchor} refers to an anchor, which is not used here", event, hint)
            return Scalar("", location)
        if event.anchor:
            hint = "Write the value out each time; put quotes around a text that begins with '&'."
            self.refuse("yaml-anchor", f"&{event.anchor} defines an anchor, which is not used here", event, hint)
        if event.tag and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            hint = "Remove it; put quotes around a text that begins with '!'."
            self.refuse("yaml-tag", f"{tag!r}: a text cannot begin with '!' without quotes", event, hint)
        if isinstance(event, yaml.ScalarEvent):
            rows = self.rows(event) if event.style != "|" else ()
            if event.style in ("|", ">"):
                return Scalar(event.value, location, False, event.style, self.indentation(event), rows)
            text = event.value
            if event.style == '"':  # in which any character can be written as an escape
                text = text.replace("\r\n", "\n").replace("\r", "\n")
                if bad := _FORBIDDEN.search(text):
                    self.problems.append(_bad_character(bad.group(), location))
            return Scalar(text, location, event.style in ("'", '"'), rows=rows)
        self.depth += 1
        if self.depth > DEEPEST:
            message = f"this is not valid YAML: more than {DEEPEST} lists and mappings lie in one another here"
            raise SourceError(*self.problems, Problem("yaml-syntax", message, location, "Close those before it."))
        held: Node
        if isinstance(event, yaml.SequenceStartEvent):
            held = Sequence(tuple(self.items(yaml.SequenceEndEvent)), location)
        else:
            held = self.mapping(location)
        self.depth -= 1
        return held

    def rows(self, event: Any) -> tuple[tuple[str, int], ...]:
        """The lines of a folded text; none when it is one line, or holds what makes folding more than that."""
        start, end = event.start_mark, event.end_mark
        if event.style == ">":
            lines = [(line, 0) for line in self.lines[start.line + 1 : end.line + (end.column > 0)]]
        elif start.line < end.line:
            quote = int(event.style in ("'", '"'))
            begin, last = start.column + quote, self.lines[end.line][: end.column - quote]
            lines = [(self.lines[start.line][begin:], begin)]
            lines += [(line, 0) for line in self.lines[start.line + 1 : end.line]] + [(last, 0)]
        else:
            return ()
        while lines and not lines[-1][0].strip():
            lines.pop()
        rows = [(line.strip(), column + len(line) - len(line.lstrip())) for line, column in lines]
        if " ".join(line for line, _ in rows) != event.value.strip():
            return ()
        shift = self.at(start).column - start.column
        return tuple((line, column + shift) for line, column in rows)

    def indentation(self, event: Any) -> int:
        following = next((line for line in self.lines[event.start_mark.line + 1 :] if line.strip()), "")
        return len(following) - len(following.lstrip(" "))

    def items(self, end: type) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, end):
                return
            yield self.node(event)

    def mapping(self, location: Location) -> MapNode:
        entries: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self.node(event)
            value = self.node(next(self.events))
            if not isinstance(key, Scalar):
                self.problems.append(_quote_it(location))
                continue
            if key.text in keys:
                first = keys[key.text]
                message = f"{key.text!r} is here twice; first on line {first.line}"
                self.refuse("duplicate-key", message, event, "Remove one of them.")
            entries[key.text] = value
            keys[key.text] = key.location
        return MapNode(entries, keys, location)


def _quote_it(location: Location, sign: str = "{{") -> Problem:
    closing = {"{{": "}}", "{%": "%}"}[sign]
    return Problem(
        "yaml-template",
        f"a value that begins with '{sign}' needs quotes around it",
        location,
        f"Put quotes around the whole value: '{sign} … {closing}'; an expression stands without the braces.",
    )


_QUOTES = "Put quotes around the whole value."
_SAME_COLUMN = "Begin a key in the same column as the other keys of its list."
_SPACE = "Write 'key: value', with a space after the colon."


class _YamlError:
    """What the YAML parser could not read, as an editor would say it."""

    def __init__(self, error: yaml.MarkedYAMLError, text: str) -> None:
        self.lines = text.split("\n")
        self.context = error.context or ""
        self.said = error.problem or ""
        mark = error.problem_mark or error.context_mark
        begin = error.context_mark or mark
        self.here = (mark.line, mark.column) if mark else (0, 0)
        self.begin = (begin.line, begin.column) if begin else (0, 0)

    def problem(self, path: str, line: int, column: int) -> Problem:
        row = min(self.here[0], len(self.lines) - 1)
        for near in (row, row - 1):
            bare = _BARE_TEMPLATE.match(self.lines[near]) if near >= 0 else None
            if bare and (near == row or ":" in bare["before"]):  # a line of a block may well begin with one
                return _quote_it(Location(path, near + line, len(bare["before"]) + column), bare["sign"])
        said, hint, (row, col) = self.words()
        place = Location(path, row + line, col + column)
        return Problem("yaml-syntax", f"this is not valid YAML: {said}", place, hint)

    def words(self) -> tuple[str, str, tuple[int, int]]:
        """What is wrong, what to write, and row and column, both from 0."""
        here, begin = self.here, self.begin
        sign = self.char(begin)
        if "quoted scalar" in self.context:
            if "escape" in self.said:
                hint = "Write \\\\ for a backslash, or use single quotes around the text."
                return "a backslash begins a sign of its own within double quotes", hint, here
            return "the quote that is opened here is never closed", "End the text with the same quote.", begin
        if "cannot start any token" in self.said:
            if self.char(here) == "\t":
                return "a tab is used for indentation", "Indent with spaces.", here
            return f"a value cannot begin with {self.char(here)!r}", _QUOTES, here
        if self.context == "while scanning a block scalar":
            return f"{sign!r} at the beginning of a value announces a text on the lines below", _QUOTES, begin
        if self.context in ("while scanning an alias", "while scanning an anchor", "while scanning a tag"):
            return f"a value cannot begin with {sign!r}", _QUOTES, begin
        if self.said.startswith("did not find expected ','"):
            closing = {"{": "}", "[": "]"}[sign]
            hint = f"End it with '{closing}'; between two entries stands a comma."
            return f"the '{sign}' here is not closed, or a comma is missing after it", hint, begin
        if "could not find expected ':'" in self.said:
            return "a key without ':'", _SPACE, begin
        if "sequence entries are not allowed" in self.said:
            return "a list cannot begin here", "Begin the list on the next line, or write [one, two].", here
        if "mapping values are not allowed" in self.said:
            return self.second_colon()
        return self.unexpected(here)

    def second_colon(self) -> tuple[str, str, tuple[int, int]]:
        """Two colons in one value: in one line, or because the line above was read on."""
        row, col = self.here
        before = self.lines[row][:col]
        above = self.lines[row - 1] if row else ""
        key = before.lstrip()
        if ":" not in before and " " not in key and above.strip():
            start = len(above) - len(above.lstrip())
            if ": " not in above and not above.rstrip().endswith(":"):
                said = "a space is missing after ':'" if ":" in above else "a key without ':'"
                return said, _SPACE, (row - 1, start)
            if len(before) - len(key) > start:
                said = f"{key!r} is indented below a key that has a value already"
                return said, _SAME_COLUMN, (row, len(before) - len(key))
        return "a second ': ' in one line", "Put quotes around the text that holds the colon.", (row, col)

    def unexpected(self, here: tuple[int, int]) -> tuple[str, str, tuple[int, int]]:
        before = self.lines[here[0]][: here[1]].rstrip() if here[0] < len(self.lines) else ""
        if not before:
            said = "this line is indented differently from those it belongs to"
            return said, "Begin it in the same column as the lines of the same list.", here
        if before[-1] in "\"'":
            hint = "Put the whole value in quotes, and use the other kind of quote within it."
            return "text goes on after the closing quote", hint, here
        if before[-1] in "]}":
            return "text goes on after the closing bracket", _QUOTES, here
        if before[-1] in ",[{":
            return "there is nothing between two commas or brackets", "Remove one of them.", here
        return self.said or self.context or "not understood", "", here

    def char(self, place: tuple[int, int]) -> str:
        row, col = place
        return self.lines[row][col : col + 1] if row < len(self.lines) else ""


_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def parse_json(text: str, path: str) -> Node:
    """A JSON file as nodes: strict JSON (others will read it, too), with the positions that YAML keeps."""
    read_json(text, path)

    def whole(match: re.Match[str]) -> str:
        high, low = int(match[1], 16), int(match[2], 16)
        return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"

    try:
        return parse_yaml(_SURROGATES.sub(whole, text), path)
    except SourceError as error:
        raise SourceError(*map(_of_json, error.problems)) from None


def _of_json(problem: Problem) -> Problem:
    """What YAML cannot read of a JSON file, as one of JSON."""
    if problem.code != "yaml-syntax":
        return problem
    return replace(problem, code="json-syntax", message=problem.message.replace("valid YAML", "valid JSON"))


def read_json(text: str, path: str) -> Any:
    """What a JSON file holds. Raises SourceError with the place and the cause."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(_json_problem(error.msg, error.pos, text, path)) from None
    except RecursionError:
        message = f"this is not valid JSON: more than {DEEPEST} lists and mappings lie in one another"
        raise SourceError(Problem("json-syntax", message, Location(path))) from None


class JsonFile(Struct, frozen=True, dict=True):
    """A JSON file that is taken apart when it is first asked what it holds."""

    path: str
    text: str

    @cached_property
    def held(self) -> Any:
        """Raises SourceError with the place and the cause."""
        return read_json(self.text, self.path)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def _json_problem(message: str, offset: int, text: str, path: str) -> Problem:
    """Worded here, because Python's words and places change with its version."""
    before = text[:offset].rstrip()
    comma = offset if text[offset : offset + 1] == "," else len(before) - 1 if before.endswith(",") else -1
    if comma >= 0 and re.match(r",\s*[}\]]", text[comma:]):
        said, hint, offset = "there is nothing after this comma", "Remove the comma.", comma
    elif "',' delimiter" in message:
        said, hint, offset = "a comma is missing after this", "Write a comma between two entries.", len(before) - 1
    elif "':' delimiter" in message:
        said, hint = "a colon is missing here", 'Write "key": value.'
    elif "property name" in message:
        said, hint = "a key in double quotes should stand here", 'Write "key": value.'
    elif "Unterminated string" in message:
        said, hint = "the quote that is opened here is never closed", 'End the text with ".'
    elif "Invalid control character" in message:
        said, hint = "a text goes on in the next line", 'Close it with " on its own line, or write \\n.'
    elif "Extra data" in message:
        said, hint = "there is something after the end", "Remove it."
    elif "escape" in message:
        said, hint = "a backslash begins a sign of its own within a text", "Write \\\\ for a backslash."
    else:
        said, hint = "a value should stand here", 'Texts stand in double quotes: "key": "text".'
    return Problem("json-syntax", f"this is not valid JSON: {said}", Location(path, *position(text, offset)), hint)


def split_front_matter(text: str, path: str) -> Document:
    """A Markdown file's front matter (between two ``---`` lines, optional) and body."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        if re.match(r"---[ \t]*\n", text):
            raise SourceError(
                Problem(
                    "front-matter-open",
                    "the front matter that begins here is never closed",
                    Location(path, 1, 1),
                    "End it with a line that holds only '---'.",
                )
            )
        return Document(path, MapNode({}, {}, Location(path, 1, 1)), text, 1, text)
    front = parse_yaml(match["yaml"], path, line=2)
    if not isinstance(front, MapNode):
        raise SourceError(
            Problem(
                "front-matter-shape",
                "the front matter is not a list of 'key: value' lines",
                front.location,
                "Write for example 'title: A title'.",
            )
        )
    body_line = text.count("\n", 0, match.end()) + 1
    return Document(path, front, text[match.end() :], body_line, text)


def plain(node: Node) -> Any:
    """Nodes as dict, list, str and None (a key without a value)."""
    if isinstance(node, Scalar):
        return node.text if node.text or node.quoted or node.block else None
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def node_at(node: Node, path: Iterable[str | int]) -> Node | None:
    """The value at ``path``; None when there is none."""
    found: Node | None = node
    for step in path:
        if isinstance(found, MapNode):
            found = found.entries.get(str(step))
        elif isinstance(found, Sequence) and isinstance(step, int) and step < len(found.items):
            found = found.items[step]
        else:
            return None
    return found


def locate(node: Node, path: tuple[str | int, ...]) -> Location:
    """Where the value at ``path`` stands; the deepest part of the path that exists."""
    location = node.location
    for step in path:
        if isinstance(node, MapNode) and step in node.entries:
            node = node.entries[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            continue
        location = node.location
    return location


def locate_key(node: Node, path: tuple[str | int, ...]) -> Location:
    """Where the key at the end of ``path`` stands."""
    for step in path[:-1]:
        if isinstance(node, MapNode) and step in node.entries:
            node = node.entries[str(step)]
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    if isinstance(node, MapNode) and path and path[-1] in node.keys:
        return node.keys[str(path[-1])]
    return node.location
