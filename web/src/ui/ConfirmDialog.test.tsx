import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { renderApp } from "@/test/app";
import { ConfirmDialog } from "./ConfirmDialog";

describe("ConfirmDialog", () => {
  it("acts only when told to, and starts on what keeps things as they are", async () => {
    const confirm = vi.fn();
    const close = vi.fn();
    const { user } = renderApp(
      <ConfirmDialog danger title="Revoke Import?" action="Revoke key" onConfirm={confirm} onClose={close}>
        Programs that use it are refused at once.
      </ConfirmDialog>,
    );
    const keep = await screen.findByRole("button", { name: "Keep it" });
    expect(document.activeElement).toBe(keep);
    await user.keyboard("{Enter}");
    expect([close.mock.calls.length, confirm.mock.calls.length]).toEqual([1, 0]);
    await user.click(screen.getByRole("button", { name: "Revoke key" }));
    expect(confirm).toHaveBeenCalledOnce();
  });

  it("says why it could not be done", async () => {
    renderApp(
      <ConfirmDialog title="Go back?" action="Go back" error="The file has left its source." onConfirm={() => undefined} onClose={() => undefined}>
        Answers use the older text.
      </ConfirmDialog>,
    );
    expect((await screen.findByRole("alert")).textContent).toBe("The file has left its source.");
  });
});
