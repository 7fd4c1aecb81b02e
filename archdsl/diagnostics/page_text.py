"""Pages of codes for people at a terminal."""

from __future__ import annotations

import re
from textwrap import wrap

from archdsl.diagnostics.cells import printable
from archdsl.diagnostics.codes import CODES
from archdsl.diagnostics.page import Example, Page, by_group

_BOLD, _CODE, _RESET = "\x1b[1m", "\x1b[36m", "\x1b[0m"
_WRONG, _WARNED, _RIGHT = "\x1b[31m", "\x1b[33m", "\x1b[32m"
_QUOTED = re.compile(r"`[^`]+`")


class PageText:
    """Lays pages out in `width` columns. With color, a wrong example has a red bar beside it, a mend a green one."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = width
        self.color = color

    def page(self, page: Page) -> str:
        """One page, whole."""
        code = self._paint(page.code, _BOLD + self._level(page.code))
        blocks = [code + self._paint(f": {page.title}", _BOLD)]
        for part in page.parts:
            blocks.append(self._example(part, page.code) if isinstance(part, Example) else self._prose(part))
        return "\n\n".join(blocks)

    def listing(self) -> str:
        """The codes with a line each, group by group."""
        groups: list[str] = []
        for title, codes in by_group().items():
            lines = [self._paint(title, _BOLD)]
            for code in codes:
                first, *rest = wrap(CODES[code], self.width - 8, break_on_hyphens=False)
                lines.append(f"  {self._paint(code, self._level(code))}  {self._quoted(first)}")
                lines += [f"        {self._quoted(line)}" for line in rest]
            groups.append("\n".join(lines))
        return "\n\n".join(groups)

    def _prose(self, text: str) -> str:
        return self._quoted("\n".join(wrap(text, self.width, break_long_words=False, break_on_hyphens=False)))

    def _example(self, example: Example, code: str) -> str:
        style = self._level(code) if example.bad else _RIGHT
        bar = f"  {self._paint('│', style)} " if self.color else "    "
        lines = (
            [f"# {example.name}", *example.text.splitlines()] if example.name else example.text.splitlines()
        )
        return "\n".join((bar + printable(line)).rstrip() for line in lines)

    def _level(self, code: str) -> str:
        return _WARNED if code.startswith("W") else _WRONG

    def _quoted(self, text: str) -> str:
        """What stands between backticks, painted."""
        return _QUOTED.sub(lambda found: self._paint(found[0], _CODE), text) if self.color else text

    def _paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if self.color and text else text
