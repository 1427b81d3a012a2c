"""What somebody sends as a workbook: what is read, and what is refused before it can do harm."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from books import book, changed, part

from generator.refresh import workbook
from generator.refresh.workbook import UnreadableError, read_workbook

DAY = dt.datetime.fromisoformat("2025-05-08")
ROWS = [
    ("Town", "Loans", "Day"),
    ("Aldford", 12, DAY),
    (None, None, None),
    ("Birchmere", 7.5, None),
]
SHEET = "xl/worksheets/sheet1.xml"


def test_cells_are_read_with_their_rows_and_types() -> None:
    sheet = read_workbook(book(ROWS, more={"Notes": [("x",)]})).sheets[0]
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, ("Town", "Loans", "Day")),
        (2, ("Aldford", 12, DAY)),
        (4, ("Birchmere", 7.5)),
    ]
    assert sheet.rows[2][2] is None, "beyond the last cell that holds something"
    assert not sheet.hidden


def test_sheets_keep_their_order_and_their_dates_are_told() -> None:
    read = read_workbook(
        book(ROWS, more={" Notes ": [("x",)]}, begun=dt.date(2025, 2, 1), saved=dt.date(2025, 6, 6))
    )
    assert [sheet.title for sheet in read.sheets] == ["Sheet1", " Notes "]
    assert (read.created.date(), read.modified.date()) == (dt.date(2025, 2, 1), dt.date(2025, 6, 6))


def test_a_formula_is_its_cached_value_and_never_evaluated() -> None:
    data = book([("Loans",), ("=1+1",), ("=1+2",)])
    xml = (
        part(data, SHEET)
        .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>41</v>")
        .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>41</v>")
    )
    sheet = read_workbook(changed(data, {SHEET: xml})).sheets[0]
    assert [row.cells for row in sheet.rows] == [("Loans",), (41,)], "as its publisher's program left it there"


@pytest.mark.parametrize("left", [b"", b"<v/>", b"<v></v>"])
@pytest.mark.parametrize("placed", [True, False], ids=["placed", "one after the other"])
def test_a_formula_whose_value_nobody_worked_out_is_known_by_its_cell(left: bytes, placed: bool) -> None:
    data = book([("Loans",), ("=1+1",), ("=1+2",)])
    xml = re.sub(rb"<v ?/>|<v></v>", left, part(data, SHEET))
    if not placed:
        xml = re.sub(rb'<(row|c) r="[A-Z]*[0-9]+"', rb"<\1", xml)
    assert read_workbook(changed(data, {SHEET: xml})).sheets[0].uncomputed == {(2, 0), (3, 0)}


def test_a_formula_that_came_to_an_empty_text_is_worked_out() -> None:
    data = book([("Loans",), ("=A1",)])
    xml = re.sub(rb'<c r="A2"><f>A1</f><v ?/>', b'<c r="A2" t="str"><f>A1</f><v></v>', part(data, SHEET))
    assert b't="str"' in xml
    assert not read_workbook(changed(data, {SHEET: xml})).sheets[0].uncomputed


@pytest.mark.parametrize("number", [b"999999999999", b"1048577", b"1e12", b"2", b"0"])
def test_a_row_that_no_sheet_has_or_that_is_out_of_order_is_refused(number: bytes) -> None:
    """openpyxl hands out every row up to a far one, for hours, and leaves out one that comes too late."""
    xml = part(book(ROWS), SHEET).replace(
        b"</sheetData>", b'<row r="%b"><c><v>1</v></c></row></sheetData>' % number
    )
    with pytest.raises(UnreadableError, match="damaged: row"):
        _ = read_workbook(changed(book(ROWS), {SHEET: xml})).sheets[0].rows


def test_links_are_addresses_apart_from_the_cells() -> None:
    links = {
        "A2": "https://example.org/a.pdf",
        "B2": "mailto:somebody@example.org",
        "A4": "chrome-extension://abc/https://example.org",
        "B4": "file:///etc/passwd",
    }
    sheet = read_workbook(book(ROWS, links=links)).sheets[0]
    assert sheet.links == {(2, 0): "https://example.org/a.pdf"}


# --- what is refused ----------------------------------------------------------------------------------------


def zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def entity_bomb() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + part(
        book(ROWS), SHEET
    )
    return changed(book(ROWS), {SHEET: bomb})


def external_entity() -> bytes:
    xml = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'
    return changed(book(ROWS), {"xl/sharedStrings.xml": xml})


def hidden_entity() -> bytes:
    """A document type in UTF-16, which a search for its letters would miss."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    return changed(book(ROWS), {"xl/sharedStrings.xml": text.encode("utf-16")})


def in_an_odd_encoding() -> bytes:
    """The same in EBCDIC but for its first line: the parser reads no such thing."""
    head = b'<?xml version="1.0" encoding="cp037"?>'
    return changed(book(ROWS), {SHEET: head + '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("cp037")})


def many_parts() -> bytes:
    return zipped({"[Content_Types].xml": b"<x/>", **{f"p{number}": b"" for number in range(workbook.MOST_PARTS)}})


def bomb() -> bytes:
    return changed(book(ROWS), {"xl/media/a.bin": b"\0" * 30_000_000})


def unpacks_to_too_much() -> bytes:
    noise = bytes(range(256)) * 40
    parts = {f"xl/media/{number}.bin": (noise + str(number).encode()) * 100 for number in range(110)}
    return changed(book(ROWS), parts)


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000


REFUSED: list[tuple[Callable[[], bytes], str]] = [
    (lambda: b"", "the file is empty"),
    (lambda: b"<!DOCTYPE html><html>404", "a web page, not a workbook"),
    (lambda: b"\xef\xbb\xbf \n<HTML><body>", "a web page, not a workbook"),
    (lambda: b"Town,Loans\n", "not a workbook (.xlsx)"),
    (locked, "an old workbook (.xls), or one with a password"),
    (lambda: zipped({"a.txt": b"x"}), "a zip archive, not a workbook"),
    (lambda: book(ROWS)[:-200], "damaged"),
    (lambda: book(ROWS)[:200], "damaged"),
    (lambda: changed(book(ROWS), {"xl/workbook.xml": b"<workbook"}), "damaged"),
    (entity_bomb, "defines XML entities"),
    (external_entity, "defines XML entities"),
    (hidden_entity, "defines XML entities"),
    (in_an_odd_encoding, "damaged"),
    (many_parts, "parts, more than 2,000"),
    (bomb, "times its size"),
    (unpacks_to_too_much, "more than 100 MB"),
]


@pytest.mark.parametrize(("made", "said"), REFUSED, ids=[said[:24] for _, said in REFUSED])
def test_what_is_no_workbook_is_refused_in_one_plain_sentence(made: Callable[[], bytes], said: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_workbook(made())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_every_cut_is_told_as_damage_or_as_no_workbook() -> None:
    whole = book(ROWS)
    for end in range(0, len(whole) - 1, 97):
        with pytest.raises(UnreadableError):
            read_workbook(whole[:end])


def test_a_phantom_range_is_read_as_if_it_were_not_there() -> None:
    """A million rows and 16,383 columns that the sheet says it has, and no cells in them."""
    xml = part(book(ROWS), SHEET)
    begins, ends = xml.index(b'<dimension ref="') + 16, xml.index(b'"', xml.index(b'<dimension ref="') + 16)
    wide = xml[:begins] + b"A1:XFC1048576" + xml[ends:]
    far = wide.replace(b"</sheetData>", b'<row r="1048576"><c r="XFC1048576" s="0"/></row></sheetData>')
    sheet = read_workbook(changed(book(ROWS), {SHEET: far})).sheets[0]
    assert [row.number for row in sheet.rows] == [1, 2, 4]


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 40)
    assert read_workbook(book(ROWS)).sheets[0].rows
    with pytest.raises(UnreadableError, match="more than 40 cells"):
        _ = read_workbook(book([("x", "y", "z")] * 14)).sheets[0].rows
    with pytest.raises(UnreadableError, match="more than 40 cells"):  # few cells, and as a table very many
        _ = read_workbook(book([[*[None] * 30, "x"], [*[None] * 30, "x"]])).sheets[0].rows


def test_without_openpyxl_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(UnreadableError) as caught:
        read_workbook(book_before)
    assert str(caught.value) == "reading workbooks needs openpyxl"
    assert caught.value.hint == "Install it: pip install 'broadsheet[refresh]'."


book_before = book(ROWS)
