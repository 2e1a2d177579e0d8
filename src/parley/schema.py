"""Every table of every room, for migrations and for opening a store."""

from parley.accounts import tables as accounts
from parley.bots import tables as bots
from parley.chat import tables as chat
from parley.chat.memory import tables as memory
from parley.insight import tables as insight
from parley.jobs import tables as jobs
from parley.knowledge import tables as knowledge
from parley.llm import tables as llm
from parley.retrieval import tables as retrieval
from parley.store.base import Base

TABLES = (accounts, bots, chat, insight, jobs, memory, knowledge, llm, retrieval)
metadata = Base.metadata
