"""The output folder: what is written, what is left alone, what is refused."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from generator.problems import Problem, SourceError
from generator.write import STATE, Left, Signature, Site, Staging, Written, journal, recover, untouched
from generator.write.disk import MANY

REPOSITORY = Path(__file__).parents[2]
FILES = {"index.html": b"<p>Towns", "towns/aldford/index.html": b"<p>Aldford", "style.css": b"p {}"}


def build(out: Path, files: dict[str, bytes]) -> Written:
    with Staging(out) as stage:
        for path, data in files.items():
            stage.add(path, data)
        return stage.commit()


def contents(out: Path) -> dict[str, bytes]:
    """The published files."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and STATE not in path.relative_to(out).parts
    }


def refused(out: Path, files: dict[str, bytes]) -> tuple[Problem, ...]:
    """The problems of a build that must change nothing."""
    before = sorted(out.rglob("*")) if out.is_dir() else None
    with pytest.raises(SourceError) as caught:
        build(out, files)
    assert (sorted(out.rglob("*")) if out.is_dir() else None) == before
    return caught.value.problems


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


# --- what is written --------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [False, True], ids=["missing", "empty"])
def test_a_first_build(tmp_path: Path, made: bool) -> None:
    out = tmp_path / "deep" / "site"
    if made:
        out.mkdir(parents=True)
    assert build(out, FILES) == Written(written=3, unchanged=0, removed=0, bytes=22)
    assert contents(out) == FILES
    assert Site(out).files() == ("index.html", "style.css", "towns/aldford/index.html")


def test_only_changed_bytes_are_written(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    for path in FILES:
        os.utime(tmp_path / path, ns=(1, 1))
    inode = (tmp_path / "style.css").stat().st_ino
    assert build(tmp_path, FILES | {"index.html": b"<p>Two towns"}) == Written(1, 2, 0, 12)
    assert (tmp_path / "style.css").stat().st_mtime_ns == 1
    assert (tmp_path / "style.css").stat().st_ino == inode
    assert (tmp_path / "index.html").stat().st_mtime_ns != 1


def test_a_build_without_changes_touches_nothing(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    manifest = tmp_path / STATE / "manifest.json"
    os.utime(manifest, ns=(1, 1))
    assert build(tmp_path, dict(reversed(FILES.items()))) == Written(0, 3, 0, 0)
    assert manifest.stat().st_mtime_ns == 1


def test_the_manifest_depends_on_the_files_only(tmp_path: Path) -> None:
    build(tmp_path / "one", FILES)
    build(tmp_path / "two", {"other.html": b"gone later"})
    build(tmp_path / "two", dict(reversed(FILES.items())))
    one, two = (tmp_path / name / STATE / "manifest.json" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert list(json.loads(one.read_bytes())["files"]) == sorted(FILES)


def test_files_of_an_earlier_build_go_and_their_empty_folders_too(tmp_path: Path) -> None:
    build(tmp_path, FILES | {"rivers/dane/index.html": b"dane", "rivers/dane/map.svg": b"map"})
    (tmp_path / "towns" / "notes.txt").write_bytes(b"somebody's")
    assert build(tmp_path, {"index.html": b"<p>Towns"}) == Written(0, 1, 4, 0)
    assert contents(tmp_path) == {"index.html": b"<p>Towns", "towns/notes.txt": b"somebody's"}
    assert not (tmp_path / "rivers").exists()
    assert not (tmp_path / "towns" / "aldford").exists()


def test_a_file_of_ours_edited_by_hand_is_written_again(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "index.html").write_bytes(b"<p>Edits")
    assert build(tmp_path, FILES).written == 1
    assert contents(tmp_path) == FILES


def test_a_file_of_ours_removed_by_hand_is_not_counted_as_removed(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "style.css").unlink()
    assert build(tmp_path, {"index.html": b"<p>Towns"}).removed == 1


def test_files_become_folders_and_folders_files(tmp_path: Path) -> None:
    build(tmp_path, {"notes": b"file", "maps/north/a.svg": b"a", "maps/b.svg": b"b"})
    new = {"notes/index.html": b"folder", "maps": b"file"}
    assert build(tmp_path, new) == Written(2, 0, 3, 10)
    assert contents(tmp_path) == new


def test_a_new_spelling_of_a_folder(tmp_path: Path) -> None:
    build(tmp_path, {"Lakes/index.html": b"same", "index.html": b"home"})
    assert build(tmp_path, {"lakes/index.html": b"same", "index.html": b"home"}) == Written(1, 1, 1, 4)
    assert [path.name for path in tmp_path.iterdir() if path.name.lower() == "lakes"] == ["lakes"]


def test_leaving_without_commit_discards_everything(tmp_path: Path) -> None:
    out = tmp_path / "new" / "site"
    with Staging(out) as stage:
        stage.add("index.html", b"x")
    assert list(tmp_path.iterdir()) == []
    build(out, FILES)
    with Staging(out) as stage:
        stage.add("index.html", b"x")
    assert contents(out) == FILES
    assert sorted(path.name for path in (out / STATE).iterdir()) == [".gitignore", "lock", "manifest.json"]


def test_nothing_is_seen_before_commit(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    with Staging(tmp_path) as stage:
        stage.add("index.html", b"second")
        stage.add("rivers/index.html", b"new")
        assert contents(tmp_path) == FILES
        stage.commit()
    assert contents(tmp_path) == {"index.html": b"second", "rivers/index.html": b"new"}


def test_a_staging_is_used_once(tmp_path: Path) -> None:
    with Staging(tmp_path) as stage:
        stage.add("index.html", b"x")
        stage.commit()
        with pytest.raises(RuntimeError):
            stage.add("other.html", b"x")
        with pytest.raises(RuntimeError):
            stage.commit()


def test_a_link_to_a_folder_is_an_output_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "site").symlink_to("real", target_is_directory=True)
    build(tmp_path / "site", FILES)
    assert contents(tmp_path / "real") == FILES
    assert (tmp_path / "site").is_symlink()


def test_what_hosts_and_git_need_is_kept(tmp_path: Path) -> None:
    for name in (".gitkeep", ".nojekyll", "CNAME"):
        (tmp_path / name).write_bytes(b"kept")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"ref")
    build(tmp_path, FILES)
    assert contents(tmp_path) == FILES | {
        ".gitkeep": b"kept", ".nojekyll": b"kept", "CNAME": b"kept", ".git/HEAD": b"ref"
    }  # fmt: skip


def test_the_private_folder_keeps_out_of_git(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    assert (tmp_path / STATE / ".gitignore").read_bytes() == b"*\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows counts file operations in milliseconds")
def test_three_thousand_unchanged_files_take_less_than_a_second(tmp_path: Path) -> None:
    files = {f"towns/ward-{n % 40}/street-{n}/index.html": bytes(15_000) + b"%d" % n for n in range(3200)}
    build(tmp_path, files)
    begun = time.process_time()
    assert build(tmp_path, files) == Written(0, 3200, 0, 0)
    assert time.process_time() - begun < 1


# --- what an earlier build left --------------------------------------------------------------------------


def left(out: Path) -> dict[str, Signature]:
    """The state in which a build leaves its files."""
    with Staging(out) as stage:
        for path, data in FILES.items():
            stage.add(path, data)
        stage.commit()
        return dict(stage.signatures())


def expected(stage: Staging, make: Callable[[], Mapping[str, bytes]] = lambda: FILES) -> bool:
    """Whether all files of the last build are, with the bytes it gave them."""
    return stage.expect(list(FILES), *sums(*FILES.values()), make) == []


def sums(*contents: bytes) -> tuple[bytes, bytes]:
    """The digests and the sizes of some files."""
    digests = (hashlib.sha256(data).digest() for data in contents)
    return b"".join(digests), struct.pack(f"<{len(contents)}Q", *map(len, contents))


def _nothing(target: Path) -> None:
    pass


def _delete(target: Path) -> None:
    target.unlink()


def _change(target: Path) -> None:
    target.write_bytes(b"other")


def _touch(target: Path) -> None:
    os.utime(target, (1, 1))


def _hide(target: Path) -> None:
    target.rename(target.with_name("elsewhere"))
    target.symlink_to(target.with_name("elsewhere"))


@pytest.mark.parametrize(
    ("happens", "made"), [(_nothing, 0), (_touch, 0), (_delete, 1), (_change, 1)], ids=lambda each: str(each)
)
@pytest.mark.parametrize("meanwhile", [False, True], ids=["before", "meanwhile"])
def test_what_is_expected_in_place_is_looked_for_at_the_commit(
    tmp_path: Path, happens: Callable[[Path], None], made: int, meanwhile: bool
) -> None:
    """Whatever happened to it before or during the build."""
    known, path = left(tmp_path), min(FILES)
    asked: list[str] = []

    def files() -> dict[str, bytes]:
        asked.append(path)
        return dict(FILES)

    if not meanwhile:
        happens(tmp_path / path)
    with Staging(tmp_path, Left.of(known.items())) as stage:
        assert expected(stage, files)
        assert stage.sizes() == {name: len(data) for name, data in FILES.items()}
        if meanwhile:
            happens(tmp_path / path)
        assert stage.commit() == Written(made, len(FILES) - made, 0, made * len(FILES[path]))
        assert dict(stage.signatures()).keys() == known.keys()
    assert contents(tmp_path) == FILES
    assert len(asked) == made
    assert left(tmp_path) == dict(stage.signatures())


def test_the_state_of_a_site_is_kept_as_few_bytes(tmp_path: Path) -> None:
    known = left(tmp_path)
    kept = msgspec.msgpack.encode(Left.of(known.items()))
    assert list(msgspec.msgpack.decode(kept, type=Left)) == list(known.items())
    assert list(Left.of([])) == []
    assert untouched(tmp_path, Left.of(known.items()))


@pytest.mark.parametrize("spoilt", [["a\nb", bytes(32)], ["a", b""], ["", bytes(32)], ["a", bytes(33)], [1, b""]])
def test_a_state_that_nobody_kept_is_refused(spoilt: list[object]) -> None:
    with pytest.raises(ValueError, match=r"not the files|Expected"):
        msgspec.msgpack.decode(msgspec.msgpack.encode(spoilt), type=Left)


def test_a_file_that_vanishes_after_the_commit_is_missed(tmp_path: Path) -> None:
    with Staging(tmp_path) as stage:
        stage.add("index.html", b"<p>Towns")
        stage.commit()
        (tmp_path / "index.html").unlink()
        kept = Left.of(stage.signatures())
    assert not untouched(tmp_path, kept)
    with Staging(tmp_path, kept) as stage:
        assert stage.expect(["index.html"], *sums(b"<p>Towns"), dict) == [0]
        stage.add("index.html", b"<p>Towns")
        assert stage.commit().written == 1
    assert contents(tmp_path) == {"index.html": b"<p>Towns"}


def test_what_is_expected_and_gone_comes_back_beside_what_is_new(tmp_path: Path) -> None:
    known, gone = left(tmp_path), min(FILES)
    (tmp_path / gone).unlink()
    fresh = {f"new-{number}.html": f"{number}".encode() for number in range(len(FILES) + 1)}
    with Staging(tmp_path, Left.of(known.items())) as stage:
        assert expected(stage)
        for name, data in fresh.items():
            stage.add(name, data)
        assert stage.commit().written == 1 + len(fresh)
    assert contents(tmp_path) == FILES | fresh


@pytest.mark.parametrize("number", [3, MANY + 1])
def test_bytes_that_are_lost_while_they_wait_stop_the_commit(tmp_path: Path, number: int) -> None:
    pages = {f"p{each}.html": b"old" for each in range(number)}
    build(tmp_path, pages)
    with Staging(tmp_path) as stage:
        for path in pages:
            stage.add(path, b"new")
        (tmp_path / STATE / "staged" / "n2").unlink()
        with pytest.raises(SourceError, match="the last good site was kept"):
            stage.commit()
    assert contents(tmp_path) == pages


def test_a_list_of_files_that_is_a_link_is_kept_with_the_old_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, elsewhere = tmp_path / "site", tmp_path / "list.json"
    build(out, FILES)
    (out / STATE / "manifest.json").rename(elsewhere)
    (out / STATE / "manifest.json").symlink_to(elsewhere)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "clear", full)
        patch.setattr(journal, "_prune", full)
        with pytest.raises(SourceError):
            build(out, {"new.html": b"new"})
    recover(out)
    assert contents(out) == FILES
    build(out, {"new.html": b"new"})
    assert contents(out) == {"new.html": b"new"}


def test_a_link_in_the_place_of_what_is_expected_is_refused(tmp_path: Path) -> None:
    known, path = left(tmp_path), min(FILES)
    with Staging(tmp_path, Left.of(known.items())) as stage:
        assert expected(stage)
        _hide(tmp_path / path)
        with pytest.raises(SourceError) as caught:
            stage.commit()
    assert {problem.code for problem in caught.value.problems} == {"output-link"}


def test_what_cannot_be_looked_for_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = left(tmp_path)

    def refused_(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    with Staging(tmp_path, Left.of(known.items())) as stage:
        assert expected(stage)
        monkeypatch.setattr("generator.write.folder.lstat", refused_)
        with pytest.raises(SourceError) as caught:
            stage.commit()
        monkeypatch.undo()
    [problem] = caught.value.problems
    assert problem.code == "output-failed"
    assert contents(tmp_path) == FILES


def test_only_what_the_last_build_left_is_expected(tmp_path: Path) -> None:
    known, path = left(tmp_path), min(FILES)
    paths, (digest, size) = [path, "other.html", path], sums(FILES[path])
    with Staging(tmp_path, Left.of(known.items())) as stage:
        assert stage.expect([path], bytes(32), size, dict) == [0], "other bytes"
        assert stage.expect([path], digest, bytes(8), dict) == [0], "another size"
        assert stage.expect(paths, 3 * digest, 3 * size, dict) == [1, 2], "not of the last build; twice"
        assert stage.expect([path], digest, size, dict) == [0]
        assert sorted(stage.paths) == [path]
    with Staging(tmp_path) as stage:
        assert stage.expect([path], digest, size, dict) == [0], "nobody knows"


@pytest.mark.parametrize("changes", ["less", "more", "other"])
def test_a_state_that_is_not_of_this_list_of_files_is_used_as_far_as_it_goes(tmp_path: Path, changes: str) -> None:
    """Whoever builds without what is kept leaves another list of files than is known."""
    known = left(tmp_path)
    if changes != "more":
        del known[min(FILES)]
    if changes != "less":
        known["aa.html"] = bytes(range(32))
    with Staging(tmp_path, Left.of(sorted(known.items()))) as stage:
        unknown = [number for number, path in enumerate(FILES) if path not in known]
        assert stage.expect(list(FILES), *sums(*FILES.values()), dict) == unknown
        for path in FILES:
            if path not in known:
                stage.add(path, FILES[path])
        assert stage.commit() == Written(0, 3, 0, 0)
    assert contents(tmp_path) == FILES


def test_a_path_with_a_line_break_is_not_taken_for_two(tmp_path: Path) -> None:
    """What is known of two files must not make a list with one of a name of two lines sound."""
    known = left(tmp_path)
    manifest = tmp_path / STATE / "manifest.json"
    first, second, *_ = sorted(FILES)
    listed = json.loads(manifest.read_bytes())
    digest = listed["files"].pop(first)
    del listed["files"][second]
    listed["files"] = {f"{first}\n{second}": digest} | listed["files"]
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(SourceError, match="can't be read"):
        Staging(tmp_path, Left.of(sorted(known.items()))).__enter__()


@pytest.mark.parametrize("leads", ["../victim.txt", "a/../../victim.txt", "/victim.txt"])
def test_what_is_kept_makes_no_path_sound(tmp_path: Path, leads: str) -> None:
    """Whoever can write both lists can't have anything removed outside of the folder."""
    out, victim = tmp_path / "site", tmp_path / "victim.txt"
    build(out, FILES)
    victim.write_bytes(b"mine")
    manifest = out / STATE / "manifest.json"
    listed = json.loads(manifest.read_bytes())
    listed["files"] = dict(sorted({**listed["files"], leads: "0" * 64}.items()))
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(SourceError, match="can't be read"):
        Staging(out, Left.of((path, bytes(32)) for path in listed["files"])).__enter__()
    assert victim.read_bytes() == b"mine"


@pytest.mark.parametrize("digest", ["", "xyz", "0" * 63, "0" * 65, "0" * 62 + " 0", "ö" * 64])
def test_a_list_of_files_without_their_digests_is_damaged(tmp_path: Path, digest: str) -> None:
    build(tmp_path, FILES)
    manifest = tmp_path / STATE / "manifest.json"
    listed = json.loads(manifest.read_bytes())
    listed["files"]["index.html"] = digest
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(SourceError, match="can't be read"):
        build(tmp_path, FILES)
    assert contents(tmp_path) == FILES


# --- what is refused ---------------------------------------------------------------------------------------


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    for name in ("d.txt", "letters/b.txt", "letters/c.txt", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"mine")
    [problem] = refused(tmp_path, FILES)
    assert (problem.code, problem.location.path) == ("output-foreign", tmp_path.name)
    assert "'a.txt', 'd.txt', 'letters/b.txt', …" in problem.message
    assert "nothing was changed" in problem.hint
    assert not (tmp_path / STATE).exists()


def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "rivers").write_bytes(b"a file")
    (tmp_path / "maps" / "a").mkdir(parents=True)
    (tmp_path / "maps" / "a" / "b.svg").write_bytes(b"in a folder")
    (tmp_path / "robots.txt").write_bytes(b"mine")
    [problem] = refused(tmp_path, FILES | {"rivers/index.html": b"", "maps": b"", "robots.txt": b"ours"})
    assert problem.code == "output-foreign"
    assert "'maps', 'rivers', 'robots.txt'" in problem.message


def test_a_file_of_somebody_else_with_our_bytes_becomes_ours(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "robots.txt").write_bytes(b"same")
    assert build(tmp_path, FILES | {"robots.txt": b"same"}).unchanged == 4
    assert build(tmp_path, FILES).removed == 1


def test_a_foreign_file_within_a_folder_that_becomes_a_file(tmp_path: Path) -> None:
    build(tmp_path, {"maps/a.svg": b"a"})
    (tmp_path / "maps" / "mine.txt").write_bytes(b"mine")
    [problem] = refused(tmp_path, {"maps": b"file"})
    assert (problem.code, problem.location.path) == ("output-foreign", "maps/mine.txt")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "is empty"),
        ("/etc/hosts", "slash"),
        ("../x", "'..'"),
        ("a/../../x", "'..'"),
        ("a/./x", "'.'"),
        ("a//x", "''"),
        ("a/", "''"),
        ("a\\x", "Windows"),
        ("c:x", "Windows"),
        ("a\0x", "U+0000"),
        ("a\nx", "U+000A"),
        ("a\x9fx", "U+009F"),
        ("a\ud800x", "Unicode"),
        ("a/con", "device"),
        ("a/Com1.html", "device"),
        ("nul .txt", "device"),
        ("a./x", "dot or a space"),
        ("a /x", "dot or a space"),
        ("a/" + "é" * 128, "255 bytes"),
        (".broadsheet/manifest.json", "private"),
        (".Git/config", "private"),
    ],
)
def test_paths_no_site_may_have(tmp_path: Path, path: str, why: str) -> None:
    out = tmp_path / "site"
    [problem] = refused(out, {path: b"x"})
    assert problem.code == "output-path"
    assert why in problem.message
    assert problem.location.path.isprintable()
    assert problem.location.path


@pytest.mark.parametrize(
    "path", [".nojekyll", ".well-known/x", "a.b/c-d_e~f.html", "städte/köln/index.html", "console", "a" * 255]
)
def test_paths_a_site_may_have(tmp_path: Path, path: str) -> None:
    assert build(tmp_path, {path: b"x"}).written == 1


@pytest.mark.parametrize(
    "pair",
    [
        ("towns/Ash/index.html", "towns/ash/index.html"),
        ("Towns/a.html", "towns/b.html"),
        ("caf\u00e9.html", "cafe\u0301.html"),
        ("STRASSE", "straße"),
        ("maps", "maps/index.html"),
        ("Maps", "maps/index.html"),
    ],
)
def test_paths_that_collide(tmp_path: Path, pair: tuple[str, str]) -> None:
    for order in (pair, pair[::-1]):
        problems = refused(tmp_path / "site", dict.fromkeys(order, b"x"))
        assert codes(problems) == ["output-collision"]


@pytest.mark.parametrize("new", ["Towns/x.html", "towns/Aldford/x.html", "STYLE.css", "style.css/x", "Style.CSS/x"])
def test_a_new_path_that_collides_with_one_of_the_last_build(tmp_path: Path, new: str) -> None:
    build(tmp_path, FILES)
    problems = refused(tmp_path, FILES | {"rivers/dane.html": b"dane", new: b"x"})
    assert set(codes(problems)) == {"output-collision"}


def test_a_folder_spelled_in_two_ways_is_one_problem(tmp_path: Path) -> None:
    files = {f"Towns/{n}.html": b"" for n in range(9)} | {f"towns/x{n}.html": b"" for n in range(9)}
    assert codes(refused(tmp_path / "site", files)) == ["output-collision"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    (tmp_path / "robots.txt").write_bytes(b"mine")
    files = {"../x": b"", "robots.txt": b"ours", "A.html": b"", "a.html": b""}
    with Staging(tmp_path) as stage:
        for path, data in files.items():
            stage.add(path, data)
        stage.add("A.html", b"again")
        found = [problem.code for problem in stage.problems()]
    assert sorted(found) == ["output-collision", "output-foreign", "output-path", "output-twice"]


@pytest.mark.parametrize("inside", [False, True])
def test_links_in_the_way_are_refused(tmp_path: Path, inside: bool) -> None:
    out, other = tmp_path / "site", tmp_path / "other"
    other.mkdir()
    build(out, FILES)
    target = out / "towns" if inside else other
    (out / "rivers").symlink_to(target, target_is_directory=True)
    (out / "page.html").symlink_to(other / "missing.html")
    problems = refused(out, FILES | {"rivers/a/index.html": b"x", "page.html": b"x"})
    assert codes(problems) == ["output-link", "output-link"]
    assert [problem.location.path for problem in problems] == ["page.html", "rivers"]
    assert list(other.iterdir()) == []


def test_nothing_is_removed_through_a_link(tmp_path: Path) -> None:
    out, other = tmp_path / "site", tmp_path / "other"
    build(out, FILES)
    (out / "towns").rename(other)
    (out / "towns").symlink_to(other, target_is_directory=True)
    build(out, {"index.html": b"x"})
    assert (other / "aldford" / "index.html").read_bytes() == b"<p>Aldford"


def test_a_file_is_no_output_folder(tmp_path: Path) -> None:
    (tmp_path / "site").write_bytes(b"x")
    assert codes(refused(tmp_path / "site", FILES)) == ["output-not-folder"]
    (tmp_path / "link").symlink_to("nowhere")
    assert codes(refused(tmp_path / "link", FILES)) == ["output-not-folder"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 1}', '{"version": 9, "files": {}}', '{"version": 1, "files": {"../x": "0"}}'],
)
def test_a_damaged_manifest_is_refused(tmp_path: Path, text: str) -> None:
    out = tmp_path / "site"
    (tmp_path / "x").write_bytes(b"outside")
    build(out, FILES)
    (out / STATE / "manifest.json").write_text(text)
    with pytest.raises(SourceError) as caught:
        build(out, {"index.html": b"x"})
    assert codes(caught.value.problems) == ["output-manifest"]
    assert contents(out) == FILES
    assert (tmp_path / "x").exists()


def test_a_file_changed_while_the_site_is_built(tmp_path: Path) -> None:
    build(tmp_path, FILES)
    with Staging(tmp_path) as stage:
        for path, data in FILES.items():
            stage.add(path, data)
        (tmp_path / "index.html").write_bytes(b"meanwhile")
        with pytest.raises(SourceError) as caught:
            stage.commit()
    assert codes(caught.value.problems) == ["output-changed"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        assert codes(refused(tmp_path, FILES)) == ["output-failed"]
    finally:
        tmp_path.chmod(0o700)


# --- two builds, and interrupted ones ----------------------------------------------------------------------


def test_two_builds_at_once(tmp_path: Path) -> None:
    with Staging(tmp_path) as stage:
        stage.add("index.html", b"first")
        for second in (lambda: build(tmp_path, FILES), lambda: recover(tmp_path)):
            with pytest.raises(SourceError) as caught:
                second()
            [problem] = caught.value.problems
            assert problem.code == "output-locked"
            assert f"process {os.getpid()}" in problem.message
        stage.commit()
    assert contents(tmp_path) == {"index.html": b"first"}


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from generator.write import Staging\n"
        "with Staging(Path(sys.argv[1])) as stage:\n"
        "    stage.add('index.html', b'never'); os._exit(7)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    assert subprocess.run([sys.executable, "-c", program, tmp_path], env=environment).returncode == 7
    assert (tmp_path / STATE / "lock").exists()
    build(tmp_path, FILES)
    assert contents(tmp_path) == FILES


def test_recover_makes_nothing(tmp_path: Path) -> None:
    recover(tmp_path / "missing")
    recover(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("journal", [b"", b'{"steps": [["index.ht', b'{"steps": [["../x", "n1", "", ""]]}'])
def test_an_incomplete_journal_is_discarded(tmp_path: Path, journal: bytes) -> None:
    out = tmp_path / "site"
    build(out, FILES)
    (out / STATE / "staged").mkdir()
    (out / STATE / "staged" / "n1").write_bytes(b"half a pa")
    (out / STATE / "journal.json").write_bytes(journal)
    recover(out)
    assert contents(out) == FILES
    assert sorted(path.name for path in (out / STATE).iterdir()) == [".gitignore", "lock", "manifest.json"]
    assert not (tmp_path / "x").exists()


def test_a_commit_whose_bytes_were_lost_is_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, FILES)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(journal, "forward", stop)
        patch.setattr(journal, "take_back", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path, {"index.html": b"second", "style.css": b"b {}"})
    (tmp_path / STATE / "staged" / "n1").replace(tmp_path / "index.html")
    (tmp_path / STATE / "staged" / "n2").write_bytes(b"torn")
    recover(tmp_path)
    assert contents(tmp_path) == FILES


def test_ctrl_c_between_two_renames_puts_the_old_site_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path, FILES)
    put = journal._put

    def interrupted(staged: str, target: str) -> None:
        if staged.endswith("/n2"):
            raise KeyboardInterrupt
        put(staged, target)

    monkeypatch.setattr(journal, "_put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, {path: data + b"!" for path, data in FILES.items()})
    assert contents(tmp_path) == FILES
    recover(tmp_path)
    assert contents(tmp_path) == FILES
