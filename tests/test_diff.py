"""What other data changes: told exactly, neither more nor less than what a reader would see change."""

from __future__ import annotations

import csv
import datetime as dt
import html
import json
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from repositories import commit, git
from test_cases import BASE, CASES, lay_over

from generator.build import build, check, prepare
from generator.cli import main
from generator.comparing import laid_over
from generator.comparing.align import aligned
from generator.comparing.as_json import record
from generator.comparing.as_markdown import MOST, as_markdown, code, fenced
from generator.comparing.as_update import as_update
from generator.comparing.changes import At, Difference, SentenceChange, Side
from generator.comparing.sheets import _rising
from generator.comparing.wording import clean, pieces
from generator.diff import diff
from generator.problems import Location
from generator.updates import read_updates

ROOT = Path(__file__).resolve().parents[1]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["diff", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "story")
    return tmp_path / "story"


def changed(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def other_data(story: Path, name: str, old: str, new: str) -> Path:
    """A folder with one file, in which one passage is another."""
    folder = story.parent / "other"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(story / "data" / name, folder / name)
    changed(folder, name, old, new)
    return folder


# --- cases ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", sorted(path.parent for path in CASES.glob("*/diff.txt")), ids=lambda c: c.name)
def test_case(case: Path, tmp_path: Path) -> None:
    """The case's ``data/`` is laid over the base story's as the other data; its ``content/`` is on both sides."""
    shutil.copytree(BASE, tmp_path / "story")
    lay_over(case, tmp_path / "changed")
    shutil.rmtree(tmp_path / "story/content")
    shutil.copytree(tmp_path / "changed/content", tmp_path / "story/content")
    command = case / "command.txt"
    words = command.read_text(encoding="utf-8").split()[1:] if command.exists() else []
    result = run(tmp_path / "story", "--data", tmp_path / "changed/data", *words)
    assert result.output.replace(str(tmp_path), "TMP") == (case / "diff.txt").read_text(encoding="utf-8")
    assert result.exit_code == (1 if case.name.endswith("with-problems") else 0)


# --- against a reading of the finished pages ------------------------------------------------------------


class Reader(HTMLParser):
    """The sentences of a page as a reader meets them, and the rows of its tables. Knows nothing of the generator."""

    TEXTS = frozenset(("p", "h2", "h3", "li", "dt", "dd", "caption", "title"))
    SKIPPED = frozenset(("svg", "nav", "footer", "script", "details"))
    SKIPPED_CLASSES = frozenset(
        ("masthead", "receipts", "sources", "show-sources", "ranks", "figure-bar", "places")
    )
    VOID = frozenset(("meta", "link", "input", "br", "hr", "img", "wbr"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sentences: Counter[str] = Counter()
        self.rows: list[tuple[str, ...]] = []
        self._open: list[tuple[str, str, bool]] = []
        self._piece: list[str] = []
        self._label = ""
        self._row: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("name") == "description":
            self._say(given["content"])
        if tag in self.VOID:
            return
        classes = given.get("class", "")
        skipped = tag in self.SKIPPED or bool(self.SKIPPED_CLASSES & set(classes.split()))
        self._open.append((tag, classes, skipped or (bool(self._open) and self._open[-1][2])))
        if tag in self.TEXTS or tag in ("td", "th"):
            self._piece = []
        if tag == "tr":
            self._row = []

    def handle_data(self, data: str) -> None:
        self._piece.append(data)

    def handle_endtag(self, tag: str) -> None:
        _, classes, skipped = self._open.pop()
        if skipped:
            return
        text = " ".join("".join(self._piece).split())
        if tag in ("td", "th"):
            self._row.append(text)
        elif tag == "tr" and any("table" in classes.split() for _, classes, _ in self._open):
            self.rows.append(tuple(self._row))
        elif tag == "tr":
            self._say(" · ".join(self._row))
        elif tag == "dt":
            self._label = text
        elif tag == "dd" and classes in ("value", "rank"):
            self._say(f"{self._label}{', rank' if classes == 'rank' else ''}: {text}")
        elif tag == "title":
            self._say(text.removesuffix(" · Borrowed"))
        elif tag in self.TEXTS:
            self._say(text)
        if tag in self.TEXTS:
            self._piece = []

    def _say(self, text: str) -> None:
        self.sentences.update(filter(None, re.split(r"(?<=[.!?])\s+", text)))


def read_pages(story: Path) -> dict[str, Reader] | None:
    maker = prepare(story, drawing=False)
    if maker.problems.errors:
        return None
    return {url: Reader(maker.page(route).html) for url, route in maker.routes.items()}


CONTENT = {
    "content/index.md": """\
---
title: What {{ towns | length }} towns borrow
lead: The libraries lent {{ towns.total("loans") }} books; {{ towns.with_any("loans") | length }} towns took part.
description: "{{ towns.total('members', status='registered', at='2024-12-31') if towns.total('loans') > 400000 else 'Many' }} members."
numbers:
  - {label: Loans, value: 'towns.total("loans")', note: "{{ towns.above('loans', 50000) | length }} towns above 50,000"}
  - {label: Large, value: 'towns.above("loans", 60000).count', when: 'towns.above("loans", 60000) | length > 1'}
---

## Above fifty thousand

{% for town in towns.sorted("loans") %}
- In {{ town.name }} they were {{ town.loans }}, {{ town.loans.rank | ordinal }} of all. {% if town.loans.change(since="2024") > 0 %}
  That of {{ town.name }} is a *rise* of {{ town.loans.change(since="2024") }}.{% else %}No rise for {{ town.name }}.{% endif %}
{% endfor %}

Those above 50,000 are {{ towns.above("loans", 50000) | and_list | or_say("none") }}.
{% if towns.total("members", status="active", at="2024-12-31") > 14000 %}Many members came **often**.{% else %}Few members came.{% endif %}

| Town | Members |
|------|---------|
{% for town in towns %}
| {{ town.name }} town | {{ town.members(status="registered", at="2024-12-31") }} members |
{% endfor %}

```table
id: all
title: "Ranked by loans, {{ towns.total('loans') }} in all"
of: towns
sort: row.loans
columns: [row.name, row.loans, row.loans.rank, row.loans.per_resident, "row.loans.change(since='2023')"]
note: "The highest is {{ towns.sorted('loans')[0].loans if towns.sorted('loans')[0].loans > 1 else 'low' }}."
```
""",
}


def cells(folder: Path) -> list[tuple[str, int, int, str]]:
    """File, row and column of every whole number of the base story that its pages count with."""
    found = []
    for name, column in (("loans.csv", 2), ("members.csv", 3), ("residents.csv", 2)):
        rows = list(csv.reader((folder / "data" / name).read_text(encoding="utf-8").splitlines()))
        found += [(name, number, column, row[column]) for number, row in enumerate(rows) if number]
    return found


CELLS = cells(BASE)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cell=st.sampled_from(CELLS), data=st.data())
def test_one_cell_changes_what_a_reader_sees_change(
    cell: tuple[str, int, int, str], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name, row, column, old = cell
    near = st.integers(max(1, int(old) - 3), int(old) + 3)
    value = data.draw(near | st.integers(1, 250_000) | st.sampled_from([int(other[3]) for other in CELLS]))
    folder = tmp_path_factory.mktemp("diff")
    shutil.copytree(BASE, folder / "story")
    for path, text in CONTENT.items():
        (folder / "story" / path).write_text(text, encoding="utf-8")
    shutil.copytree(folder / "story", folder / "other")
    table = folder / "other/data" / name
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    rows[row][column] = str(value)
    table.write_text("".join(",".join(cells) + "\n" for cells in rows), encoding="utf-8")
    found = diff(folder / "story", data=folder / "other/data")
    assume(not found.problems)
    before, after = read_pages(folder / "story"), read_pages(folder / "other")
    assert before is not None
    assert after is not None
    for url, page in before.items():
        assert_told(found, url, page, after[url])
        assert patched_rows(page, found, url) == Counter(after[url].rows), url
    ours, theirs = standings(folder / "story"), standings(folder / "other")
    changes = [c for r in found.rankings if r.measure == "loans" and r.collection == "towns" for c in r.changes]
    assert {change.entity for change in changes} == {n for n in ours if ours[n] != theirs[n]}
    for change in changes:
        assert change.was
        assert change.now
        assert (change.was.place, change.was.ties > 0) == ours[change.entity]
        assert (change.now.place, change.now.ties > 0) == theirs[change.entity]


def assert_told(found: Difference, url: str, before: Reader, after: Reader) -> None:
    """Of one page, the sentences told are exactly those that a reader no longer finds, and finds instead."""
    told = [c for c in found.sentences if c.at.page == url and c.was != c.now and "description of" not in c.at.part]
    was, now = Counter(c.was for c in told if c.was), Counter(c.now for c in told if c.now)
    assert was - now == before.sentences - after.sentences, url
    assert now - was == after.sentences - before.sentences, url


def standings(story: Path) -> dict[str, tuple[int, bool]]:
    """Name → place by loans in 2025, and whether it is shared."""
    read = {n: csv.reader((story / f"data/{n}.csv").read_text("utf-8").splitlines()) for n in ("loans", "towns")}
    names = {row[0]: row[1] for row in read["towns"]}
    loans = {names[row[0]]: int(row[2]) for row in read["loans"] if row[1] == "2025"}
    every = list(loans.values())
    return {n: (1 + sum(other > own for other in every), every.count(own) > 1) for n, own in loans.items()}


def patched_rows(page: Reader, found: Difference, url: str) -> Counter[tuple[str, ...]]:
    """The rows of a page's tables after every change that is told of them."""
    rows = [list(row) for row in page.rows]
    for sheet in (c for c in found.sheets if c.at.page == url and c.what == "table"):
        assert not sheet.new_rows
        assert not sheet.gone_rows
        for cell in sheet.cells:
            column = re.sub(r" \(([^()]*)\)$", r" \1", cell.column)
            head = next(row for row in page.rows if column in row)
            at = head.index(column)
            number = next(i for i, row in enumerate(page.rows) if row[0] == cell.row and len(row) == len(head))
            assert page.rows[number][at] == cell.was
            rows[number][at] = cell.now
    return Counter(map(tuple, rows))


# --- assertions, in a loop ------------------------------------------------------------------------------


def test_in_a_loop_each_turn_has_its_own_verdict(story: Path) -> None:
    loop = """---
title: Six towns
description: Six towns.
---
{% for town in towns %}
{{ town.name }} lent [more than 9,000]{= town.loans }.
{% endfor %}
"""
    (story / "content/index.md").write_text(loop, encoding="utf-8")
    found = diff(story, data=other_data(story, "loans.csv", "COR,2025,9004", "COR,2025,8999"))
    [change] = found.assertions
    assert change.sentence == "Corwen lent more than 9,000."
    assert (change.held, change.holds, change.says) == (True, False, "8,999")
    assert (change.at.where.line, change.at.where.column) == (6, 22)


# --- git ------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path, no_git_settings: None) -> Path:
    """A repository with the base story in a folder of it, committed twice: at first one figure was another."""
    top = tmp_path / "repository"
    shutil.copytree(BASE, top / "stories/borrowed")
    git(tmp_path, "init", "-q", str(top))
    changed(top / "stories/borrowed/data", "loans.csv", "DUN,2025,41200", "DUN,2025,56200")
    commit(top, "First")
    git(top, "tag", "first")
    changed(top / "stories/borrowed/data", "loans.csv", "DUN,2025,56200", "DUN,2025,41200")
    commit(top, "Second")
    return top


def test_against_a_revision(repository: Path) -> None:
    story = repository / "stories/borrowed"
    assert "no difference" in run(story, "--against", "HEAD").output
    said = run(story, "--against", "first").output
    first = git(repository, "rev-parse", "first")
    assert said.startswith(f"from the data at first ({first[:10]}) to the data as it is now, 13 pages compared\n")
    assert "Dunmoor: 3rd → tied 4th of 6 by loans (56,200 → 41,200)" in said
    assert "lent [56,200 → 41,200] books" in said
    assert git(repository, "status", "--porcelain") == ""


def test_the_words_are_those_of_today(repository: Path) -> None:
    """Documents that are not committed, and tables that are not, either."""
    story = repository / "stories/borrowed"
    document = "---\ntitle: New\ndescription: New.\n---\nDunmoor: {{ towns.DUN.loans }} loans.\n"
    (story / "content/new.md").write_text(document, encoding="utf-8")
    changed(story / "data", "loans.csv", "DUN,2025,41200", "DUN,2025,40000")
    found = diff(story, against="HEAD")
    assert ("Dunmoor: 41,200 loans.", "Dunmoor: 40,000 loans.") in {(c.was, c.now) for c in found.sentences}
    assert found.before.revision == git(repository, "rev-parse", "HEAD")


def test_files_are_read_as_they_were_committed(repository: Path) -> None:
    """Attributes for archives and line ends change nothing."""
    text = "*.csv export-ignore\nloans.csv text eol=crlf\n"
    (repository / ".gitattributes").write_text(text, encoding="utf-8")
    commit(repository, "Attributes")
    found = diff(repository / "stories/borrowed", against="HEAD")
    assert not found
    assert not found.problems


def test_the_data_of_a_revision_with_problems(repository: Path) -> None:
    story = repository / "stories/borrowed"
    changed(story / "data", "loans.csv", "DUN,2025,41200", "DUN,2025,none")
    commit(repository, "Broken")
    changed(story / "data", "loans.csv", "DUN,2025,none", "DUN,2025,41200")
    result = run(story, "--against", "HEAD")
    assert result.exit_code == 1
    assert "nothing could be compared" in result.output
    assert re.search(
        r"^with the data at HEAD \(\w{10}\): data/loans.csv:13:10: error\[bad-cell\]: ", result.output, re.M
    )


def test_where_a_side_has_no_pages_none_is_said_to_be_gone(repository: Path) -> None:
    """An update names the page of a town that has another name now: that is told instead of a difference."""
    story = repository / "stories/borrowed"
    with_updates(story, "  - {date: 2026-05-18, title: New, text: New., pages: [towns/dunmoor/]}\n")
    changed(story / "data", "towns.csv", "Dunmoor", "Dunmore")
    found = diff(story, against="HEAD")
    assert not found
    assert [(each.side, each.problem.code) for each in found.problems] == [("after", "dead-link")]
    drafted = run(story, "--against", "HEAD", "--format", "update")
    assert (drafted.exit_code, drafted.stdout) == (1, "")
    assert "with the data as it is now: " in drafted.stderr
    assert "nothing to draft" not in drafted.stderr


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("nowhere", "the repository has no revision 'nowhere'"),
        ("--output=x", "'--output=x' is no revision"),
        ("HEAD:stories", "the repository has no revision 'HEAD:stories'"),
        ("empty", "at empty there is no folder stories/borrowed/data"),
    ],
)
def test_no_such_revision(repository: Path, revision: str, said: str) -> None:
    git(repository, "checkout", "-q", "--orphan", "other")
    git(repository, "rm", "-q", "-r", "--cached", ".")
    git(repository, "commit", "-q", "--allow-empty", "-m", "Empty")
    git(repository, "tag", "empty")
    result = run(repository / "stories/borrowed", f"--against={revision}")
    assert result.exit_code == 2
    assert said in result.output


def test_no_repository(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(story.parent))
    result = run(story, "--against", "HEAD")
    assert result.exit_code == 2
    assert "is in no git repository" in result.output


def test_no_git(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(story))
    result = run(story, "--against", "HEAD")
    assert result.exit_code == 2
    assert "git is not installed" in result.output
    assert "--data DIR" in result.output


# --- the command ----------------------------------------------------------------------------------------


def test_one_of_the_two_must_be_named(story: Path, repository: Path) -> None:
    for words in ((), ("--against", "HEAD", "--data", str(BASE / "data"))):
        result = run(story, *words)
        assert result.exit_code == 2
        assert "either --against REV or --data DIR" in result.output


def test_exit_code_as_git_diff_has_it(story: Path) -> None:
    other = other_data(story, "loans.csv", "COR,2025,9004", "COR,2025,9005")
    assert run(story, "--data", other).exit_code == 0
    assert run(story, "--data", other, "--exit-code").exit_code == 1
    assert run(story, "--data", story / "data", "--exit-code").exit_code == 0


def test_an_empty_folder_is_no_data(story: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(story, "--data", tmp_path / "empty")
    assert result.exit_code == 2
    assert "there is no data to compare with" in result.output


def test_rules_in_data_that_somebody_sends_are_not_run(story: Path) -> None:
    other = other_data(story, "loans.csv", "COR,2025,9004", "COR,2025,9005")
    (other / "checks.py").write_text("raise SystemExit('run')\n", encoding="utf-8")
    found = diff(story, data=other)
    assert found
    assert not found.problems


def test_the_example_of_the_guide_is_what_it_says(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (ROOT / "content/README.md").read_text(encoding="utf-8")
    section = guide.partition("\n## What other data changes\n")[2].partition("\n## ")[0]
    example = re.search(r"^```\n(from the data.*?)^```$", section, re.M | re.S)
    assert example
    other_data(story, "loans.csv", "ESK,2025,41200", "ESK,2025,43900").rename(tmp_path / "returns-2026")
    monkeypatch.chdir(tmp_path)
    assert run("story", "--data", "returns-2026").output == example[1]


def test_the_guide_names_the_keys_of_the_json(story: Path) -> None:
    guide = (ROOT / "content/README.md").read_text(encoding="utf-8")
    section = guide.partition("\n## What other data changes\n")[2].partition("\n## ")[0]
    said = set(re.findall(r"`(\w+)`", section))
    found = record(diff(story, data=other_data(story, "loans.csv", "DUN,2025,41200", "DUN,2025,56200")))
    there: set[str] = set()

    def gather(thing: object) -> None:
        if isinstance(thing, dict):
            there.update(thing)
            for inner in thing.values():
                gather(inner)
        elif isinstance(thing, list):
            for inner in thing:
                gather(inner)

    gather(found)
    assert there <= said


def test_data_is_laid_over_a_link_not_through_it(story: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "loans.csv"
    shutil.move(story / "data/loans.csv", elsewhere)
    text = elsewhere.read_text(encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/loans.csv").write_text(text.replace("COR,2025,9004", "COR,2025,9005"), encoding="utf-8")
    (story / "data/loans.csv").symlink_to(elsewhere)
    run(story, "--data", tmp_path / "other")
    assert elsewhere.read_text(encoding="utf-8") == text


def test_a_hook_of_git_is_not_in_the_way(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    assert not diff(repository / "stories/borrowed", against="HEAD").problems


def test_nothing_is_written(story: Path) -> None:
    before = sorted(story.rglob("*"))
    run(story, "--data", other_data(story, "loans.csv", "COR,2025,9004", "COR,2025,9005"))
    assert [path for path in sorted(story.rglob("*")) if "__pycache__" not in path.parts] == before


def test_the_same_twice(story: Path) -> None:
    other = other_data(story, "loans.csv", "DUN,2025,41200", "DUN,2025,56200")
    for style in ("text", "json", "markdown"):
        words = (story, "--data", other, "--format", style)
        assert run(*words).output == run(*words).output


# --- which is which -------------------------------------------------------------------------------------


def test_what_a_loop_gains_leaves_the_rest_with_their_counterparts() -> None:
    pairs = aligned(["A 1", "B 2", "C 3"], ["N 9", "A 2", "B 2", "C 4"], (str, lambda text: text[0]))
    assert pairs == [(None, "N 9"), ("A 1", "A 2"), ("B 2", "B 2"), ("C 3", "C 4")]


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_everything_is_in_exactly_one_pair(before: list[str], after: list[str]) -> None:
    pairs = aligned(before, after, (str,))
    assert [was for was, _ in pairs if was] == before
    assert [now for _, now in pairs if now] == after


@given(st.text("ab 1,."), st.text("ab 1,."))
def test_pieces_add_up_to_both_sentences(was: str, now: str) -> None:
    made = pieces(was, now)
    assert "".join(old for old, _ in made) == was
    assert "".join(new for _, new in made) == now


@given(st.permutations(range(1, 8)), st.lists(st.integers(0, 3), min_size=7, max_size=7))
def test_the_fewest_rows_have_moved(numbers: list[int], dear: list[int]) -> None:
    chosen = [c for size in range(8) for c in combinations(range(7), size)]
    rising = [c for c in chosen if all(numbers[a] < numbers[b] for a, b in pairwise(c))]
    best = max((len(c), sum(dear[i] for i in c)) for c in rising)
    made = _rising(numbers, dear)
    assert tuple(made) in rising
    assert (len(made), sum(dear[i] for i in made)) == best


# --- Markdown for strangers' data -----------------------------------------------------------------------


@given(st.text(alphabet="`ab<|@[]()#\\\n\u202e\x1b "))
def test_nothing_gets_out_of_code(text: str) -> None:
    ticks = re.match("`+", code(text))
    assert ticks
    inner = code(text).removeprefix(ticks[0]).removesuffix(ticks[0])
    assert ticks[0] not in re.findall("`+", inner)
    block = fenced("diff", [clean(text)]).split("\n")
    fence = block[0].removesuffix("diff")
    assert len(block) == 3
    assert fence not in block[1]
    assert not re.search(r"[\x00-\x1f\u202e]", clean(text))


def test_markdown_stays_below_what_a_comment_may_have() -> None:
    def change(number: int) -> SentenceChange:
        at = At(Location("content/index.md", number, 1), "body", f"page-{number}/", "")
        return SentenceChange(at, f"{number} " + "long " * 60, f"{number + 1} " + "long " * 60)

    side = Side("the data")
    many = Difference(side, side, 2000, sentences=tuple(change(number) for number in range(2000)))
    text = as_markdown(many)
    assert 40_000 < len(text) < MOST
    left = re.search(r"… and ([\d,]+) more", text)
    assert left
    told = len(re.findall(r"^- \d+ long", text, re.M))
    assert told + int(left[1].replace(",", "")) == 2000
    assert text.count("<details>") == text.count("</details>") == 1


def test_json_has_everything(story: Path) -> None:
    other = other_data(story, "loans.csv", "DUN,2025,41200", "DUN,2025,56200")
    said = json.loads(run(story, "--data", other, "--format", "json").output)
    found = diff(story, data=other)
    assert said == json.loads(json.dumps(record(found)))
    assert sum(len(group["changes"]) for group in said["sentences"]) == len(found.sentences)
    assert sum(len(group["changes"]) for group in said["sheets"]) == len(found.sheets)


# --- the draft of an update ---------------------------------------------------------------------------------


def with_updates(story: Path, draft: str) -> None:
    """The story with a page of updates, and the draft on it."""
    settings = story / "content/site.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("claims_page: claims/", "claims_page: claims/\nupdates_page: updates/"))
    (story / "content/updates.md").write_text("---\ntitle: Updates\ndescription: What changed.\n---\n")
    (story / "content/updates.yml").write_text("updates:\n" + draft, encoding="utf-8")


def test_the_draft_of_an_update_stands_as_it_is(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1779062400")  # 18 May 2026
    other = other_data(story, "loans.csv", "DUN,2025,41200", "DUN,2025,56200")
    drafted = run(story, "--data", other, "--format", "update")
    assert drafted.exit_code == 0
    with_updates(story, drafted.stdout)
    shutil.copyfile(other / "loans.csv", story / "data/loans.csv")
    assert [p for p in check(story).problems if p.location.path == "content/updates.yml"] == []
    (entry,) = read_updates(story).entries  # type: ignore[union-attr]
    assert entry.date.isoformat() == "2026-05-18"
    build(story, story / "site")
    page = (story / "site/updates/index.html").read_text(encoding="utf-8")
    assert "41,200" in page
    assert "56,200" in page
    assert 'href="../towns/' in page


def test_the_second_draft_of_a_day_has_an_id_of_its_own() -> None:
    at = At(Location("content/index.md", 3), "body", "", "")
    found = Difference(Side("a"), Side("b"), 1, sentences=(SentenceChange(at, "It was so.", "It is so."),))
    day = dt.date(2026, 5, 18)
    assert "id:" not in as_update(found, day)
    assert "    id: 2026-05-18-3\n" in as_update(found, day, ["2026-05-18", "2026-05-18-2"])


def test_where_nothing_reads_otherwise_nothing_is_drafted(story: Path) -> None:
    result = run(story, "--data", story / "data", "--format", "update")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to draft" in result.stderr


HOSTILE = "{{ 1 + 1 }} {% if %} <b onclick=x> [a](javascript:b) [c]{= 1 } ‘d’ “e” *f* `g` # h"


def test_nothing_in_a_draft_is_more_than_words(story: Path) -> None:
    at = At(Location("content/index.md", 3), "body", "", HOSTILE)
    changes = (SentenceChange(at, f"1. {HOSTILE}", ""), SentenceChange(at, "", f"- {HOSTILE}"))
    with_updates(story, as_update(Difference(Side("a"), Side("b"), 1, sentences=changes), dt.date(2026, 5, 18)))
    build(story, story / "site")
    page = (story / "site/updates/index.html").read_text(encoding="utf-8")
    shown = HOSTILE.replace("{", "(").replace("}", ")")
    assert html.unescape(page).count(shown[:60]) == 4, "twice in the name of whose page it is"
    assert html.unescape(page).count(shown.replace("“", "‘").replace("”", "’")) == 2
    assert "<b onclick" not in page


# --- the real story -------------------------------------------------------------------------------------


@pytest.mark.story
def test_one_cell_of_the_real_story(tmp_path: Path) -> None:
    """Ohio had 16 task force agreements on the last list; with 19 it passes Wisconsin, and the total is 1,846."""
    (tmp_path / "agreements.csv").write_bytes((ROOT / "data/agreements.csv").read_bytes())
    changed(tmp_path, "agreements.csv", "2026-05-18,signed,OH,TFM,16\n", "2026-05-18,signed,OH,TFM,19\n")
    found = diff(ROOT, data=tmp_path)
    # the totals that the lists print no longer agree, which is told, and keeps no page from being compared
    assert {each.problem.code for each in found.problems} == {"sum-mismatch"}
    assert {each.side for each in found.problems} == {"after"}
    assert not found.not_compared
    assert not found.page_changes
    [ranking] = [ranking for ranking in found.rankings if ranking.measure == "agreements" and not ranking.selection]
    places = [(c.entity, c.was and c.was.place, c.now and c.now.place, c.own) for c in ranking.changes]
    assert places == [("Ohio", 20, 19, True), ("Wisconsin", 19, 20, False)]
    with laid_over(ROOT, tmp_path, whole=False) as other:
        ours, theirs = prepare(ROOT, drawing=False), prepare(other, drawing=False)
        touched = {change.at.page for change in (*found.sentences, *found.sheets)}
        for number, route in enumerate(ours.routes.values()):
            few = route.entity is None or route.entity.collection != "counties" or number % 200 == 0
            if few or route.url in touched:
                pages = (maker.page(maker.routes[route.url]).html for maker in (ours, theirs))
                assert_told(found, route.url, *map(Reader, pages))
