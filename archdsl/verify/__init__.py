"""Holds the generated module against what was computed of it without running it, and against another module.

This room imports torch; who wants it imports it late.
"""

from __future__ import annotations

from archdsl.verify.held import Settings, verify
from archdsl.verify.peers import Peer, PeerError, find_peer
from archdsl.verify.report import Check, Report
from archdsl.verify.running import usable

__all__ = ["Check", "Peer", "PeerError", "Report", "Settings", "find_peer", "usable", "verify"]
