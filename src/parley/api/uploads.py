"""Multipart uploads of any size: files go straight to disk while they arrive, memory stays bounded."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from parley.errors import InvalidInput, OversizedDocument
from parley.knowledge.service import Upload
from parley.store.blobs import BlobStore, StagedBlob, StagingWriter

MAX_FILES = 10_000
MAX_FIELD_BYTES = 4_000_000
MAX_HEADER_BYTES = 16_000

Event = tuple[str, bytes]


@dataclass(slots=True)
class UploadForm:
    """What a form held: its files in order, and its other fields."""

    files: list[Upload] = field(default_factory=list[Upload])
    fields: dict[str, str] = field(default_factory=dict[str, str])


@contextlib.asynccontextmanager
async def received_form(request: Request, blobs: BlobStore, max_file_bytes: int) -> AsyncGenerator[UploadForm]:
    """Receive a multipart form. Files that nobody has taken (given a place) when the block fails are removed.

    A file that is too large is not an error of the request: it is listed with its own error, the others go on.

    Raises:
        InvalidInput: the request is not a multipart form, or is malformed.
    """
    receiver = _Receiver(blobs, max_file_bytes)
    try:
        yield await receiver.receive(request)
    except BaseException:
        for _, blob in receiver.form.files:
            if isinstance(blob, StagedBlob):
                await blobs.discard(blob)
        raise


class _Receiver:
    def __init__(self, blobs: BlobStore, max_file_bytes: int) -> None:
        self._blobs = blobs
        self._max_file_bytes = max_file_bytes
        self._events: list[Event] = []
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._disposition = b""
        self._header_bytes = 0
        self._name = ""
        self._file_name: str | None = None
        self._writer: StagingWriter | None = None
        self._too_large: OversizedDocument | None = None
        self._value = bytearray()
        self._complete = False
        self.form = UploadForm()

    async def receive(self, request: Request) -> UploadForm:
        """Read the request to its end."""
        kind, options = parse_options_header(request.headers.get("content-type"))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidInput("Send the files as multipart/form-data.", code="not_multipart")
        parser = MultipartParser(boundary, self._callbacks())  # pyright: ignore[reportArgumentType]
        try:
            async for chunk in request.stream():
                parser.write(chunk)
                await self._take_events()
            if not self._complete:
                raise InvalidInput("The upload broke off before its end. Send it again.", code="malformed_upload")
        except MultipartParseError as error:
            raise InvalidInput("The upload is malformed.", code="malformed_upload") from error
        finally:
            if self._writer is not None:
                await self._writer.abandon()
        return self.form

    def _callbacks(self) -> dict[str, object]:
        def record(name: str) -> object:
            return lambda: self._events.append((name, b""))

        def record_data(name: str) -> object:
            def append(data: bytes, start: int, end: int) -> None:
                self._events.append((name, data[start:end]))

            return append

        return {
            "on_part_begin": record("begin"),
            "on_header_field": record_data("header_name"),
            "on_header_value": record_data("header_value"),
            "on_header_end": record("header_end"),
            "on_headers_finished": record("headers"),
            "on_part_data": record_data("data"),
            "on_part_end": record("end"),
            "on_end": record("complete"),
        }

    async def _take_events(self) -> None:
        events, self._events = self._events, []
        for name, data in events:
            match name:
                case "begin":
                    self._header, self._disposition, self._header_bytes = (b"", b""), b"", 0
                case "header_name" | "header_value" | "header_end":
                    self._take_header(name, data)
                case "headers":
                    self._begin_part()
                case "data":
                    await self._take_data(data)
                case "end":
                    await self._end_part()
                case _:
                    self._complete = True

    def _take_header(self, name: str, data: bytes) -> None:
        self._header_bytes += len(data)
        if self._header_bytes > MAX_HEADER_BYTES:
            raise InvalidInput("A part of the upload has headers that are too long.", code="malformed_upload")
        key, value = self._header
        if name == "header_name":
            self._header = (key + data, value)
        elif name == "header_value":
            self._header = (key, value + data)
        else:
            if key.lower() == b"content-disposition":
                self._disposition = value
            self._header = (b"", b"")

    def _begin_part(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        file_name = options.get(b"filename")
        self._file_name = None if file_name is None else file_name.decode("utf-8", "replace")
        self._value.clear()
        self._too_large = None
        if self._file_name is not None:
            if len(self.form.files) >= MAX_FILES:
                raise InvalidInput(f"Send at most {MAX_FILES} files at once.", code="too_many_files")
            self._writer = self._blobs.writer(self._max_file_bytes)

    async def _take_data(self, data: bytes) -> None:
        if self._writer is not None:
            try:
                await self._writer.write(data)
            except OversizedDocument as error:
                await self._writer.abandon()
                self._writer, self._too_large = None, error
        elif self._file_name is None:
            self._value += data
            if len(self._value) > MAX_FIELD_BYTES:
                raise InvalidInput(f"The field {self._name} is too long.", code="malformed_upload")

    async def _end_part(self) -> None:
        if self._too_large is not None:
            self.form.files.append((self._file_name or "file", self._too_large))
        elif self._writer is not None:
            writer, self._writer = self._writer, None
            self.form.files.append((self._file_name or "file", await writer.finish()))
        else:
            self.form.fields[self._name] = self._value.decode("utf-8", "replace")
