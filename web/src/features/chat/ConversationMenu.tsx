import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { keys } from "@/api/keys";
import { deleteConversation, exportUrl, updateConversation, type ConversationChange } from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { ConfirmDialog, IconButton, Menu, RenameDialog, toast } from "@/ui";
import { forgetChats } from "./chats";
import { NEW } from "./conversationStore";

/** What can be done with a conversation: rename, pin, archive, export, delete. */
export function ConversationMenu({ conversation, current }: { conversation: Conversation; current: boolean }) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const change = useChange(conversation);
  const { pinned, archived, id } = conversation;
  return (
    <>
      <Menu
        trigger={<IconButton icon="more" label={`More about ${conversation.title || "this conversation"}`} size="sm" />}
        items={[
          { label: "Rename", icon: "edit", onSelect: () => setOpen("rename") },
          { label: pinned ? "Unpin" : "Pin", icon: "pin", onSelect: () => change.mutate({ pinned: !pinned }) },
          {
            label: archived ? "Take out of the archive" : "Archive",
            icon: "history",
            onSelect: () => change.mutate({ archived: !archived }),
          },
          { label: "Export as Markdown", icon: "download", onSelect: () => location.assign(exportUrl(id, "md")) },
          { label: "Export as JSON", icon: "braces", onSelect: () => location.assign(exportUrl(id, "json")) },
          "line",
          { label: "Delete", icon: "trash", danger: true, onSelect: () => setOpen("delete") },
        ]}
      />
      <RenameDialog
        open={open === "rename"}
        title="Rename"
        label="Title"
        value={conversation.title}
        maxLength={300}
        busy={change.isPending}
        onRename={(title) => change.mutate({ title }, { onSuccess: () => setOpen(null) })}
        onClose={() => setOpen(null)}
      />
      <DeleteDialog
        open={open === "delete"}
        conversation={conversation}
        current={current}
        onClose={() => setOpen(null)}
      />
    </>
  );
}

function useChange({ bot_id: botId, id }: Conversation) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ConversationChange) => updateConversation(id, change),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.conversations(botId) }),
    onError: (error) => toast(inWords(error), "bad"),
  });
}

type DialogProps = { open: boolean; conversation: Conversation; onClose: () => void };

function DeleteDialog({ open, conversation, current, onClose }: DialogProps & { current: boolean }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { bot_id: botId, id } = conversation;
  const remove = useMutation({
    mutationFn: () => deleteConversation(id),
    onSuccess: () => {
      onClose();
      forgetChats(botId, id);
      void client.invalidateQueries({ queryKey: keys.conversations(botId) });
      void client.invalidateQueries({ queryKey: keys.bots });
      if (current) void navigate({ to: "/chats/$botId", params: { botId }, search: { conversation: NEW } });
    },
    onError: (error) => toast(inWords(error), "bad"),
  });
  return (
    <ConfirmDialog
      danger
      open={open}
      title="Delete this conversation?"
      action="Delete"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      Its questions and answers are deleted for good.
    </ConfirmDialog>
  );
}
