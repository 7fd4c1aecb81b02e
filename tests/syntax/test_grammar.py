"""The grammar as a text: no conflicts, no layers, and the words that the modules around it list."""

from __future__ import annotations

import logging
import re

import pytest
from lark import Lark, logger

from archdsl.layers import REGISTRY
from archdsl.resources import grammar_text
from archdsl.syntax import words


def terminals() -> dict[str, str]:
    made = Lark(grammar_text(), parser="lalr", lexer="basic", start=["file", "expression"])
    return {
        terminal.name: terminal.pattern.value for terminal in made.terminals if terminal.pattern.type == "str"
    }


def test_there_is_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    level = logger.level
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(grammar_text(), parser="lalr", lexer="basic", start=["file", "expression"], debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)
    conflicts = [record.message for record in caplog.records if "onflict" in record.message]
    assert not conflicts


def test_a_conflict_would_be_noticed(caplog: pytest.LogCaptureFixture) -> None:
    level = logger.level
    logger.addHandler(caplog.handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark('e: e "+" e | "x"', parser="lalr", lexer="basic", start="e", debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)
    assert any("onflict" in record.message for record in caplog.records)


def test_the_reserved_words() -> None:
    keywords = {value for value in terminals().values() if re.fullmatch(r"\w+", value)}
    assert keywords - {"_"} == words.RESERVED


def test_the_operators() -> None:
    rules = grammar_text().split("// --- expressions")[1]
    (comparators,) = re.findall(r"comparator: (.*)", rules)
    binary = set(re.findall(r'"([=!<>]+)"', comparators)) | {"+", "-", "*", "/", "//", "%", "**"}
    assert binary | {"and", "or", "not"} == words.OPERATORS


def test_the_grammar_knows_no_layer() -> None:
    rules = re.sub(r"//.*", "", grammar_text())
    names = set(re.findall(r'"(\w+)"', rules))
    assert not names & set(REGISTRY)
