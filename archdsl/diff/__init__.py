"""What differs between two networks: which layers came, went and changed, and what that costs."""

from archdsl.diff.compare import Change, Difference, compare
from archdsl.diff.plain import as_dict
from archdsl.diff.words import words

__all__ = ["Change", "Difference", "as_dict", "compare", "words"]
