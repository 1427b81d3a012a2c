"""The theme: Jinja templates, styles, scripts and fonts; a story's own files override the default ones by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateSyntaxError, select_autoescape
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from generator.charts import Style, css_variables
from generator.problems import Location, Problem, SourceError

ASSETS = "assets"
SCRIPTS = "scripts"
"""The folder whose scripts become one, in the order of their names, each in a block of its own."""
NOT_PUBLISHED = ("assets/fonts/measure/", "assets/style.css")


def default_theme() -> Path:
    """The theme that ships with the generator: inside the package, or beside it in a checkout."""
    here = Path(__file__).parent
    packaged = here / "_theme"
    return packaged if packaged.is_dir() else here.parent / "templates"


class Theme:
    """Templates and assets of a site."""

    def __init__(self, root: Path) -> None:
        self.folders = [folder for folder in (root / "templates", default_theme()) if folder.is_dir()]
        if len(self.folders) == 2 and self.folders[0].resolve() == self.folders[1].resolve():
            self.folders.pop()
        self.environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self.folders]),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals["_"] = str

    @cached_property
    def templates(self) -> frozenset[str]:
        """The names a document may ask for: the templates at the top of the folders."""
        return frozenset(path.stem for folder in self.folders for path in folder.glob("*.html")) - {"base"}

    @cached_property
    def style(self) -> Style:
        return Style(font_directory=default_theme() / "assets/fonts/measure")

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
        return found

    @cached_property
    def _css(self) -> bytes:
        parts = [css_variables(self.style)]
        for folder in self.folders:
            path = folder / ASSETS / "style.css"
            if path.is_file():
                parts.append(_squeezed(path.read_text(encoding="utf-8")))
                break
        return "\n".join(parts).encode()

    @cached_property
    def stylesheet(self) -> str:
        return f"{ASSETS}/style-{hashlib.sha256(self._css).hexdigest()[:10]}.css"

    @cached_property
    def _js(self) -> bytes:
        """The scripts of the theme and of the story as one, each with names of its own."""
        found = {
            path.name: path
            for folder in reversed(self.folders)
            for path in (folder / SCRIPTS).glob("*.js")
            if path.is_file() and not path.is_symlink()
        }
        if not found:
            return b""
        import rjsmin

        parts = [f"{{{rjsmin.jsmin(found[name].read_text(encoding='utf-8'))}\n}}" for name in sorted(found)]
        return "\n".join(['"use strict";', *parts, ""]).encode()

    @cached_property
    def script(self) -> str:
        """The name of the script; '' when there is none."""
        return f"{ASSETS}/script-{hashlib.sha256(self._js).hexdigest()[:10]}.js" if self._js else ""

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


def _squeezed(css: str) -> str:
    """Without comments and needless space; strings in it hold neither."""
    import re

    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"[ \t]*\n[ \t\n]*", "\n", css)
    return re.sub(r"[ \t]*([{};,])[ \t\n]*", r"\1", css).strip() + "\n"


def safe(html: str) -> Markup:
    """HTML that this generator made itself."""
    return Markup(html)  # noqa: S704
