"""Values in Markdown: wherever one lands, its text appears as it is, and nothing else changes."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import Rows
from generator.prose.markdown import Converter, rows_attribute, safe_address, slot_html, slugify_heading
from generator.prose.slots import Joined, Link, Slot, Slots
from generator.values import NumberStyle, Phrase, Quantity, QuantityError, StandIn

VOID = {"img", "br", "hr", "input", "meta", "link"}
CONVERTER = Converter()


class Reader(HTMLParser):
    """Reads HTML as a browser does; fails where an element is not closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"</{tag}> closes nothing"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data

    def value_of(self, tag: str, name: str) -> str:
        return next(value for t, n, value in self.attributes if (t, n) == (tag, name))


def convert(body: str, *values: Slot | str) -> str:
    """``@0`` in the body stands for the first value."""
    slots = [value if isinstance(value, Slot) else Slot("text", value) for value in values]
    for number in range(len(slots)):
        body = body.replace(f"@{number}", f"\ue000{number}\ue001")
    return CONVERTER.convert(body, slots, safe_address).html


def data(text: str = "277") -> Slot:
    return Slot("data", text, "277", (Rows("visits", (2, 3, 4, 9)),))


PLACES = {
    "paragraph": "before @0 after",
    "twice": "@0 and @0",
    "alone": "@0",
    "first in a line": "@0. and more",
    "emphasis": "*@0* **@0** _@0_ __@0__ ***@0***",
    "next to emphasis": "*a*@0*b* @0% (@0)",
    "heading": "## The @0 visits",
    "underlined heading": "The @0 visits\n=====",
    "list": "- one @0\n- @0\n    - @0\n\n1. @0\n2. b",
    "quotation": "> says @0\n> twice @0",
    "link text": "[see @0 here](https://example.org/)",
    "emphasis in a link": "[*@0*](https://example.org/)",
    "table": "| a | b @0 |\n|---|--:|\n| @0 | x |\n| `@0` | **@0** |",
    "definition list": "Term @0\n:   What @0 is",
    "footnote": "Text[^1].\n\n[^1]: With @0 in it.",
    "code": "A `span @0` here\n\n    indented @0\n",
    "quotes": "\"@0\" and '@0' -- @0...",
    "line break": "one @0  \ntwo @0",
    "attribute list": "A paragraph @0.\n{: .wide #here }",
}
TRICKY = [
    "*a*", "**b**", "_c_", "`d`", "<b>e</b>", "<script>f()</script>", "[g](h)", "![i](j)", "&amp;", "&copy;", "&#60;",
    "a | b", "|", "line\nbreak", "# k", "- l", "1. m", "> n", "    o", "\\*p\\*", "$q$", "{: .r}", "[^1]", "{{ s }}", "{% t %}",
    "<!-- u -->", "https://example.org/", "me@example.org", "\"v\" 'w' -- ...", "&", "<", ">", "</p>", "</data>", "É 漢字 😀",
    "x\n\ny", "\ttab", "~~~", "```", "]]>", "<?php", "&lt;z&gt;", "__proto__", "\u202eright to left",
]  # fmt: skip


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES.keys())
def test_tricky_texts_appear_as_they_are(body: str) -> None:
    plain = Reader(convert(body, "QQ"))
    for text in TRICKY:
        made = Reader(convert(body, text))
        assert made.tags == plain.tags, text
        assert made.text == plain.text.replace("QQ", text)


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Co"], include_characters="\n\t"), min_size=1, max_size=20
)


@given(texts, st.sampled_from(sorted(PLACES)))
def test_any_text_appears_as_it_is_and_makes_no_element(text: str, place: str) -> None:
    body = PLACES[place]
    plain, made = Reader(convert(body, "QQ")), Reader(convert(body, text))
    assert made.tags == plain.tags
    assert made.text == plain.text.replace("QQ", text)
    assert [item for item in made.attributes if "QQ" not in item[2]] == plain.attributes


@given(texts)
def test_any_text_in_attributes(text: str) -> None:
    made = Reader(convert('[x](https://example.org/ "said: @0") ![alt @0](a.png)', text))
    assert made.value_of("a", "title") == f"said: {text}"
    assert made.value_of("img", "alt") == f"alt {text}"
    assert made.tags == ["p", "a", "img"]


@given(texts)
def test_a_text_in_a_table_cell_of_the_generator(text: str) -> None:
    for slot in (Slot("text", text), Slot("data", text, text), Slot("stand-in", text), Slot("link", text, "/x/")):
        made = Reader(slot_html(slot, safe_address))
        assert made.text == text
        assert len(made.tags) == (slot.kind != "text")


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES.keys())
def test_values_stay_bound_wherever_they_land(body: str) -> None:
    html = convert(body, data())
    expected = '<data data-rows="visits:2..4,9" value="277">277</data>'
    assert html.count(expected) == body.count("@0")
    assert Reader(html).text == Reader(convert(body, "277")).text


def test_rows_are_told_in_runs() -> None:
    def said(*lines: int) -> str:
        return rows_attribute(Slot("data", "", rows=(Rows("t", lines),)))

    assert said(5) == "t:5"
    assert said(5, 6, 8) == "t:5..6,8"
    assert said(1, 3, 5, 7) == "t:1,3,5,7"
    assert said(1, 3, 5, 7, 9, 10) == "t:1,3,…,9..10"
    assert said() == "t:"


# --- links and addresses ---------------------------------------------------------------------------------------


def test_links_do_not_nest() -> None:
    link = Slot("link", "Ashby", "/ashby/")
    assert (
        convert("[*@0*](https://example.org/)", link) == '<p><a href="https://example.org/"><em>Ashby</em></a></p>'
    )
    assert convert("[@0](https://example.org/)", link) == '<p><a href="https://example.org/">Ashby</a></p>'
    assert convert("*@0*", link) == '<p><em><a href="/ashby/">Ashby</a></em></p>'


@pytest.mark.parametrize(
    "written",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,x",
        "vbscript:x", "file:///etc/passwd", "//evil.example/x", "javascript&colon;alert(1)", "&#106;avascript:alert(1)",
        "&#x6A;avascript:alert(1)", "\x01javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_run_are_refused_from_data_and_from_text(written: str) -> None:
    made = CONVERTER.convert("[x](\ue0000\ue001)", [Slot("text", written)], safe_address)
    if "&" not in written:
        assert 'href="#"' in made.html
        assert made.refused
    if not set(written) & set(" \t\x01"):
        made = CONVERTER.convert(f"[x]({written}) ![y]({written})", [], safe_address)
        assert made.html.count('="#"') == 2
        assert len(made.refused) == 2


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&b=2"),
        ("https://example.org/?a=1&amp;b=2", "https://example.org/?a=1&b=2"),
        ("https://example.org/?a=1&copy=2", "https://example.org/?a=1&copy=2"),
        ("../other/#part", "../other/#part"),
        ("a%20b", "a%20b"),
        ("mailto:me@example.org", "mailto:me@example.org"),
    ],
)
def test_addresses_arrive_as_written(written: str, address: str) -> None:
    assert Reader(convert(f"[x]({written})")).value_of("a", "href") == address


@pytest.mark.parametrize("value", ["a&b", "a&copy=b", "a&amp;b", "a b", 'a"b', "a<b", "ä", "a(b)"])
def test_a_value_in_an_address(value: str) -> None:
    made = Reader(convert("[x](https://example.org/?q=@0)", value))
    expected = {"a b": "ab", 'a"b': "a%22b", "a<b": "a%3Cb", "ä": "%C3%A4"}.get(value, value)
    assert made.value_of("a", "href") == f"https://example.org/?q={expected}"


def test_an_address_in_pointed_brackets() -> None:
    assert Reader(convert("<me@example.org>")).value_of("a", "href") == "mailto:me@example.org"
    assert Reader(convert("<https://example.org/?a=1&b=2>")).value_of("a", "href") == "https://example.org/?a=1&b=2"


# --- headings ----------------------------------------------------------------------------------------------------


def test_headings_keep_no_trace_of_values_in_their_address() -> None:
    body = "## \ue0000\ue001 visits in *\ue0001\ue001* & Co\n\n## \ue0000\ue001\n\n## \ue0000\ue001 visits in \ue0001\ue001 & Co"
    made = [
        CONVERTER.convert(body, [data(n), Slot("text", town)], safe_address)
        for n, town in (("5", "A & B"), ("6", "&lt;"))
    ]
    assert [[h.id for h in m.toc] for m in made] == [["visits-in-co", "section", "visits-in-co_1"]] * 2
    assert [h.title for h in made[0].toc] == ["5 visits in A & B & Co", "5", "5 visits in A & B & Co"]
    assert made[1].toc[0].title == "6 visits in &lt; & Co"
    assert '<h2 id="visits-in-co">' in made[0].html


def test_heading_slugs() -> None:
    assert slugify_heading("What’s new, Zoë?", "-") == "whats-new-zoe"
    assert slugify_heading("日本 1", "-") == "日本-1"
    assert slugify_heading("!!!", "-") == "section"


# --- Markdown's own ------------------------------------------------------------------------------------------------


def test_raw_html_is_text() -> None:
    html = convert("<div onclick='x()'>a</div>\n\n<script>b()</script>\n\nc <img src=x onerror=y> d")
    assert Reader(html).tags == ["p", "p", "p"]
    assert "<script" not in html


def test_attributes_that_a_page_may_not_have_are_left_out() -> None:
    html = convert(
        'A *word*{: onclick="x()" style="y" .fine lang="fr" data-z="1" } here\n{: #id .wide hidden=hidden }'
    )
    assert html == '<p class="wide" hidden id="id">A <em class="fine" lang="fr">word</em> here</p>'


def test_a_block_stands_alone() -> None:
    block = Slot("block", "<figure>F</figure>")
    assert convert("a\n\n@0\n\nb", block) == "<p>a</p>\n<figure>F</figure>\n<p>b</p>"


def test_entities_of_the_author_stay() -> None:
    assert Reader(convert("&copy; &amp; & AT&T @0", "&copy;")).text == "© & & AT&T &copy;"


# --- what may be printed ---------------------------------------------------------------------------------------------


def test_slots_of_things() -> None:
    slots = Slots(NumberStyle())
    made = Quantity(3, "visits", label="visits", rows=(Rows("visits", (2,)),))
    for thing in (
        made,
        Phrase("three visits", made),
        "text",
        StandIn("none", "empty"),
        Link("A", "/a/"),
        Link("B", ""),
    ):
        slots.fill(thing)
    slots.fill(Joined(("a", made, Link("C", "/c/")), "or"))
    assert [slot.kind for slot in slots.found] == [
        "data",
        "data",
        "text",
        "stand-in",
        "link",
        "text",
        "text",
        "data",
        "link",
    ]
    assert slots.fill("") == ""


def test_a_mark_in_a_text_is_no_mark() -> None:
    slots = Slots(NumberStyle())
    slots.fill("secret")
    assert Reader(CONVERTER.convert(slots.fill("\ue0000\ue001"), slots.found, safe_address).html).text != "secret"


@pytest.mark.parametrize("thing", [None, True, False, [1], (), {}, Joined(())])
def test_what_cannot_be_printed(thing: object) -> None:
    with pytest.raises(QuantityError, match="cannot be printed"):
        Slots(NumberStyle()).fill(thing)


PIECES = [
    "ash",
    "Æsc",
    "1 234",
    "@0",
    "%",
    "–",
    " (",
    ")",
    "’",
    "*",
    "_",
    "`",
    "[",
    "](/x/)",
    '"',
    "'",
    "--",
    "...",
    "&",
    "<",
    ">",
    "!",
    "\\",
    "^",
    "{: .x }",
    "|",
]


@pytest.mark.parametrize(
    "frame", ["{}", "- {}\n- one", "## {}", "one | {}\n--- | ---\n{} | two", "one\n:   {}", "> {}"]
)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join))
def test_plain_texts_are_what_markdown_makes_of_them(frame: str, text: str) -> None:
    """Texts that are set apart before Markdown looks through them come out as if they were not."""
    body, slots = frame.replace("{}", text).replace("@0", "\ue0000\ue001"), [data()]
    plain = Converter()
    plain.engine.treeprocessors.deregister("plain")
    assert CONVERTER.convert(body, slots, safe_address) == plain.convert(body, slots, safe_address)


@pytest.mark.parametrize("written", ["towns/ash/", "../../towns/ash/", "x.csv", "ü/", "../", "a//b", "1:2"])
def test_addresses_within_the_site_are_printed_as_urls(written: str) -> None:
    assert safe_address(written) == quote(written, safe="/:.")


@pytest.mark.parametrize(
    "body",
    [
        "## Head &#xe000;99&#xe001;",
        "[x](&#xe000;99&#xe001;)",
        "&#xe000;99&#xe001;",
        "\ue00099\ue001",
        "a \ue00099\ue001 @0",
    ],
)
def test_a_mark_that_somebody_wrote_stays_for_a_check_to_find(body: str) -> None:
    html = convert(body, data())
    assert re.search("[\ue000-\uf8ff]|%EE%80%80", unescape(html))
