"""The description of a built-in kind of chart: its columns, its options, its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from generator.charts.geometry import Geometry
from generator.charts.shape import NARROW, WIDE, ChartError, Plan, Shape
from generator.frames import Frame
from generator.problems import did_you_mean, one_of

if TYPE_CHECKING:
    import altair as alt

OptionType = Literal["yes or no", "whole number", "choice", "list of numbers", "list of words", "word", "geometry"]


class Option(Struct, frozen=True):
    """A setting of a kind: its type, its default, and the choices when it is one of several words."""

    type: OptionType
    default: Any
    doc: str
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: Any) -> None:
        """Raise ChartError when the value is not of the option's type."""
        if value is None and self.default is None:
            return
        good = {
            "yes or no": isinstance(value, bool),
            "whole number": isinstance(value, int) and not isinstance(value, bool),
            "choice": value in self.choices,
            "word": isinstance(value, str),
            "list of numbers": _is_list(value, (int, float)),
            "list of words": _is_list(value, (str,)),
            "geometry": isinstance(value, Mapping | Geometry),
        }[self.type]
        if not good:
            wanted = f"one of {one_of(self.choices)}" if self.choices else f"a {self.type}"
            raise ChartError(f"{name}: {value!r} is not {wanted}")


def _is_list(value: Any, types: tuple[type, ...]) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, types) for item in value)


class Role(Struct, frozen=True):
    """A column a kind reads, by its canonical name."""

    name: str
    doc: str
    required: bool = True


class Kind(Struct, frozen=True):
    """A built-in kind of chart.

    ``function`` makes the Altair chart, once for a shape; ``plan`` lays it out for one entity's rows: which
    labels, ticks, sizes. ``extra_data`` names the data the plan adds to the rows. ``prepare`` changes the
    options once, when the shape is compiled. ``widths`` are the px widths it is drawn at. ``left_out`` tells the
    rows, by number, that the drawing has no place for. Without ``tab_stops`` the Tab key passes its links by: the
    table of the same numbers has them too, and they may be hundreds. ``apart`` tells whether a drawing is too large
    to stand in the page, and becomes a file beside it.
    """

    name: str
    doc: str
    function: Callable[[alt.NamedData, Shape], Any]
    plan: Callable[[Frame, Shape], Plan]
    roles: tuple[Role, ...]
    options: Mapping[str, Option]
    extra_data: tuple[str, ...] = ()
    widths: tuple[int, ...] = (NARROW, WIDE)
    prepare: Callable[[Shape], Mapping[str, Any]] | None = None
    left_out: Callable[[Frame, Shape], Sequence[int]] | None = None
    tab_stops: bool = True
    apart: Callable[[Frame, Shape], bool] | None = None

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(role.name for role in self.roles if role.required)

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(role.name for role in self.roles if not role.required)

    def resolve(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """All options of the kind, checked, defaults filled in. Raises ChartError for an unknown one."""
        for name, value in options.items():
            if name not in self.options:
                hint = did_you_mean(name, self.options) or f"; it has {one_of(self.options) or 'none'}"
                raise ChartError(f"a {self.name} chart has no option {name!r}{hint}")
            self.options[name].check(name, value)
        return {name: options.get(name, option.default) for name, option in self.options.items()}

    def ready(self, shape: Shape) -> Shape:
        """The shape with all options of the kind, as its functions want them. Raises ChartError."""
        self.check_columns(shape)
        shape = replace(shape, options=self.resolve(shape.options))
        return replace(shape, options=self.prepare(shape)) if self.prepare else shape

    def check_columns(self, shape: Shape) -> None:
        """Raise ChartError when a column the kind needs is not there."""
        if missing := [name for name in self.required if name not in shape.names]:
            raise ChartError(
                f"a {self.name} chart needs the columns {', '.join(self.required)}; {', '.join(missing)} "
                f"is not among {', '.join(shape.names)}"
            )
