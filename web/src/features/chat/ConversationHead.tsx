import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { useDeleteBot } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { Avatar, ConfirmDialog, Icon, IconButton, Menu, toast } from "@/ui";
import { BotDialog } from "./BotDialog";
import { BotRulesDialog } from "./BotRulesDialog";
import { forgetChats, type Chat } from "./chats";
import { NEW } from "./conversationStore";
import { HistoryDialog } from "./HistoryDialog";

type HeadProps = { bot: Bot; chat: Chat; activity: string | null };

export function ConversationHead({ bot, chat, activity }: HeadProps) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<"edit" | "rules" | "history" | "delete" | null>(null);
  const close = () => setOpen(null);
  const params = { botId: bot.id };
  return (
    <header className="pane-head">
      <Link className="icon-btn only-narrow" to="/chats" aria-label="Back to chats">
        <Icon name="back" flip />
      </Link>
      <Link className="who" to="/sources/$botId" params={params}>
        <Avatar name={bot.name} look={bot.avatar} size="md" />
        <span className="grow">
          <h1 className="who-name clip">{bot.name}</h1>
          <span className="who-sub clip" data-live={activity ? true : undefined}>
            {activity ?? standing(bot)}
          </span>
        </span>
      </Link>
      <Menu
        trigger={<IconButton icon="more" label="More" />}
        items={[
          {
            label: "New conversation",
            icon: "plus",
            onSelect: () => void navigate({ to: "/chats/$botId", params, search: { conversation: NEW } }),
          },
          { label: "Earlier conversations", icon: "history", onSelect: () => setOpen("history") },
          { label: "Sources", icon: "library", onSelect: () => void navigate({ to: "/sources/$botId", params }) },
          "line",
          { label: "How it answers", icon: "settings", onSelect: () => setOpen("rules") },
          { label: "Name and look", icon: "edit", onSelect: () => setOpen("edit") },
          { label: "Delete bot", icon: "trash", danger: true, onSelect: () => setOpen("delete") },
        ]}
      />
      <BotDialog open={open === "edit"} bot={bot} onClose={close} />
      <BotRulesDialog open={open === "rules"} bot={bot} onClose={close} />
      <HistoryDialog
        open={open === "history"}
        botId={bot.id}
        current={chat.store.getState().conversationId}
        onClose={close}
      />
      <DeleteDialog open={open === "delete"} bot={bot} onClose={close} />
    </header>
  );
}

function standing({ counts }: Bot): string {
  const total = counts.documents.toLocaleString();
  if (counts.pending) return `reading ${(counts.documents - counts.pending).toLocaleString()} of ${total}`;
  if (!counts.documents) return "no documents yet";
  const documents = `${counts.ready.toLocaleString()} ${counts.ready === 1 ? "document" : "documents"}`;
  const unread = counts.failed - counts.no_documents;
  return unread ? `${documents}, ${unread.toLocaleString()} could not be read` : `${documents}, up to date`;
}

function DeleteDialog({ open, bot, onClose }: { open: boolean; bot: Bot; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useDeleteBot();
  const confirm = () =>
    remove.mutate(bot.id, {
      onSuccess: () => {
        forgetChats(bot.id);
        onClose();
        void navigate({ to: "/" });
      },
      onError: (error) => toast(inWords(error), "bad"),
    });
  return (
    <ConfirmDialog
      danger
      open={open}
      title={`Delete ${bot.name}?`}
      action="Delete"
      busy={remove.isPending}
      onConfirm={confirm}
      onClose={onClose}
    >
      Its conversations are deleted with it. Its sources stay in the workspace.
    </ConfirmDialog>
  );
}
