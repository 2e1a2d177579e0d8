import { inWords } from "@/api/errors";
import { uploadFiles } from "@/api/queries/sources";
import type { Attachment } from "@/api/types";

/** Files that were dropped together; they become one source that belongs to this conversation alone. */
export type Upload = {
  id: number;
  name: string;
  sent: number;
  total: number;
  sourceId: string | null;
  failure: string | null;
};

/** Files on their way into a chat, until a message takes them along. */
export class UploadTray {
  private items: readonly Upload[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly aborts = new Map<number, AbortController>();
  private readonly files = new Map<number, File[]>();
  private nextId = 1;

  constructor(
    private readonly botId: string,
    private readonly conversationId: () => Promise<string>,
  ) {}

  readonly getItems = (): readonly Upload[] => this.items;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(files: File[]) {
    if (!files.length) return;
    const id = this.nextId++;
    this.files.set(id, files);
    const total = files.reduce((bytes, file) => bytes + file.size, 0);
    this.set([...this.items, { id, name: nameOf(files), sent: 0, total, sourceId: null, failure: null }]);
    void this.start(id);
  }

  again(id: number) {
    this.change(id, { failure: null, sent: 0 });
    void this.start(id);
  }

  remove(id: number) {
    this.aborts.get(id)?.abort();
    this.files.delete(id);
    this.set(this.items.filter((item) => item.id !== id));
  }

  /** Empties the tray into a message: what has arrived goes along. */
  take(): Attachment[] {
    const ready = this.items.filter((item) => item.sourceId !== null);
    this.set(this.items.filter((item) => item.sourceId === null));
    return ready.map((item) => ({ source_id: item.sourceId as string, name: item.name, status: "reading" }));
  }

  get busy(): boolean {
    return this.items.some((item) => item.sourceId === null && item.failure === null);
  }

  private async start(id: number) {
    const files = this.files.get(id);
    if (!files) return;
    const abort = new AbortController();
    this.aborts.set(id, abort);
    const onProgress = (sent: number, total: number) => this.change(id, { sent, total });
    try {
      const conversationId = await this.conversationId();
      const wanted = { botId: this.botId, files, name: nameOf(files), conversationId };
      const source = await uploadFiles(wanted, { onProgress, signal: abort.signal });
      this.change(id, { sourceId: source.id });
      this.files.delete(id);
    } catch (error) {
      if (!abort.signal.aborted) this.change(id, { failure: inWords(error) });
    }
  }

  private change(id: number, change: Partial<Upload>) {
    this.set(this.items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  }

  private set(items: readonly Upload[]) {
    this.items = items;
    for (const listener of this.listeners) listener();
  }
}

function nameOf(files: readonly File[]): string {
  const first = files[0]?.name ?? "File";
  return files.length > 1 ? `${first} and ${files.length - 1} more` : first;
}

/** The files of a paste or a drop, folders left out: those are added as sources. */
export function filesOf(transfer: DataTransfer | null): File[] {
  if (!transfer) return [];
  const entries = [...transfer.items].map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry?.() }));
  return entries.flatMap(({ file, entry }) => (file && !entry?.isDirectory ? [file] : []));
}
