"""What may be told of a text that a model wrote: no picture, no active HTML, no address that no source has."""

from parley.chat.output_filter.addresses import AllowedAddresses
from parley.chat.output_filter.markdown import clean
from parley.chat.output_filter.stream import OutputFilter

__all__ = ["AllowedAddresses", "OutputFilter", "clean"]
