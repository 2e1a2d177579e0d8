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
});
