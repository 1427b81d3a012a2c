"""Releases: what was said and shown stays at its address; pages that go leave word."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_cases import BASE

from generator import freezing, releases
from generator.build import build, check
from generator.checks.facts import scan
from generator.checks.links import check_links
from generator.cli import main
from generator.freezing import PatternError, release
from generator.problems import SourceError
from generator.run import Run
from generator.serve.preview import Preview

TEMPLATES = Path(__file__).parents[1] / "templates"
JUNE, JULY = dt.date(2026, 6, 18), dt.date(2026, 7, 2)
CELL = ("ALD,2025,201877", "ALD,2025,202001")
"""A cell of loans.csv, and what it is changed to."""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "story")
    return tmp_path / "story"


@pytest.fixture(scope="module")
def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("released") / "story"
    shutil.copytree(BASE, root)
    release(root, "2026-06", today=JUNE)
    return root


@pytest.fixture
def released(_released: Path, tmp_path: Path) -> Path:
    """The base story with one release, of June."""
    shutil.copytree(_released, tmp_path / "story")
    return tmp_path / "story"


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def built(story: Path, **more: Any) -> Path:
    out = story.parent / "site"
    build(story, out, **more)
    return out


def frozen(site: Path, name: str = "2026-06") -> dict[str, bytes]:
    """The files of a release as the site has them, by path below its folder."""
    folder = site / "releases" / name
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def listed(story: Path, name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((story / f"content/releases/{name}/release.json").read_text(encoding="utf-8"))
    return made


def stored(story: Path, name: str) -> list[str]:
    """The checksums in a release's own archive."""
    with zipfile.ZipFile(story / f"content/releases/{name}/files.zip") as archive:
        return archive.namelist()


def codes(story: Path) -> list[str]:
    return [problem.code for problem in check(story).problems]


def refused(story: Path, name: str, **more: Any) -> list[str]:
    with pytest.raises(SourceError) as raised:
        release(story, name, today=JULY, **more)
    return [problem.code for problem in raised.value.problems]


# --- what was shown stays ---------------------------------------------------------------------------------


def test_a_frozen_embed_is_the_same_after_the_data_changed(released: Path) -> None:
    site = built(released)
    before = frozen(site)
    embed = "towns/aldford/over-time.embed.html"
    live = (site / embed).read_bytes()
    assert b"201,877" in before[embed]
    edit(released / "data/loans.csv", CELL)
    built(released)
    assert frozen(site) == before
    assert (site / embed).read_bytes() != live
    assert b"202,001" in (site / embed).read_bytes()
    assert b"201,877" in frozen(site)["towns/aldford/index.html"]


def test_a_frozen_embed_is_the_same_in_another_theme_and_of_another_generator(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = built(released)
    before = frozen(site)
    loaded = {reference.url for reference in scan(before["loans.embed.html"].decode()).loads}
    assets = released / "templates/assets"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "style.css").write_text(":root { --paper: red; }\n", encoding="utf-8")
    (assets / "embed.js").write_text("// another\n", encoding="utf-8")
    for name in ("embed.html", "release.html"):
        html = (TEMPLATES / name).read_text(encoding="utf-8")
        assert "{{ page.title }}" in html or "{{ page.heading }}" in html
        other = re.sub(r"{{ page\.(title|heading) }}", "Another", html)
        (released / "templates" / name).write_text(other, encoding="utf-8")
    monkeypatch.setattr("generator.pages.maker.__version__", "9.9.9")
    build(released, site, cache=False)
    assert frozen(site) == before
    assert not (site / next(path for path in loaded if "style-" in path)).exists()
    assert (site / "assets/embed.js").read_text(encoding="utf-8") == "// another\n"
    assert b"Another" in (site / "loans.embed.html").read_bytes()


def test_every_relative_address_of_a_frozen_file_leads_to_one_or_to_the_page_as_it_is_now(released: Path) -> None:
    site = built(released)
    there = [path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()]
    pages = {path: scan((site / path).read_text(encoding="utf-8")) for path in there if path.endswith(".html")}
    assert not list(check_links(pages, there, base_path="/borrowed/"))
    ours = [path for path in pages if path.startswith("releases/")]
    assert len(ours) == 12 + 7, "a record of each page, and an embed of each figure"
    for path in ours:
        for reference in pages[path].loads:
            target = (site / path).parent.joinpath(reference.url).resolve()
            assert target.is_relative_to(site.resolve() / "releases/2026-06"), (path, reference.url)
    for sheet in (site / "releases/2026-06/assets").glob("*.css"):
        fonts = re.findall(r"url\(['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8"))
        assert fonts
        assert all((sheet.parent / font).is_file() for font in fonts)


def test_a_frozen_embed_leads_programs_to_no_other_one(released: Path) -> None:
    html = frozen(built(released))["loans.embed.html"].decode()
    assert "oembed" not in html
    assert 'href="./#loans"' in html
    assert 'id="loans"' in frozen(built(released))["index.html"].decode()


def test_what_a_page_said_is_told_with_its_dates(released: Path) -> None:
    html = frozen(built(released))["towns/aldford/index.html"].decode()
    assert "What this page said on 18 June 2026." in html
    assert "<li>201,877: loans, Aldford, 2025</li>" in html
    assert 'href="../../../../towns/aldford/">What it says now</a>' in html
    assert '<meta name="robots" content="noindex">' in html


def test_a_live_page_leads_to_what_it_said(released: Path) -> None:
    release(released, "2026-07", today=JULY)
    site = built(released)
    html = (site / "towns/aldford/index.html").read_text(encoding="utf-8")
    said = re.search(r'<p class="releases">.*</p>', html)
    assert said is not None
    assert re.findall(r'href="([^"]+)"><time datetime="([^"]+)">([^<]+)<', said[0]) == [
        ("../../releases/2026-07/towns/aldford/", "2026-07-02", "2 July 2026"),
        ("../../releases/2026-06/towns/aldford/", "2026-06-18", "18 June 2026"),
    ]
    assert "releases" not in (site / "404.html").read_text(encoding="utf-8")


def test_an_embed_can_be_pinned_to_the_newest_release_that_has_the_figure(released: Path) -> None:
    release(released, "2026-07", today=JULY, pages=["towns/*"])
    site = built(released)
    base = "https://example.org/borrowed/releases"
    town = (site / "towns/aldford/index.html").read_text(encoding="utf-8")
    assert f"src=&#34;{base}/2026-07/towns/aldford/over-time.embed.html&#34;" in town
    assert f"src=&#34;{base}/2026-07/assets/embed.js&#34;" in town
    assert 'href="../../releases/2026-07/towns/aldford/over-time.embed.html"' in town
    assert "as it was on 2 July 2026" in town
    assert f"src=&#34;{base}/2026-07/loans.embed.html&#34;" in (site / "index.html").read_text(encoding="utf-8")


# --- what is stored -----------------------------------------------------------------------------------------


def test_two_releases_store_only_what_differs(released: Path) -> None:
    edit(released / "data/loans.csv", CELL)
    release(released, "2026-07", today=JULY)
    first, second = (listed(released, name)["files"] for name in ("2026-06", "2026-07"))
    before = {checksum for checksum, _ in first.values()}
    new = {checksum for checksum, _ in second.values()} - before
    assert set(stored(released, "2026-06")) == before
    assert sorted(stored(released, "2026-07")) == sorted(new)
    assert second.keys() == first.keys()
    changed = {path for path, file in second.items() if first[path] != file}
    assert 0 < len(changed) < len(second) / 2
    assert "towns/aldford/over-time.svg" in changed
    assert not [path for path in changed if path.startswith(("assets/", "method/"))]
    assert listed(released, "2026-07")["earlier"] == ["2026-06"]


def test_a_release_in_which_nothing_differs_stores_the_record_of_the_front_page_alone(released: Path) -> None:
    done = release(released, "2026-07", today=JULY)
    assert (done.stored, len(stored(released, "2026-07"))) == (1, 1)
    site = built(released)
    differing = {path for path, data in frozen(site, "2026-07").items() if data != frozen(site)[path]}
    assert differing == {"index.html"}
    assert "What this page said on 2 July 2026" in (site / "releases/2026-07/index.html").read_text(
        encoding="utf-8"
    )


def test_a_release_is_the_same_bytes_wherever_it_is_made(released: Path, tmp_path: Path) -> None:
    again = tmp_path / "elsewhere"
    shutil.copytree(BASE, again)
    release(again, "2026-06", today=JUNE)
    for name in ("release.json", "files.zip"):
        path = f"content/releases/2026-06/{name}"
        assert (again / path).read_bytes() == (released / path).read_bytes()


def test_frozen_are_the_pages_that_are_named(story: Path) -> None:
    release(story, "2026-06", today=JUNE, pages=["towns/*", "method/"])
    made = listed(story, "2026-06")
    assert sorted(made["records"]) == ["", "method/", *sorted(f"towns/{name}/" for name in (
        "aldford", "birchmere", "corwen", "dunmoor", "eskdale", "fairhaven"
    ))]  # fmt: skip
    assert "claims/" in made["pages"]
    with pytest.raises(PatternError, match="no page has an address like 'rivers"):
        release(story, "2026-07", today=JULY, pages=["rivers/*"])
    assert not (story / "content/releases/2026-07").exists()


def test_a_story_without_an_address_has_releases_without_embeds(story: Path) -> None:
    edit(story / "content/site.yml", ("base_url: https://example.org/borrowed/", 'base_url: ""'))
    release(story, "2026-06", today=JUNE)
    made = frozen(built(story))
    assert "towns/aldford/over-time.svg" in made
    assert not [path for path in made if path.endswith(".embed.html")]


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n---\n\n", "\n---\n\n[Seven towns]{= towns }\n\n", "claim-"),
        ("\n---\n\n", "\n---\n\nIt has 4,321 books.\n\n", ""),
    ],
)
def test_a_story_that_does_not_check_clean_is_not_released(story: Path, old: str, new: str, code: str) -> None:
    edit(story / "content/method.md", (old, new))
    assert any(code in found for found in refused(story, "2026-07"))
    assert not (story / "content/releases").exists() or not list((story / "content/releases").iterdir())


def test_there_are_no_two_releases_of_one_name(released: Path) -> None:
    before = {path: path.read_bytes() for path in (released / "content/releases").rglob("*") if path.is_file()}
    assert refused(released, "2026-06") == ["release-exists"]
    (released / "content/releases/Autumn").mkdir()
    assert refused(released, "autumn") == ["release-exists"]
    after = {path: path.read_bytes() for path in (released / "content/releases").rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("name", ["..", "a/b", "2026_06", "-a", "", "a" * 61, "é"])
def test_a_name_is_letters_digits_and_hyphens(story: Path, name: str) -> None:
    said = CliRunner().invoke(main, ["release", "--", name, str(story)])
    assert said.exit_code == 2
    assert "is not a name of letters, digits and hyphens" in said.output


def test_a_release_has_a_name_that_a_folder_of_the_site_can_have(story: Path) -> None:
    """Else every later build would refuse to write its pages."""
    said = CliRunner().invoke(main, ["release", "Con", str(story)])
    assert said.exit_code == 2
    assert "the name of a device on Windows" in said.output
    assert not (story / "content/releases").exists()


def test_the_command_says_what_was_frozen(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1781740800")
    said = CliRunner().invoke(main, ["release", "2026-06", str(story)], catch_exceptions=False)
    assert said.exit_code == 0
    assert re.match(r"release 2026-06: 12 pages, \d+ files, of which \d+ are new; \d+ kB to commit", said.output)
    assert listed(story, "2026-06")["date"] == "2026-06-18"
    again = CliRunner().invoke(main, ["release", "2026-06", str(story)], catch_exceptions=False)
    assert again.exit_code == 1
    assert "nothing was written" in again.output


def test_a_page_that_loads_what_is_not_kept_is_told(story: Path) -> None:
    (story / "templates").mkdir(exist_ok=True)
    html = (TEMPLATES / "embed.html").read_text(encoding="utf-8")
    (story / "templates/embed.html").write_text(
        html.replace("<script", '<script src="{{ page.root }}claims.json" defer></script>\n<script'),
        encoding="utf-8",
    )
    assert refused(story, "2026-06") == ["release-incomplete"]
    assert not list((story / "content/releases").iterdir())


# --- what was damaged ---------------------------------------------------------------------------------------


def damage(folder: Path, how: str) -> None:
    archive, listing = folder / "files.zip", folder / "release.json"
    if how == "another byte":
        data = bytearray(archive.read_bytes())
        data[len(data) // 2] ^= 1
        archive.write_bytes(data)
    elif how == "no archive":
        archive.unlink()
    elif how == "a link":
        archive.rename(folder.parent.parent.parent / "elsewhere.zip")
        archive.symlink_to(folder.parent.parent.parent / "elsewhere.zip")
    elif how == "no list":
        listing.unlink()
    elif how == "half a list":
        listing.write_text(listing.read_text(encoding="utf-8")[:500], encoding="utf-8")
    elif how == "another shape":
        listing.write_text("[]\n", encoding="utf-8")


@pytest.mark.parametrize("how", ["another byte", "no archive", "a link", "no list", "half a list", "another shape"])
def test_a_release_that_is_not_as_it_was_made_stops_the_build(released: Path, how: str) -> None:
    site = built(released)
    before = frozen(site)
    damage(released / "content/releases/2026-06", how)
    [problem] = [problem for problem in check(released).problems if problem.severity == "error"]
    assert problem.code in ("release-damaged", "file-missing")
    assert problem.location.path.startswith("content/releases/2026-06/")
    with pytest.raises(SourceError):
        built(released, cache=False)
    assert frozen(site) == before


def test_a_release_needs_those_whose_files_it_has(released: Path) -> None:
    release(released, "2026-07", today=JULY)
    shutil.rmtree(released / "content/releases/2026-06")
    [problem] = check(released).problems
    assert (problem.code, problem.location.path) == ("release-damaged", "content/releases/2026-07/release.json")


def forged(story: Path, files: Mapping[str, tuple[str, bytes, int]]) -> None:
    """Another archive and list: path → checksum, bytes and size as they are said to be."""
    folder = story / "content/releases/2026-06"
    with zipfile.ZipFile(folder / "files.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for checksum, data, _ in files.values():
            archive.writestr(checksum, data)
    data = (folder / "files.zip").read_bytes()
    made = listed(story, "2026-06")
    made["records"] = {}
    made["archive"] = [hashlib.sha256(data).hexdigest(), len(data)]
    made["files"] = {path: [checksum, size] for path, (checksum, _, size) in files.items()}
    (folder / "release.json").write_text(json.dumps(made), encoding="utf-8")


def test_a_forged_release_writes_nothing_that_is_not_what_it_says(released: Path) -> None:
    right, wrong = hashlib.sha256(b"said").hexdigest(), hashlib.sha256(b"other").hexdigest()
    for files, code in (
        ({"../../../escaped": (right, b"said", 4)}, "output-path"),
        ({"a.txt": (wrong, b"said", 4)}, "release-damaged"),
        ({"a.txt": (hashlib.sha256(b"\0" * 9_000_000).hexdigest(), b"\0" * 9_000_000, 9)}, "release-damaged"),
    ):
        forged(released, files)
        with pytest.raises(SourceError) as raised:
            built(released)
        assert {problem.code for problem in raised.value.problems} == {code}
    assert not (released.parent / "escaped").exists()


# --- what it costs ------------------------------------------------------------------------------------------


def test_frozen_files_that_are_in_place_are_not_read(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = built(released)
    with Run(released) as run:
        assert run.unchanged(site) is not None
    edit(released / "content/method.md", ("\n---\n\n", "\n---\n\nSome more words.\n\n"))
    monkeypatch.setattr(releases.Archives, "read", lambda *_: pytest.fail("it is in place"))
    built(released)
    assert len(frozen(site)) == len(listed(released, "2026-06")["files"])


def test_nothing_is_left_of_a_release_that_could_not_be_made(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(freezing.Folder, "store", full)
    said = CliRunner().invoke(main, ["release", "2026-06", str(story)])
    assert said.exit_code == 2
    assert "the release cannot be written: No space left on device" in said.output
    assert not list((story / "content/releases").iterdir())


def test_the_preview_shows_releases_and_redirects(released: Path) -> None:
    edit(
        released / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nredirects: {old/: method/}")
    )
    preview = Preview(released)
    shown = preview.page("releases/2026-06/towns/aldford/")
    assert (shown.status, shown.type) == (200, "text/html; charset=utf-8")
    assert shown.body == frozen(built(released))["towns/aldford/index.html"]
    assert preview.page("releases/2026-06/towns/aldford/over-time.svg").type == "image/svg+xml"
    assert b'content="0; url=../method/"' in preview.page("old/").body
    assert preview.page("releases/2026-06/nothing/").status == 404
    preview.close()


# --- addresses ----------------------------------------------------------------------------------------------


def moved_away(story: Path) -> None:
    """method/ is at how/ from here on, and nothing leads to its old address."""
    (story / "content/method.md").rename(story / "content/how.md")
    for path in (story / "content").rglob("*"):
        if path.suffix in (".md", ".yml") and "method" in (text := path.read_text(encoding="utf-8")):
            path.write_text(text.replace("method/", "how/").replace("method.md", "how.md"), encoding="utf-8")


def test_a_page_that_is_gone_is_told_until_it_is_said_where_it_went(released: Path) -> None:
    moved_away(released)
    [problem] = check(released).problems
    assert problem.code == "address-gone"
    assert "'method/'" in problem.message
    with pytest.raises(SourceError):
        built(released)
    edit(
        released / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nredirects:\n  method/: how/")
    )
    assert codes(released) == []
    html = (built(released) / "method/index.html").read_text(encoding="utf-8")
    assert '<meta http-equiv="refresh" content="0; url=../how/">' in html
    assert '<link rel="canonical" href="https://example.org/borrowed/how/">' in html
    assert '<meta name="robots" content="noindex">' in html
    assert '<a href="../how/">Method</a>' in html
    assert "method" not in (released.parent / "site/sitemap.xml").read_text(encoding="utf-8")


def test_a_page_that_is_a_draft_is_gone_too(released: Path) -> None:
    moved_away(released)
    edit(
        released / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nredirects:\n  method/: how/")
    )
    edit(released / "content/how.md", ("title: Method", "draft: true\ntitle: Method"))
    assert "bad-redirect" in codes(released)


def test_a_notice_stands_where_nothing_took_the_place(released: Path) -> None:
    moved_away(released)
    edit(
        released / "content/site.yml",
        ("claims_page: claims/", 'claims_page: claims/\nredirects:\n  method/: {gone: "We count <otherwise>."}'),
    )
    html = (built(released) / "method/index.html").read_text(encoding="utf-8")
    assert "<p>We count &lt;otherwise&gt;.</p>" in html
    assert "refresh" not in html


def test_a_redirect_to_a_page_that_does_not_compile_is_no_more_than_that(released: Path) -> None:
    moved_away(released)
    edit(
        released / "content/site.yml", ("claims_page: claims/", "claims_page: claims/\nredirects:\n  method/: how/")
    )
    edit(released / "content/how.md", ("title: Method", 'title: "{{ nothing.here"'))
    with pytest.raises(SourceError) as raised:
        built(released)
    assert {problem.location.path for problem in raised.value.problems} == {"content/how.md"}


def test_redirects_may_follow_one_another(released: Path) -> None:
    moved_away(released)
    edit(
        released / "content/site.yml",
        ("claims_page: claims/", 'claims_page: claims/\nredirects:\n  method/: count/\n  count/: "how/#top"'),
    )
    site = built(released)
    for old in ("method", "count"):
        assert 'url=../how/#top"' in (site / old / "index.html").read_text(encoding="utf-8")


def test_pages_of_older_releases_are_remembered(released: Path) -> None:
    moved_away(released)
    settings = released / "content/site.yml"
    edit(settings, ("claims_page: claims/", "claims_page: claims/\nredirects:\n  method/: how/"))
    release(released, "2026-07", today=JULY)
    assert "method/" not in listed(released, "2026-07")["pages"]
    edit(settings, ("redirects:\n  method/: how/", ""))
    assert codes(released) == ["address-gone"]


def test_a_collection_that_moves_is_one_problem_and_one_line(released: Path) -> None:
    settings = released / "content/site.yml"
    edit(settings, ("path: towns/{slug}/", "path: places/{slug}/"))
    for path in (released / "content").rglob("*.md"):
        path.write_text(path.read_text(encoding="utf-8").replace("/towns/", "/places/"), encoding="utf-8")
    [gone] = [problem for problem in check(released).problems if problem.code == "address-gone"]
    assert "6 pages" in gone.message
    assert "'towns/*: NEW/*'" in gone.hint
    line = "claims_page: claims/\nredirects:\n  towns/*: places/*\n  towns/corwen/: {gone: It is drowned.}"
    edit(settings, ("claims_page: claims/", line))
    assert codes(released) == []
    site = built(released)
    assert 'url=../../places/aldford/"' in (site / "towns/aldford/index.html").read_text(encoding="utf-8")
    assert "It is drowned." in (site / "towns/corwen/index.html").read_text(encoding="utf-8")
    edit(settings, ("towns/*: places/*", "towns/*: nowhere/*"))
    assert codes(released) == ["bad-redirect"]
