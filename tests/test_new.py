"""``broadsheet new``: what it writes builds and is clean as it is, nothing is written over, nothing is left half done."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from small_stories import SETTINGS, write_story

from generator import __version__
from generator.build import build, check
from generator.cli import main
from generator.new import new_collection, new_entity, new_page, new_ranking, new_story, start
from generator.new.collection import singular
from generator.problems import SourceError

ROOT = Path(__file__).resolve().parents[1]
SCAFFOLD = ROOT / "generator/scaffold"
LIBRARIES = ROOT / "tests/story"


def _new(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["new", *map(str, arguments)])


def _all(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _is_clean(story: Path, *, rendered: bool = False) -> None:
    """As ``check --strict`` sees it; notes of drafts do not count."""
    found = [str(problem) for problem in check(story, rendered=rendered).problems if problem.severity != "note"]
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new story. To be read; a test that changes it takes ``story``."""
    folder = tmp_path_factory.mktemp("new") / "rivers"
    new_story(folder)
    return folder


@pytest.fixture
def story(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "rivers")


@pytest.fixture
def libraries(tmp_path: Path) -> Path:
    return shutil.copytree(LIBRARIES, tmp_path / "libraries")


# --- a story of one's own ----------------------------------------------------------------------------------


def test_a_new_story_builds_and_is_clean(story: Path, tmp_path: Path) -> None:
    _is_clean(story, rendered=True)
    report = build(story, tmp_path / "site")
    assert report.pages > 30
    assert not report.warnings


def test_a_new_story_has_every_door(made: Path) -> None:
    files = _all(made)
    for name in (
        "README.md", ".gitignore", "requirements.txt", ".github/workflows/check.yml", ".github/workflows/comment.yml", ".github/workflows/pages.yml", ".github/workflows/refresh.yml", "content/site.yml", "content/index.md",
        "content/charts.py", "content/claims.yml", "content/countries/[country].md", "content/countries/luxembourg.md",
        "content/rankings/wind.md", "content/methodology.md", "content/sources.md", "data/measures.yml", "data/checks.py",
        "data/loaders/electricity.py", "templates/partials/footer.html",
    ):  # fmt: skip
        assert name in files, name
    assert not [name for name in files if "__pycache__" in name or name.endswith(".pyc")]
    assert max(map(len, files.values())) < 150_000
    front = files["content/index.md"].decode()
    for said in ("]{= ", "]{claim=", "{{ ", "figure in_and_out"):
        assert said in front, said


def test_it_says_how_many_files_there_are_and_what_is_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = _new("rivers")
    assert done.exit_code == 0, done.output
    assert f"rivers: a story in {len(_all(tmp_path / 'rivers'))} files" in done.output
    assert "cd rivers\n" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["rivers"]


def test_a_title_of_ones_own(tmp_path: Path) -> None:
    assert _new("--title", 'Rivers: "high" and low', tmp_path / "rivers").exit_code == 0
    folder = tmp_path / "rivers"
    settings = yaml.safe_load((folder / "content/site.yml").read_text(encoding="utf-8"))
    assert settings["title"] == 'Rivers: "high" and low'
    assert (folder / "README.md").read_text(encoding="utf-8").startswith('# Rivers: "high" and low\n')
    assert start.TITLE not in "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.md"))
    _is_clean(folder)


@pytest.mark.parametrize("title", ["{{ rivers }}", "two\nlines", "[x]{= y }"])
def test_a_title_that_would_be_more_than_words(title: str, tmp_path: Path) -> None:
    done = _new(tmp_path / "rivers", "--title", title)
    assert done.exit_code == 1
    assert "bad-title" in done.output
    assert not (tmp_path / "rivers").exists()


def test_a_folder_with_nothing_in_it_but_git_will_do(tmp_path: Path, made: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    new_story(tmp_path)
    assert _all(tmp_path) == {**_all(made), ".git/HEAD": b"ref: refs/heads/main\n"}


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: (folder.mkdir(), (folder / "notes.txt").write_text("mine")), "it has notes.txt"),
        (lambda folder: folder.write_text("mine"), "that is a file"),
    ],
)
def test_nothing_is_written_over(prepare: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    prepare(tmp_path / "rivers")
    before = _all(tmp_path)
    done = _new(tmp_path / "rivers")
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert _all(tmp_path) == before


def test_a_folder_below_one_that_is_not_there(tmp_path: Path) -> None:
    done = _new(tmp_path / "water/rivers")
    assert done.exit_code == 1
    assert "no-folder" in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", ["mkdir", "write_bytes", "rename"])
@pytest.mark.parametrize("what", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_cut_short_it_leaves_nothing(
    there: bool, step: str, what: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rivers"
    if there:
        folder.mkdir()
    real, calls = getattr(Path, step), []

    def fails_the_second_time(self: Path, *arguments: object, **more: object) -> object:
        calls.append(self)
        if len(calls) > (0 if step == "rename" and not there else 1):
            raise what
        return real(self, *arguments, **more)

    monkeypatch.setattr(Path, step, fails_the_second_time)
    with pytest.raises(SourceError if isinstance(what, OSError) else KeyboardInterrupt):
        new_story(folder)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.rglob("*")] == (["rivers"] if there else [])


def test_the_first_argument_names_a_part_or_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _new("./page").exit_code == 0
    assert (tmp_path / "page/content/site.yml").exists()
    assert _new("page").exit_code == 2  # a part, and its title is missing
    assert _new("pages").exit_code == 0
    assert _new().exit_code == 2
    helped = _new("--help").output
    assert "new DIR" in helped
    assert "page|ranking|collection|entity" in helped


# --- what ships --------------------------------------------------------------------------------------------


def test_the_loader_gives_the_tables_that_ship_byte_for_byte(story: Path) -> None:
    tables = {path.name: path.read_bytes() for path in (story / "data").glob("*.csv") if path.name != "places.csv"}
    assert len(tables) == 4
    for name in tables:
        (story / "data" / name).unlink()
    command = [sys.executable, "-m", "generator", "refresh"]
    path = str(Path(__file__).parents[1])
    subprocess.run(command, cwd=story, check=True, env={"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONPATH": path})
    assert {name: (story / "data" / name).read_bytes() for name in tables} == tables


def test_the_figures_received_agree_with_each_other() -> None:
    """What nobody typed wrongly adds up: members of the union, and energy in and out."""
    received = SCAFFOLD / "story/data/loaders/received"
    rows = [line.split("\t") for line in (received / "tps00001.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    residents = {row[0].removeprefix("JAN,"): [cell.strip(" p") for cell in row[1:]] for row in rows}
    places = (SCAFFOLD / "story/data/places.csv").read_text(encoding="utf-8").splitlines()[2:]
    members = [line.split(",")[0] for line in places if not line.startswith("NO,")]
    for year in range(12):
        assert sum(int(residents[code][year]) for code in members) == int(residents["EU28"][year])
    for line in (received / "country_totals.csv").read_text(encoding="utf-8").splitlines():
        assert line.count(",") == 6


def test_a_broken_sum_is_found_by_the_storys_own_check(story: Path) -> None:
    table = story / "data/supply.csv"
    text = table.read_text(encoding="utf-8")
    assert ",69418.546," in text
    table.write_text(text.replace(",69418.546,", ",79418.546,"), encoding="utf-8")
    assert any("supplied is 79,419 GWh, the parts add up to" in str(p) for p in check(story).problems)


def test_the_template_of_its_own_is_the_themes_with_one_line_more() -> None:
    own = (SCAFFOLD / "story/templates/partials/footer.html").read_text(encoding="utf-8")
    theme = (ROOT / "templates/partials/footer.html").read_text(encoding="utf-8")
    _, _, own = own.partition("-#}\n")
    assert [line for line in own.splitlines() if "first results" not in line] == theme.splitlines()


def test_what_a_build_made_there_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SCAFFOLD, tmp_path / "scaffold")
    for name in ("site/index.html", ".broadsheet/kept", "content/__pycache__/charts.pyc"):
        (tmp_path / "scaffold/story" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "scaffold/story" / name).write_text("made")
    monkeypatch.setattr(start, "SCAFFOLD", tmp_path / "scaffold")
    new_story(tmp_path / "rivers")
    assert b"made" not in _all(tmp_path / "rivers").values()


def test_the_workflows_use_the_same_actions_as_ours() -> None:
    def used(folder: Path) -> set[str]:
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.yml")]
        return {use for text in texts for use in re.findall(r"uses: (\S+ # \S+)", text)}

    assert used(SCAFFOLD / "around") == used(ROOT / ".github/workflows")


def test_the_version_it_was_made_with_is_the_one_it_asks_for(made: Path) -> None:
    assert (made / "requirements.txt").read_text() == f"broadsheet=={__version__}\n"
    assert f"Broadsheet {__version__}" in (made / "README.md").read_text(encoding="utf-8")
    for name, content in _all(made).items():
        assert not re.search(rb"@(title|version)@", content), name


def test_the_readme_names_what_is_there(made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    guides = {"content/README.md", "data/README.md", "templates/README.md"}
    named = set(re.findall(r"`((?:content|data|templates|\.github)/[^`]*)`", text)) - guides
    assert len(named) > 10
    for name in named:
        assert (made / name).exists(), name
    said = set(re.findall(r"`broadsheet (\w+)", text))
    assert said <= main.commands.keys()


# --- a page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "path", "title"),
    [
        ("How we count", "content/how-we-count.md", "How we count"),
        ("about/Who we are", "content/about/who-we-are.md", "Who we are"),
        ('Said: "it\'s"', "content/said-its.md", 'Said: "it\'s"'),
        ("how-we-count.md", "content/how-we-count.md", "How we count"),
    ],
)
def test_a_new_page(wanted: str, path: str, title: str, libraries: Path) -> None:
    assert new_page(libraries, wanted) == [path]
    front = (libraries / path).read_text(encoding="utf-8").split("---\n")[1]
    assert yaml.safe_load(front)["title"] == title
    _is_clean(libraries, rendered=True)


@pytest.mark.parametrize(
    ("wanted", "code", "said"),
    [
        ("Method", "file-exists", "content/method.md is there already"),
        ("towns/Aldford", "address-collision", "/towns/aldford/"),
        ("Ten towns", "typed-number", "Ten"),
        ("???", "bad-name", "'???'"),
        ("../Outside", "bad-name", "'../Outside'"),
    ],
)
def test_a_page_that_cannot_be(wanted: str, code: str, said: str, libraries: Path) -> None:
    before = _all(libraries)
    done = _new("page", wanted, libraries)
    assert done.exit_code == 1
    assert code in done.output
    assert said in done.output
    assert _all(libraries) == before


# --- a ranking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["members", "residents"])
def test_a_new_ranking_of_towns(measure: str, libraries: Path) -> None:
    assert new_ranking(libraries, measure) == [f"content/rankings/{measure}.md"]
    _is_clean(libraries, rendered=True)


@pytest.mark.parametrize("measure", ["residents", "production", "mix", "by_source", "imports"])
def test_a_new_ranking_in_a_new_story(measure: str, story: Path) -> None:
    [path] = new_ranking(story, measure)
    assert path == f"content/rankings/{measure.replace('_', '-')}.md"
    _is_clean(story, rendered=measure == "production")


def test_a_ranking_has_the_columns_of_its_measure(libraries: Path, tmp_path: Path) -> None:
    (libraries / "content/rankings/loans.md").unlink()
    settings = libraries / "content/site.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("  - {title: Ranking, page: rankings/loans/}\n", ""), encoding="utf-8")
    front = libraries / "content/index.md"
    words = front.read_text(encoding="utf-8")
    front.write_text(words.replace("the [ranking](rankings/loans.md) has", "the ranking has"), encoding="utf-8")
    new_ranking(libraries, "loans")
    build(libraries, tmp_path / "site")
    page = (tmp_path / "site/rankings/loans/index.html").read_text(encoding="utf-8")
    heads = [
        re.sub(r"<[^>]+>", "", head).strip()
        for head in re.findall(r"<th[^>]*scope=\"col\"[^>]*>(.*?)</th>", page, re.S)
    ]
    assert [head.split()[0] for head in heads] == ["Rank", "Town", "Loans", "Share", "Per"]
    assert "Loans, 2025" in re.sub(r"<[^>]+>", "", page)


def test_a_ranking_of_figures_that_are_not_all_known(tmp_path: Path) -> None:
    """What is unknown has no share, though the whole is published; a rate's name may have a number in it."""
    write_story(
        tmp_path,
        {
            "visits": "town,year:year,visits:integer\nASH,2025,10\nBIR,2025,20\nCED,2025,5",
            "land_visits": "land,year:year,visits:integer\nL,2025,60",
            "residents": "town,date:date,residents:integer\nASH,2025-01-01,100\nBIR,2025-01-01,500",
        },
        """
        visits:
          from: visits
          value: visits
          entity: {town: town}
          unit: visits
          time: {year: year, type: flow}
          default: {at: latest}
          rates: {per_100k: {by: residents, year: 2025-01-01, unit: "visits per 100,000 residents"}}
          parts: [{from: land_visits, value: visits, entity: {land: land}, time: {year: year, type: flow}}]
        residents:
          from: residents
          value: residents
          entity: {town: town}
          unit: residents
          time: {at: date, type: stock}
        """,
        settings=re.sub(r"""(, |    )path: "[^"]*"(\n)?""", "", SETTINGS),
    )
    (tmp_path / "content/index.md").write_text("---\ntitle: Small\ndescription: Small.\n---\nVisits.\n")
    [path] = new_ranking(tmp_path, "visits")
    text = (tmp_path / path).read_text(encoding="utf-8")
    assert """{value: 'row.visits.share if row.visits is known else ""', label: "Share"}""" in text
    assert """{value: row.visits.per_100k, label: "Rate"}""" in text
    _is_clean(tmp_path, rendered=True)


def test_a_ranking_says_which_level_it_chose(libraries: Path) -> None:
    [path] = new_ranking(libraries, "members")
    text = (libraries / path).read_text(encoding="utf-8")
    assert '# status="registered" was chosen here; there is also active.' in text
    assert "Towns by members (Registered)" in text


def test_a_ranking_of_another_collection(libraries: Path) -> None:
    done = _new("ranking", "residents", libraries, "--of", "provinces")
    assert done.exit_code == 0, done.output
    assert "of: provinces\n" in (libraries / "content/rankings/residents.md").read_text(encoding="utf-8")
    _is_clean(libraries)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("lones", "did you mean 'loans'?"),
        ("rare_books", "declared never to be ranked"),
        ("fines", "has categories, which have no rank"),
        ("loans", "content/rankings/loans.md is there already"),
    ],
)
def test_a_ranking_that_cannot_be(measure: str, said: str, libraries: Path) -> None:
    before = _all(libraries)
    done = _new("ranking", measure, libraries)
    assert done.exit_code == 1
    assert said in done.output
    assert _all(libraries) == before


# --- a collection ------------------------------------------------------------------------------------------


def test_a_new_collection(libraries: Path, tmp_path: Path) -> None:
    written = new_collection(libraries, "libraries")
    assert written == ["content/libraries/[library].md", "content/libraries/index.md", "content/site.yml"]
    _is_clean(libraries, rendered=True)
    report = build(libraries, tmp_path / "site")
    assert not report.warnings
    page = (tmp_path / "site/libraries/aldford-central/index.html").read_text(encoding="utf-8")
    assert re.search(r'Town: <a href="[^"]*towns/aldford/">Aldford</a>', page)


def test_the_settings_are_only_added_to(libraries: Path) -> None:
    before = (libraries / "content/site.yml").read_text(encoding="utf-8").splitlines()
    new_collection(libraries, "libraries")
    after = (libraries / "content/site.yml").read_text(encoding="utf-8").splitlines()
    added = after[len(before) :]
    assert after[: len(before)] == before
    assert added[0] == "  libraries:"
    assert "    parent: {collection: towns, field: town}" in added


def test_the_line_ends_of_the_settings_stay_what_they_are(libraries: Path) -> None:
    settings = libraries / "content/site.yml"
    before = settings.read_bytes().replace(b"\n", b"\r\n")
    settings.write_bytes(before)
    new_collection(libraries, "libraries")
    after = settings.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    _is_clean(libraries)


def test_collections_written_on_one_line_are_not_taken_apart(tmp_path: Path) -> None:
    write_story(tmp_path, {"wells": "id,name\nW1,Old well"})
    settings = tmp_path / "content/site.yml"
    settings.write_text(
        "title: Small\ndescription: A story.\ncollections: {towns: {one: town, from: towns, key: code, name: name}}\n"
    )
    (tmp_path / "content/index.md").write_text("---\ntitle: Small\ndescription: Small.\n---\nWells.\n")
    package = tmp_path / "data/datapackage.json"
    described = json.loads(package.read_text())
    for resource in described["resources"]:
        if resource["name"] == "wells":
            resource["schema"]["primaryKey"] = ["id"]
    package.write_text(json.dumps(described))
    before = _all(tmp_path)
    done = _new("collection", "wells", tmp_path)
    assert done.exit_code == 1
    assert "one: well" in done.output
    assert _all(tmp_path) == before


def test_a_story_without_collections_gets_its_first(tmp_path: Path) -> None:
    write_story(tmp_path, {}, settings="title: Small\ndescription: A story.\n")
    (tmp_path / "content/index.md").write_text("---\ntitle: Small\ndescription: Small.\n---\nTowns.\n")
    package = tmp_path / "data/datapackage.json"
    described = json.loads(package.read_text())
    for resource in described["resources"]:
        resource["schema"]["primaryKey"] = ["code"]
    package.write_text(json.dumps(described))
    new_collection(tmp_path, "towns")
    assert (
        (tmp_path / "content/site.yml")
        .read_text()
        .endswith(
            "\ncollections:\n  towns:\n    one: town\n    from: towns\n    key: code\n    name: name\n    path: towns/{slug}/\n"
        )
    )
    _is_clean(tmp_path)


def test_what_follows_the_collections_in_the_settings_stays_below_them(story: Path) -> None:
    new_collection(story, "places")
    text = (story / "content/site.yml").read_text(encoding="utf-8")
    assert text.index("\n  places:\n") < text.index("\n# Names with numbers in them") < text.index("\nallow: []")
    assert text.count("\n  places:\n") == 1
    _is_clean(story)


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ("librarys", "did you mean 'libraries'?"),
        ("towns", "towns is a collection already"),
        ("loans", "the name 'loans', which is taken"),
        ("claims", "the name 'claims', which is taken"),
        ("residents", "the name 'residents', which is taken"),
    ],
)
def test_a_collection_that_cannot_be(dataset: str, said: str, libraries: Path) -> None:
    before = _all(libraries)
    done = _new("collection", dataset, libraries)
    assert done.exit_code == 1
    assert said in done.output
    assert _all(libraries) == before


def test_a_table_without_a_single_key_is_no_collection(story: Path) -> None:
    with pytest.raises(SourceError, match="country, year together"):
        new_collection(story, "supply")


def test_what_makes_the_story_wrong_is_taken_back(libraries: Path) -> None:
    """A library at the address of a page that is there."""
    (libraries / "content/libraries").mkdir()
    page = "---\ntitle: Corwen\ndescription: Its reading room.\n---\nA room.\n"
    (libraries / "content/libraries/[bus].md").write_text(page)
    before = _all(libraries)
    with pytest.raises(SourceError, match="no collection calls its entities 'bus'"):
        new_collection(libraries, "libraries")
    assert _all(libraries) == before
    (libraries / "content/libraries/[bus].md").rename(libraries / "content/libraries/reading-room.md")
    before = _all(libraries)
    with pytest.raises(SourceError, match="there is no library 'reading-room' for this document"):
        new_collection(libraries, "libraries")
    assert _all(libraries) == before


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("libraries", "library"), ("bridges", "bridge"), ("churches", "church"), ("rivers", "river"),
        ("boxes", "box"), ("sheep", "one_sheep"), ("stays", "stay"), ("glass", "one_glass"),
    ],
)  # fmt: skip
def test_what_one_of_them_is_called(many: str, one: str) -> None:
    assert singular(many) == one


# --- one entity --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["Aldford", "ALD", "aldford"])
def test_a_document_for_one_town(wanted: str, libraries: Path) -> None:
    assert new_entity(libraries, "towns", wanted) == ["content/towns/aldford.md"]
    assert "body: after\n" in (libraries / "content/towns/aldford.md").read_text(encoding="utf-8")
    _is_clean(libraries, rendered=True)


def test_the_collection_may_be_called_by_what_one_is(story: Path) -> None:
    assert new_entity(story, "country", "united kingdom") == ["content/countries/united-kingdom.md"]
    _is_clean(story)


@pytest.mark.parametrize(
    ("collection", "wanted", "said"),
    [
        ("twons", "Aldford", "did you mean 'towns'?"),
        ("towns", "Alford", "did you mean 'Aldford'?"),
    ],
)
def test_a_document_that_cannot_be(collection: str, wanted: str, said: str, libraries: Path) -> None:
    before = _all(libraries)
    done = _new("entity", collection, wanted, libraries)
    assert done.exit_code == 1
    assert said in done.output
    assert _all(libraries) == before


def test_a_second_document_for_one_is_refused(story: Path) -> None:
    before = _all(story)
    with pytest.raises(SourceError, match=r"luxembourg\.md is there already"):
        new_entity(story, "countries", "LU")
    with pytest.raises(SourceError, match="have no pages"):
        new_entity(story, "regions", "EUNO")
    assert _all(story) == before


def test_every_table_names_its_source_and_terms() -> None:
    package = json.loads((SCAFFOLD / "story/data/datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert resource["licenses"][0]["path"].startswith("https://"), resource["name"]
        for source in resource["sources"]:
            assert source["path"].startswith("https://")
        if resource["name"] != "places":
            assert re.fullmatch(r"[0-9a-f]{40}", resource["sources"][0]["via"]["version"])
