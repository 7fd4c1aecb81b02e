"""The page: templates of `templates/diagram/` with the picture in them, under a policy that allows nothing else."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

from archdsl.draw import palette
from archdsl.draw.html.data import data, opened_by
from archdsl.draw.html.spec import shown
from archdsl.draw.markup import clean
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.trim import DEEPEST, DrawError
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits
from archdsl.resources import diagram_part

#: In the order in which they run.
_SCRIPTS = ("model.js", "layers.js", "places.js", "draw.js", "wires.js", "spec.js", "page.js")
_PLACE = re.compile(r"\{\{(\w+)\}\}")
#: Times as much as in a picture: most blocks of a page are closed, and no engine is at work.
_MORE_BOXES = 4
_MORE_EFFORT = 80


def page(graph: Graph, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS) -> str:
    """The page of a network, which holds all of its levels, or as many as its limits allow.

    Raises DrawError if not even the uppermost can be drawn.

    Nothing of the spec is markup in it, and it loads nothing. Equal input gives equal text.
    """
    more = replace(
        limits,
        drawing_effort=_MORE_EFFORT * limits.drawing_effort,
        drawing_boxes=_MORE_BOXES * limits.drawing_boxes,
    )
    whole = replace(options, depth=DEEPEST, expand=(), collapse=())
    try:
        picture = view(graph, whole, more)
    except DrawError:
        picture = view(graph, whole, limits)  # fails, and tells of these limits
    opened = opened_by(view(graph, options, limits)) if options.expand or options.collapse else None
    style = diagram_part("page.css") + _colours()
    script = '(() => {\n"use strict";\n' + "\n".join(map(diagram_part, _SCRIPTS)) + "})();\n"
    parts = {
        "policy": f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'",
        "title": html.escape(clean(picture.root.title.name)),
        "doc": html.escape(shown(graph.doc.partition("\n\n")[0].replace("\n", " "))),
        "style": style,
        "script": script,
        "picture": _quoted(data(graph, picture, options, opened)),
    }
    return _PLACE.sub(lambda found: parts[found[1]], diagram_part("page.html"))


def _quoted(value: object) -> str:
    """JSON that no reader of HTML takes for markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _hash(text: str) -> str:
    """A text as a policy names it (W3C, Content Security Policy Level 3, Section 2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _colours() -> str:
    """The colours of kinds of layers, on a dark ground darker."""
    root = f"--fill: {_pair(palette.OTHER)}; --end: {_pair(palette.END)};"
    rules = [f":root {{ --on-fill: light-dark(#14191e, #eef2f6); {root} }}\n"]
    rules += [f'[data-kind="{kind}"] {{ --fill: {_pair(fill)}; }}\n' for kind, fill in palette.FILLS.items()]
    return "".join(rules)


def _pair(colour: str) -> str:
    """A colour, and one of its hue that carries white text."""
    return f"light-dark({colour}, oklch(from {colour} 0.43 calc(c * 1.6) h))"
