"""Comments on lines one after another are laid out as one, so that millions of them take no longer than a text does."""

from __future__ import annotations

from archdsl.formatting.formatting import formatted
from archdsl.formatting.page import lay_out
from archdsl.formatting.pen import Copy, script
from archdsl.source import Source

TEXT = """\
network n {   # behind
    # one  \t
      #two
  #

  # three
  input x: [3, 8, 8]
  ( relu  # here
  # there
    # and there
  | gelu ) -> add
  output y
}
"""
FORMATTED = """\
network n {  # behind
  # one
  #two
  #

  # three
  input x: [3, 8, 8]
  ( relu  # here
  # there
  # and there
  | gelu
  ) -> add
  output y
}
"""


def test_they_stand_under_each_other() -> None:
    assert formatted(Source("n.arch", TEXT)) == FORMATTED
    assert formatted(Source("n.arch", FORMATTED)) == FORMATTED


def test_they_are_one() -> None:
    source = Source("n.arch", "# many\n  # of these\n" * 10_000)
    comments = Copy(source, script(source)).gap().comments
    assert [comment.text for comment in comments] == ["\n".join(["# many", "# of these"] * 10_000)]
    assert len(lay_out(Copy(source, script(source)).remarks())) == 1
