import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { keys } from "@/api/keys";
import { deleteConversation, listConversations } from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { shortWhen } from "@/app/dates";
import { Button, Dialog, IconButton, Spinner, toast } from "@/ui";
import { forgetChats } from "./chats";
import { NEW } from "./conversationStore";

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
          <li key={conversation.id} className="row">
            <HistoryLine conversation={conversation} current={conversation.id === current} onOpen={onClose} />
            <DeleteConversation conversation={conversation} current={conversation.id === current} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Asks once more in place before it deletes. */
function DeleteConversation({ conversation, current }: { conversation: Conversation; current: boolean }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sure, setSure] = useState(false);
  const { bot_id: botId, id } = conversation;
  const remove = useMutation({
    mutationFn: () => deleteConversation(id),
    onSuccess: () => {
      forgetChats(botId, id);
      void client.invalidateQueries({ queryKey: keys.conversations(botId) });
      void client.invalidateQueries({ queryKey: keys.bots });
      if (current) void navigate({ to: "/chats/$botId", params: { botId }, search: { conversation: NEW } });
    },
    onError: (error) => toast(inWords(error), "bad"),
  });
  if (!sure)
    return <IconButton icon="trash" label="Delete this conversation" size="sm" onClick={() => setSure(true)} />;
  return (
    <Button
      variant="danger-fill"
      size="sm"
      busy={remove.isPending}
      autoFocus
      onClick={() => remove.mutate()}
      onBlur={() => setSure(false)}
    >
      Delete
    </Button>
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
