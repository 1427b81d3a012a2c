"""``schema`` and ``completion``: what editors and shells know of a story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass


SCHEMAS = ["site", "measures", "claims", "updates", "front-matter", "figure", "table", "datapackage"]


@click.command()
@click.argument("name", type=click.Choice(SCHEMAS), required=False, metavar="[NAME]")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Write into this folder."
)
def schema(name: str | None, out: Path | None) -> None:
    """Make JSON Schemas for editors that complete and check YAML.

    With a NAME, prints one: site, measures, claims, updates, front-matter, figure, table or datapackage. Without,
    writes all into .broadsheet/schemas of the current folder, or the folder named by --out, and prints the settings
    by which Visual Studio Code finds them.

    Exit status: 0 done, 2 wrong usage or a folder that cannot be written to.
    """
    from generator.schemas import as_text, editor_settings, write

    if name and not out:
        click.echo(as_text(name), nl=False)
        return
    folder = out or Path(".broadsheet/schemas")
    try:
        written = write(folder, [name] if name else SCHEMAS)
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be written to: {error.strerror}") from None
    for path in written:
        click.echo(path.as_posix(), err=True)
    if not name:
        click.echo("\nFor .vscode/settings.json, with the extension YAML (redhat.vscode-yaml):\n", err=True)
        click.echo(editor_settings(folder.as_posix()))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
def completion(shell: str) -> None:
    """Print what SHELL has to read to complete this command: bash, zsh or fish.

    For bash, in ~/.bashrc: eval "$(broadsheet completion bash)". For zsh, in ~/.zshrc the same with zsh. For fish:
    broadsheet completion fish > ~/.config/fish/completions/broadsheet.fish

    Exit status: 0 printed, 2 wrong usage.
    """
    from generator.completion import script

    click.echo(script(click.get_current_context().find_root().command, shell, "broadsheet"), nl=False)
