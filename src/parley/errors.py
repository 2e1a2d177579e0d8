"""The errors people meet. Each has a stable code, a message that is safe to show, and says whether to try again.

AppError
├── NotFound
├── Conflict
├── NotPermitted
│   └── NotSignedIn
├── ChannelError
│   └── SignatureInvalid
├── InvalidInput
├── QuotaExceeded
├── Unavailable
│   └── DataFolderBusy
├── ProviderError
│   ├── ProviderTimeout
│   ├── RateLimited
│   ├── ProviderRefused
│   ├── ContextTooLong
│   └── ContentFiltered
├── IngestionError
│   ├── UnsupportedFormat
│   ├── EmptyDocument
│   ├── NoTextLayer
│   ├── EncryptedDocument
│   ├── DamagedDocument
│   ├── OversizedDocument
│   ├── ParserTimeout
│   ├── ParserOutOfMemory
│   ├── ParserCrashed
│   ├── UnreadableFile
│   ├── ChunkingFailed
│   ├── SourceUnavailable
│   └── FetchError
│       ├── AddressRefused
│       ├── HostUnreachable
│       ├── FetchTimeout
│       ├── TooManyRedirects
│       ├── PageRefused
│       ├── PageGone
│       └── RobotsDisallowed
└── RetrievalError
    ├── IndexUnavailable
    └── DimensionMismatch
"""

from typing import ClassVar


class AppError(Exception):
    """Base of every expected failure; front doors map the family once (HTTP status, exit code).

    Args:
        message: what happened and what to do next; shown to people, so never a secret or document text.
        code: stable machine-readable code; defaults to the class's own.
    """

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.stable_code = code or self.code


class NotFound(AppError):
    """The thing asked for does not exist in this workspace."""

    code = "not_found"


class Conflict(AppError):
    """The request contradicts the present state."""

    code = "conflict"


class NotPermitted(AppError):
    """The caller is known but may not do this."""

    code = "not_permitted"


class NotSignedIn(NotPermitted):
    """The caller is not known."""

    code = "not_signed_in"


class ChannelError(AppError):
    """Something from outside could not be taken, or not be delivered."""

    code = "channel_error"


class SignatureInvalid(ChannelError):
    """A webhook is not signed by whom it says it is from."""

    code = "signature_invalid"


class InvalidInput(AppError):
    """The request itself is wrong."""

    code = "invalid_input"


class QuotaExceeded(AppError):
    """A limit of the plan or the settings is reached."""

    code = "quota_exceeded"


class Unavailable(AppError):
    """A part of Parley cannot serve at the moment."""

    code = "unavailable"
    retryable = True


class DataFolderBusy(Unavailable):
    """Another Parley process owns the data folder."""

    code = "data_folder_busy"


class ProviderError(AppError):
    """A model provider failed."""

    code = "provider_error"
    retryable = True


class ProviderTimeout(ProviderError):
    """The provider did not answer in time."""

    code = "provider_timeout"


class RateLimited(ProviderError):
    """The provider, or we, ask to slow down.

    Args:
        retry_after_seconds: what the provider asked for, if it said so.
    """

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ProviderRefused(ProviderError):
    """The provider refuses key, model or request; trying again unchanged does not help."""

    code = "provider_refused"
    retryable = False


class ContextTooLong(ProviderError):
    """The prompt does not fit the model."""

    code = "context_too_long"
    retryable = False


class ContentFiltered(ProviderError):
    """The provider's own filter refused."""

    code = "content_filtered"
    retryable = False


class IngestionError(AppError):
    """One file could not be read; the others go on."""

    code = "ingestion_failed"


class UnsupportedFormat(IngestionError):
    """The format is not read; the message says what to save it as."""

    code = "unsupported_format"


class EmptyDocument(IngestionError):
    """The file holds nothing."""

    code = "empty_document"


class NoTextLayer(IngestionError):
    """Pages are pictures: a scan without a text layer."""

    code = "no_text_layer"


class EncryptedDocument(IngestionError):
    """A password protects the file."""

    code = "encrypted_document"


class DamagedDocument(IngestionError):
    """The file is broken or is not what it says it is."""

    code = "damaged_document"


class OversizedDocument(IngestionError):
    """The file, or what it unpacks to, is over a limit."""

    code = "oversized_document"


class ParserTimeout(IngestionError):
    """Reading took longer than the limit."""

    code = "parser_timeout"
    retryable = True


class ParserOutOfMemory(IngestionError):
    """Reading needed more memory than the limit."""

    code = "parser_out_of_memory"


class ParserCrashed(IngestionError):
    """The worker process died while it read the file."""

    code = "parser_crashed"


class UnreadableFile(IngestionError):
    """The file could not be opened: gone, or no permission."""

    code = "unreadable_file"
    retryable = True


class ChunkingFailed(IngestionError):
    """Some documents could not be cut into chunks anew; they are found by the chunks that they have."""

    code = "chunking_failed"
    retryable = True


class SourceUnavailable(IngestionError):
    """What a source is read from is not there for now; everything that was read from it is kept."""

    code = "source_unavailable"
    retryable = True


class FetchError(IngestionError):
    """Something could not be fetched from the network."""

    code = "fetch_failed"
    retryable = True


class AddressRefused(FetchError):
    """The address is one that Parley never asks: not public, or written so as to hide where it leads."""

    code = "address_refused"
    retryable = False


class HostUnreachable(FetchError):
    """The name does not resolve, or nothing answers there."""

    code = "host_unreachable"


class FetchTimeout(FetchError):
    """The answer did not arrive whole within the time allowed."""

    code = "fetch_timeout"


class TooManyRedirects(FetchError):
    """The answer leads on and on, or in a circle."""

    code = "too_many_redirects"
    retryable = False


class PageRefused(FetchError):
    """The server answered with an error, or wants a sign-in."""

    code = "page_refused"


class PageGone(FetchError):
    """The server says that nothing is there (404, 410)."""

    code = "page_gone"
    retryable = False


class RobotsDisallowed(FetchError):
    """The site's robots.txt asks crawlers to leave this alone."""

    code = "robots_disallowed"
    retryable = False


class RetrievalError(AppError):
    """Search failed."""

    code = "retrieval_failed"


class IndexUnavailable(RetrievalError):
    """A derived index cannot be opened or is being rebuilt."""

    code = "index_unavailable"
    retryable = True


class DimensionMismatch(RetrievalError):
    """A vector has another size than the index expects."""

    code = "dimension_mismatch"
