import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Citation, DocumentText } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { DocumentPanel } from "./DocumentPanel";
import type { PanelSentence } from "./words";

const TEXT = "Bolts 😀\n\nTighten to 340 N·m in two passes. <b>Not markup</b>\n\nCheck again after 24 hours.";

function spanOf(piece: string) {
  const start = Array.from(TEXT.slice(0, TEXT.indexOf(piece))).length;
  return { start, end: start + Array.from(piece).length };
}

const cite = (n: number, piece: string, id = "doc"): Citation => ({
  n,
  document: { id, title: "Bearing manual", path: "Quality/bearing.md", version: 1, version_id: `${id}-1` },
  page: null,
  quote: piece,
  ...spanOf(piece),
});

const about = { id: "doc", version: 1, version_id: "doc-1", media_type: "text/markdown", pages: null, chars: 70, updated_at: "2026-11-12T10:00:00Z" };

const text: DocumentText = {
  document_id: "doc",
  version: 1,
  version_id: "doc-1",
  chars: Array.from(TEXT).length,
  start: 0,
  end: Array.from(TEXT).length,
  text: TEXT,
  ranges: [{ kind: "heading", start: 0, end: 7, level: 1 }],
};

const supported: PanelSentence = { text: "The torque is 340 N·m.", verdict: "supported" };

/** A chat of one key that opens the panel. */
function Chat({ citations, sentence = supported }: { citations: Citation[]; sentence?: PanelSentence }) {
  const [index, setIndex] = useState<number | null>(null);
  return (
    <main>
      <button type="button" onClick={() => setIndex(0)}>
        Citation key
      </button>
      {index !== null && (
        <DocumentPanel
          citations={citations}
          index={index}
          sentence={sentence}
          onIndex={setIndex}
          onClose={() => setIndex(null)}
        />
      )}
    </main>
  );
}

const marked = () => [...document.querySelectorAll('mark[data-tone="on"]')].map((mark) => mark.textContent);

async function open(citations: Citation[], sentence?: PanelSentence) {
  const view = renderApp(<Chat citations={citations} sentence={sentence} />);
  await view.user.click(await screen.findByText("Citation key"));
  return view.user;
}

describe("DocumentPanel", () => {
  beforeEach(() => {
    stubLayout();
    serve({ "GET /documents/doc": about, "GET /documents/doc/text": text });
  });

  it("marks exactly the cited span, though an emoji stands before it", async () => {
    await open([cite(1, "340 N·m in two passes.")]);
    await waitFor(() => expect(marked()).toEqual(["340 N·m in two passes."]));
  });

  it("marks the answer's other passages in the same document paler", async () => {
    await open([cite(1, "340 N·m"), cite(2, "24 hours")]);
    await waitFor(() => expect(marked()).toEqual(["340 N·m"]));
    expect(document.querySelector('mark[data-tone="dim"]')?.textContent).toBe("24 hours");
  });

  it("says what the passage does for the sentence", async () => {
    await open([cite(1, "340 N·m")]);
    expect(await screen.findByText("Supports this sentence")).toBeTruthy();
    expect(screen.getByText("The torque is 340 N·m.")).toBeTruthy();
  });

  it("calls a nearest passage what it is", async () => {
    await open([cite(1, "340 N·m")], null);
    expect(await screen.findByText("Near your question, but no answer")).toBeTruthy();
    expect(screen.getByText("Passage 1 of 1")).toBeTruthy();
  });

  it("shows what looks like markup as text", async () => {
    await open([cite(1, "340 N·m")]);
    expect(await screen.findByText(/<b>Not markup<\/b>/u)).toBeTruthy();
  });

  it("walks the citations with the bracket keys and closes on Escape", async () => {
    const user = await open([cite(1, "340 N·m"), cite(2, "24 hours")]);
    await waitFor(() => expect(marked()).toEqual(["340 N·m"]));
    await user.keyboard("]");
    expect(screen.getByText("Citation 2 of 2")).toBeTruthy();
    await waitFor(() => expect(marked()).toEqual(["24 hours"]));
    await user.keyboard("[[");
    expect(screen.getByText("Citation 1 of 2")).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("complementary", { name: "Source document" })).toBeNull();
  });

  it("takes the focus when it opens and gives it back when it closes", async () => {
    const user = await open([cite(1, "340 N·m")]);
    const panel = screen.getByRole("complementary", { name: "Source document" });
    expect(document.activeElement).toBe(panel);
    await user.click(within(panel).getByRole("button", { name: "Close the document" }));
    expect(document.activeElement).toBe(screen.getByText("Citation key"));
  });

  it("says so in words when the document is gone", async () => {
    serve({});
    await open([cite(1, "340 N·m")]);
    expect(await screen.findByText("This document could not be opened")).toBeTruthy();
    expect(screen.getByText("This does not exist.")).toBeTruthy();
  });

  it("offers the newest version of a document that has changed since", async () => {
    serve({
      "GET /documents/doc": { ...about, version: 3, version_id: "doc-3" },
      "GET /documents/doc/text": text,
    });
    const user = await open([cite(1, "340 N·m")]);
    expect(await screen.findByText("Version 1 of 3")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show the newest" }));
    // The cited span means nothing in another version, so nothing is marked there.
    await waitFor(() => expect(marked()).toEqual([]));
  });
});
