"""Lines of generated modules beside torchvision's and timm's files: `python -m benchmarks.lines`.

Blank lines, comments and docstrings do not count. Theirs serve families, with weights and options; ours one model each.
"""

from __future__ import annotations

import ast
import io
import tokenize
from importlib.util import find_spec
from pathlib import Path

import archdsl

SPECS = Path(__file__).parent.parent / "specs"
#: Spec, model, and files of the libraries that hold the same network.
PAIRS = [
    ("densenet", "densenet121", ["torchvision/models/densenet.py", "timm/models/densenet.py"]),
    ("resnet", "resnet50", ["torchvision/models/resnet.py", "timm/models/resnet.py"]),
    ("googlenet", "googlenet", ["torchvision/models/googlenet.py"]),
    ("inception_v3", "inception_v3", ["torchvision/models/inception.py", "timm/models/inception_v3.py"]),
    ("inception_v4", "inception_v4", ["timm/models/inception_v4.py"]),
    ("vgg", "vgg11_bn", ["torchvision/models/vgg.py", "timm/models/vgg.py"]),
    ("convnext", "convnext_tiny", ["torchvision/models/convnext.py", "timm/models/convnext.py"]),
    ("vit", "vit_b_16", ["torchvision/models/vision_transformer.py"]),
    ("dla", "dla34", ["timm/models/dla.py"]),
    ("dpn", "dpn68", ["timm/models/dpn.py"]),
    ("hrnet", "hrnet_w18", ["timm/models/hrnet.py"]),
]


def code_lines(source: str) -> int:
    """Lines with code on them."""
    skipped = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    kept: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            kept.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            kept.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(kept)


def library_file(path: str) -> Path | None:
    """A file of a package that is installed."""
    found = find_spec(path.split("/")[0])
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]).parent / path


def main() -> None:
    print(f"{'model':16}{'ours':>6}  theirs")
    for spec, model, files in PAIRS:
        ours = code_lines(archdsl.load(SPECS / f"{spec}.arch", model=model).source())
        theirs = [(name, library_file(name)) for name in files]
        told = ", ".join(
            f"{name} {code_lines(path.read_text(encoding='utf-8'))}"
            for name, path in theirs
            if path is not None and path.is_file()
        )
        print(f"{model:16}{ours:6}  {told}")


if __name__ == "__main__":
    main()
