"""A Markdown body → segments: what is prose, what is code, and every place where a value goes.

One pass finds each ``{{ … }}``, ``{% … %}``, comment, ``[words]{= … }``, ``[words]{claim=…}`` and fenced
``figure`` or ``table`` block outside code, with its offset. Nothing else looks for them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from generator.problems import Location, Problem, SourceError
from generator.source import position

SegmentKind = Literal["text", "code", "expression", "statement", "comment", "assertion", "claim", "block"]

BLOCKS = ("figure", "table")


class Segment(Struct, frozen=True):
    """One stretch of the body.

    ``inner`` is the expression, the claim's id or the block's YAML; ``words`` the bracketed words of an
    assertion or claim, or the block's info string. ``line`` and ``column`` (from 1, in the file) are where
    the segment begins, ``inner_line`` and ``inner_column`` where ``inner`` does.
    """

    kind: SegmentKind
    text: str
    line: int
    column: int
    inner: str = ""
    inner_line: int = 0
    inner_column: int = 0
    words: str = ""


_FENCE = re.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})(?P<info>[^\n`]*)\n")
_CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_SPECIAL = re.compile(
    r"\\[\[\]{}`]|\{\{|\{%|<!--|`+|\]?\{\s*=|\]?\{\s*claim\s*=|\]?\{\s*[A-Za-z_]\w*\s*[.(|\[][^{}\n]*\}(?!\})"
)
_CLAIM_REST = re.compile(r"\]\{\s*claim\s*=\s*(?P<quote>[\"']?)(?P<id>[^\s\"'{}]+)(?P=quote)\s*\}")


_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def scan(body: str, path: str, body_line: int = 1, columns: Sequence[int] = (1,)) -> list[Segment]:
    """The segments of a body whose first line is ``body_line`` and whose lines begin in these ``columns``.

    The last of the columns holds for all lines after it.

    Raises SourceError with every piece of syntax that is begun and not ended, or stands alone.
    """
    scanner = _Scanner(body, path, body_line, columns)
    segments = list(scanner.run())
    if scanner.problems:
        raise SourceError(*scanner.problems)
    return segments


class _Scanner:
    def __init__(self, body: str, path: str, body_line: int, columns: Sequence[int]) -> None:
        self.body = body
        self.path = path
        self.offset_line = body_line - 1
        self.columns = columns
        self.problems: list[Problem] = []

    def at(self, offset: int) -> tuple[int, int]:
        line, column = position(self.body, offset)
        begins = self.columns[min(line, len(self.columns)) - 1]
        return line + self.offset_line, column + begins - 1

    def refuse(self, code: str, message: str, offset: int, hint: str) -> None:
        self.problems.append(Problem(code, message, Location(self.path, *self.at(offset)), hint))

    def segment(
        self, kind: SegmentKind, start: int, end: int, inner: tuple[int, int] | None = None, words: str = ""
    ) -> Segment:
        inner_at = self.at(inner[0]) if inner else (0, 0)
        text = self.body[inner[0] : inner[1]] if inner else ""
        return Segment(kind, self.body[start:end], *self.at(start), text, *inner_at, words)

    def run(self) -> Iterator[Segment]:
        """Fenced blocks first, line by line; what lies between them is scanned for the rest."""
        start = offset = 0
        body = self.body
        while offset < len(body):
            fence = _FENCE.match(body, offset)
            if fence:
                yield from self.inline(start, offset)
                start, inner_end = self.fence_end(fence)
                yield self.fenced(fence, inner_end, start)
                offset = start
                continue
            newline = body.find("\n", offset)
            offset = len(body) if newline < 0 else newline + 1
        yield from self.inline(start, len(body))

    def fence_end(self, fence: re.Match[str]) -> tuple[int, int]:
        """Where the block ends, and where its content does."""
        mark = fence["fence"]
        close = re.compile(rf"^ {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        end = close.search(self.body, fence.end())
        if end is None:
            hint = f"End it with a line that holds only {mark}."
            self.refuse("fence-open", "the block that begins here is never closed", fence.start(), hint)
            return len(self.body), len(self.body)
        return min(end.end() + 1, len(self.body)), end.start()

    def fenced(self, fence: re.Match[str], inner_end: int, end: int) -> Segment:
        info = fence["info"].strip()
        kind: SegmentKind = "block" if info.split(" ")[0] in BLOCKS else "code"
        first = info.split(" ")[0]
        meant = difflib.get_close_matches(first, BLOCKS, n=1, cutoff=0.75)
        if kind == "code" and meant:
            hint = f"Write {meant[0]!r} for a {meant[0]}; for code, name its language or nothing."
            self.refuse(
                "unknown-block", f"there is no block {first!r}; did you mean {meant[0]!r}?", fence.start(), hint
            )
        return self.segment(kind, fence.start(), end, (fence.end(), inner_end), info)

    # --- between blocks ---------------------------------------------------------------------------------

    def inline(self, start: int, end: int) -> Iterator[Segment]:
        offset = start
        text_from = start
        for segment, at in self.specials(start, end):
            if at > text_from:
                yield self.segment("text", text_from, at)
            yield segment
            offset = at + len(segment.text)
            text_from = offset
        if end > text_from:
            yield self.segment("text", text_from, end)

    def specials(self, start: int, end: int) -> Iterator[tuple[Segment, int]]:
        offset = text_from = start
        while match := _SPECIAL.search(self.body, offset, end):
            sign, at = match.group(), match.start()
            offset = match.end()
            found: tuple[Segment, int] | None = None
            if sign.startswith("\\"):
                continue
            if sign.startswith("`"):
                found = self.code_span(at, end)
            elif sign in ("{{", "{%", "<!--"):
                found = self.delimited(sign, at, end)
            elif sign.endswith("}"):
                self.single_brace(sign, at)
            elif sign.startswith("]{"):
                found = self.bracketed(sign, at, text_from, end)
            else:
                self.loose("claim" in sign, at)
            if found:
                yield found
                offset = text_from = found[1] + len(found[0].text)

    def code_span(self, at: int, end: int) -> tuple[Segment, int] | None:
        match = _CODE_SPAN.match(self.body, at, end)
        if match is None or "\n\n" in match["code"]:
            return None
        return self.segment("code", at, match.end(), match.span("code"), "span"), at

    def delimited(self, sign: str, at: int, end: int) -> tuple[Segment, int] | None:
        closing = {"{{": "}}", "{%": "%}", "<!--": "-->"}[sign]
        inner = at + len(sign)
        stop = self.body.find(closing, inner, end) if sign == "<!--" else self.closing(closing, inner, end)
        if stop < 0:
            hint = f"End it with '{closing}'."
            single = re.compile(r"[^{}\n]*\}(?!\})").match(self.body, inner, end) if sign == "{{" else None
            if single:
                self.refuse("syntax-open", f"'{{{{{single.group()}' lacks one '}}'", at, hint)
                return None
            if sign != "<!--" and self.body.find(closing, inner, self.paragraph_end(inner, end)) >= 0:
                hint = f"Before its '{closing}' a quote or bracket is opened and not closed."
            self.refuse("syntax-open", f"'{sign}' is never closed", at, hint)
            return None
        kinds: dict[str, SegmentKind] = {"{{": "expression", "{%": "statement", "<!--": "comment"}
        return self.segment(kinds[sign], at, stop + len(closing), (inner, stop)), at

    def paragraph_end(self, start: int, end: int) -> int:
        """Where the next blank line is: no expression goes on beyond it."""
        blank = _BLANK_LINE.search(self.body, start, end)
        return blank.start() if blank else end

    def closing(self, closing: str, start: int, end: int) -> int:
        """The offset of ``closing`` outside quotes and nested braces, or -1."""
        quote = ""
        depth = 0
        offset = start
        end = self.paragraph_end(start, end)
        while offset < end:
            char = self.body[offset]
            if quote:
                if char == "\\":
                    offset += 1
                elif char == quote:
                    quote = ""
            elif char in "\"'":
                quote = char
            elif depth == 0 and self.body.startswith(closing, offset):
                return offset
            elif char == "{":
                depth += 1
            elif char == "}" and depth:
                depth -= 1
            offset += 1
        return -1

    def bracketed(self, sign: str, at: int, text_from: int, end: int) -> tuple[Segment, int] | None:
        """``[words]{= … }`` or ``[words]{claim=…}``; ``at`` is the offset of the ``]``."""
        start = self.opening(at, text_from)
        is_claim = "claim" in sign
        if start < 0 or self.body[start - 1 : start] == "]":
            self.loose(is_claim, at + 1)
            return None
        words = self.body[start + 1 : at]
        if not is_claim:
            inner = at + len(sign)
            stop = self.closing("}", inner, end)
            if stop < 0:
                self.refuse("syntax-open", "'{=' is never closed", at + 1, "End it with '}'.")
                return None
            return self.segment("assertion", start, stop + 1, (inner, stop), words), start
        rest = _CLAIM_REST.match(self.body, at, end)
        if rest is None:
            hint = "Write [the words]{claim=ID}, with the id of one claim."
            self.refuse("syntax-open", "'{claim=' is not understood", at + 1, hint)
            return None
        return self.segment("claim", start, rest.end(), rest.span("id"), words), start

    def single_brace(self, sign: str, at: int) -> None:
        """An expression in one pair of braces: a forgotten brace, or behind words a forgotten sign."""
        inner = sign.lstrip("]").strip("{}").strip()
        if sign.startswith("]"):
            hint = f"Write [the words]{{= {inner} }}, with the sign that holds them against it."
            self.refuse("single-brace", "the words are followed by an expression without its '='", at + 1, hint)
        else:
            message = "an expression stands in two braces on either side, here is one"
            self.refuse("single-brace", message, at, f"Write {{{{ {inner} }}}}.")

    def loose(self, is_claim: bool, at: int) -> None:
        """``{=`` or ``{claim=`` where no words stand before it, or a link or emphasis does."""
        code, sign, form = ("claim-loose", "{claim=", "{claim=ID}") if is_claim else (
            "assertion-loose", "{=", "{= expression }"
        )  # fmt: skip
        hint = f"Write [the words]{form}: plain words in square brackets, and it right after them."
        before = self.body[max(0, at - 3) : at]
        message = f"'{sign}' does not follow words in square brackets"
        if before.rstrip().endswith("]") and before != before.rstrip():
            message = f"a blank stands between the words in square brackets and '{sign}'"
        elif before.endswith(")"):
            message = f"the words before '{sign}' stand in round brackets, or are a link"
        self.refuse(code, message, at, hint)

    def opening(self, close: int, lowest: int) -> int:
        depth = 0
        for offset in range(close - 1, lowest - 1, -1):
            char = self.body[offset]
            if char == "]":
                depth += 1
            elif char == "[":
                if depth == 0:
                    return offset
                depth -= 1
        return -1
