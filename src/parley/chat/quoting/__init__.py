"""Answers without a model: the sentences of retrieved passages that answer best, verbatim, or an honest abstention."""

from parley.chat.quoting.compose import QuotedAnswer, QuotedSentence, compose_quoted_answer, ends_sentence
from parley.chat.quoting.definitions import asked_to_define, defining_first
from parley.chat.quoting.intent import Intent, classify_intent
from parley.chat.quoting.phrases import abstention, lead_in, noted, told
from parley.chat.quoting.question import TermStatistics, question_terms

__all__ = [
    "Intent",
    "QuotedAnswer",
    "QuotedSentence",
    "TermStatistics",
    "abstention",
    "asked_to_define",
    "classify_intent",
    "compose_quoted_answer",
    "defining_first",
    "ends_sentence",
    "lead_in",
    "noted",
    "question_terms",
    "told",
]
