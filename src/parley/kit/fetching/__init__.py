"""Fetching from the network on somebody else's word: only public addresses, bounded in bytes, time and redirects."""

from parley.kit.fetching.addresses import AddressRules
from parley.kit.fetching.fetcher import Fetched, Fetcher, FetchLimits, Receiver
from parley.kit.fetching.urls import Target, parse_target

__all__ = ["AddressRules", "FetchLimits", "Fetched", "Fetcher", "Receiver", "Target", "parse_target"]
