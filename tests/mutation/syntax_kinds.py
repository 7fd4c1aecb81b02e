"""Mistakes of syntax: brackets, arrows, commas, quotes, words in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from archdsl.syntax import ast
from tests.mutation.kinds import kind
from tests.mutation.page import Cut, Edit, Page, Token, cut, edit, insert

syntax = partial(kind, "syntax", illegal=True)


def openers_around(token: Token | None) -> tuple[int, ...]:
    """Where the brackets open that are open at a word."""
    found = []
    while token is not None:
        found.append(token.start)
        token = token.around
    return tuple(found)


def without_closer(page: Page, text: str) -> Iterator[Edit]:
    for token in page.signs(text):
        assert token.partner is not None
        yield Edit((cut(token),), (token.partner.start,))


@syntax()
def drop_opening_round(page: Page) -> Iterator[Edit]:
    """a `(` is missing"""
    yield from (edit(token) for token in page.signs("("))


@syntax()
def drop_closing_round(page: Page) -> Iterator[Edit]:
    """a `)` is missing"""
    yield from without_closer(page, ")")


@syntax()
def drop_opening_square(page: Page) -> Iterator[Edit]:
    """a `[` is missing"""
    yield from (edit(token) for token in page.signs("["))


@syntax()
def drop_closing_square(page: Page) -> Iterator[Edit]:
    """a `]` is missing"""
    yield from without_closer(page, "]")


@syntax()
def drop_opening_curly(page: Page) -> Iterator[Edit]:
    """a `{` is missing"""
    yield from (edit(token) for token in page.signs("{"))


@syntax()
def drop_closing_curly(page: Page) -> Iterator[Edit]:
    """a `}` is missing"""
    yield from without_closer(page, "}")


@syntax()
def extra_closer(page: Page) -> Iterator[Edit]:
    """a closing bracket stands twice"""
    yield from (insert(token.end, token.text) for token in page.signs(")", "]", "}"))


@syntax()
def extra_opener(page: Page) -> Iterator[Edit]:
    """an opening bracket stands twice"""
    yield from (
        Edit((Cut(token.end, token.end, token.text),), (token.start,)) for token in page.signs("(", "[", "{")
    )


@syntax()
def wrong_closer(page: Page) -> Iterator[Edit]:
    """a bracket is closed by one of another kind"""
    for token in page.signs(")", "]", "}"):
        assert token.partner is not None
        wrong = page.random.choice([c for c in ")]}" if c != token.text])
        yield Edit((cut(token, wrong),), (token.partner.start,))


@syntax()
def cut_off(page: Page) -> Iterator[Edit]:
    """the text ends in the middle of a line"""
    for token, after in page.pairs():
        if token.around is not None and not after.newline_before:
            rest = Cut(token.end, len(page.text), "\n")
            yield Edit((rest,), openers_around(token if token.text in "([{" else token.around))


def same_line_arrows(page: Page) -> Iterator[tuple[Token, Token]]:
    for token, after in page.pairs():
        if token.text == "->" and not token.newline_before and not after.newline_before:
            yield token, after


@syntax()
def drop_arrow(page: Page) -> Iterator[Edit]:
    """an arrow is missing between two words"""
    for token, after in same_line_arrows(page):
        if after.kind == "word" and after.text not in ("if", "in"):
            yield edit(token)


@syntax()
def double_arrow(page: Page) -> Iterator[Edit]:
    """`-> ->`"""
    yield from (edit(token, "-> ->") for token in page.signs("->"))


@syntax()
def arrow_at_the_end(page: Page) -> Iterator[Edit]:
    """an arrow with nothing behind it, before a closing bracket"""
    for token, after in page.pairs():
        if after.text in (")", "}") and token.text not in "([{" and _holds_flow(page, after):
            yield insert(token.end, " ->")


def _holds_flow(page: Page, closer: Token) -> bool:
    """Whether a flow stands in the brackets: braces, or parentheses of a fork or a group."""
    opener = closer.partner
    assert opener is not None
    before = page.tokens[opener.index - 1]
    return opener.text == "{" or (before.kind == "sign" and before.text not in ")]")


@syntax()
def drop_comma(page: Page) -> Iterator[Edit]:
    """a comma is missing before a word or a number"""
    for token, after in page.pairs():
        if (
            token.text == ","
            and after.kind in ("word", "number", "string")
            and after.text not in ("in", "not")
        ):
            yield edit(token)


@syntax()
def double_comma(page: Page) -> Iterator[Edit]:
    """`,,`"""
    yield from (edit(token, ",,") for token in page.signs(","))


@syntax()
def drop_equals(page: Page) -> Iterator[Edit]:
    """a `=` is missing before a word or a number"""
    for token, after in page.pairs():
        if (
            token.text == "="
            and after.kind in ("word", "number", "string")
            and after.text not in ("in", "not")
        ):
            yield edit(token)


@syntax()
def equals_for_equal(page: Page) -> Iterator[Edit]:
    """`=` where `==` is wanted"""
    yield from (edit(token, "=") for token in page.signs("=="))


@syntax()
def equal_for_equals(page: Page) -> Iterator[Edit]:
    """`==` where `=` is wanted"""
    yield from (edit(token, "==") for token in page.signs("="))


@syntax()
def drop_colon(page: Page) -> Iterator[Edit]:
    """the colon of a label, an annotation or an input is missing"""
    for token, after in page.pairs():
        around = token.around
        if token.text == ":" and not (around is not None and around.text == "[") and after.kind != "sign":
            yield edit(token)


@syntax()
def drop_bar(page: Page) -> Iterator[Edit]:
    """a `|` between two branches is missing, before a word"""
    for token, after in page.pairs():
        if token.text == "|" and after.kind == "word" and after.text not in ("if", "for", "in"):
            yield edit(token)


@syntax()
def comma_for_bar(page: Page) -> Iterator[Edit]:
    """branches with commas between them"""
    yield from (edit(token, ",") for token in page.signs("|"))


@syntax()
def drop_opening_quote(page: Page) -> Iterator[Edit]:
    """the quote before a string is missing"""
    yield from (Edit((Cut(t.start, t.start + 1, ""),)) for t in page.tokens if t.kind == "string")


@syntax()
def drop_closing_quote(page: Page) -> Iterator[Edit]:
    """the quote behind a string is missing"""
    yield from (Edit((Cut(t.end - 1, t.end, ""),)) for t in page.tokens if t.kind == "string")


@syntax()
def misspelt_keyword(page: Page) -> Iterator[Edit]:
    """a reserved word at the head of a statement is misspelt"""
    heads = ("block", "network", "model", "def", "let", "share", "default", "input", "output", "expect", "from",
             "import", "takes", "extern", "if", "elif", "else", "for", "when", "training")  # fmt: skip
    for token in page.signs(*heads):
        before = page.tokens[token.index - 1].text if token.index else ""
        behind = page.tokens[token.index + 1].text if token.index + 1 < len(page.tokens) else ""
        if before in (".", "->") or behind in (":", "=") or (token.text == "block" and before == ":"):
            continue  # there it is, or would be, a name
        wrong = page.misspelt(token.text)
        if wrong is not None and not (token.text == "if" and wrong.startswith("elif")):
            yield edit(token, wrong)


@syntax()
def drop_in(page: Page) -> Iterator[Edit]:
    """the `in` of a `for` is missing"""
    for part in (*page.each(ast.ForElement), *page.each(ast.ForClause)):
        for token in page.signs("in"):
            if part.target.span.end <= token.start < part.iterable.span.start:
                yield edit(token)


@syntax()
def drop_name(page: Page) -> Iterator[Edit]:
    """the name behind `block`, `network`, `model`, `let`, `share`, `input` or `output` is missing"""
    for token, after in page.pairs():
        if (
            token.text in ("block", "network", "model", "let", "share", "input", "output")
            and token.newline_before
        ):
            if after.kind == "word":
                yield edit(after)


@syntax()
def reserved_name(page: Page) -> Iterator[Edit]:
    """a reserved word where a name is declared"""
    for token, after in page.pairs():
        if (
            token.text in ("block", "network", "model", "let", "share", "input", "output")
            and token.newline_before
        ):
            if after.kind == "word":
                yield edit(after, page.random.choice(["block", "input", "in", "from", "training", "model"]))


@syntax()
def stray_character(page: Page) -> Iterator[Edit]:
    """a character that the language has no use for stands between two words"""
    for token in page.tokens:
        yield insert(token.end, " " + page.random.choice("@$?!&^\\`"))


@syntax()
def stray_word(page: Page) -> Iterator[Edit]:
    """a word too many between two words of a line"""
    for token, after in page.pairs():
        plain = token.kind in ("word", "number") and token.text not in KEEP
        if plain and after.kind in ("word", "number") and not after.newline_before and after.text not in KEEP:
            yield insert(token.end, " thing")


#: words behind which a name may stand, or before which one does
KEEP = ("if", "else", "elif", "and", "or", "not", "in", "for", "import", "as", "when")  # fmt: skip


@syntax()
def line_broken(page: Page) -> Iterator[Edit]:
    """a line end in the middle of a statement, where it ends one"""
    for token, after in page.pairs():
        open_round = token.around is not None and token.around.text in "(["
        joined = (token.kind in ("word", "number") and token.text not in KEEP) or token.text in (
            ")",
            "]",
            ":",
        )
        if open_round or not joined or after.newline_before or token.text in "([":
            continue
        if after.text in ("=", ".", ":", "{", ",") or (token.text == ":" and after.text != "["):
            yield insert(token.end, "\n")


@syntax()
def lines_merged(page: Page) -> Iterator[Edit]:
    """the line end between two statements is missing"""
    for token, after in page.pairs():
        around = token.around if token.text not in "([{" else token
        free = around is None or around.text == "{"
        if (
            after.newline_before
            and free
            and token.text != "{"
            and after.kind == "word"
            and after.text not in KEEP
        ):
            between = page.text[token.end : after.start]
            if "#" not in between:
                yield Edit((Cut(token.end, after.start, " "),))


@syntax()
def empty_argument(page: Page) -> Iterator[Edit]:
    """an argument's value is missing behind its `=`"""
    for argument in page.each(ast.Argument):
        if argument.name is not None:
            yield edit(argument.value)


@syntax()
def drop_operand(page: Page) -> Iterator[Edit]:
    """the right side of an operator is missing"""
    yield from (edit(binary.right) for binary in page.each(ast.Binary))


@syntax()
def double_operator(page: Page) -> Iterator[Edit]:
    """an operator that is none: `a * / b`"""
    for token in page.signs("*", "//", "%", "/"):
        before = page.tokens[token.index - 1]
        if before.kind in ("word", "number") or before.text in (")", "]"):
            yield insert(token.end, " /")


@syntax()
def broken_number(page: Page) -> Iterator[Edit]:
    """a number with letters in it"""
    for token in page.tokens:
        if token.kind == "number" and token.text.isdigit():
            yield edit(token, token.text + page.random.choice(["px", "kk", "q", "_", "e", "X"]))
