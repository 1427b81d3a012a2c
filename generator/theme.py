"""The theme: Jinja templates, styles, scripts and fonts; a story's own files override the default ones by name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.bccache import Bucket
from jinja2.exceptions import TemplateError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from generator.bytecode import Bytecode
from generator.cards import Look
from generator.charts import ROLES, Style, css_variables
from generator.languages import ENGLISH, Catalogue, default_theme, filled, theme_folders
from generator.problems import Location, Problem, SourceError

ASSETS = "assets"
SCRIPTS = "scripts"
"""The folder whose scripts become one, in the order of their names, each in a block of its own."""
EARLY = "scripts/early"
"""The same of those that run before the page is shown; they hold it up, and so are few and small."""
LATER = "scripts/later"
"""The folder of those that are fetched only when a reader asks for what they do; a folder in it is one script."""

NO_PAGES = {"base", "embed", "moved", "release"}
"""Templates at the top of the folders that make no page of a document."""

__all__ = ["MEASURED", "Theme", "default_theme", "fingerprinted", "safe"]

MEASURED = "assets/fonts/measure"
"""The folder with the TrueType files of the fonts, for what is drawn by the generator and not by a browser."""
NOT_PUBLISHED = (f"{MEASURED}/", "assets/style.css")


class _Environment(ImmutableSandboxedEnvironment):
    """What templates are given are mostly dictionaries, of which Jinja would first ask for attributes.

    Nor is the number of a round of a loop held against all that a template must not touch.
    """

    _OF_DICTIONARIES = frozenset(dir(dict))
    _OF_LOOPS = frozenset(["index", "index0", "first", "last", "length"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is LoopContext and attribute in self._OF_LOOPS:
            return getattr(obj, attribute)
        if type(obj) is dict and attribute in obj and attribute not in self._OF_DICTIONARIES:
            return obj[attribute]
        return super().getattr(obj, attribute)


class _Compiled(BytecodeCache):
    """Templates as they were compiled before; Jinja itself sees whether they are still the same."""

    def __init__(self, bytecode: Bytecode) -> None:
        self._bytecode = bytecode

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._bytecode.found(("template", bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode.keep(("template", bucket.key, bucket.checksum), bucket.code)


class Theme:
    """Templates and assets of a site."""

    def __init__(self, root: Path, bytecode: Bytecode | None = None) -> None:
        self.folders = theme_folders(root)
        self.catalogue = ENGLISH
        self.environment = _Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self.folders]),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_Compiled(bytecode) if bytecode else None,
        )
        self.environment.globals |= _words(ENGLISH)

    def speaking(self, catalogue: Catalogue) -> Theme:
        """The same theme, whose own words are those of a catalogue."""
        if catalogue is self.catalogue:
            return self
        made = copy(self)
        made.catalogue = catalogue
        made.environment = self.environment.overlay()
        made.environment.globals = {**self.environment.globals, **_words(catalogue)}
        return made

    @cached_property
    def templates(self) -> frozenset[str]:
        """The names a document may ask for: the templates at the top of the folders."""
        return frozenset(path.stem for folder in self.folders for path in folder.glob("*.html")) - NO_PAGES

    @cached_property
    def style(self) -> Style:
        return Style(font_directory=default_theme() / MEASURED)

    @cached_property
    def look(self) -> Look:
        """What pictures of the site are drawn in: the colours of light pages, the fonts of story and theme."""
        folders = [folder / MEASURED for folder in self.folders if (folder / MEASURED).is_dir()]
        return Look(properties(self._css.decode()), tuple(folders))

    @cached_property
    def chart_colours(self) -> Mapping[str, str]:
        """What each role of a chart looks like on light pages, for drawings that leave the site."""
        return {role: self.look.colour(f"chart-{role}", self.style.light[role]) for role in ROLES}

    @cached_property
    def chart_sheet(self) -> str:
        """The custom properties of every page, light and dark, for a drawing that a page shows as a file."""
        return _properties_alone(self._css.decode())

    @property
    def chart_fonts(self) -> str:
        """The families that charts are set in, the first that is there."""
        return self.look.properties.get("chart-font", "")

    @cached_property
    def assets(self) -> Mapping[str, bytes]:
        """Path below the site's root → bytes. Styles become one file, named after its content; so do scripts."""
        found: dict[str, bytes] = {}
        for folder in reversed(self.folders):
            for path in sorted((folder / ASSETS).rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and not path.is_symlink() and not name.startswith(NOT_PUBLISHED):
                    found[name] = path.read_bytes()
        found[self.stylesheet] = self._css
        if self._js:
            found[self.script] = self._js
        if self._early_js:
            found[self.early_script] = self._early_js
        return found

    @cached_property
    def _css(self) -> bytes:
        parts = [_for_older_browsers(_squeezed(css_variables(self.style)))]
        for folder in self.folders:
            path = folder / ASSETS / "style.css"
            if path.is_file():
                parts.append(_for_older_browsers(_squeezed(path.read_text(encoding="utf-8"))))
                break
        return "\n".join(parts).encode()

    @cached_property
    def stylesheet(self) -> str:
        return fingerprinted("style.css", self._css)

    @cached_property
    def _js(self) -> bytes:
        return self._joined(SCRIPTS)

    @cached_property
    def _early_js(self) -> bytes:
        return self._joined(EARLY)

    def _joined(self, folder: str) -> bytes:
        """The scripts of the theme and of the story as one, each with names of its own."""
        parts = [f"{{{script}\n}}" for script in self._scripts(folder).values()]
        return "\n".join(['"use strict";', *parts, ""]).encode() if parts else b""

    def _scripts(self, folder: str) -> dict[str, str]:
        """Name → script of a folder of the theme and of the story, in the order of their names, squeezed."""
        found = {
            path.name: path
            for theme in reversed(self.folders)
            for path in (theme / folder).glob("*.js")
            if path.is_file() and not path.is_symlink()
        }
        if not found:
            return {}
        import rjsmin

        return {name: str(rjsmin.jsmin(found[name].read_text(encoding="utf-8"))) for name in sorted(found)}

    def later(self, name: str) -> str:
        """A script that is fetched only when a reader asks for what it does: ``find.js``, or all of ``live/``."""
        folder, _, file = name.rpartition("/")
        found = self._scripts(f"{LATER}/{folder}" if folder else LATER)
        return found.get(file, "") if file else "\n".join(script for script in found.values() if script.strip())

    @cached_property
    def live(self) -> str:
        """The script of figures that are compared or explored; '' where a story's own theme does without it."""
        return self.later("live/") if self.later("live/ask.js").strip() else ""

    @cached_property
    def live_style(self) -> str:
        """What that script's parts of a page look like."""
        found = (folder / LATER / "live/style.css" for folder in self.folders)
        path = next((path for path in found if path.is_file() and not path.is_symlink()), None)
        return _for_older_browsers(_squeezed(path.read_text(encoding="utf-8"))) if path else ""

    @cached_property
    def search(self) -> tuple[str, bytes]:
        """Path below the site's root and bytes of the script of the page that searches."""
        data = self.later("search.js").encode()
        return fingerprinted("search.js", data), data

    @cached_property
    def script(self) -> str:
        """The name of the script; '' when there is none."""
        return fingerprinted("script.js", self._js) if self._js else ""

    @cached_property
    def early_script(self) -> str:
        """The name of the script that runs before the page is shown; '' when there is none."""
        return fingerprinted("early.js", self._early_js) if self._early_js else ""

    def render(self, template: str, names: Mapping[str, Any]) -> str:
        """One template. Raises SourceError with the template's file and line."""
        try:
            return self.environment.get_template(template).render(names)
        except TemplateSyntaxError as error:
            where = Location(f"templates/{error.name or template}", error.lineno)
            raise SourceError(Problem("template-syntax", f"{error.message}", where)) from None
        except TemplateError as error:
            raise SourceError(Problem("template-error", str(error), self._where(error, template))) from None

    def _where(self, error: TemplateError, template: str) -> Location:
        trace = error.__traceback__
        place = Location(f"templates/{template}")
        while trace is not None:
            path = Path(trace.tb_frame.f_code.co_filename)
            for folder in self.folders:
                if path.is_relative_to(folder):
                    place = Location(f"templates/{path.relative_to(folder).as_posix()}", trace.tb_lineno)
            trace = trace.tb_next
        return place


def fingerprinted(name: str, data: bytes) -> str:
    """``style.css`` → ``assets/style-0123456789.css``: a path below the site's root that changes with the bytes."""
    stem, _, ending = name.rpartition(".")
    return f"{ASSETS}/{stem}-{hashlib.sha256(data).hexdigest()[:10]}.{ending}"


def _words(catalogue: Catalogue) -> dict[str, Callable[..., str]]:
    """What templates say their words with: ``_("Updated {date}", date=…)`` and ``ngettext("one", "many", n)``."""

    def said(text: str, names: Mapping[str, Any]) -> str:
        if not names:
            return text
        return Markup(filled(escape(text), {name: escape(value) for name, value in names.items()}))  # noqa: S704

    def gettext(message: str, /, **names: Any) -> str:
        return said(catalogue.gettext(message), names)

    def ngettext(one: str, many: str, n: int, /, **names: Any) -> str:
        return said(catalogue.ngettext(one, many, n), {"n": n, **names})

    return {"_": gettext, "ngettext": ngettext}


def _squeezed(css: str) -> str:
    """Without comments and needless space; strings in it hold neither."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"[ \t]*\n[ \t\n]*", "\n", css)
    return re.sub(r"[ \t]*([{};,])[ \t\n]*", r"\1", css).strip() + "\n"


_NESTED = re.compile(r"@[\w-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_ROOT = re.compile(r"(?<![^\s}]):root\s*\{([^{}]*)\}")
_PROPERTY = re.compile(r"--([\w-]+)\s*:\s*([^;]+)")
_BOTH_COLOURS = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))+?)\s*,.*\)")
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")


def properties(css: str) -> dict[str, str]:
    """The custom properties of every page, by name without dashes, as they are on light paper and a wide screen.

    What stands inside a condition (``@media``) is left out; one that names another has the other's value.
    """
    found: dict[str, str] = {}
    for block in _ROOT.findall(_NESTED.sub("", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))):
        found.update((name, _BOTH_COLOURS.sub(r"\1", value.strip())) for name, value in _PROPERTY.findall(block))
    return {name: _named(found, value) for name, value in found.items()}


_ROOT_OR_CONDITION = re.compile(r"(@(?:media|supports)[^{};]*\{)?\s*(?<![^\s{}]):root\s*\{([^{}]*)\}")


def _properties_alone(css: str) -> str:
    """The rules of a squeezed sheet that give the whole page custom properties, with these alone in them."""
    made = []
    for condition, body in _ROOT_OR_CONDITION.findall(css):
        given = ";".join(part.strip() for part in body.split(";") if part.strip().startswith("--"))
        if given:
            made.append(f"{condition}:root{{{given}}}" + ("}" if condition else ""))
    return "".join(made)


def _named(found: Mapping[str, str], value: str, depth: int = 3) -> str:
    """A value with those that it names in their places, as deep as a theme will go."""
    if not depth or "var(" not in value:
        return value
    return _VARIABLE.sub(lambda match: _named(found, found.get(match[1], match[0]), depth - 1), value)


_BOTH = re.compile(r"(--[\w-]+:\s*)light-dark\(((?:[^(),]|\([^()]*\))+),((?:[^()]|\([^()]*\))+)\)")


def _for_older_browsers(css: str) -> str:
    """A squeezed sheet whose properties ``light-dark(a, b)`` are light where a browser does not know that.

    It would take such a property for valid, and print nothing in it.
    """

    def both(rule: re.Match[str]) -> str:
        known = ";".join(match[0] for match in _BOTH.finditer(rule[1]))
        light = _BOTH.sub(lambda match: match[1] + match[2].strip(), rule[1])
        return f":root{{{light}}}@supports (color:light-dark(#000,#fff)){{:root{{{known}}}}}" if known else rule[0]

    return re.sub(r":root ?\{([^{}]*)\}", both, css)


def safe(html: str) -> Markup:
    """HTML that this generator made itself."""
    return Markup(html)  # noqa: S704
