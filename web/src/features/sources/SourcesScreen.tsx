export function SourcesScreen({ botId }: { botId: string; sourceId?: string }) {
  return <main data-bot={botId} aria-label="Sources" />;
}
