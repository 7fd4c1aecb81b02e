"""The paper's schematic: feature maps as boxes to scale, from the folded network."""

from archdsl.draw.figure.render import FORMATS, render_figure
from archdsl.draw.figure.scale import SCALES

__all__ = ["FORMATS", "SCALES", "render_figure"]
