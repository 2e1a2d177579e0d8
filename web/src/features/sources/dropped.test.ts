import { describe, expect, it } from "vitest";
import { commonFolder, filesFromDrop, isClutter, type PickedFile } from "./dropped";

type Tree = { [name: string]: string | Tree };

const fileEntry = (path: string, text: string) =>
  ({
    isDirectory: false,
    name: path.split("/").at(-1),
    fullPath: path,
    file: (done: (file: File) => void) => done(new File([text], path.split("/").at(-1) ?? "")),
  }) as unknown as FileSystemEntry;

/** A folder whose reader gives one child at a time, as browsers give a hundred. */
function folderEntry(path: string, tree: Tree): FileSystemEntry {
  const children = Object.entries(tree).map(([name, child]) =>
    typeof child === "string" ? fileEntry(`${path}/${name}`, child) : folderEntry(`${path}/${name}`, child),
  );
  const createReader = () => {
    let next = 0;
    return { readEntries: (done: (some: FileSystemEntry[]) => void) => done(children.slice(next, (next += 1))) };
  };
  return { isDirectory: true, name: path.split("/").at(-1), fullPath: path, createReader } as unknown as FileSystemEntry;
}

const dropOf = (entries: FileSystemEntry[]) =>
  ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry, getAsFile: () => null })) }) as unknown as DataTransfer;

const picked = (path: string): PickedFile => ({ file: new File([], path), path });

describe("filesFromDrop", () => {
  it("walks folders to their ends and keeps paths", async () => {
    const tree = { "a.md": "a", deep: { "b.md": "b", deeper: { "c.md": "c" } }, ".DS_Store": "x" };
    const files = await filesFromDrop(dropOf([folderEntry("/docs", tree), fileEntry("/loose.txt", "l")]));
    expect(files.map(({ path }) => path)).toEqual(["docs/a.md", "docs/deep/b.md", "docs/deep/deeper/c.md", "loose.txt"]);
  });
});

describe("isClutter", () => {
  it("leaves hidden files and tools' folders out", () => {
    expect([".git/config", "docs/.DS_Store", "a/node_modules/b.js", "Thumbs.db"].every(isClutter)).toBe(true);
    expect(isClutter("docs/readme.md")).toBe(false);
  });
});

describe("commonFolder", () => {
  it("names the one folder that holds everything", () => {
    expect(commonFolder([picked("docs/a.md"), picked("docs/b/c.md")])).toBe("docs");
    expect(commonFolder([picked("docs/a.md"), picked("other/c.md")])).toBeNull();
    expect(commonFolder([picked("a.md")])).toBeNull();
  });
});
