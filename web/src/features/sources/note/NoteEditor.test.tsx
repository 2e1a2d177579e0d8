import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Source } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { NoteEditor } from "./NoteEditor";

const source = { id: "s1", kind: "text", name: "House rules" } as Source;

describe("NoteEditor", () => {
  it("rewrites a note, and takes back what was not saved", async () => {
    stubLayout();
    const calls = serve({
      "GET /sources/s1/note": { title: "House rules", text: "No smoking." },
      "PUT /sources/s1/note": source,
    });
    const { user } = renderApp(<NoteEditor source={source} onDetails={undefined} />);
    const text = (await screen.findByRole("textbox", { name: "Text" })) as HTMLTextAreaElement;
    const save = screen.getByRole("button", { name: "Save" }) as HTMLButtonElement;
    expect(save.disabled).toBe(true);
    await user.type(text, " Not even outside.");
    await user.click(screen.getByRole("button", { name: "Undo changes" }));
    expect(text.value).toBe("No smoking.");
    await user.type(text, " Quiet after ten.");
    await user.click(save);
    await waitFor(() =>
      expect(calls.find((call) => call.method === "PUT")?.body).toEqual({
        title: "House rules",
        text: "No smoking. Quiet after ten.",
      }),
    );
    await waitFor(() => expect(save.disabled).toBe(true));
  });
});
