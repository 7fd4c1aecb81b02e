"""The disk: what belongs to archdsl, what it reads and what it writes. With the command line, all its I/O."""

from archdsl.resources.folders import holds, specs_in
from archdsl.resources.reading import (
    decode_source,
    find,
    place_of,
    read_import,
    read_source,
    read_stdin,
    too_large,
)
from archdsl.resources.rooms import (
    cache_dir,
    diagram_part,
    grammar_text,
    specs_root,
    std_root,
    template_root,
)
from archdsl.resources.templates import (
    check_template_folder,
    own_template,
    shipped_template,
    template_names,
)
from archdsl.resources.writing import Content, OutputError, check_target, write_bytes, write_files, write_text

__all__ = [
    "Content",
    "OutputError",
    "cache_dir",
    "check_target",
    "check_template_folder",
    "decode_source",
    "diagram_part",
    "find",
    "grammar_text",
    "holds",
    "own_template",
    "place_of",
    "read_import",
    "read_source",
    "read_stdin",
    "shipped_template",
    "specs_in",
    "specs_root",
    "std_root",
    "template_names",
    "template_root",
    "too_large",
    "write_bytes",
    "write_files",
    "write_text",
]
