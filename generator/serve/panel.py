"""What a previewed page has besides itself: the problems, the totals, and the files that keep it up to date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Location, Problem
from generator.reports import Sources, excerpt, summary

PRIVATE = "_broadsheet/"
"""Below this address the preview has what it needs for itself."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""Of a page that only tells of problems; every other has its own."""


def assets() -> dict[str, bytes]:
    """The preview's script and styles, by address."""
    folder = Path(__file__).parent / "assets"
    return {f"{PRIVATE}{path.name}": path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


class Panel(Struct, frozen=True):
    """What is told beside one page. ``elsewhere``: how many errors other documents have, by path."""

    problems: Sequence[Problem]
    elsewhere: Sequence[tuple[str, int]] = ()
    total: str = ""
    in_tables: int = 0
    draft: bool = False
    stale: bool = False
    """The page is the last good one and not that of the texts as they are now."""

    def html(self, sources: Sources, *, digest: str, stylesheet: str) -> str:
        """One ``<aside>``: a banner for drafts, the problems (open when any of them is an error), the totals."""
        parts = [
            f'<aside id="broadsheet-preview" data-digest="{escape(digest)}" data-stylesheet="{escape(stylesheet)}"'
            ' aria-label="Preview">'
        ]
        if self.draft:
            parts.append('<p class="bp-draft">Draft: this page is not published</p>')
        if self.problems:
            parts.append(self._problems(sources))
        elif self.elsewhere:
            parts.append(f'<div class="bp-problems" role="status">{self._elsewhere()}</div>')
        if self.total:
            more = f' title="and {self.in_tables} in figures and tables"' if self.in_tables else ""
            parts.append(f'<p class="bp-total"{more}>{escape(self.total)}</p>')
        return "".join([*parts, "</aside>"])

    def _problems(self, sources: Sources) -> str:
        errors = any(problem.severity == "error" for problem in self.problems)
        parts = [
            f'<details class="bp-problems"{" open" if errors else ""} role="{"alert" if errors else "status"}">'
        ]
        parts.append(f"<summary>{escape(summary(self.problems))}</summary>")
        if self.stale:
            parts.append("<p>Below is the page as it was before.</p>")
        order = {"error": 0, "warning": 1, "note": 2}
        listed = sorted(self.problems, key=lambda problem: order[problem.severity])
        parts += [_problem(problem, sources) for problem in listed[:MOST]]
        if len(listed) > MOST:
            parts.append(f"<p>And {len(listed) - MOST} more.</p>")
        if self.elsewhere:
            parts.append(self._elsewhere())
        return "".join([*parts, "</details>"])

    def _elsewhere(self) -> str:
        named = ", ".join(f"{path} ({count})" for path, count in self.elsewhere)
        return f"<p>Errors on other pages: {escape(named)}</p>"


MOST = 30
"""Problems that are shown one by one."""


def _problem(problem: Problem, sources: Sources) -> str:
    parts = [f'<section class="bp-{problem.severity}">']
    parts.append(f"<p><code>{escape(str(problem.location))}</code> {escape(problem.sentence)}</p>")
    parts += [f"<pre>{_text_around(problem.location, sources)}</pre>"] if problem.location.line else []
    parts += [f"<p>{escape(label)}: {escape(text)}</p>" for label, text in problem.notes]
    parts += [f"<p>{escape(problem.hint)}</p>"] if problem.hint else []
    return "".join([*parts, "</section>"])


def _text_around(where: Location, sources: Sources) -> str:
    """The line, the one before and the one after, with the place marked."""
    shown: list[str] = []
    for number in (where.line - 1, where.line, where.line + 1):
        line = sources.line(replace(where, line=number))
        if line is None:
            continue
        own = number == where.line
        text, carets = excerpt(line, where.column if own else 0, where.width)
        if carets:
            start, length = len(carets) - len(carets.lstrip()), len(carets.strip())
            text = f"{escape(text[:start])}<mark>{escape(text[start : start + length]) or ' '}</mark>" + escape(
                text[start + length :]
            )
        else:
            text = escape(text)
        shown.append(f"{number:>4}  {f'<b>{text}</b>' if own else text}")
    return "\n".join(shown)


# --- putting it into a page ---------------------------------------------------------------------------------

_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_POLICY = re.compile(
    r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>|<meta charset=[^>]*>|<head[^>]*>", re.IGNORECASE
)
_LINKS = f'<link rel="stylesheet" href="/{PRIVATE}preview.css"><script src="/{PRIVATE}preview.js" defer></script>'


def inserted(html: str, panel: str) -> str:
    """The page with the panel at its end and the preview's files in its head, behind the policy they fall under."""
    before = list(_POLICY.finditer(html[: html.find("</head>") if "</head>" in html else len(html)]))
    at = before[-1].end() if before else 0
    ends = list(_BODY_ENDS.finditer(html))
    end = ends[-1].start() if ends else len(html)
    return f"{html[:at]}{_LINKS if before else ''}{html[at:end]}{panel}{'' if before else _LINKS}{html[end:]}"


def bare(title: str, text: str) -> str:
    """A page of the preview's own, for when there is none of the story's."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n"
        f'<body class="bp-bare">\n<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>\n</body>\n</html>\n'
    )
