import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import type { FaqEntry, Source } from "@/api/types";
import { renderApp, serve, stubLayout, stubSize } from "@/test/app";
import { FaqEditor } from "./FaqEditor";

const source = { id: "s1", kind: "faq", name: "Ferry questions" } as Source;
const entry = (id: string, question: string): FaqEntry => ({
  id,
  source_id: "s1",
  document_id: `d-${id}`,
  question,
  answer: `The answer to ${question}`,
  category: "Pets",
  tags: ["dog"],
  created_at: "2026-11-20T10:00:00Z",
  updated_at: "2026-11-20T10:00:00Z",
});

function Editor() {
  const [chosen, setChosen] = useState<string>();
  return (
    <FaqEditor
      source={source}
      chosenId={chosen}
      onChoose={setChosen}
      onLeave={() => setChosen(undefined)}
      onOpen={() => undefined}
    />
  );
}

describe("FaqEditor", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    stubSize();
    calls = serve({
      "GET /sources/s1/faq": { items: [entry("e1", "May dogs come?"), entry("e2", "What does it cost?")], next_cursor: null },
      "GET /sources/s1/faq/categories": [{ name: "Pets", entries: 2 }],
      "POST /sources/s1/faq": entry("e3", "Is there food?"),
      "PATCH /sources/s1/faq/e1": entry("e1", "May dogs come?"),
      "DELETE /sources/s1/faq/e1": () => ({ status: 204 }),
      "POST /sources/s1/faq/csv": {
        added: 2,
        changed: 1,
        unchanged: 0,
        problems: [{ row: 5, code: "missing", message: "The answer is missing." }],
      },
    });
  });
  const sent = (method: string) => calls.filter((call) => call.method === method);

  it("adds a question, and says what is missing first", async () => {
    const { user } = renderApp(<Editor />);
    await user.click(await screen.findByRole("button", { name: "Add a question" }));
    await user.type(screen.getByRole("textbox", { name: "Question" }), "Is there food?");
    await user.click(screen.getByRole("button", { name: "Add" }));
    expect(screen.getByRole("alert").textContent).toBe("Write the answer that is given.");
    expect(sent("POST")).toEqual([]);
    await user.type(screen.getByRole("textbox", { name: "Answer" }), "Soup.");
    await user.type(screen.getByRole("textbox", { name: "Tags" }), "food, soup");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() =>
      expect(sent("POST")[0]?.body).toEqual({ question: "Is there food?", answer: "Soup.", category: "", tags: ["food", "soup"] }),
    );
  });

  it("changes an answer, and asks before what was typed is lost", async () => {
    const { user } = renderApp(<Editor />);
    await user.click(await screen.findByRole("button", { name: "May dogs come?" }));
    await user.type(screen.getByRole("textbox", { name: "Answer" }), " Small ones.");
    await user.click(screen.getByRole("button", { name: "What does it cost?" }));
    await user.click(await screen.findByRole("button", { name: "Go on writing" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(sent("PATCH")[0]?.body).toMatchObject({ answer: "The answer to May dogs come? Small ones.", tags: ["dog"] }),
    );
  });

  it("removes a question only when told twice", async () => {
    const { user } = renderApp(<Editor />);
    await user.click(await screen.findByRole("button", { name: "May dogs come?" }));
    await user.click(screen.getByRole("button", { name: "Remove" }));
    expect(await screen.findByText(/are not found any more/u)).toBeTruthy();
    expect(sent("DELETE")).toEqual([]);
    await user.click(screen.getAllByRole("button", { name: "Remove" }).at(-1) as HTMLElement);
    await waitFor(() => expect(sent("DELETE").map((call) => call.path)).toEqual(["/sources/s1/faq/e1"]));
  });

  it("narrows by words and category", async () => {
    const { user } = renderApp(<Editor />);
    await user.type(await screen.findByRole("searchbox", { name: "Find a question or an answer" }), "dog");
    await user.selectOptions(await screen.findByRole("combobox", { name: "Show category" }), "Pets");
    await waitFor(() => expect(Object.fromEntries(calls.at(-1)?.query ?? [])).toMatchObject({ text: "dog", category: "Pets" }));
  });

  it("takes a CSV file and names the rows that it could not take", async () => {
    const { user } = renderApp(<Editor />);
    await user.click(await screen.findByRole("button", { name: "Import and export" }));
    await user.click(await screen.findByRole("menuitem", { name: "Import from CSV" }));
    await user.upload(await screen.findByLabelText("CSV file"), new File(["question,answer\n"], "faq.csv", { type: "text/csv" }));
    expect(await screen.findByText("2 questions added, 1 changed, 0 as before.")).toBeTruthy();
    const rows = within(screen.getByRole("list", { name: "Rows that could not be taken" }));
    expect(rows.getAllByRole("listitem").map((row) => row.textContent)).toEqual(["Row 5 The answer is missing."]);
  });
});
