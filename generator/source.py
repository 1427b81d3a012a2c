"""Files of a story → text and YAML with positions kept.

One reader for every text file (UTF-8, any line ends, an optional byte order mark) and one for every piece
of YAML. YAML scalars stay text, so that ``NO`` is not a boolean and ``01`` keeps its zero; anchors, aliases
and tags are refused. What type a scalar has is decided by the type it is read into (:mod:`generator.specs`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from generator.problems import Location, Problem, SourceError

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?P<yaml>.*?)(?:^)---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_BARE_TEMPLATE = re.compile(r"^(?P<before>\s*(?:- )?(?:[^\s:#'\"]+:)?\s*)\{\{")


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    location: Location
    quoted: bool = False
    block: str = ""
    """``|`` or ``>``: the text starts on the line after ``location``."""
    indent: int = 0
    """How far a block's text is indented in the file."""


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class MapNode:
    entries: Mapping[str, Node]
    keys: Mapping[str, Location]
    location: Location


Node = Scalar | Sequence | MapNode


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file: its front matter, and its body with the line the body starts on."""

    path: str
    front: MapNode
    body: str
    body_line: int
    text: str = field(repr=False, default="")


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
        raise SourceError(Problem("file-missing", f"there is no file {name!r}", where)) from None
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
                "Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
            )
        ) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _refuse_characters(text, name)
    return text


_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff\ufffd]")


def _refuse_characters(text: str, name: str) -> None:
    found = []
    for match in _FORBIDDEN.finditer(text):
        char = match.group()
        line, column = position(text, match.start())
        if char == "\ufffd":
            what, hint = "the character U+FFFD, which stands for a damaged one", "Restore it from the source."
        else:
            what = f"the character U+{ord(char):04X} ({unicodedata.name(char, 'control character')})"
            hint = "Remove it."
        found.append(Problem("bad-character", f"{what} does not belong here", Location(name, line, column), hint))
        if len(found) == 20:
            break
    if found:
        raise SourceError(*found)


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
        raise SourceError(_yaml_problem(error, text, path, line, column)) from None
    problems: list[Problem] = []
    tree = _Builder(iter(events), text, at, problems).document()
    if problems:
        raise SourceError(*problems)
    return tree or MapNode({}, {}, Location(path, line, column))


class _Builder:
    def __init__(self, events: Iterator[Any], text: str, at: Any, problems: list[Problem]) -> None:
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
                    self.refuse("yaml-syntax", "a second YAML document starts here", event)
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                node = self.node(event)
                tree = node if tree is None else tree
        return tree

    def refuse(self, code: str, message: str, event: Any, hint: str = "") -> None:
        self.problems.append(Problem(code, message, self.at(event.start_mark), hint))

    def node(self, event: Any) -> Node:
        location = self.at(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.refuse("yaml-anchor", f"*{event.anchor} refers to an anchor", event, "Write the value out.")
            return Scalar("", location)
        if event.anchor:
            self.refuse("yaml-anchor", f"&{event.anchor} defines an anchor", event, "Write the value out twice.")
        if event.tag and event.tag != "!":
            self.refuse("yaml-tag", f"{event.tag!r} is a YAML tag", event, "Remove the tag; types are declared.")
        if isinstance(event, yaml.ScalarEvent):
            if event.style in ("|", ">"):
                return Scalar(event.value, location, False, event.style, self.indentation(event))
            return Scalar(event.value, location, event.style in ("'", '"'))
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self.items(yaml.SequenceEndEvent)), location)
        return self.mapping(location)

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
                self.refuse("duplicate-key", f"{key.text!r} is here twice; first on line {first.line}", event)
            entries[key.text] = value
            keys[key.text] = key.location
        return MapNode(entries, keys, location)


def _quote_it(location: Location) -> Problem:
    return Problem(
        "yaml-template",
        "'{{' begins a YAML mapping here, not a template",
        location,
        "Put quotes around the whole value: '{{ … }}'.",
    )


def _yaml_problem(error: yaml.MarkedYAMLError, text: str, path: str, line: int, column: int) -> Problem:
    lines = text.split("\n")
    mark = error.problem_mark or error.context_mark
    row = min(mark.line if mark else 0, len(lines) - 1)
    for near in (row, row - 1):
        bare = _BARE_TEMPLATE.match(lines[near]) if 0 <= near < len(lines) else None
        if bare:
            return _quote_it(Location(path, near + line, len(bare["before"]) + column))
    where = Location(path, row + line, (mark.column if mark else 0) + column)
    said = error.problem or error.context or "not understood"
    hint = ""
    if "mapping values are not allowed" in said:
        said = "a second ': ' in one line"
        hint = "Put quotes around the text that holds the colon."
    elif "\\t" in said or "'\\t'" in said:
        said = "a tab is used for indentation"
        hint = "Indent with spaces."
    elif "could not find expected ':'" in said:
        said = "a key without ':'"
        hint = "Write 'key: value', with a space after the colon."
    return Problem("yaml-syntax", f"this is not valid YAML: {said}", where, hint)


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
