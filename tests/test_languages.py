"""Pages in another language: catalogues, CLDR's formats, and that nothing is left in English."""

from __future__ import annotations

import datetime as dt
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import messages
import pytest
from babel.messages.pofile import read_po

from generator.build import build
from generator.languages import ENGLISH, Catalogue, Message, default_theme
from generator.languages.formats import formats
from generator.languages.pofiles import catalogue, names, untranslated
from generator.lint.other_languages import read_in, typed_numbers_in
from generator.model import Period
from generator.pages import Page
from generator.prepare import prepare
from generator.theme import Theme
from generator.values import NumberStyle, Quantity, ordinal_digits, ordinal_words

ROOT = Path(__file__).resolve().parents[1]
STORY = ROOT / "tests/story"
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def style(language: str) -> NumberStyle:
    words = catalogue([default_theme()], language)
    return NumberStyle(**formats(language), language=language, catalogue=words)


SPANISH, MEXICAN = style("es"), style("es-MX")


# --- nothing is left in English ---------------------------------------------------------------------------


def test_the_list_of_messages_is_up_to_date() -> None:
    made = messages.written(messages.template(), messages.HEADER)
    assert (messages.TEMPLATES / messages.TEMPLATE).read_text(encoding="utf-8") == made, "run: make messages"


@pytest.mark.parametrize("path", messages.catalogues(), ids=lambda path: path.parts[-3])
def test_every_message_is_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == messages.updated(text, messages.template()), "run: make messages"
    assert not untranslated([default_theme()], catalogue([default_theme()], path.parts[-3]))
    with path.open("rb") as file:
        assert not [entry.id for entry in read_po(file) if entry.fuzzy and entry.id]


_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_SAID = re.compile(r'\b(?:aria-(?:label|description|roledescription)|title|alt|placeholder|data-[\w-]+)="([^"]*)"')


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_word_of_a_template_is_left_out(path: Path) -> None:
    text = _CODE.sub("\0", path.read_text(encoding="utf-8"))
    attributes = [value for value in _SAID.findall(text) if re.search(r"[a-z]{2} |^[A-Z][a-z]", value)]
    assert not attributes
    words = re.sub(r"'[a-z-]+'", "", re.sub(r"<[^<>]*>", "", text))  # a source of the security policy is no word
    assert not re.findall(r"[^\W\d_]{2,}", words)


def test_no_word_of_a_script_is_left_out() -> None:
    """What readers see is in the page; scripts hold names and codes."""
    for path in (ROOT / "templates/scripts").glob("*.js"):
        code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        assert not re.findall(r"""["'`]([A-Z][a-z]+ [a-z ]+)["'`]""", code), path.name


# --- messages and catalogues ------------------------------------------------------------------------------


def test_a_message_is_its_english_and_can_be_said_otherwise() -> None:
    said = Message("change of {label} since {date}", label=Message("loans"), date=Period.parse("2025-06"))
    assert said == "change of loans since 2025-06"
    assert SPANISH.say(said) == "cambio de loans desde junio de 2025"
    assert NumberStyle().say(said) == "change of loans since June 2025"
    assert SPANISH.say(pickle.loads(pickle.dumps(said.capitalized()))) == "Cambio de loans desde junio de 2025"
    per = Message("{what} per {count} {unit}", what=Message("loans"), count=100_000, unit=Message("residents"))
    assert (per, SPANISH.say(per)) == ("loans per 100,000 residents", "loans por cada 100.000 residents")


def test_names_in_braces_are_no_formats() -> None:
    assert NumberStyle().say("{x} of {y.__class__}", x="{y}", y="b") == "{y} of {y.__class__}"


def test_templates_escape_what_stands_for_names() -> None:
    environment = Theme(STORY).environment
    made = environment.from_string('{{ _("Go to {site} & on", site="<b>") }} {{ _("a & b") }}').render()
    assert made == "Go to &lt;b&gt; &amp; on a &amp; b"
    counted = environment.from_string(
        '{{ ngettext("{n} place", "{n} places", 1) }}, {{ ngettext("", "{n} more", 2) }}'
    )
    assert counted.render() == "1 place, 2 more"


def test_plurals_follow_the_rule_of_the_language(tmp_path: Path) -> None:
    made = tmp_path / "locale/pl/LC_MESSAGES/messages.po"
    made.parent.mkdir(parents=True)
    rule = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    made.write_text(
        f'{HEADER.rstrip()}\n"Plural-Forms: {rule}\\n"\n\nmsgid "{{n}} row"\nmsgid_plural "{{n}} rows"\n'
        'msgstr[0] "{n} wiersz"\nmsgstr[1] "{n} wiersze"\nmsgstr[2] "{n} wierszy"\n',
        encoding="utf-8",
    )
    polish = catalogue([tmp_path], "pl")
    assert [polish.ngettext("{n} row", "{n} rows", n) for n in (1, 3, 5)] == [
        "{n} wiersz",
        "{n} wiersze",
        "{n} wierszy",
    ]
    assert [ENGLISH.ngettext("row", "rows", n) for n in (0, 1, 2)] == ["rows", "row", "rows"]


def test_what_counts_most_comes_last(tmp_path: Path) -> None:
    assert names("zh-Hant-TW") == ["zh", "zh_Hant", "zh_Hant_TW"]
    for name, word in (("es", "Cierra"), ("es_MX", "Ciérrelo"), ("en", "Shut")):
        path = tmp_path / "locale" / name / "LC_MESSAGES/messages.po"
        path.parent.mkdir(parents=True)
        path.write_text(f'{HEADER}msgid "Close"\nmsgstr "{word}"\n', encoding="utf-8")
    folders = [tmp_path, default_theme()]
    found = [
        catalogue(folders, language).gettext("Close") for language in ("es", "es-MX", "es-AR", "en", "en-GB", "fr")
    ]
    assert found == ["Cierra", "Ciérrelo", "Cierra", "Shut", "Shut", "Close"]
    assert catalogue(folders, "es").gettext("Sources") == "Fuentes"


# --- numbers, dates, words --------------------------------------------------------------------------------


def test_numbers_and_dates_are_those_of_the_language() -> None:
    assert [SPANISH.number(n, d) for n, d in ((1234, 0), (12_345, 0), (1234.56, 1), (-0.5, 1))] == [
        "1234", "12.345", "1234,6", "−0,5",
    ]  # fmt: skip
    assert [MEXICAN.number(1234), MEXICAN.number(1234.5, 1)] == ["1,234", "1,234.5"]
    assert SPANISH.day(dt.date(2025, 6, 3)) == "3 de junio de 2025"
    assert SPANISH.period(Period.parse("2025-01-01/2025-03-31")) == "enero de 2025 a marzo de 2025"
    assert style("de").day(dt.date(2025, 3, 1)) == "1. März 2025"
    assert style("pl").period(Period.parse("2025-03")) == "marzec 2025"
    assert style("pl").day(dt.date(2025, 3, 1)) == "1 marca 2025"
    assert style("fr").number(1234567.5, 1) == "1\u202f234\u202f567,5"
    share = Quantity(49.4, "percent", "share", 1)
    assert (share.print(SPANISH), share.print(MEXICAN)) == ("49,4\u00a0%", "49.4%")
    assert formats("en-GB") == {}
    assert "date" not in formats("ja")  # of bare numbers, which has no form here


def test_ordinals_have_a_gender() -> None:
    assert [ordinal_words(n, SPANISH) for n in (1, 2, 21)] == ["primero", "segundo", "21.º"]
    assert [ordinal_words(n, SPANISH, "feminine") for n in (1, 2, 21)] == ["primera", "segunda", "21.ª"]
    assert [ordinal_digits(n, NumberStyle()) for n in (1, 2, 3, 11, 112, 1021)] == [
        "1st", "2nd", "3rd", "11th", "112th", "1,021st",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "last", "joined"),
    [
        (["Ana", "Blas", "Clara"], "and", "Ana, Blas y Clara"),
        (["Francia", "Italia"], "and", "Francia e Italia"),
        (["agua", "hielo"], "and", "agua y hielo"),
        (["padres", "hijos"], "and", "padres e hijos"),
        (["siete", "ocho"], "or", "siete u ocho"),
    ],
)
def test_lists_are_joined_as_they_sound(words: list[str], last: str, joined: str) -> None:
    assert SPANISH.join(words, last) == joined


def test_a_word_with_another_sense_has_a_context() -> None:
    assert (SPANISH.say("more than"), SPANISH.catalogue.pgettext("comparison", "more than")) == (
        "más de",
        "más que",
    )
    assert ENGLISH.pgettext("comparison", "more than") == "more than"
    assert Catalogue("de").pgettext("feminine", "second") == "second"


TYPED = [
    ("Son 1.234 y doce, o 12,5 % de 7.", ["1.234", "doce", "12,5 %", "7"]),
    ("El 3 de mayo de 2025, en mayo de 2024 y en 2023.", []),
    ("La ley 287(g) y la A40; CC BY 4.0. Una once.", ["once"]),
]


@pytest.mark.parametrize(("text", "found"), TYPED)
def test_typed_numbers_are_found(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in typed_numbers_in(text, SPANISH)] == found


def test_typed_numbers_are_read() -> None:
    assert [str(read_in(text, SPANISH).value) for text in ("12.345,6", "doce", "1234")] == ["12345.6", "12", "1234"]


# --- pages ------------------------------------------------------------------------------------------------

PAGE = """\
---
title: Lo que se presta
language: es
template: entity
lead: "Hay {{ towns | length }} municipios y {{ towns.total('loans') | with_unit }} en {{ '2025-06' | date }}."
numbers:
  - {label: Préstamos, value: 'towns["ALD"].loans', rank: 'towns["ALD"].loans.rank'}
---

{{ towns["BIR"].loans.rank | rank_phrase("más alta", "más baja", gender="feminine") }}, [49,4 %]{= towns["ALD"].loans.share },
{{ towns["ALD"].loans.change(since="2024") | direction("subieron") }}, {{ towns.top("loans", 3) | and_list }},
{{ towns["ALD"].loans | comparison(towns["BIR"].loans) }}, {{ towns["ALD"].fines | or_say("nada") }}.

```figure line
measure: loans
entity: towns["ALD"]
title: Préstamos
description: Una línea.
```

```table
title: Multas
of: towns
columns:
  - {value: row.name, label: Nombre}
  - {value: row.fines}
  - {value: row.members(status="active")}
```

Nota[^1].

[^1]: Aquí.
"""
OWN_WORDS = HEADER + "".join(
    f'msgid "{message}"\nmsgstr "{words}"\n\n'
    for message, words in {
        "loans": "préstamos",
        "residents": "habitantes",
        "towns": "municipios",
        "charges everybody": "cobra a todo el mundo",
        "Fines for everybody": "Multas para todos",
        "members": "miembros",
    }.items()
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("languages") / "story"
    shutil.copytree(STORY, root)
    (root / "content/es.md").write_text(PAGE, encoding="utf-8")
    own = root / "content/locale/es/LC_MESSAGES/messages.po"
    own.parent.mkdir(parents=True)
    own.write_text(OWN_WORDS, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def pages(story: Path) -> dict[str, Page]:
    maker = prepare(story)
    assert not list(maker.problems)
    return {url: maker.page(maker.routes[url]) for url in ("es/", "towns/aldford/")}


def said(html: str) -> str:
    """What a reader reads, in one line."""
    return " ".join(re.sub(r"<[^>]*>", "", re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)).split())


def test_a_page_is_in_the_language_that_its_document_says(pages: dict[str, Page]) -> None:
    html, text = pages["es/"].html, said(pages["es/"].html)
    assert '<html lang="es">' in html
    for words in (
        "Hay seis municipios y 408.654 préstamos en junio de 2025.",
        "segunda más alta, 49,4 %, subieron, Aldford, Birchmere y Fairhaven, más que,",
        "1.º de 6",
        "De dónde salen los números",
        "se cotejó con",
        "líneas 2–7",
        "desde 2024",
        "Fuente: Library Board, Annual returns, 31 de diciembre de 2025.",
        "Hecho con Broadsheet",
    ):
        assert words in text
    assert "Volver al punto del texto de la nota 1" in html
    assert re.search(r'<th scope="col"[^>]*>Año</th>', html)
    for words in ("In the text", "counted from", "held against", "line ", "lines ", "Year", "published"):
        assert words not in text


def test_charts_speak_it_too(pages: dict[str, Page]) -> None:
    drawn = set(re.findall(r"<text[^>]*>([^<]+)", pages["es/"].html))
    assert {"200.000", "abr"} <= drawn
    assert not {"200,000", "Apr"} & drawn


def test_words_of_the_site_that_are_not_translated_say_what_they_are(pages: dict[str, Page]) -> None:
    html = pages["es/"].html
    assert 'rel="home" lang="en">Borrowed</a>' in html
    assert '<ul lang="en">' in html
    assert '<p lang="en">What towns borrow' in html


def test_other_pages_stay_as_they_are(pages: dict[str, Page]) -> None:
    html = pages["towns/aldford/"].html
    assert '<html lang="en">' in html
    assert ' lang="' not in html[html.index("<body") :]
    assert "In the text" in html
    assert "Apr" in html


def test_a_whole_site_in_spanish(story: Path, tmp_path: Path) -> None:
    root = shutil.copytree(story, tmp_path / "story")
    settings = (root / "content/site.yml").read_text(encoding="utf-8")
    settings = settings.replace("language: en", "language: es-MX").replace(
        "  percent: percent\n", "  percent: por ciento\n"
    )
    (root / "content/site.yml").write_text(settings, encoding="utf-8")
    maker = prepare(root)
    page = maker.page(maker.routes["es/"])
    assert '<html lang="es">' in page.html
    assert "408.654" in page.html
    style = maker.story.config.style
    assert (style.number(1234.5, 1), style.percentage("12"), style.less_than) == (
        "1,234.5",
        "12 por ciento",
        "menos de",
    )


def test_english_reads_no_catalogue() -> None:
    """Babel is read only for other languages."""
    program = (
        "import sys; from pathlib import Path; from generator.prepare import prepare;"
        f"m = prepare(Path({str(STORY)!r})); m.page(m.routes['towns/aldford/']);"
        "print([n for n in sys.modules if n.partition('.')[0] == 'babel'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_language_without_words_is_told_as_long_as_it_has_none(tmp_path: Path) -> None:
    """Also by a build that changes another sentence, which reads no catalogue for it."""
    root = Path(shutil.copytree(STORY, tmp_path / "story", ignore=shutil.ignore_patterns("site", ".broadsheet")))
    (root / "content/extra.md").write_text("---\ntitle: Ein\ndescription: Eins.\nlanguage: de-AT\n---\nText.\n")

    def told() -> list[str]:
        report = build(root, root / "site")
        return [str(problem.location) for problem in report.warnings if problem.code == "untranslated"]

    assert told() == ["content/extra.md:4:11"]
    for words in ("More.", "And more."):
        with (root / "content/index.md").open("a", encoding="utf-8") as file:
            file.write(f"\n{words}\n")
        assert told() == ["content/extra.md:4:11"]
    document = root / "content/extra.md"
    document.write_text("---\n\n" + document.read_text().removeprefix("---\n"))
    assert told() == ["content/extra.md:5:11"]
    document.write_text(document.read_text().replace("de-AT", "en-AU"))
    assert told() == []
