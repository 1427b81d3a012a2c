"""What the shell offers, and the hook that checks before a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.shell_completion import ShellComplete, get_completion_class
from click.testing import CliRunner

from generator.__main__ import run
from generator.build import build
from generator.cli import main
from generator.cli.editors import SCHEMAS

ROOT = Path(__file__).resolve().parents[1]
BASE = Path(__file__).parent / "story"


def offered(*words: str) -> list[str]:
    """What is offered for the last of the words."""
    *before, typed = words
    completion = ShellComplete(main, {}, "broadsheet", "_BROADSHEET_COMPLETE")
    return [item.value for item in completion.get_completions(before, typed)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base story, built where it stands."""
    folder = tmp_path_factory.mktemp("built") / "story"
    shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("site"))
    build(folder, folder / "site")
    return folder


def test_commands_and_options_are_offered() -> None:
    assert offered("ch") == ["check"]
    assert offered("check", "--str") == ["--strict"]
    assert offered("check", "--format", "s") == ["sarif"]
    assert offered("schema", "") == SCHEMAS
    assert offered("completion", "") == ["bash", "zsh", "fish"]


def test_pages_are_those_of_the_site_last_built(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built)
    everything = offered("explain", "")
    assert "/" in everything
    assert "rankings/loans/" in everything
    assert offered("explain", "towns/al") == ["towns/aldford/"]
    assert offered("explain", "/towns/al") == ["/towns/aldford/"]
    assert offered("explain", "nowhere/") == []
    pages = [path.parent.relative_to(built / "site").as_posix() for path in (built / "site").rglob("index.html")]
    assert sorted(everything) == sorted("/" if page == "." else f"{page}/" for page in pages)


def test_every_page_offered_can_be_explained(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built)
    for typed in ("towns/al", "/prov"):
        for address in offered("explain", typed):
            assert CliRunner().invoke(main, ["explain", address]).exit_code == 0


def test_without_a_site_no_page_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("explain", "to") == []
    (tmp_path / "site/.broadsheet").mkdir(parents=True)
    (tmp_path / "site/.broadsheet/manifest.json").write_text("{")
    assert offered("explain", "to") == []


def test_pages_are_offered_without_loading_a_story() -> None:
    program = (
        "import sys, click; from generator.cli import main; from click.shell_completion import ShellComplete; "
        "ShellComplete(main, {}, 'broadsheet', 'X').get_completions(['explain'], 'to'); "
        "print(*sorted(sys.modules.keys() & {'altair', 'jinja2', 'numpy', 'pandas', 'yaml'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_prints_what_click_makes(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell], catch_exceptions=False)
    assert result.exit_code == 0
    kind = get_completion_class(shell)
    assert kind is not None
    assert result.stdout == kind(main, {}, "broadsheet", "_BROADSHEET_COMPLETE").source()
    assert "_BROADSHEET_COMPLETE" in result.stdout


def test_bash_completes_with_it(built: Path, tmp_path: Path) -> None:
    if (bash := shutil.which("bash")) is None:
        pytest.skip("there is no bash")
    (tmp_path / "broadsheet").write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from generator.cli import main\nmain(prog_name='broadsheet')\n"
    )
    (tmp_path / "broadsheet").chmod(0o755)
    asked = (
        'eval "$(broadsheet completion bash)"; COMP_WORDS=(broadsheet explain towns/al); COMP_CWORD=2; '
        '_broadsheet_completion broadsheet; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [bash, "--norc", "-c", asked],
        cwd=built,
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["towns/aldford/"]


# --- the hook ---------------------------------------------------------------------------------------------


@pytest.fixture
def hook() -> dict[str, Any]:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert isinstance(hook, dict)
    return hook


KNOWN = {
    "id", "name", "entry", "language", "files", "exclude", "types", "types_or", "exclude_types", "always_run",
    "fail_fast", "verbose", "pass_filenames", "require_serial", "description", "language_version",
    "minimum_pre_commit_version", "args", "stages", "additional_dependencies", "alias", "log_file",
}  # fmt: skip
"""The keys of a hook in the documentation of pre-commit."""


def test_the_hook_is_one_that_pre_commit_reads(hook: dict[str, Any]) -> None:
    assert set(hook) <= KNOWN
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("broadsheet-check", "python", False)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("content/index.md", True),
        ("data/loans.csv", True),
        ("templates/page.html", True),
        ("story/content/towns/[town].md", True),
        ("README.md", False),
        ("metadata/notes.md", False),
    ],
)
def test_the_hook_runs_when_the_story_changes(hook: dict[str, Any], path: str, wanted: bool) -> None:
    assert bool(re.search(hook["files"], path)) is wanted


def test_the_entry_of_the_hook_runs(hook: dict[str, Any], built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, *words = hook["entry"].split()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert metadata.EntryPoint(program, scripts[program], "console_scripts").load() is run
    monkeypatch.chdir(built)
    clean = CliRunner().invoke(main, [*words, "--strict"])
    assert clean.exit_code == 0, clean.output
    (built / "content/draft.md").write_text("---\ntitle: A\ndescription: B\n---\n{{ towns.ALD.lones }}\n")
    try:
        assert CliRunner().invoke(main, words).exit_code == 1
    finally:
        (built / "content/draft.md").unlink()


def test_the_readme_names_the_hook(hook: dict[str, Any]) -> None:
    text = (ROOT / "content/README.md").read_text(encoding="utf-8")
    [shown] = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "hooks:" in block]
    [repository] = yaml.safe_load(shown)["repos"]
    assert [each["id"] for each in repository["hooks"]] == [hook["id"]]
