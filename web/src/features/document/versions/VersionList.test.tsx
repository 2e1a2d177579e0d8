import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Document, DocumentRef, Version } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { VersionList } from "./VersionList";

const document_ = {
  id: "doc",
  title: "Leave",
  path: "policies/leave.md",
  status: "ready",
  version: 2,
  version_id: "v2",
  rolled_back_at: null,
} as Document;

const version = (number: number, current: boolean): Version => ({
  id: `v${number}`,
  number,
  title: "Leave",
  bytes: 60,
  chars: 60,
  pages: null,
  chunks: 1,
  media_type: "text/markdown",
  content_hash: `h${number}`,
  created_at: `2026-11-2${number}T10:00:00Z`,
  current,
});

const diff = {
  document_id: "doc",
  before: 1,
  after: 2,
  added: 1,
  removed: 1,
  cut: false,
  hunks: [
    [
      { kind: "removed", text: "Notice is six weeks.", before: 4, after: null, spans: [[10, 13]] },
      { kind: "added", text: "Notice is two weeks.", before: null, after: 4, spans: [[10, 13]] },
    ],
  ],
};

function show(change: Partial<Document> = {}, canRollBack = true) {
  const opened: DocumentRef[] = [];
  const view = renderApp(
    <VersionList
      document={{ ...document_, ...change }}
      canRollBack={canRollBack}
      onOpen={(version) => opened.push(version)}
    />,
  );
  return { ...view, opened };
}

describe("VersionList", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    calls = serve({
      "GET /documents/doc/versions": { items: [version(2, true), version(1, false)], next_cursor: null },
      "GET /documents/doc/diff": diff,
      "POST /documents/doc/rollback": document_,
    });
  });

  it("opens an old version as it was", async () => {
    const { user, opened } = show();
    await user.click(await screen.findByRole("button", { name: "Open version 1" }));
    expect(opened.map(({ version, version_id }) => [version, version_id])).toEqual([[1, "v1"]]);
  });

  it("shows what changed, in place and line by line", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "What changed in version 2" }));
    const dialog = await screen.findByRole("dialog", { name: "What changed in Leave" });
    expect((await within(dialog).findByText("six")).tagName).toBe("DEL");
    expect(within(dialog).getByText("two").tagName).toBe("INS");
    expect(within(dialog).getByRole("status").textContent).toBe("1 line added, 1 line removed");
    expect(within(dialog).getAllByRole("listitem")).toHaveLength(1);
    await user.click(within(dialog).getByRole("radio", { name: "Line by line" }));
    expect(within(dialog).getAllByRole("listitem").map((line) => line.textContent)).toEqual([
      "4Removed: Notice is six weeks.",
      "4Added: Notice is two weeks.",
    ]);
  });

  it("asks before an older version is used again, and says what that means", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "Use this one: version 1" }));
    expect(await screen.findByText(/until the document changes next/u)).toBeTruthy();
    expect(calls.some((call) => call.method === "POST")).toBe(false);
    await user.click(screen.getByRole("button", { name: "Use version 1" }));
    await waitFor(() => expect(calls.find((call) => call.method === "POST")?.body).toEqual({ version: 1 }));
  });

  it("tells that an older version is in use", async () => {
    show({ rolled_back_at: "2026-11-22T09:00:00Z" });
    expect(await screen.findByText(/Answers use an older version since/u)).toBeTruthy();
  });

  it("offers no way back for text that is written in Parley", async () => {
    show({}, false);
    await screen.findByRole("button", { name: "Open version 1" });
    expect(screen.queryByRole("button", { name: /^Use this one/u })).toBeNull();
  });
});
