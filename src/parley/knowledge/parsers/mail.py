"""E-mail (eml): subject, sender and receivers, the body, and the names of what is attached."""

from collections.abc import Iterator
from email import message_from_binary_file, policy
from email.message import EmailMessage
from io import BytesIO

from parley.knowledge.parsers.blocks import Block, heading, one_line
from parley.knowledge.parsers.html import parse_html
from parley.knowledge.parsers.source_file import Parsed, SourceFile

_HEADERS = ("From", "To", "Cc", "Date")


def parse(file: SourceFile) -> Parsed:
    file.check_whole()
    with BytesIO(file.bytes()) as stream:
        message = message_from_binary_file(stream, policy=policy.default.clone(refold_source="none"))
    assert isinstance(message, EmailMessage)
    subject = one_line(_header(message, "Subject"))
    return Parsed(_blocks(message, subject), subject)


def _header(message: EmailMessage, name: str) -> str:
    """A header's text; one that is too broken to parse is left out."""
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""


def _blocks(message: EmailMessage, subject: str, depth: int = 0) -> Iterator[Block]:
    if subject:
        yield heading(subject, 1 + min(depth, 3))
    lines = [f"{name}: {one_line(value)}" for name in _HEADERS if (value := _header(message, name))]
    yield Block("paragraph", "\n".join(lines))
    body = message.get_body(preferencelist=("plain", "html"))
    if isinstance(body, EmailMessage):
        yield from _body(body)
    attached: list[str] = []
    for part in message.iter_attachments():
        if part.get_content_type() == "message/rfc822" and depth < 5:
            inner = part.get_content()
            if isinstance(inner, EmailMessage):
                yield from _blocks(inner, one_line(_header(inner, "Subject")), depth + 1)
        elif name := part.get_filename():
            attached.append(one_line(name))
    if attached:
        yield Block("paragraph", "Attachments: " + ", ".join(attached))


def _body(body: EmailMessage) -> Iterator[Block]:
    content = body.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    charset = body.get_content_charset() or "utf-8"
    if body.get_content_type() == "text/html":
        yield from parse_html(raw, charset if charset.lower() != "us-ascii" else "utf-8").blocks
        return
    for paragraph in _decode(raw, charset).replace("\r\n", "\n").split("\n\n"):
        is_quote = paragraph.lstrip("\n").startswith(">")
        yield Block("quote" if is_quote else "paragraph", paragraph)


def _decode(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return raw.decode("utf-8", "parley-stray")
