"""What publishers print → what they mean: signs that are not seen, the tables of spellings and of corrections."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


def clean(value: object) -> str:
    """A cell as text: blanks of every kind are one, none at the ends, one sort of apostrophe. Empty for None."""
    if value is None:
        return ""
    return " ".join(_UNSEEN.sub("", str(value)).translate(_APOSTROPHES).split())


def rows_of(table: Any) -> list[dict[str, Any]]:
    return [table.row(index) for index in range(len(table))]


class Corrections:
    """The table ``corrections``: of which day a file is, or, without a day, that it is left out."""

    def __init__(self, table: Any) -> None:
        lines = rows_of(table)
        self._by_sum = {line["sha256"]: line for line in lines if line["sha256"]}
        self._by_name = {line["file"].casefold(): line for line in lines if not line["sha256"]}

    def line(self, file: Any) -> dict[str, Any] | None:
        """The line about a file: by its checksum, or by a name that has none."""
        return self._by_sum.get(file.sha256) or self._by_name.get(file.name.casefold())

    def workbook(self, file: Any, report: Any) -> Any:
        """The workbook in a file; None where a line leaves it out, or where it cannot be read, which is told."""
        line = self.line(file)
        left_out = line is not None and line["date"] is None
        return None if left_out else report.attempt(lambda: file.workbook)


class Spellings:
    """The table ``spellings``: kind, as printed, meant. Letters' case makes no difference."""

    def __init__(self, table: Any) -> None:
        columns = (table.columns[name] for name in ("kind", "printed", "meant"))
        self._meant = {
            (kind, clean(printed).casefold()): meant or "" for kind, printed, meant in zip(*columns, strict=True)
        }

    def meant(self, kind: str, printed: str) -> str | None:
        """What a line says it means, '' for nothing at all; None when there is no line."""
        return self._meant.get((kind, printed.casefold()))

    def read(self, kind: str, printed: str, known: Mapping[str, str]) -> str | None:
        """The code of a name, by the names there are (in small letters) or by a line of the table.

        '' when the line says that nothing is meant, None when there is neither.
        """
        own = known.get(printed.casefold())
        if own is not None:
            return own
        meant = self.meant(kind, printed)
        if not meant:
            return meant
        return known.get(meant.casefold())


# --- the lines that settle what is not sure ------------------------------------------------------------


def line_to_add(kind: str, printed: str, names: Iterable[str]) -> str:
    """The hint: which line would say what is meant, with the nearest name there is."""
    meant = nearest(printed, names)
    if meant is None:
        return f"Add a line to data/spellings.csv that says what is meant:\n{spelling(kind, printed, '…')}"
    return f"If that is meant, add this line to data/spellings.csv:\n{spelling(kind, printed, meant)}"


def nearest(printed: str, names: Iterable[str]) -> str | None:
    """The name that is written most alike; None where none is."""
    folded = {name.casefold(): name for name in sorted(names)}
    close = difflib.get_close_matches(printed.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def spelling(kind: str, printed: str, meant: str) -> str:
    """A line of the table ``spellings``."""
    return ",".join(map(_quoted, (kind, printed, meant)))


def correction(file: Any, day: dt.date | str) -> str:
    """A line of the table ``corrections`` about a file; '' for the day leaves it out."""
    return ",".join(map(_quoted, (file.sha256, file.name, str(day), "why")))


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if re.search('[,"\n\r]', text) else text


# --- days in names of files -------------------------------------------------------------------------------

LAST_YEAR = 2099


def day_in(name: str) -> tuple[dt.date | None, str, str]:
    """The day in a file's name, None where there is none that can be; what follows it there; and the time of day.

    MMDDYYYY or MMDDYY, YYYYMMDD, or a mirror's YYYYMMDDhhmmss.
    """
    stem = name.rpartition(".")[0]
    for match in re.finditer(r"(?<![0-9])([0-9]{14}|[0-9]{8}|[0-9]{6})(?![0-9])", stem):
        digits, rest = match[1], stem[match.end() :]
        if len(digits) == 14:
            return _day(digits[:4], digits[4:6], digits[6:8]), "", digits[8:]
        if len(digits) == 8:
            day = _day(digits[4:], digits[:2], digits[2:4]) or _day(digits[:4], digits[4:6], digits[6:])
        else:
            day = _day(f"20{digits[4:]}", digits[:2], digits[2:4])
        if day is not None:
            return day, rest, ""
    return None, re.sub(r"^.*[0-9]", "", stem), ""


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 2000 <= found.year <= LAST_YEAR else None
