import { useCallback, useMemo } from "react";
import { inWords } from "@/api/errors";
import type { Bot } from "@/api/types";
import { Button, EmptyState, Icon, Spinner, toast } from "@/ui";
import type { AnswerActions } from "./answer/AnswerBubble";
import { Announcer } from "./Announcer";
import { useChatState, type Chat } from "./chats";
import { Composer } from "./Composer";
import { ConversationHead } from "./ConversationHead";
import { FirstWords } from "./FirstWords";
import type { QuestionActions } from "./QuestionBubble";
import { Thread } from "./Thread";
import { activityOf, threadRows } from "./thread";
import { isOver } from "./turnReducer";
import { useDropFiles } from "./useDropFiles";
import { NoModelHint } from "../welcome/NoModelHint";

type ConversationProps = {
  bot: Bot;
  chat: Chat;
  openKey: { answerKey: string; index: number } | null;
  onOpen: AnswerActions["open"];
  onShow: AnswerActions["show"];
};

export function Conversation({ bot, chat, openKey, onOpen, onShow }: ConversationProps) {
  const { store, tray } = chat;
  const state = useChatState(store);
  const rows = useMemo(
    () =>
      threadRows({
        messages: state.messages,
        outbox: state.outbox,
        turns: state.turns,
        aliases: state.aliases,
        choices: state.choices,
      }),
    [state.messages, state.outbox, state.turns, state.aliases, state.choices],
  );
  const drop = useDropFiles((files) => tray.add(files));
  const running = Object.values(state.turns).some((turn) => !isOver(turn.status));
  const stop = () => void store.stop().catch((error: unknown) => toast(inWords(error), "bad"));
  const onOlder = useCallback(() => void store.loadOlder(), [store]);
  const questionActions = useMemo<QuestionActions>(
    () => ({
      onSendAgain: (id) => store.sendAgain(id),
      onDiscard: (id) => store.discard(id),
      onEdit: (messageId, text) => store.edit(messageId, text),
      onChoose: (messageId) => store.chooseSibling(messageId),
    }),
    [store],
  );
  const actions = useMemo<AnswerActions>(
    () => ({
      open: onOpen,
      show: onShow,
      regenerate: (turnId) => void store.regenerate(turnId).catch((error: unknown) => toast(inWords(error), "bad")),
    }),
    [onOpen, onShow, store],
  );

  return (
    <main className="convo" aria-label={`Conversation with ${bot.name}`} {...drop.handlers}>
      <ConversationHead bot={bot} chat={chat} activity={activityOf(state)} />
      {state.phase === "loading" && rows.length === 0 ? (
        <div className="thread-wait">
          <Spinner />
          <span className="sr">Loading messages</span>
        </div>
      ) : state.phase === "failed" && rows.length === 0 ? (
        <EmptyState
          icon="offline"
          title="The messages could not be loaded"
          action={
            <Button icon="retry" onClick={() => void store.load()}>
              Try again
            </Button>
          }
        >
          {state.error}
        </EmptyState>
      ) : rows.length === 0 ? (
        <FirstWords bot={bot} onAsk={(text) => store.send(text)} />
      ) : (
        <Thread
          key={chat.key}
          chatKey={chat.key}
          rows={rows}
          hasOlder={state.olderCursor !== null}
          loadingOlder={state.loadingOlder}
          onOlder={onOlder}
          openKey={openKey}
          actions={actions}
          questionActions={questionActions}
        />
      )}
      <Announcer rows={rows} />
      <div className="composer-wrap">
        <div className="composer-in">
          {!state.linked && (
            <p className="link-note" role="status">
              <Icon name="offline" size="sm" />
              The connection is lost. The answer goes on as soon as it is back.
            </p>
          )}
          {!bot.model && !running && rows.some((row) => row.kind === "answer") && <NoModelHint />}
          <Composer
            key={chat.key}
            chat={chat}
            botName={bot.name}
            running={running}
            onSend={(text, attachments) => store.send(text, attachments)}
            onStop={stop}
          />
        </div>
      </div>
      {drop.over && (
        <div className="drop-over" aria-hidden="true">
          <Icon name="upload" />
          <b>Drop to add to this chat</b>
          <span>Only this conversation will use the files.</span>
        </div>
      )}
    </main>
  );
}
