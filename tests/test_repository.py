"""The repository itself: what is in it, what must not be, and that it installs and runs."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode > 1:
        pytest.skip("this is no git checkout")
    return done.stdout


def _kept_files() -> list[Path]:
    """Everything that is in git or would be added."""
    names = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return [ROOT / name for name in sorted(set(names)) if name and (ROOT / name).is_file()]


# --- what is in it ----------------------------------------------------------------------------------------

_SLASH = "/"
MACHINE_PATHS = re.compile(rf"(?<![\w.:/~-]){_SLASH}(?:work|tmp|root|home|Users|opt|mnt|workspace){_SLASH}\w")
REGISTRIES = re.compile(
    r"pypi\.(?:org|python)|pythonhosted|registry\.(?:npmjs|yarnpkg)|(?:extra-)?index-url|find-links|trusted-host"
)
OWN = Path(__file__).resolve()


def _readable(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in _kept_files()
        if path != OWN
        for number, line in enumerate(_readable(path).splitlines(), start=1)
        for match in pattern.finditer(line)
    ]


def test_no_path_of_a_machine() -> None:
    assert _found(MACHINE_PATHS) == []


def test_no_package_registry() -> None:
    """Where packages come from is for each machine's own configuration to say."""
    assert _found(REGISTRIES) == []


def test_nothing_large() -> None:
    large = [path.relative_to(ROOT) for path in _kept_files() if path.stat().st_size > 2_000_000]
    assert large == []


def test_the_output_folder_is_kept_and_its_content_ignored() -> None:
    assert _git("check-ignore", "site/index.html", "site/.broadsheet/manifest.json").split() == [
        "site/index.html",
        "site/.broadsheet/manifest.json",
    ]
    assert _git("ls-files", "site").split() == ["site/.gitkeep"]


def test_text_files_end_with_one_line_end() -> None:
    suffixes = {".py", ".md", ".yml", ".toml", ".html", ".css", ".js", ".txt", ".cfg"}
    wrong = [
        str(path.relative_to(ROOT))
        for path in _kept_files()
        if path.suffix in suffixes and (text := _readable(path)) and ("\r" in text or not text.endswith("\n"))
    ]
    assert wrong == []


# --- constraints ------------------------------------------------------------------------------------------


def _constraints() -> dict[str, Version]:
    found: dict[str, Version] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z0-9-]+)==(\S+)", line)
        assert match, f"constraints.txt: {line!r} is not name==version"
        assert match[1] not in found, f"constraints.txt: {match[1]} twice"
        found[match[1]] = Version(match[2])
    return found


def _wanted() -> Iterator[Requirement]:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    for text in (*project["dependencies"], *(text for extra in extras for text in extra)):
        yield Requirement(text)


def test_constraints_are_well_formed_and_sorted() -> None:
    names = list(_constraints())
    assert names == sorted(names)
    assert all(name == canonicalize_name(name) for name in names)


def test_every_dependency_is_constrained_to_a_version_it_allows() -> None:
    constraints = _constraints()
    for wanted in _wanted():
        name = canonicalize_name(wanted.name)
        assert name in constraints, f"{name} has no line in constraints.txt"
        assert wanted.specifier.contains(constraints[name], prereleases=True), str(wanted)


def test_what_the_dependencies_need_is_constrained_too() -> None:
    constraints = _constraints()
    left, seen = list(_wanted()), set[str]()
    while left:
        name = canonicalize_name(left.pop().name)
        if name in seen:
            continue
        seen.add(name)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        left += [
            need for need in map(Requirement, needs) if need.marker is None or need.marker.evaluate({"extra": ""})
        ]
    assert seen <= constraints.keys(), f"not in constraints.txt: {', '.join(sorted(seen - constraints.keys()))}"


# --- it installs and runs -----------------------------------------------------------------------------------


def _run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*arguments], cwd=cwd, capture_output=True, text=True, env={**os.environ, **environment}, timeout=300
    )


def test_the_command_says_its_version_and_its_use() -> None:
    version = PROJECT["project"]["version"]
    assert _run(sys.executable, "-m", "generator", "--version").stdout == f"broadsheet, version {version}\n"
    said = _run(sys.executable, "-m", "generator", "--help")
    assert said.returncode == 0
    assert "build" in said.stdout
    installed = Path(sys.executable).with_name("broadsheet")
    if installed.exists():
        assert _run(str(installed), "--version").stdout == f"broadsheet, version {version}\n"


def test_wrong_usage_is_told_apart_from_a_story_with_problems(tmp_path: Path) -> None:
    assert _run(sys.executable, "-m", "generator", "build", "--no-such-option").returncode == 2
    said = _run(sys.executable, "-m", "generator", "check", str(tmp_path))
    assert said.returncode == 1
    assert "no-story" in said.stdout
    assert "Traceback" not in said.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what is installed; nothing is fetched."""
    if importlib.util.find_spec("hatchling") is None or importlib.util.find_spec("pip") is None:
        pytest.skip(
            "the wheel is built with pip and hatchling, which are not installed here: make test installs them"
        )
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for path in _kept_files():
        inner = path.relative_to(ROOT)
        if inner.parts[0] in ("generator", "templates") or len(inner.parts) == 1:
            (source / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, source / inner)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    done = _run(*pip, "--wheel-dir", str(folder), str(source))
    assert done.returncode == 0, done.stderr
    [made] = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_theme_with_its_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for path in _kept_files():
        inner = path.relative_to(ROOT)
        if inner.parts[0] == "templates":
            assert f"generator/_theme/{inner.relative_to('templates').as_posix()}" in names
        if inner.parts[0] == "generator":
            assert inner.as_posix() in names
    licences = [name for name in names if "/licenses/" in name]
    assert any(name.endswith("/LICENSE") for name in licences)
    assert sum(name.endswith("-OFL.txt") for name in licences) == 2
    assert not [name for name in names if name.split("/")[0] in ("content", "data", "tests", "site")]


def test_the_theme_is_found_in_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = "from generator.theme import default_theme; print(default_theme())"
    said = _run(sys.executable, "-P", "-c", program, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert said.stdout.strip() == str(tmp_path / "generator/_theme")


def test_the_wheel_holds_the_story_that_new_writes(wheel: Path) -> None:
    prefix = "generator/scaffold/story/"
    names = {name.removeprefix(prefix) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    assert names >= {
        "content/countries/[country].md",
        "content/site.yml",
        "data/by_source.csv",
        "data/loaders/received/tps00001.tsv",
        "data/datapackage.json",
        "templates/partials/footer.html",
    }


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The command as the wheel installs it into an empty environment, which borrows what the package depends on.

    Nothing is fetched, and nothing of the checkout is on the path.
    """
    environment = tmp_path / "environment"
    _run(sys.executable, "-m", "venv", "--without-pip", str(environment)).check_returncode()
    python = environment / "bin/python"
    pip = (sys.executable, "-m", "pip", "--quiet", "--python", str(python), "install", "--no-deps", "--no-index")
    done = _run(*pip, str(wheel))
    assert done.returncode == 0, done.stderr
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(
        "".join(f"{path}\n" for path in site.getsitepackages()), encoding="utf-8"
    )
    where = _run(str(python), "-c", "import generator; print(generator.__file__)", cwd=tmp_path, PYTHONPATH="")
    assert where.stdout.strip() == str(packages / "generator/__init__.py"), where.stderr
    return environment / "bin/broadsheet"


@pytest.mark.skipif(os.name != "posix", reason="the folders of an environment have other names there")
def test_a_new_story_of_an_installed_wheel_builds_and_is_clean(installed: Path, tmp_path: Path) -> None:
    def broadsheet(*arguments: str, cwd: Path) -> str:
        done = _run(str(installed), *arguments, cwd=cwd, PYTHONPATH="")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    broadsheet("new", "x", cwd=tmp_path)
    assert "files written" in broadsheet("build", cwd=tmp_path / "x")
    assert "no problems" in broadsheet("check", "--strict", cwd=tmp_path / "x")
    assert (tmp_path / "x/site/index.html").exists()


# --- make and the versions -----------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    listed = re.findall(r"^  make (\S+)", _run("make").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony.split())


def test_the_tested_versions_are_those_the_package_names() -> None:
    matrix = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    tested = matrix["jobs"]["test"]["strategy"]["matrix"]["python"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert tested == named
    assert PROJECT["project"]["requires-python"] == f">={named[0]}"
