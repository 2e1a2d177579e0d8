import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { inWords } from "@/api/errors";
import { keys } from "@/api/keys";
import { findMessages, listConversations } from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { shortWhen } from "@/app/dates";
import { Dialog, Icon, SearchField, Segmented, Spinner } from "@/ui";
import { FoundLine } from "./FoundLine";
import { ConversationMenu } from "./ConversationMenu";

type HistoryDialogProps = { open: boolean; botId: string; current: string | null; onClose: () => void };

const MIN_LETTERS = 2;

/** The conversations with a bot: pinned ones first, then the newest; and a search through all that was said. */
export function HistoryDialog({ open, botId, current, onClose }: HistoryDialogProps) {
  const [words, setWords] = useState("");
  const [shelf, setShelf] = useState<"current" | "archived">("current");
  const wanted = useDeferredValue(words.trim());
  const searching = wanted.length >= MIN_LETTERS;
  return (
    <Dialog open={open} title="Earlier conversations" onClose={onClose}>
      <div className="stack">
        <SearchField
          label="Search what was said"
          placeholder="Search what was said"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        {searching ? (
          <Found botId={botId} words={wanted} onOpen={onClose} />
        ) : (
          <>
            <Segmented
              label="Which conversations"
              options={[
                { value: "current", label: "Current" },
                { value: "archived", label: "Archived" },
              ]}
              value={shelf}
              onChange={setShelf}
            />
            {open && <Shelf botId={botId} archived={shelf === "archived"} current={current} onOpen={onClose} />}
          </>
        )}
      </div>
    </Dialog>
  );
}

type ShelfProps = { botId: string; archived: boolean; current: string | null; onOpen: () => void };

function Shelf({ botId, archived, current, onOpen }: ShelfProps) {
  const conversations = useQuery({
    queryKey: [...keys.conversations(botId), archived],
    queryFn: ({ signal }) => listConversations(botId, 100, signal, archived),
  });
  const items = conversations.data?.toSorted((a, b) => Number(b.pinned) - Number(a.pinned));
  return (
    <>
      {conversations.isPending && <Spinner />}
      {conversations.error && <p role="alert">{inWords(conversations.error)}</p>}
      {items?.length === 0 && <p className="muted">{archived ? "Nothing is archived." : "There are none yet."}</p>}
      <ul className="history">
        {items?.map((conversation) => (
          <li key={conversation.id} className="row">
            <HistoryLine conversation={conversation} current={conversation.id === current} onOpen={onOpen} />
            <ConversationMenu conversation={conversation} current={conversation.id === current} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Found({ botId, words, onOpen }: { botId: string; words: string; onOpen: () => void }) {
  const found = useQuery({
    queryKey: [...keys.conversations(botId), "search", words],
    queryFn: ({ signal }) => findMessages(botId, words, signal),
  });
  return (
    <>
      {found.isPending && <Spinner />}
      {found.error && <p role="alert">{inWords(found.error)}</p>}
      {found.data?.length === 0 && <p className="muted">No message holds these words.</p>}
      <ul className="history">
        {found.data?.map((message) => (
          <FoundLine key={message.message_id} message={message} onOpen={onOpen} />
        ))}
      </ul>
    </>
  );
}

type LineProps = { conversation: Conversation; current: boolean; onOpen: () => void };

function HistoryLine({ conversation, current, onOpen }: LineProps) {
  const at = conversation.last_message_at;
  return (
    <Link
      className="history-line"
      to="/chats/$botId"
      params={{ botId: conversation.bot_id }}
      search={{ conversation: conversation.id }}
      aria-current={current || undefined}
      onClick={onOpen}
    >
      {conversation.pinned && (
        <>
          <Icon name="pin" size="sm" />
          <span className="sr">Pinned</span>
        </>
      )}
      <span className="grow clip">{conversation.title || conversation.last_message?.text || "No messages"}</span>
      <time className="muted num" dateTime={at}>
        {shortWhen(at)}
      </time>
    </Link>
  );
}
