"""Times the generated module beside others, and says what follows.

This room imports torch; who wants it imports it late.
"""

from __future__ import annotations

from archdsl.bench.report import Report, Row, Run
from archdsl.bench.running import bench
from archdsl.bench.settings import DTYPES, BenchError, Settings

__all__ = ["DTYPES", "BenchError", "Report", "Row", "Run", "Settings", "bench"]
