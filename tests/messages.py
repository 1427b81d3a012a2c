"""What there is to translate: the messages of the templates and of the generator, as gettext's tools keep them.

    make messages

writes ``templates/locale/messages.pot`` anew and brings the catalogues beside it up to date: new messages are added
without a translation, and those that nothing says any more are taken out.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from generator.languages.pofiles import LOCALE, NAME, TEMPLATE
from generator.values.style import _ORDINALS, _PLACES, FEMININE

ROOT = Path(__file__).resolve().parents[1]
TEMPLATES = ROOT / "templates"

KEYWORDS = {"_": None, "say": None, "Message": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
WIDTH = 116


def messages() -> Iterator[tuple[str, str | tuple[str, ...], list[str], str | None]]:
    """File, message (or its two forms), comments for translators, and context of each, in the order of the files."""
    for folder, method in (("templates", [("**.html", "jinja2")]), ("generator", [("**.py", "python")])):
        for name, _, message, comments, context in extract_from_dir(
            ROOT / folder,
            method,
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
            directory_filter=lambda path: Path(path).name not in ("scaffold", "serve", "__pycache__"),
        ):
            yield f"{folder}/{name}", message, comments, context
    for word in (*_ORDINALS, *_PLACES.values()):
        yield "generator/values/style.py", str(word.pattern), [], FEMININE


def template() -> Catalog:
    made = Catalog(charset="utf-8")
    for name, message, comments, context in messages():
        made.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return made


def written(catalog: Catalog, header: str) -> str:
    """As a file, without dates and line numbers, which would change with every change of the code."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=WIDTH, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return f"{header}\n{buffer.getvalue().decode()}"


def updated(text: str, made: Catalog) -> str:
    """A catalogue with the messages of the template, in its order."""
    header = text.partition("\n\n")[0].rstrip("\n") + "\n"
    known = read_po(io.StringIO(text))
    fresh = Catalog(charset="utf-8")
    for message in made:
        if message.id:
            old = known.get(message.id, message.context)
            text_of = old.string if isinstance(old, Message) else ""
            comments = old.user_comments if isinstance(old, Message) else ()
            locations = dict.fromkeys(message.locations)
            fresh.add(message.id, text_of, list(locations), user_comments=comments, context=message.context,
                      auto_comments=message.auto_comments)  # fmt: skip
    return written(fresh, header)


def catalogues() -> list[Path]:
    return sorted((TEMPLATES / LOCALE).glob(f"*/{NAME}"))


def main() -> None:
    made = template()
    (TEMPLATES / TEMPLATE).parent.mkdir(exist_ok=True)
    (TEMPLATES / TEMPLATE).write_text(written(made, HEADER), encoding="utf-8")
    for path in catalogues():
        path.write_text(updated(path.read_text(encoding="utf-8"), made), encoding="utf-8")
        left = [
            message.id
            for message in read_po(io.StringIO(path.read_text(encoding="utf-8")))
            if message.id and not message.string
        ]
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(left)} left to translate\n")


if __name__ == "__main__":
    main()
