"""The command line. Each command is a file of this folder, loaded when it is asked for."""

from __future__ import annotations

from archdsl.cli.program import Program

#: In the order of `archdsl --help`; each is `archdsl/cli/<name>.py` with a click command named `command`.
COMMANDS = ("check", "compile", "draw", "summary", "verify", "bench", "fmt", "layers", "explain")

main = Program(
    "archdsl",
    COMMANDS,
    help="A language for neural architectures, compiled to PyTorch.",
    epilog="`archdsl COMMAND --help` tells the options of a command.",
)
