"""How problems are told: the line and its carets, notes and hints, and the formats for programs."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from test_cases import BASE, CASES, lay_over

from generator.cli import main
from generator.problems import Location, Problem
from generator.reports import Palette, Sources, records, sarif, summary, told, workflow_commands
from generator.reports.excerpts import WIDTH, columns, excerpt, safe
from generator.reports.text import split_hint

ERROR = Problem(
    "bad-cell", "loans: 'many' is not a number", Location("data/loans.csv", 2, 10, 4), "Write a number."
)


def wide(text: str) -> int:
    return sum(columns(character) for character in text)


# --- excerpts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "column", "width", "shown", "carets"),
    [
        ("ALD,2023,many", 10, 4, "ALD,2023,many", "         ^^^^"),
        ("ALD,2023,many", 10, 0, "ALD,2023,many", "         ^"),
        ("ALD,2023,many", 0, 0, "ALD,2023,many", ""),
        ("ALD", 4, 0, "ALD", "   ^"),
        ("ALD", 9, 5, "ALD", "   ^"),
        ("ALD", 3, 9, "ALD", "  ^"),
        ("\tALD", 2, 3, "    ALD", "    ^^^"),
        ("\t- a", 1, 1, "    - a", "^^^^"),
        ("図書館 many", 5, 4, "図書館 many", "       ^^^^"),
        ("図書館", 2, 1, "図書館", "  ^^"),
        ("Cafe\u0301 many", 7, 4, "Cafe\u0301 many", "     ^^^^"),
        ("a\x1b[31mb", 7, 1, "a�[31mb", "      ^"),
        ("a\u202eb\ue000", 3, 1, "a�b�", "  ^"),
    ],
)
def test_the_carets_stand_below_the_words(line: str, column: int, width: int, shown: str, carets: str) -> None:
    assert excerpt(line, column, width) == (shown, carets)


def test_a_long_line_is_cut_on_either_side() -> None:
    line = "".join(f"{number:04} " for number in range(100))
    shown, carets = excerpt(line, 251, 4)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= WIDTH
    assert shown[carets.index("^") : len(carets)] == "0050"
    begun, below = excerpt(line, 1, 4)
    assert begun.startswith("0000")
    assert begun.endswith("…")
    assert below == "^^^^"
    ended, below = excerpt(line.rstrip(), 496, 4)
    assert ended.startswith("…")
    assert ended.endswith("0099")
    assert below.endswith("^^^^")


def test_a_place_wider_than_the_line_is_cut_too() -> None:
    shown, carets = excerpt("x" * 500, 101, 300)
    assert len(shown) <= WIDTH
    assert set(carets.strip()) == {"^"}
    assert len(carets) < WIDTH


@given(st.text(st.characters(exclude_characters="\n\r")), st.integers(0, 300), st.integers(0, 300))
def test_an_excerpt_fits_and_points_into_itself(line: str, column: int, width: int) -> None:
    shown, carets = excerpt(line, column, width)
    assert wide(shown) <= WIDTH
    assert len(carets) <= WIDTH + 4
    assert bool(carets) == bool(column)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Co") for character in shown)


def test_only_files_of_the_story_are_read(tmp_path: Path) -> None:
    story = tmp_path / "story"
    (story / "content").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("secret", encoding="utf-8")
    (story / "content/link.md").symlink_to(tmp_path / "secret.md")
    (story / "content/page.md").write_bytes("\ufeffone\r\ntwo\rthr\u00e9e".encode())
    (story / "content/latin.md").write_bytes(b"caf\xe9")
    (story / "content/wide.md").write_bytes("words".encode("utf-16"))
    sources = Sources(story)
    outside = (
        "../secret.md",
        str(tmp_path / "secret.md"),
        "content/link.md",
        "content/../../secret.md",
        "",
        "content",
    )
    assert [sources.line(Location(path, 1)) for path in outside] == [None] * 6
    assert [sources.line(Location("content/page.md", line)) for line in (0, 1, 2, 3, 4)] == [
        None, "one", "two", "thrée", None,
    ]  # fmt: skip
    assert sources.line(Location("content/latin.md", 1)) == "caf�"
    assert sources.line(Location("content/wide.md", 1)) is None
    assert sources.line(Location("content/nothing.md", 1)) is None


# --- text -----------------------------------------------------------------------------------------------------


def test_a_problem_with_everything(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("Corwen lent [the most]{= x } books.\n", encoding="utf-8")
    problem = Problem(
        "claim-rank", "the words say “the most”", Location("index.md", 1, 14, 8), "Write [lowest]{= … }.",
        detail="the data says sixth of 6", notes=(("above it", "Eskdale 41,200"), ("from", "data/loans.csv")),
    )  # fmt: skip
    assert "\n".join(told([problem], Sources(tmp_path))) == (
        "index.md:1:14: error[claim-rank]: the words say “the most”, the data says sixth of 6\n"
        "    Corwen lent [the most]{= x } books.\n"
        "                 ^^^^^^^^\n"
        "    above it  Eskdale 41,200\n"
        "    from      data/loans.csv\n"
        "    write     [lowest]{= … }"
    )


@pytest.mark.parametrize(
    ("hint", "label", "rest"),
    [
        ("Write “lowest”.", "write", "“lowest”"),
        ("Write 'a: b', with a space.", "write", "'a: b', with a space"),
        ("Write for example 'x'. Kinds: a, b.", "", "Write for example 'x'. Kinds: a, b."),
        ("Remove it.", "", "Remove it."),
        ("", "", ""),
    ],
)
def test_what_to_write_is_labelled(hint: str, label: str, rest: str) -> None:
    assert split_hint(hint) == (label, rest)


def test_long_hints_go_on_in_the_next_line_and_code_is_not_broken() -> None:
    hint = "Names: " + ", ".join(["{{ town.loans | length }}"] * 9) + "."
    lines = "\n".join(told([Problem("x", "y", Location("a.md"), hint)])).splitlines()[1:]
    assert len(lines) > 1
    assert all(len(line) <= 100 and line.startswith("    ") for line in lines)
    assert all(line.count("{{") == line.count("}}") for line in lines)


def test_lines_to_be_copied_are_not_broken() -> None:
    line = f'{"0" * 64},"a file, whose  name is as long as names of files can be.xlsx",2026-06-18,why'
    hint = f"Add a line to data/corrections.csv, when you have found out of which day the file is that somebody has sent:\n{line}"
    (text,) = told([replace(ERROR, hint=hint)])
    shown = text.split("\n")
    assert shown[-1] == f"    {line}"
    assert all(len(each) <= 100 for each in shown[:-1])


def test_notes_of_drafts_come_last_and_are_counted_apart() -> None:
    note = Problem("n", "in a draft", Location("a.md"), severity="note")
    warning = Problem("w", "odd", Location("b.md"), severity="warning")
    listed = [note, warning, ERROR, Problem("e", "wrong", Location("b.md"))]
    assert [text.split(": ")[1] for text in told(listed)] == [
        "warning[w]",
        "error[bad-cell]",
        "error[e]",
        "note[n]",
    ]
    assert summary(listed) == "2 errors and 1 warning in 2 files; 1 note in drafts, which are not published"
    assert summary([ERROR]) == "1 error"
    assert summary([warning, warning]) == "2 warnings"
    assert summary([note, note]) == "2 notes in drafts, which are not published"
    assert summary([]) == "no problems"


def test_colours_only_when_asked_for(tmp_path: Path) -> None:
    (plain,) = told([ERROR], Sources(tmp_path))
    (coloured,) = told([ERROR], Sources(tmp_path), Palette(colours=True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert click.unstyle(coloured) == plain


def test_what_is_quoted_cannot_steer_the_terminal() -> None:
    problem = Problem("x", "bad \x1b]0;title\x07 and \u202e", Location("a\x1b.md"), "also \x9b here")
    (text,) = told([problem])
    assert text == "a�.md: error[x]: bad �]0;title� and �\n    also � here"
    assert safe("plain") == "plain"


def test_a_story_below_the_current_folder_is_told_with_its_path() -> None:
    (text,) = told([ERROR], below="stories/towns")
    assert text.startswith("stories/towns/data/loans.csv:2:10: ")
    (command,) = workflow_commands([ERROR], below="stories/towns")
    assert command.startswith("::error file=stories/towns/data/loans.csv,line=2,col=10,endColumn=14,")


# --- for programs -----------------------------------------------------------------------------------------------

IN_MANY = Problem(
    "claim-rank", "the words say “first”", Location("content/towns/[town].md", 3, 4, 5),
    entities=("Aldford", "Corwen"), detail="second", details=("second", "third"), among=6, severity="note",
)  # fmt: skip


def test_records() -> None:
    first, second = records([ERROR, IN_MANY])
    assert first == {
        "code": "bad-cell", "severity": "error", "path": "data/loans.csv", "line": 2, "column": 10, "width": 4,
        "message": "loans: 'many' is not a number", "detail": "", "hint": "Write a number.", "notes": [],
        "entities": [], "among": 0,
    }  # fmt: skip
    assert second["entities"] == [{"name": "Aldford", "detail": "second"}, {"name": "Corwen", "detail": "third"}]
    assert second["among"] == 6


def test_workflow_commands_have_their_own_name_for_a_note() -> None:
    (command,) = workflow_commands([IN_MANY])
    assert command == (
        "::notice file=content/towns/[town].md,line=3,col=4,endColumn=9,title=claim-rank::"
        "the words say “first”; not so in 2 of 6: Aldford (second), Corwen (third)"
    )


def test_sarif_has_what_the_standard_requires(tmp_path: Path) -> None:
    log = sarif([ERROR, IN_MANY, ERROR], "1.0", sources=Sources(tmp_path), below="stories/one")
    assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["bad-cell", "claim-rank"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert run["columnKind"] == "unicodeCodePoints"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        assert not set(artifact["uri"]) & set("[] ")
        assert unquote(artifact["uri"]).startswith("stories/one/")
    region = run["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 4, "endColumn": 9}
    assert run["results"][1]["properties"] == {"entities": ["Aldford", "Corwen"], "among": 6}
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(marks)) == 3


def test_fingerprints_stay_when_lines_move(tmp_path: Path) -> None:
    def marks(text: str, line: int) -> str:
        (tmp_path / "a.md").write_text(text, encoding="utf-8")
        problem = Problem("x", "y", Location("a.md", line, 1))
        result = sarif([problem], "1", sources=Sources(tmp_path))["runs"][0]["results"][0]
        return str(result["partialFingerprints"])

    assert marks("one\ntwo\n", 2) == marks("zero\none\n\n  two\n", 4)
    assert marks("one\ntwo\n", 2) != marks("one\nthree\n", 2)


# --- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def story(tmp_path: Path) -> Path:
    lay_over(CASES / "undefined-name-body", tmp_path / "story")
    return tmp_path / "story"


def test_the_formats_for_programs_are_whole_documents(story: Path) -> None:
    run = CliRunner().invoke(main, ["check", str(story), "--format", "sarif"], catch_exceptions=False)
    assert run.exit_code == 1
    assert len(json.loads(run.stdout)["runs"][0]["results"]) == 3
    run = CliRunner().invoke(main, ["check", str(story), "--format", "json"], catch_exceptions=False)
    assert [record["line"] for record in json.loads(run.stdout)] == [5, 6, 8]
    run = CliRunner().invoke(main, ["check", str(story), "--format", "github"], catch_exceptions=False)
    assert [line.partition(" ")[0] for line in run.stdout.splitlines()] == ["::error"] * 3


def test_a_clean_story_says_nothing_to_programs() -> None:
    run = CliRunner().invoke(main, ["check", str(BASE), "--format", "github"], catch_exceptions=False)
    assert (run.exit_code, run.stdout) == (0, "")
    run = CliRunner().invoke(main, ["check", str(BASE), "--format", "sarif"], catch_exceptions=False)
    assert json.loads(run.stdout)["runs"][0]["results"] == []


def test_a_build_tells_its_problems_in_the_same_way(story: Path, tmp_path: Path) -> None:
    checked = CliRunner().invoke(main, ["check", str(story)], catch_exceptions=False)
    built = CliRunner().invoke(main, ["build", str(story), "--out", str(tmp_path / "site")], catch_exceptions=False)
    assert built.stderr == checked.stdout.replace("3 errors\n", "3 errors; nothing was written\n")
    assert built.stdout == ""
