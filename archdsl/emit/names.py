"""Names in generated code: one namespace for each scope of Python, which knows what is taken."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

_BUILTINS = """
abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile
complex copyright credits delattr dict dir divmod enumerate eval exec exit filter float format
frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len license
list locals map max memoryview min next object oct open ord pow print property quit range repr
reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip
ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError
BrokenPipeError BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError
ConnectionRefusedError ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning
EnvironmentError Exception ExceptionGroup False FileExistsError FileNotFoundError
FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError
IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
ModuleNotFoundError NameError None NotADirectoryError NotImplemented NotImplementedError OSError
OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError
TimeoutError True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning WindowsError ZeroDivisionError
"""
#: What no name of a spec may hide in generated code. The same for every version of Python.
RESERVED = frozenset(
    [*_BUILTINS.split(), *keyword.kwlist, *["match", "case", "_", "self", "cls", "annotations"]]
) | {*("torch", "nn", "F", "math", "Tensor", "OrderedDict", "NamedTuple", "Any", "Callable")}
RESERVED |= {*("ClassVar", "Collection", "Iterable", "Iterator", "Mapping", "Self", "Sequence")}
RESERVED |= {*("hashlib", "nullcontext", "partial", "wraps", "FOLDS", "NAMES", "UNUSED")}
#: What no class is called beyond that.
CLASS_WORDS = ("Module", "ModuleDict", "ModuleList", "Sequential", "Parameter")

#: What an nn.ModuleDict has beyond the attributes of any module.
DICT_ATTRIBUTES = frozenset(["clear", "items", "keys", "pop", "update", "values"])

#: Names that look like digits, which no parameter has.
AMBIGUOUS = frozenset(["l", "I", "O"])

#: Variables of loops in constructors, by depth.
INDICES = ("i", "j")
#: Those of loops over layers: no parameter has their names.
LOOPED = ("layer", "module")
#: The variable of loops over weights, with underscores where a parameter has the name.
WEIGHT = "weight"
#: What the inside of a constructor may call its variables, beside its parameters.
INNER = re.compile(rf"{'|'.join(INDICES)}|i[0-9]+|{'|'.join(LOOPED)}|{WEIGHT}_*", re.ASCII)

_FLOW = ("x", "y", "z", "u", "v", "w")
_WORD = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_SPELLINGS = {
    "alexnet": "AlexNet",
    "bn": "BN",
    "cnn": "CNN",
    "dla": "DLA",
    "dpn": "DPN",
    "densenet": "DenseNet",
    "efficientnet": "EfficientNet",
    "ffn": "FFN",
    "googlenet": "GoogLeNet",
    "hrnet": "HRNet",
    "lenet": "LeNet",
    "ln": "LN",
    "mlp": "MLP",
    "mobilenet": "MobileNet",
    "nin": "NIN",
    "preresnet": "PreResNet",
    "resnext": "ResNeXt",
    "se": "SE",
    "senet": "SENet",
    "shufflenet": "ShuffleNet",
    "squeezenet": "SqueezeNet",
    "srdensenet": "SRDenseNet",
    "vdsr": "VDSR",
    "vgg": "VGG",
    "vit": "ViT",
    "wavenet": "WaveNet",
}

#: What another word may stand in front of without an underscore: `myunet` is `MyUnet`.
_TAILS = ("unet", "resnet", "resnext", "densenet", "mobilenet", "efficientnet")


class Namespace:
    """Names of one scope of Python. What it gives is an identifier that nothing else in the scope has."""

    def __init__(self, *taken: Iterable[str]) -> None:
        self._taken: set[str] = set().union(*taken)

    def __contains__(self, name: str) -> bool:
        return name in self._taken

    def reserve(self, names: Iterable[str]) -> None:
        """Let nothing have these names from now on."""
        self._taken.update(names)

    def release(self, name: str) -> None:
        """The name may be given again."""
        self._taken.discard(name)

    def free(self, name: str) -> bool:
        """Whether the name could be had as it is."""
        return is_plain(name) and name not in self._taken and name not in RESERVED

    def claim(self, *wishes: str) -> str:
        """The first of the wishes that is free; else the last of them with a number or an underscore."""
        for wish in wishes:
            if self.free(wish):
                self._taken.add(wish)
                return wish
        base = identifier(wishes[-1])
        name = f"{base}_" if base in RESERVED else base
        number = 1
        while not self.free(name):
            number += 1
            name = numbered(base, number)
        self._taken.add(name)
        return name


def numbered(name: str, number: int) -> str:
    """What the first, second, … of several that would have one name are called: `top`, `top2`, …"""
    return name if number == 1 else f"{name}{'_' * name[-1:].isdigit()}{number}"


def flow_name(number: int) -> str:
    """What tensors are called that the text does not name: `x`, `y`, `z`, … `x2`, …"""
    return _FLOW[number] if number < len(_FLOW) else f"x{number - len(_FLOW) + 2}"


def is_plain(name: str) -> bool:
    """Whether a name may stand in Python text."""
    return (
        name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
    )


def identifier(text: str) -> str:
    """A name made of the words in a text, without what Python reads into underscores; it may be taken or a keyword."""
    name = "_".join(_WORD.findall(text)) or "x"
    return f"n{name}" if name[0].isdigit() else name


def camel(text: str) -> str:
    """`dense_layer` as the name of a class: `DenseLayer`."""
    return "".join(map(_capital, _WORD.findall(text))) or "Part"


def _capital(word: str) -> str:
    stem = word.rstrip("0123456789")
    digits = word[len(stem) :]
    if not stem:
        return digits
    spelt = _SPELLINGS.get(stem)
    if spelt is not None:
        return spelt + digits
    tail = next((tail for tail in _TAILS if stem.endswith(tail) and stem != tail), "")
    if tail:
        return _capital(stem.removesuffix(tail)) + _capital(tail) + digits
    if len(stem) > 4 and stem.endswith("net"):
        return stem[0].upper() + stem[1:-3] + "Net" + digits
    return stem[0].upper() + stem[1:] + digits


def class_name(text: str) -> str:
    """`camel`, for what begins with a digit too."""
    name = camel(text)
    return f"Part{name}" if name[0].isdigit() else name
