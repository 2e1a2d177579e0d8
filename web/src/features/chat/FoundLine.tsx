import { Link } from "@tanstack/react-router";
import { sliceCodePoints } from "@/api/codePoints";
import type { FoundMessage } from "@/api/queries/conversations";
import { shortWhen } from "@/app/dates";

/** A message that holds what was looked for, with the words marked. */
export function FoundLine({ message, onOpen }: { message: FoundMessage; onOpen: () => void }) {
  return (
    <li>
      <Link
        className="history-line found-line"
        to="/chats/$botId"
        params={{ botId: message.bot_id }}
        search={{ conversation: message.conversation_id }}
        onClick={onOpen}
      >
        <span className="grow">
          <small className="muted clip">
            {message.author_kind === "bot" ? "Answer" : "Question"} in {message.conversation_title || "a conversation"}
          </small>
          <span className="found-text">{marked(message)}</span>
        </span>
        <time className="muted num" dateTime={message.created_at}>
          {shortWhen(message.created_at)}
        </time>
      </Link>
    </li>
  );
}

function marked({ snippet, matches }: FoundMessage) {
  const pieces = [];
  let at = 0;
  for (const [start, end] of matches) {
    if (start < at) continue; // parts of a compound lie within the whole
    pieces.push(sliceCodePoints(snippet, at, start), <b key={start}>{sliceCodePoints(snippet, start, end)}</b>);
    at = end;
  }
  return [...pieces, sliceCodePoints(snippet, at)];
}
