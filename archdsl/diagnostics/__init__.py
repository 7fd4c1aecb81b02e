"""Diagnostics: the objects, the catalogue of codes and the ways to render them."""

from archdsl.diagnostics.core import ArchError, Call, Collector, Diagnostic, Full, Label, Severity

__all__ = ["ArchError", "Call", "Collector", "Diagnostic", "Full", "Label", "Severity"]
