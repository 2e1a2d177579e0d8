import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { inWords } from "@/api/errors";
import { keys } from "@/api/keys";
import { listConversations } from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { shortWhen } from "@/app/dates";
import { Dialog, Spinner } from "@/ui";

type HistoryDialogProps = { open: boolean; botId: string; current: string | null; onClose: () => void };

/** The conversations with a bot, the newest first. */
export function HistoryDialog({ open, botId, current, onClose }: HistoryDialogProps) {
  const conversations = useQuery({
    queryKey: keys.conversations(botId),
    queryFn: ({ signal }) => listConversations(botId, 100, signal),
    enabled: open,
  });
  return (
    <Dialog open={open} title="Earlier conversations" onClose={onClose}>
      {conversations.isPending && <Spinner />}
      {conversations.error && <p role="alert">{inWords(conversations.error)}</p>}
      {conversations.data?.length === 0 && <p className="muted">There are none yet.</p>}
      <ul className="history">
        {conversations.data?.map((conversation) => (
          <li key={conversation.id}>
            <HistoryLine conversation={conversation} current={conversation.id === current} onOpen={onClose} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

type LineProps = { conversation: Conversation; current: boolean; onOpen: () => void };

function HistoryLine({ conversation, current, onOpen }: LineProps) {
  const at = conversation.last_message_at ?? conversation.created_at;
  return (
    <Link
      className="history-line"
      to="/chats/$botId"
      params={{ botId: conversation.bot_id }}
      search={{ conversation: conversation.id }}
      aria-current={current || undefined}
      onClick={onOpen}
    >
      <span className="grow clip">{conversation.title || conversation.last_message?.text || "No messages"}</span>
      <time className="muted num" dateTime={at}>
        {shortWhen(at)}
      </time>
    </Link>
  );
}
