"""Answers without a model: the sentences of retrieved passages that answer best, verbatim, or an honest abstention."""

from parley.chat.quoting.compose import (
    QuotedAnswer,
    QuotedSentence,
    compose_quoted_answer,
    ends_sentence,
    quote_headed,
    wanted_under_headings,
    with_figures_first,
)
from parley.chat.quoting.definitions import asked_to_define, defining_first
from parley.chat.quoting.headed import asks_how_to
from parley.chat.quoting.intent import Intent, classify_intent
from parley.chat.quoting.meaning import WordVectors
from parley.chat.quoting.phrases import abstention, lead_in, noted, told
from parley.chat.quoting.question import TermStatistics, question_terms

__all__ = [
    "Intent",
    "QuotedAnswer",
    "QuotedSentence",
    "TermStatistics",
    "WordVectors",
    "abstention",
    "asked_to_define",
    "asks_how_to",
    "classify_intent",
    "compose_quoted_answer",
    "defining_first",
    "ends_sentence",
    "lead_in",
    "noted",
    "question_terms",
    "quote_headed",
    "told",
    "wanted_under_headings",
    "with_figures_first",
]
