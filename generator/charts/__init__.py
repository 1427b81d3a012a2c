"""Charts: a shape compiled once with Altair, rows put in per entity, inline SVG out.

:func:`compile_shape` calls a chart function, a built-in kind's or a story's own, and checks what it returns;
:func:`draw` puts one entity's rows in and gives a safe, small ``<svg>`` whose colours are CSS custom properties.
Importing this package imports neither Altair nor the renderer.
"""

from generator.charts.compiled import CompiledChart, compile_shape
from generator.charts.draw import draw
from generator.charts.events import Event
from generator.charts.geometry import Geometry
from generator.charts.kind import Kind, Option, Role
from generator.charts.kinds import KINDS
from generator.charts.raster import rasterised
from generator.charts.renderer import Renderer, VlConvert
from generator.charts.scales import class_breaks
from generator.charts.shape import NARROW, WIDE, ChartError, Shape
from generator.charts.standalone import Caption, drawing_size, standalone
from generator.charts.style import ROLES, Style, css_variables, standing_alone
from generator.charts.text import Separators

__all__ = [
    "KINDS", "NARROW", "ROLES", "WIDE", "Caption", "ChartError", "CompiledChart", "Event", "Geometry", "Kind",
    "Option", "Renderer", "Role", "Separators", "Shape", "Style", "VlConvert", "class_breaks", "compile_shape",
    "css_variables", "draw", "drawing_size", "rasterised", "standalone", "standing_alone",
]  # fmt: skip
