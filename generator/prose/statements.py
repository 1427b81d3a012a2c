"""The ``{% … %}`` of a document: only those that documents may use, each closed where it should be.

Jinja would say so, too, but of the first one only and without its column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.problems import Location, Problems, did_you_mean
from generator.prose.scanner import Segment

ALLOWED = ("if", "elif", "else", "endif", "for", "endfor", "set")
CONDITIONS = ("if", "elif", "for", "set")
"""The statements that hold an expression."""
_EXPRESSION = re.compile(
    r"[-+]?\s*(?:(?:el)?if\b|for\s+[\w\s,()]+?\s+in\b|set\s+[\w\s,]+?=)(?P<expression>.*?)[-+]?\s*", re.DOTALL
)
_FORMS = {
    "if": "{% if condition %}", "elif": "{% elif condition %}", "for": "{% for name in things %}",
    "set": "{% set name = expression %}",
}  # fmt: skip
_CLOSED_BY = {"if": "endif", "for": "endfor"}
_JINJA = (
    "autoescape", "block", "call", "do", "extends", "filter", "from", "import", "include", "macro", "raw", "with",
)  # fmt: skip


def word_of(segment: Segment) -> str:
    """``if`` of ``{% if … %}``."""
    match = re.match(r"[-+]?\s*(\w*)", segment.inner)
    return match[1] if match else ""


def expression_of(segment: Segment) -> str:
    """The expression in a statement; empty when it has none, or the statement is not written as it should be."""
    match = _EXPRESSION.fullmatch(segment.inner)
    return re.sub(r"\brecursive$", "", match["expression"].strip()).strip() if match else ""


def check_statements(segments: Iterable[Segment], path: str, problems: Problems) -> None:
    """Adds what is wrong with the statements of one text, each at its own place."""
    still_open: list[tuple[str, Location]] = []
    for segment in segments:
        if segment.kind != "statement":
            continue
        word, where = word_of(segment), Location(path, segment.line, segment.column)
        if word not in ALLOWED:
            _not_allowed(word, where, problems)
        elif word in CONDITIONS and not expression_of(segment):
            message = f"'{{% {word} %}}' is not complete"
            problems.add("template-syntax", message, where, hint=f"Write '{_FORMS[word]}'.")
            still_open += [(word, where)] if word in _CLOSED_BY else []
        elif word in ("for", "set") and (name := re.match(rf"[-+]?\s*{word}[\w\s,(]*?\b(_\w*)", segment.inner)):
            problems.add("bad-name", f"{name[1]!r} cannot be set: names here begin with a letter", where)
            still_open += [(word, where)] if word in _CLOSED_BY else []
        elif word == "for" and re.search(r"\brecursive\s*[-+]?$", segment.inner.rstrip()):
            problems.add("not-in-documents", "a '{% for … recursive %}' is not for documents", where)
            still_open.append((word, where))
        elif word in _CLOSED_BY:
            still_open.append((word, where))
        elif word in ("elif", "else", "endif", "endfor"):
            _close(word, where, still_open, problems)
    for word, where in still_open:
        hint = f"End it with '{{% {_CLOSED_BY[word]} %}}'."
        problems.add("template-syntax", f"'{{% {word} %}}' is never closed", where, hint=hint)


def _not_allowed(word: str, where: Location, problems: Problems) -> None:
    hint = f"Documents may use: {', '.join(ALLOWED)}."
    if not word:
        problems.add("template-syntax", "there is no statement between '{%' and '%}'", where, hint=hint)
        return
    if word.removeprefix("end") in (*_JINJA, "set"):
        if not word.startswith("end"):  # what it closes has been reported
            problems.add("not-in-documents", f"'{{% {word} %}}' is not for documents", where, hint=hint)
    else:
        message = f"there is no statement {word!r}{did_you_mean(word, ALLOWED)}"
        problems.add("unknown-statement", message, where, hint=hint)


def _close(word: str, where: Location, still_open: list[tuple[str, Location]], problems: Problems) -> None:
    inner, begun = still_open[-1] if still_open else ("", where)
    fitting = {"elif": ("if",), "else": ("if", "for"), "endif": ("if",), "endfor": ("for",)}[word]
    if inner in fitting:
        if word.startswith("end"):
            still_open.pop()
        return
    if not inner or all(each not in fitting for each, _ in still_open):
        opening = " or ".join(f"'{{% {each} %}}'" for each in fitting)
        problems.add("template-syntax", f"'{{% {word} %}}' stands without an {opening} before it", where)
        return
    place = f"line {begun.line}, column {begun.column}"
    problems.add(
        "template-syntax",
        f"'{{% {word} %}}' comes while the '{{% {inner} %}}' of {place} is still open",
        where,
        hint=f"End it first, with '{{% {_CLOSED_BY[inner]} %}}'.",
    )
    while word.startswith("end") and still_open.pop()[0] not in fitting:
        pass
