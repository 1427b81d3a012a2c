"""What several commands are given."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    pass


STORY = click.argument(
    "story", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="[STORY]"
)
BASE_URL = click.option(
    "--base-url", metavar="URL", help="Where the site will be published, e.g. https://example.org/story/."
)
CACHE = click.option(
    "--no-cache", "cache", flag_value=False, default=True, help="Use and keep nothing of other runs; same result."
)


def _jobs(context: click.Context, parameter: click.Parameter, given: str) -> int:
    """The number of processes; 0 means as many as there are processors."""
    if given == "auto":
        return 0
    if not given.isascii() or not given.isdigit() or not 0 < int(given) <= MOST_JOBS:
        raise click.BadParameter(
            f"{given!r} is neither 'auto' nor a number from 1 to {MOST_JOBS}.", context, parameter
        )
    return int(given)


MOST_JOBS = 256
JOBS = click.option(
    "--jobs", metavar="N|auto", default="auto", show_default=True, callback=_jobs,
    help="Make pages in N processes, or in as many as there are processors where that pays; same result.",
)  # fmt: skip


def ready_for(jobs: int) -> int:
    """How many processes :data:`JOBS` asks for. Where they are several, this one starts no threads from now on."""
    from generator.processes import processors, start_no_threads

    count = jobs or processors()
    if count > 1:
        start_no_threads()
    return count


def _cluster(context: click.Context, parameter: click.Parameter, given: str | None) -> str | None:
    """The address of a scheduler, with its protocol."""
    if given is None:
        return None
    import importlib.util
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(given if "://" in given else f"tcp://{given}")
        said = parts.hostname and parts.port and given.isascii() and f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        said = None
    if not said or parts.scheme not in ("tcp", "tls") or parts.geturl() != said or "@" in said:
        message = f"{given!r} is no address of a scheduler; write it like tcp://10.0.0.5:8786, or tls://…"
        raise click.BadParameter(message, context, parameter)
    if importlib.util.find_spec("distributed") is None:
        message = 'it needs Dask, which is not installed. Run: pip install "broadsheet[dask]"'
        raise click.BadParameter(message, context, parameter)
    return said


CLUSTER = click.option(
    "--dask", "cluster", metavar="ADDRESS", callback=_cluster,
    help="Make pages on the Dask cluster whose scheduler is at ADDRESS, tcp://HOST:PORT or tls://HOST:PORT, where "
    "there are more than a few; same result. The story's code runs there.",
)  # fmt: skip


def check_base_url(base_url: str | None) -> None:
    """Raises BadParameter for what is no address of a site."""
    if not base_url:
        return
    from generator.config import check_base_url

    try:
        check_base_url(base_url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--base-url") from None


def moment() -> datetime:
    """The moment; that of SOURCE_DATE_EPOCH (seconds since 1970) where it is set, as reproducible builds do."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(given), UTC) if given else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {given!r}, not a number of seconds since 1970.") from None
