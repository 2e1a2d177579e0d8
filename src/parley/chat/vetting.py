"""What a turn must not say: learn-only text of this turn and earlier ones, and the rules that a model was given."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from parley.chat.output_filter import AllowedAddresses
from parley.chat.passages import PassageRepository
from parley.chat.privacy import HiddenText, Leak, LeakGuard, SealedRule
from parley.chat.prompts import BACKGROUND_RULES, system_text
from parley.chat.quoting.phrases import is_own_phrase
from parley.chat.turn import Tools, Turn
from parley.retrieval.schemas import Hit

# Learn-only passages of earlier turns that are still watched for.
MOST_REMEMBERED = 40
SAID_BEFORE_CHARS = 2000
# Our rules hold phrases that an answer may well use; a run as long as this is a copy.
LEAST_RULES_RUN = 60
# By these words the owner's instructions say that something in them is not to be told.
_SECRECY = re.compile(
    r"secret|confidential|password|reveal|disclos|do(?:n'?t| not) (?:tell|share|mention|give)|internal only|private|"
    r"never (?:tell|share|mention)|geheim|vertraulich|passwort|verrat|secreto|contrase|revel|confiden|divulg|"
    r"mot de passe|segreto|segreta|rivel|segredo|senha|wachtwoord|секрет|парол|раскры|разглаш|gizli|şifre|açıkla|"
    r"mật khẩu|tiết lộ|bí mật|rahasia|sandi|lihim|ibunyag|tajn|hasło|heslo|سر|كلمة|تكشف|गुप्त|पासवर्ड|प्रकट|रहस्य|"
    r"গোপন|পাসওয়ার্ড|প্রকাশ|ความลับ|รหัสผ่าน|เปิดเผย|"
    r"秘密|密码|密碼|透露|泄露|機密|パスワード|明かさ|비밀|암호|밝히|공개",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Vetting:
    """What is watched for while a turn is answered.

    `rules`: knows what the model was told; `addresses`: those that citable text or the question holds; `guard`: knows
    the learn-only text, None where there is none; `sealed`: set while nothing but citable statements may be shown;
    `said_before`: the end of the bot's earlier answers.
    """

    rules: LeakGuard
    addresses: AllowedAddresses
    guard: LeakGuard | None = None
    sealed: SealedRule | None = None
    said_before: str = ""

    def find(self, text: str, *, whole: bool) -> Leak | None:
        """Return what a part of an answer, or a whole one, gives away; None for nothing.

        Where there is no learn-only text, the parts are left to `Dam`, which costs next to nothing.
        """
        if self.guard is None and not whole:
            return None
        if self.guard is not None:
            found = self.guard.find(text)
            if found is None and self.said_before:
                found = self._added_up(text)
            if found is not None:
                return found
        found = self.rules.find(text)
        return None if found is None else Leak("rules", found.disguise)

    def _added_up(self, text: str) -> Leak | None:
        """Look for what earlier answers and this one give away together."""
        assert self.guard is not None
        before = self.said_before[-SAID_BEFORE_CHARS:]
        return None if self.guard.find(before) is not None else self.guard.find(f"{before}\n{text}")


async def vetting_of(turn: Turn, tools: Tools) -> Vetting:
    """Return what to watch for; with learn-only text that takes some milliseconds, in a thread."""
    async with tools.store.read() as session:
        passages = PassageRepository(session, turn.workspace_id)
        rows = await passages.given_before(turn.conversation_id, turn.id, MOST_REMEMBERED)
        earlier = [await passages.text(row.version_id, row.start, row.end) for row in rows]
        versions = {*(hit.document.version_id for hit in turn.background), *(row.version_id for row in rows)}
        titles = await passages.titles(versions) if versions else {}
    hidden = [
        HiddenText(
            "\n".join([*hit.heading, hit.text]),
            titles.get(hit.document.version_id, ()),
            hit.language,
            hit.document.version_id,
        )
        for hit in turn.background
    ]
    hidden += [
        HiddenText(text, titles.get(row.version_id, ()), turn.language, row.version_id)
        for text, row in zip(earlier, rows, strict=True)
        if text
    ]
    return await asyncio.to_thread(_vetting, turn, tools, hidden)


def _vetting(turn: Turn, tools: Tools, hidden: Sequence[HiddenText]) -> Vetting:
    asked = [turn.question, turn.query, *(message.text for message in turn.history if message.role == "user")]
    answers = [message.text for message in turn.history if message.role == "assistant"]
    said = "\n".join(answer for answer in answers if not is_own_phrase(answer))
    citable = [readable(hit) for hit in turn.hits]
    addresses = AllowedAddresses([*citable, *asked])
    asked += [one.text for one in turn.recalled]
    open_texts = [*citable, *asked]
    rules = _rules_guard(system_text(turn.rules))
    told = "\n".join([turn.rules.persona, turn.rules.instructions])
    learn_only = bool(hidden)
    if _SECRECY.search(told):
        hidden = [*hidden, HiddenText(told, secret=True)]
    if not hidden:
        return Vetting(rules, addresses, said_before=said)
    guard = LeakGuard(hidden, open_texts, turn.language, tools.embedder.count_tokens)
    sealed = None
    if learn_only and turn.rules.learn_only_policy != "background":
        sealed = SealedRule(citable, asked, [text.text for text in hidden], turn.language)
    return Vetting(rules, addresses, guard, sealed, said)


@lru_cache(maxsize=64)
def _rules_guard(told: str) -> LeakGuard:
    hidden = [HiddenText(told), HiddenText(BACKGROUND_RULES)]
    return LeakGuard(hidden, [], least_run=LEAST_RULES_RUN, runs_only=True)


def readable(hit: Hit) -> str:
    """Return what a reader may be told of a citable passage: its text, title and headings."""
    return "\n".join([hit.document.title, *hit.heading, hit.text])
