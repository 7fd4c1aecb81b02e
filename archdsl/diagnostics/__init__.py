"""Diagnostics: the objects, the catalogue of codes and the ways to render them."""

from archdsl.diagnostics.core import ArchError, Collector, Diagnostic, Label, Severity

__all__ = ["ArchError", "Collector", "Diagnostic", "Label", "Severity"]
