/** Query keys, one tree, so that an event can say which part of the cache is stale. */
export const keys = {
  me: ["me"] as const,
  bots: ["bots"] as const,
  bot: (id: string) => ["bots", id] as const,
  sources: (botId: string) => ["sources", "of", botId] as const,
  allSources: ["sources"] as const,
  source: (id: string) => ["sources", "one", id] as const,
  documents: (botId: string) => ["documents", "of", botId] as const,
  allDocuments: ["documents"] as const,
  faq: (sourceId: string) => ["faq", sourceId] as const,
  files: (botId: string) => ["files", botId] as const,
  allFiles: ["files"] as const,
  document: (id: string) => ["documents", "one", id] as const,
  conversations: (botId: string) => ["conversations", botId] as const,
  models: ["models"] as const,
  embedders: ["embedders"] as const,
  generations: ["generations"] as const,
};
