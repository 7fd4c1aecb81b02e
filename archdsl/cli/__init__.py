"""The command line. Each command is a file of this folder, loaded when it is asked for."""

from __future__ import annotations

from archdsl.cli.program import Program

#: As `archdsl --help` lists them; each is `archdsl/cli/<name>.py` with a click command named `command`.
COMMANDS = {
    "check": "Check specs and report every mistake.",
    "compile": "Write the PyTorch module.",
    "draw": "Write the diagram.",
    "summary": "Show layers, shapes and costs.",
    "diff": "Tell what changed between two networks.",
    "verify": "Hold the generated module against the static figures.",
    "port": "Write a checkpoint with other keys for the generated module.",
    "bench": "Time the generated module.",
    "export": "Write the network as an ONNX model or a program of PyTorch.",
    "fmt": "Write specs in canonical form.",
    "layers": "Look up the layers of the language.",
    "templates": "List the templates of modules, and copy them.",
    "limits": "List the limits of what a text makes.",
    "explain": "Explain the code of a diagnostic.",
}

main = Program(
    "archdsl",
    COMMANDS,
    help="A language for neural architectures, compiled to PyTorch.",
    epilog="`archdsl COMMAND --help` tells the options of a command.",
)
