export function ChatsScreen({ botId }: { botId?: string }) {
  return <main data-bot={botId} aria-label="Conversation" />;
}
