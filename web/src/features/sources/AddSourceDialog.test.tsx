import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Source } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { AddSourceDialog } from "./AddSourceDialog";
import type { PickedFile } from "./dropped";

function show() {
  const picked: [PickedFile[], string][] = [];
  const added: Source[] = [];
  const view = renderApp(
    <AddSourceDialog
      open
      botId="b1"
      onClose={() => undefined}
      onFiles={(files, visibility) => picked.push([files, visibility])}
      onAdded={(source) => added.push(source)}
    />,
  );
  return { ...view, picked, added };
}

describe("AddSourceDialog", () => {
  beforeEach(stubLayout);

  it("hands over the chosen files with what may be done with them", async () => {
    const { user, picked } = show();
    const files = [new File(["a"], "a.md"), new File(["b"], "b.pdf")];
    await user.upload(await screen.findByLabelText("Files to send"), files);
    await user.click(screen.getByRole("radio", { name: /^Learn only/u }));
    await user.click(screen.getByRole("button", { name: "Read 2 files" }));
    expect(picked.map(([chosen, visibility]) => [chosen.map((file) => file.path), visibility])).toEqual([
      [["a.md", "b.pdf"], "learn_only"],
    ]);
  });

  it("adds a folder of this computer by its path, quotes around it or not", async () => {
    const calls = serve({ "POST /bots/b1/sources": { id: "s9" } });
    const { user, added } = show();
    await user.click(await screen.findByRole("button", { name: "Folder on this computer" }));
    await user.type(screen.getByRole("textbox", { name: "Folder" }), '"/srv/project files"');
    await user.click(screen.getByRole("button", { name: "Read this folder" }));
    await waitFor(() => expect(added.map((source) => source.id)).toEqual(["s9"]));
    expect(calls[0]?.body).toEqual({ kind: "folder", path: "/srv/project files", visibility: "citable" });
  });

  it("says in words why a folder cannot be added", async () => {
    serve({
      "POST /bots/b1/sources": () => ({ status: 422, body: { code: "invalid_input", detail: "There is no such folder." } }),
    });
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "Folder on this computer" }));
    await user.type(screen.getByRole("textbox", { name: "Folder" }), "/nowhere");
    await user.click(screen.getByRole("button", { name: "Read this folder" }));
    expect((await screen.findByRole("alert")).textContent).toContain("There is no such folder.");
  });

  it("adds a website with its limits and its schedule", async () => {
    const calls = serve({ "POST /bots/b1/sources": { id: "s9" } });
    const { user, added } = show();
    await user.click(await screen.findByRole("button", { name: "Website" }));
    await user.type(screen.getByRole("textbox", { name: "Address" }), "https://example.org/help/");
    await user.clear(screen.getByRole("spinbutton", { name: "Pages at most" }));
    await user.type(screen.getByRole("spinbutton", { name: "Pages at most" }), "50");
    await user.selectOptions(screen.getByRole("combobox", { name: "Look for changes" }), "Every day");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() => expect(added.map((source) => source.id)).toEqual(["s9"]));
    expect(calls[0]?.body).toEqual({
      kind: "website",
      schedule: "0 3 * * *",
      config: { url: "https://example.org/help/", mode: "crawl", max_pages: 50 },
      visibility: "citable",
    });
  });

  it("adds a private repository without keeping its token in sight", async () => {
    const calls = serve({ "POST /bots/b1/sources": { id: "s9" } });
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "Git repository" }));
    await user.type(screen.getByRole("textbox", { name: "Address" }), "https://github.com/owner/project");
    const token = screen.getByLabelText(/^Access token/u);
    expect(token.getAttribute("type")).toBe("password");
    await user.type(token, "secret");
    await user.click(screen.getByRole("button", { name: "Add" }));
    await waitFor(() =>
      expect(calls[0]?.body).toEqual({
        kind: "git",
        schedule: null,
        config: { url: "https://github.com/owner/project", branch: null },
        token: "secret",
        visibility: "citable",
      }),
    );
  });
});
