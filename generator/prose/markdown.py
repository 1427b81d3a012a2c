"""Markdown → HTML, with slots filled for the place where they land.

Python-Markdown with raw HTML switched off. After it has built its tree, one pass walks the tree: text gets
elements (``<data>``, ``<a>``), attributes get plain text, addresses are checked, and attributes that a page
may not have are removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import markdown
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.smarty import SmartyExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, AtomicString
from msgspec import Struct, field

from generator.languages import Message
from generator.letters import without_accents
from generator.prose.slots import CLOSE, MARK, OPEN, Slot

Resolve = Callable[[str], str]
"""An address as written → the address to print; raises ValueError with plain words."""
Follow = Callable[[int, Slot], str]
"""The number of a slot in its text, and the slot → the id of its receipt on the page."""

BACKLINK = Message("Jump back to footnote {number} in the text")

_ALLOWED = frozenset(
    ("id", "class", "title", "lang", "dir", "href", "src", "alt", "colspan", "rowspan", "scope", "start", "type",
     "width", "height", "value", "role", "datetime", "hidden")
)  # fmt: skip


class Heading(Struct):
    id: str
    title: str
    level: int


class Converted(Struct):
    """HTML, its headings, and the addresses that may not stand (as written, and why)."""

    html: str
    toc: list[Heading] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def slugify_heading(text: str, separator: str) -> str:
    """A heading's id from its words; values leave no trace in it, so that links last."""
    text = MARK.sub(" ", text)
    text = without_accents(text.casefold())
    return re.sub(r"[^\w]+", separator, re.sub(r"[’'`]", "", text)).strip(separator) or "section"


class Converter:
    """One Markdown engine, used for one text after another."""

    def __init__(self, backlink: str = BACKLINK) -> None:
        """``backlink`` is what the link from a footnote back to the text is called, with ``{number}``."""
        self.filler = _Filler()
        before, _, after = backlink.replace("{number}", "\0").replace("{", "").replace("}", "").partition("\0")
        self.engine = markdown.Markdown(
            extensions=[
                AttrListExtension(),
                DefListExtension(),
                FootnoteExtension(BACKLINK_TITLE=f"{before}%d{after}"),
                SaneListExtension(),
                TableExtension(use_align_attribute=True),
                TocExtension(slugify=slugify_heading, permalink=False),
                SmartyExtension(),
            ],
            output_format="html",
        )
        self.engine.preprocessors.deregister("html_block")
        self.engine.inlinePatterns.deregister("html")
        self.engine.treeprocessors.register(_PlainTexts(), "plain", 25)  # right before "inline", which is at 20
        signs = self.engine.treeprocessors["smarty"]
        self.engine.treeprocessors.register(_Signs(signs), "smarty", 6)  # in its place
        self.engine.treeprocessors.register(_Steps(), "steps", -5)
        self.engine.treeprocessors.register(self.filler, "slots", -10)

    def convert(self, text: str, slots: list[Slot], resolve: Resolve, follow: Follow | None = None) -> Converted:
        """``follow`` says where bound numbers lead; without it they name their rows themselves."""
        self.filler.prepare(slots, resolve, follow)
        self.engine.reset()
        html = self.engine.convert(text)
        html = _place_blocks(html, slots)
        tokens: list[Any] = getattr(self.engine, "toc_tokens", [])
        toc = [
            Heading(fill_plain(t["id"], slots), fill_plain(unescape(t["name"]), slots), t["level"])
            for t in _flat(tokens)
        ]
        return Converted(html, toc, self.filler.refused)

    def inline(self, text: str, slots: list[Slot], resolve: Resolve, follow: Follow | None = None) -> Converted:
        """One line of Markdown without its paragraph."""
        made = self.convert(text.strip().replace("\n", " "), slots, resolve, follow)
        match = re.fullmatch(r"<p>(.*)</p>", made.html.strip(), re.DOTALL)
        return Converted(match[1] if match else made.html, [], made.refused)


def _flat(tokens: list[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _flat(token["children"])


def fill_plain(text: str, slots: list[Slot]) -> str:
    """Marked text as plain text."""
    return MARK.sub(lambda match: slot.text if (slot := _of_mark(match[1], slots)) else match[0], text)


def _of_mark(number: str, slots: list[Slot]) -> Slot | None:
    """None for a mark that is none of ours: somebody wrote its characters as references, which a check finds."""
    return slots[int(number)] if int(number) < len(slots) else None


_TAG = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")


def plain_text(html: str) -> str:
    """What the HTML that is made here says, without its tags."""
    return re.sub(r"[ \t\n\r\f]+", " ", unescape(_TAG.sub("", html))).strip()


_CODE = re.compile(r"<(code|pre|table|figure|data)\b.*?</\1>", re.DOTALL)
_NOTE = re.compile(r"\[\^([^\]\s]+)\]")
_FENCE = re.compile(r"<p>\s*(:::[^<]*?)\s*</p>")
_ATTRIBUTE = re.compile(r"\{:?\s*[#.][\w-]+(?:[^{}<]*\})?")  # of two in a row Markdown takes the middle away


class LeftOver(Struct, frozen=True):
    """Markdown that was not understood and would be printed: what is written, and what to say of it."""

    code: str
    written: str
    message: str
    hint: str


def left_over(html: str) -> Iterator[LeftOver]:
    text = _CODE.sub("", html)
    for note in _NOTE.finditer(text):
        hint = f"Write the note on a line of its own: [^{note[1]}]: …"
        yield LeftOver("footnote-missing", note[0], f"there is no footnote {note[1]!r}", hint)
    for fence in _FENCE.finditer(text):
        hint = "Steps begin with a line '::: steps' and end with a line ':::', with blank lines around both."
        message = f"{fence[1].splitlines()[0]!r} begins or ends nothing and would be printed"
        yield LeftOver("steps-loose", fence[1], message, hint)
    for attribute in _ATTRIBUTE.finditer(text):
        hint = "It belongs at the end of a heading, or right behind a link, picture or emphasis."
        message = f"{attribute[0]!r} belongs to nothing and would be printed"
        yield LeftOver("attribute-loose", attribute[0], message, hint)


def _place_blocks(html: str, slots: list[Slot]) -> str:
    """Blocks stand alone in a paragraph; their HTML replaces it."""

    def block(match: re.Match[str]) -> str:
        slot = _of_mark(match[1], slots)
        return slot.text if slot and slot.kind == "block" else match[0]

    html = re.sub(rf"<p>\s*{MARK.pattern}\s*</p>", block, html)
    return MARK.sub(block, html)


_PLAIN_TEXT = re.compile(rf"(?:[^\W_]|[ ,;:/()%–’{OPEN}{CLOSE}])+")
"""Without any character with which something of Markdown, or a typographic sign, begins."""


class _PlainTexts(Treeprocessor):
    """Sets plain texts apart, which Markdown would look through twenty times each."""

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            if element.text and _PLAIN_TEXT.fullmatch(element.text):
                element.text = AtomicString(element.text)


class _Signs(Treeprocessor):
    """Sets typographic signs, and does not look for them in the ends of lines behind elements: Markdown would look
    at each by itself, and for its place among all others."""

    def __init__(self, signs: Treeprocessor) -> None:
        self.signs = signs

    def run(self, root: ElementTree.Element) -> None:
        ended = [element for element in root.iter() if element.tail == "\n"]
        for element in ended:
            element.tail = None
        self.signs.run(root)
        for element in ended:
            element.tail = "\n"


class _Steps(Treeprocessor):
    """What stands between ``::: steps`` and ``:::``, as steps: words, and the figure that goes with them."""

    def run(self, root: ElementTree.Element) -> None:
        children, at = list(root), 0
        while at < len(children):
            end = next((i for i in range(at, len(children)) if _fence(children[i]) == ":::"), 0)
            if _fence(children[at]) == "::: steps" and end:
                steps = _element("div", {"class": "steps"}, "")
                steps.extend(_steps(children[at + 1 : end]))
                for child in children[at : end + 1]:
                    root.remove(child)
                root.insert(at, steps)
                children = list(root)
            at += 1


def _fence(element: ElementTree.Element) -> str:
    """The words of a paragraph that holds nothing else."""
    return " ".join((element.text or "").split()) if element.tag == "p" and not len(element) else ""


def _steps(children: list[ElementTree.Element]) -> Iterator[ElementTree.Element]:
    step = _element("section", {"class": "step"}, "")
    words = _element("div", {"class": "step-words"}, "")
    for child in children:
        if MARK.fullmatch(_fence(child)):
            step.extend([words, child] if len(words) else [child])
            yield step
            step = _element("section", {"class": "step"}, "")
            words = _element("div", {"class": "step-words"}, "")
        else:
            words.append(child)
    if len(words):
        step.append(words)
        yield step


_FOREIGN = Slot("block", "")
"""Stands for a mark that is none of ours, which stays as it is."""


class _Filler(Treeprocessor):
    def prepare(self, slots: list[Slot], resolve: Resolve, follow: Follow | None) -> None:
        self.slots = slots
        self.resolve = resolve
        self.follow = follow
        self.refused: list[tuple[str, str]] = []

    def run(self, root: ElementTree.Element) -> None:
        self.walk(root, in_link=False)

    def walk(self, element: ElementTree.Element, *, in_link: bool) -> None:
        self.attributes(element)
        in_link = in_link or element.tag == "a"
        children = list(element)
        for child in children:
            self.walk(child, in_link=in_link)
        self.fill(element, children, in_link=in_link)

    # --- text -------------------------------------------------------------------------------------------

    def fill(self, element: ElementTree.Element, children: list[ElementTree.Element], *, in_link: bool) -> None:
        """Fills the text of an element and the words after each of its children."""
        made, text = self.split(element.text or "", in_link=in_link)
        element.text = AtomicString(text) if isinstance(element.text, AtomicString) else text
        for position, new in enumerate(made):
            element.insert(position, new)
        for child in children:
            made, tail = self.split(child.tail or "", in_link=in_link)
            child.tail = tail
            if made:
                position = list(element).index(child) + 1
                for offset, new in enumerate(made):
                    element.insert(position + offset, new)

    def split(self, text: str, *, in_link: bool) -> tuple[list[ElementTree.Element], str]:
        """Elements for the marks in a text, each with the words after it; and the words before the first."""
        if "\ue000" not in text:
            return [], text
        parts = MARK.split(text)
        head = parts[0]
        made: list[ElementTree.Element] = []
        for number, after in zip(parts[1::2], parts[2::2], strict=True):
            slot = _of_mark(number, self.slots) or _FOREIGN
            if slot.kind == "text" or (slot.kind in ("link", "claim") and in_link):
                added = exactly(slot.text) + after
                if made:
                    made[-1].tail = (made[-1].tail or "") + added
                else:
                    head += added
                continue
            if slot.kind == "block":
                kept = f"\ue000{number}\ue001{after}"
                if made:
                    made[-1].tail = (made[-1].tail or "") + kept
                else:
                    head += kept
                continue
            element = self.element(int(number), slot, in_link=in_link)
            element.tail = after
            made.append(element)
        return made, head

    def element(self, number: int, slot: Slot, *, in_link: bool) -> ElementTree.Element:
        if slot.kind in ("data", "asserted") and self.follow:
            return self.followed(slot, self.follow(number, slot), in_link=in_link)
        attributes: dict[str, str] = {}
        tag = "span"
        match slot.kind:
            case "data" | "asserted":
                tag, attributes = "data", data_attributes(slot)
            case "time":
                tag, attributes = "time", {"datetime": slot.value.partition("/")[0]}
            case "stand-in":
                attributes = {"class": "stand-in"}
            case "link":
                tag, attributes = "a", {"href": self.address(slot.value)}
            case "claim":
                tag, attributes = "a", {"href": self.address(slot.value), "class": "claim"}
        return _element(tag, attributes, slot.text)

    def followed(self, slot: Slot, receipt: str, *, in_link: bool) -> ElementTree.Element:
        """A number that leads to its receipt; within a link it can only name it."""
        number = _element("data", data_attributes(slot, rows=False), slot.text)
        if in_link:
            number.set("data-receipt", receipt)
            return number
        link = _element("a", {"class": "bound", "href": f"#{receipt}"}, "")
        link.append(number)
        return link

    # --- attributes -------------------------------------------------------------------------------------

    def attributes(self, element: ElementTree.Element) -> None:
        for name, written in list(element.attrib.items()):
            if name == "align":
                del element.attrib[name]
                element.set("class", f"align-{written}")
            elif name not in _ALLOWED:
                del element.attrib[name]
                self.refused.append((name, "a page may not have this attribute; use a class of the theme"))
            elif name in ("href", "src"):
                # what a browser will see is what must be checked, hence without entities
                plain = fill_plain(_without_entities(written.replace(AMP_SUBSTITUTE, "&")), self.slots)
                element.set(name, exactly(self.address(plain)))
            elif MARK.search(written):
                element.set(name, exactly(fill_plain(_without_entities(written), self.slots)))

    def address(self, written: str) -> str:
        try:
            return self.resolve(written)
        except ValueError as error:
            self.refused.append((written, str(error)))
            return "#"


def _element(tag: str, attributes: dict[str, str], text: str) -> ElementTree.Element:
    element = ElementTree.Element(tag, {name: exactly(value) for name, value in attributes.items()})
    element.text = AtomicString(exactly(text)) if text else None
    return element


def exactly(text: str) -> str:
    """A text that the serializer must not take for one that has entities in it."""
    return text.replace("&", f"{AMP_SUBSTITUTE}amp;")


def _without_entities(text: str) -> str:
    return re.sub(r"&(#[0-9]+|#[xX][0-9a-fA-F]+|[0-9a-zA-Z]+);", lambda match: unescape(match[0]), text)


def data_attributes(slot: Slot, *, rows: bool = True) -> dict[str, str]:
    """Of a bound number: its value for machines, the rows it came from, and whether the words are an editor's."""
    found = {"value": slot.value}
    if rows and slot.rows:
        found["data-rows"] = rows_attribute(slot)
    return {**found, "class": "asserted"} if slot.kind == "asserted" else found


def rows_attribute(slot: Slot) -> str:
    """``dataset:17,20..24``: the lines where the figure is to be found; of many runs, the first and the last."""
    parts = []
    for rows in slot.rows:
        runs = rows.written.split(",")
        shown = runs if len(runs) <= 4 else [*runs[:2], "…", runs[-1]]
        parts.append(f"{rows.dataset}:{','.join(shown)}")
    return " ".join(parts)


def slot_html(slot: Slot, resolve: Resolve, receipt: str = "", *, rows: bool = True) -> str:
    """A slot as HTML, for places that are not Markdown (table cells, key figures).

    A bound number leads to its ``receipt``, or names its ``rows``, or neither.
    """
    text = escape(slot.text)
    match slot.kind:
        case "data" | "asserted":
            named = data_attributes(slot, rows=rows and not receipt)
            attributes = "".join(f' {name}="{escape(value)}"' for name, value in named.items())
            number = f"<data{attributes}>{text}</data>"
            return f'<a class="bound" href="#{escape(receipt)}">{number}</a>' if receipt else number
        case "time":
            return f'<time datetime="{escape(slot.value.partition("/")[0])}">{text}</time>'
        case "stand-in":
            return f'<span class="stand-in">{text}</span>'
        case "link" | "claim":
            kind = ' class="claim"' if slot.kind == "claim" else ""
            return f'<a{kind} href="{escape(resolve(slot.value))}">{text}</a>'
        case "block" | "inline":
            return slot.text
    return text


_PLAIN_PATH = re.compile(r"(?:\.\./)*+[a-z0-9][a-z0-9/-]*+")


def safe_address(written: str) -> str:
    """An address as it may be printed: http, https, mailto, or relative. Raises ValueError."""
    if _PLAIN_PATH.fullmatch(written):
        return written
    cleaned = (
        re.sub(r"[\x00-\x20]+", "", written) if re.match(r"[\x00-\x20]*[a-zA-Z]", written) else written.strip()
    )
    parts = urlsplit(cleaned)
    if parts.scheme and parts.scheme.lower() not in ("http", "https", "mailto"):
        raise ValueError(f"{parts.scheme}: addresses are not allowed")
    if cleaned.startswith("//"):
        raise ValueError("the address has no scheme; write https://")
    return quote(cleaned, safe="/:?#[]@!$&'()*+,;=%~-._")
