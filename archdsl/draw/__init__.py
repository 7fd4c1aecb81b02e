"""Diagrams: the graph, folded where it repeats, as DOT text and as pictures."""

from archdsl.draw.dot import digraph
from archdsl.draw.engine import EngineMissing
from archdsl.draw.options import DrawOptions
from archdsl.draw.render import FORMATS, render
from archdsl.draw.trim import DrawError

__all__ = ["FORMATS", "DrawError", "DrawOptions", "EngineMissing", "digraph", "render"]
