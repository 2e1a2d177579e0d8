import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { ApiError, inWords } from "@/api/errors";
import { useBot, useBots } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { rememberBot } from "@/app/lastBot";
import { useTitle } from "@/app/title";
import { EmptyState, Spinner, toast } from "@/ui";
import { LazyDocumentPanel, preloadDocumentPanel } from "@/features/document/LazyDocumentPanel";
import type { Passage } from "./answer/AnswerBubble";
import { answerWithCitations } from "./answer/copyAnswer";
import { referencesOf } from "./answer/references";
import { byRecency, ChatList } from "./ChatList";
import { adoptAsUsual, useChat, useChatState, type Chat } from "./chats";
import { copyText } from "./clipboard";
import { Conversation } from "./Conversation";
import { NEW } from "./conversationStore";
import { useShortcuts } from "./keyboard";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { threadRows, type AnswerView, type ThreadState } from "./thread";
import "./chat.css";
import "./answer/answer.css";

type ChatsScreenProps = { botId?: string; conversationId?: string };

export function ChatsScreen({ botId, conversationId }: ChatsScreenProps) {
  return botId ? (
    <OpenChat key={`${botId}/${conversationId ?? ""}`} botId={botId} conversationId={conversationId ?? null} />
  ) : (
    <div className="chats" data-view="list">
      <ChatList current={undefined} />
      <NoChat />
    </div>
  );
}

function NoChat() {
  return (
    <main className="convo">
      <EmptyState icon="chat" title="Choose a chat">
        Your bots stand on the left. Each answers from the documents you gave it.
      </EmptyState>
    </main>
  );
}

/** A citation of an answer, or a passage that a second look has found. */
type OpenPanel = { answerKey: string; index: number } | { passage: Passage };
/** The document that is open beside each chat, kept while another chat is looked at. */
const panels = new Map<string, OpenPanel>();

function OpenChat({ botId, conversationId }: { botId: string; conversationId: string | null }) {
  const bot = useBot(botId);
  const chat = useChat(botId, conversationId);
  const [panel, setPanelState] = useState<OpenPanel | null>(() => panels.get(chat.key) ?? null);
  const [help, setHelp] = useState(false);

  const setPanel = useCallback(
    (next: OpenPanel | null) => {
      if (next) panels.set(chat.key, next);
      else panels.delete(chat.key);
      setPanelState(next);
    },
    [chat.key],
  );
  const open = useCallback((answerKey: string, index: number) => setPanel({ answerKey, index }), [setPanel]);
  const show = useCallback((passage: Passage) => setPanel({ passage }), [setPanel]);
  const close = useCallback(() => setPanel(null), [setPanel]);

  useEffect(() => rememberBot(botId), [botId]);
  useBecomesUsual(chat, conversationId);
  useTitle(bot.data?.name);
  useEffect(() => preloadDocumentPanel(), []);
  useChatKeys({ botId, chat, panelOpen: panel !== null, help: () => setHelp(true) });

  return (
    <div className="chats" data-view="chat" data-panel={panel ? "open" : "closed"}>
      <ChatList current={botId} />
      {bot.data ? (
        <Conversation
          bot={bot.data}
          chat={chat}
          openKey={panel && "index" in panel ? panel : null}
          onOpen={open}
          onShow={show}
        />
      ) : (
        <main className="convo">
          {bot.error ? (
            <GoneBot error={bot.error} />
          ) : (
            <span className="thread-wait">
              <Spinner />
            </span>
          )}
        </main>
      )}
      {panel &&
        ("passage" in panel ? (
          <LazyDocumentPanel
            citations={[panel.passage.citation]}
            index={0}
            sentence={panel.passage.sentence}
            onIndex={() => undefined}
            onClose={close}
          />
        ) : (
          <Panel chat={chat} panel={panel} onIndex={(index) => setPanel({ ...panel, index })} onClose={close} />
        ))}
      <ShortcutsDialog open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** A new conversation takes the place of the bot's last one as soon as it exists, so that a reload finds it. */
function useBecomesUsual(chat: Chat, conversationId: string | null) {
  const navigate = useNavigate();
  useEffect(() => {
    if (conversationId !== NEW) return;
    const stop = chat.store.subscribe(() => {
      if (!chat.store.getState().conversationId) return;
      stop();
      adoptAsUsual(chat);
      void navigate({ to: "/chats/$botId", params: { botId: chat.store.botId }, search: {}, replace: true });
    });
    return stop;
  }, [chat, conversationId, navigate]);
}

function GoneBot({ error }: { error: Error }) {
  const gone = error instanceof ApiError && error.status === 404;
  return (
    <EmptyState
      icon={gone ? "search" : "offline"}
      title={gone ? "This bot does not exist any more" : "The chat could not be opened"}
    >
      {gone ? undefined : inWords(error)}
    </EmptyState>
  );
}

type PanelProps = { chat: Chat; panel: { answerKey: string; index: number }; onIndex: (index: number) => void; onClose: () => void };

/** The document behind the pressed key; it follows the answer while that is still being written. */
function Panel({ chat, panel, onIndex, onClose }: PanelProps) {
  const state = useChatState(chat.store);
  const references = useMemo(() => {
    const answer = answerOf(state, panel.answerKey);
    return answer ? referencesOf(answer) : [];
  }, [state, panel.answerKey]);
  const citations = useMemo(() => references.map((reference) => reference.citation), [references]);
  const reference = references[panel.index];
  const gone = state.phase === "ready" && !reference;
  useEffect(() => {
    if (gone) onClose();
  }, [gone, onClose]);
  if (!reference) return null;
  const sentence = reference.text ? { text: reference.text, verdict: reference.verdict } : null;
  return (
    <LazyDocumentPanel
      citations={citations}
      index={panel.index}
      sentence={sentence}
      onIndex={onIndex}
      onClose={onClose}
    />
  );
}

function answerOf(state: ThreadState, answerKey: string): AnswerView | undefined {
  const rows = threadRows(state).filter((row) => row.kind === "answer");
  const versions = rows.flatMap((row) => row.versions);
  return versions.find((version) => (version.turnId ?? version.id) === answerKey)?.answer;
}

type ChatKeys = { botId: string; chat: Chat; panelOpen: boolean; help: () => void };

/** The open document has keys of its own (Escape, brackets) and comes first. */
function useChatKeys({ botId, chat, panelOpen, help }: ChatKeys) {
  const navigate = useNavigate();
  const { data: bots } = useBots();
  const newestAnswer = () =>
    threadRows(chat.store.getState())
      .findLast((row) => row.kind === "answer")
      ?.versions.at(-1);
  useShortcuts({
    findChat: () => document.getElementById("chat-search")?.focus(),
    nextChat: (step) => {
      const next = neighbour(byRecency(bots ?? []), botId, step);
      if (next) void navigate({ to: "/chats/$botId", params: { botId: next.id } });
    },
    escape: () => {
      if (panelOpen || !chat.store.activeTurn()) return false;
      void chat.store.stop().catch((error: unknown) => toast(inWords(error), "bad"));
      return true;
    },
    copyAnswer: () => {
      const version = newestAnswer();
      if (version) void copyText(answerWithCitations(version.answer)).then((done) => done && toast("Copied"));
    },
    askAgain: () => {
      const version = newestAnswer();
      if (version?.turnId && !chat.store.activeTurn()) {
        void chat.store.regenerate(version.turnId).catch((error: unknown) => toast(inWords(error), "bad"));
      }
    },
    verify: () => verifyButton()?.click(),
    help,
  });
}

function neighbour(bots: readonly Bot[], id: string, step: number): Bot | undefined {
  const at = bots.findIndex((bot) => bot.id === id);
  return bots[Math.min(bots.length - 1, Math.max(0, at + step))];
}

/** The button of the answer that has the focus, or of the newest one in view. */
function verifyButton(): HTMLButtonElement | undefined {
  const button = "[data-act=verify]:not(:disabled)";
  const focused = document.activeElement?.closest("[data-answer]")?.querySelector<HTMLButtonElement>(button);
  return focused ?? [...document.querySelectorAll<HTMLButtonElement>(button)].at(-1);
}
