"""Checking what an answer says against the passages it cites."""

from parley.chat.check.checker import Finding, SupportChecker, SupportSpan, SupportVerdict, Verdict
from parley.chat.check.evidence import CheckPassage

__all__ = ["CheckPassage", "Finding", "SupportChecker", "SupportSpan", "SupportVerdict", "Verdict"]
