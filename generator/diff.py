"""A story and another state of its data → what differs in what its pages print."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from generator.comparing import Difference, Side, compare, data_of_folder, data_of_revision, laid_over
from generator.comparing.pages import side_problems
from generator.pages import PageMaker
from generator.prepare import prepare
from generator.problems import Problem, SourceError
from generator.rendering import Progress

NOW = Side("the data as it is now")


def diff(
    root: Path, *, against: str = "", data: Path | None = None, progress: Progress | None = None
) -> Difference:
    """What changes from the data of a git revision (``against``) to that of ``root``, or from that to ``data``.

    The words are those of ``root`` on both sides. What is wrong with either side is in the difference. Raises
    SideError when there is no such revision or data.
    """
    if bool(against) == (data is not None):
        raise ValueError("name either a revision or a folder")
    with ExitStack() as stack:
        if data is not None:
            sides = (NOW, data_of_folder(data))
            folder, whole = data, False
        else:
            folder, side = stack.enter_context(data_of_revision(root, against))
            sides, whole = (side, NOW), True
        try:
            other = stack.enter_context(laid_over(root, folder, whole=whole))
        except SourceError as error:
            return Difference(*sides, problems=tuple(side_problems(error.problems, error.problems)))
        folders = (root, other) if data is not None else (other, root)
        makers, wrong = [], []
        for folder in folders:
            maker, problems = _prepared(folder)
            makers.append(maker)
            wrong.append(problems)
        if makers[0] is None or makers[1] is None:
            return Difference(*sides, problems=tuple(side_problems(*wrong)))
        return compare(makers[0], makers[1], sides, progress)


def _prepared(root: Path) -> tuple[PageMaker | None, tuple[Problem, ...]]:
    """A story; or None and what is wrong, where it has not even pages to compare."""
    try:
        maker = prepare(root, drawing=False)
    except SourceError as error:
        return None, tuple(problem for problem in error.problems if problem.severity == "error")
    return (maker, ()) if maker.routes else (None, tuple(maker.problems.errors))
