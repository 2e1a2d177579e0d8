import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import type { Source } from "@/api/types";
import { renderApp, serve, stubLayout } from "@/test/app";
import { Upkeep } from "./Upkeep";

const source = {
  id: "s1",
  kind: "website",
  name: "Company site",
  paused: false,
  schedule: null,
  next_sync_at: null,
  watch: null,
  note: null,
  last_sync: { at: "2026-11-20T11:00:00Z", result: "errors", added: 3, changed: 1, removed: 0 },
} as Source;

describe("Upkeep", () => {
  let calls: ReturnType<typeof serve>;
  beforeEach(() => {
    stubLayout();
    calls = serve({
      "PATCH /sources/s1": { ...source, schedule: "30 4 * * 1", next_sync_at: "2026-11-23T04:30:00Z" },
      "POST /sources/s1/pause": source,
      "POST /sources/s1/resume": source,
    });
  });
  const show = (change: Partial<Source> = {}) => renderApp(<Upkeep source={{ ...source, ...change }} />);

  it("tells how the last look ended and when the next one is", async () => {
    show({ schedule: "0 3 * * *", next_sync_at: new Date(Date.now() + 3 * 3_600_000).toISOString() });
    expect(await screen.findByText(/3 new, 1 changed, not all could be read\./u)).toBeTruthy();
    expect(screen.getByText("Every day at 03:00.")).toBeTruthy();
    expect(screen.getByText(/^Next look in 3 hours, /u)).toBeTruthy();
  });

  it("keeps a schedule in plain choices", async () => {
    const { user } = show();
    await user.click(await screen.findByRole("button", { name: "Schedule" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Look for changes" }), "Every week");
    await user.clear(screen.getByLabelText("At"));
    await user.type(screen.getByLabelText("At"), "04:30");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(calls.map((call) => call.body)).toEqual([{ schedule: "30 4 * * 1" }]));
  });

  it("says what is wrong with a cron line beside it", async () => {
    calls = serve({
      "PATCH /sources/s1": () => ({ status: 422, body: { code: "invalid_schedule", detail: "A schedule has five fields." } }),
    });
    const { user } = show({ schedule: "*/5 8-18 * * *" });
    await user.click(await screen.findByRole("button", { name: "Schedule" }));
    const line = screen.getByRole("textbox", { name: "Cron line" });
    expect((line as HTMLInputElement).value).toBe("*/5 8-18 * * *");
    await user.clear(line);
    await user.type(line, "soon");
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect((await screen.findByRole("alert")).textContent).toBe("A schedule has five fields.");
    expect(line.getAttribute("aria-invalid")).toBe("true");
  });

  it("pauses, and resumes what is paused", async () => {
    const { user } = show({ paused: true });
    expect(await screen.findByText(/^Paused: searched as it is/u)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Resume" }));
    await waitFor(() => expect(calls.map((call) => call.path)).toEqual(["/sources/s1/resume"]));
  });

  it("watches a folder, or does not", async () => {
    const { user } = show({ kind: "folder", watch: { mode: "auto", active: true } });
    await user.click(await screen.findByRole("switch", { name: "Watch" }));
    await waitFor(() => expect(calls.map((call) => call.body)).toEqual([{ watch: "off" }]));
  });
});
