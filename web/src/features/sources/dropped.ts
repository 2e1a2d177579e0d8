/** A file that somebody chose or dropped, with its path within what was chosen. */
export type PickedFile = { file: File; path: string };

/** Leftovers of operating systems, and folders that tools keep for themselves. */
const CLUTTER = new Set(["Thumbs.db", "desktop.ini", "__MACOSX", "node_modules", "__pycache__"]);

export const isClutter = (path: string): boolean =>
  path.split("/").some((part) => part.startsWith(".") || CLUTTER.has(part));

/** The files of a file input; with a folder chosen, each with its path in it. */
export function filesFromInput(list: FileList | null): PickedFile[] {
  return Array.from(list ?? [])
    .map((file) => ({ file, path: file.webkitRelativePath || file.name }))
    .filter(({ path }) => !isClutter(path));
}

export const carriesFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes("Files") ?? false;

/** The files of a drop, folders walked to their ends. Take it in the event: the browser empties the drop after it. */
export function filesFromDrop(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries: FileSystemEntry[] = [];
  const loose: PickedFile[] = [];
  for (const item of transfer.items) {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    if (entry) entries.push(entry);
    else if (file) loose.push({ file, path: file.name });
  }
  return walk(entries).then((found) => [...loose, ...found].filter(({ path }) => !isClutter(path)));
}

async function walk(entries: readonly FileSystemEntry[]): Promise<PickedFile[]> {
  const found: PickedFile[] = [];
  for (const entry of entries) {
    if (isClutter(entry.name)) continue;
    if (entry.isDirectory) found.push(...(await walk(await childrenOf(entry as FileSystemDirectoryEntry))));
    else found.push({ file: await fileOf(entry as FileSystemFileEntry), path: entry.fullPath.replace(/^\//u, "") });
  }
  return found;
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A reader gives at most a hundred children a time, and none when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
  }
}

/** The folder that all files lie in; null for loose files. */
export function commonFolder(files: readonly PickedFile[]): string | null {
  const tops = new Set(files.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")));
  const [top] = tops;
  return tops.size === 1 && top ? top : null;
}
