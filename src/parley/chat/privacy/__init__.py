"""Learn-only text may inform an answer and never be shown: what is hidden, and what gives it away."""

from parley.chat.privacy.guard import HiddenText, Leak, LeakGuard, LeakKind
from parley.chat.privacy.sealed import SealedRule

__all__ = ["HiddenText", "Leak", "LeakGuard", "LeakKind", "SealedRule"]
