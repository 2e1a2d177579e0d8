import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout, type Call } from "@/test/app";
import { SettingsScreen } from "./SettingsScreen";

const model = {
  id: "m1",
  name: "Local",
  kind: "openai",
  base_url: "http://127.0.0.1:8080/v1",
  model: "qwen3",
  has_key: false,
  key_env: null,
  last_test: null as unknown,
};
const bot = { id: "b1", name: "My files", avatar: null, model: null, counts: {} };
const page = (...items: unknown[]) => ({ items, next_cursor: null });
const tested = (ok: boolean, message = "") => ({ ok, message, ms: 800, at: new Date().toISOString() });

function routes(ok: boolean) {
  const models: (typeof model)[] = [];
  return {
    "GET /bots": page(bot),
    "GET /models": () => ({ body: page(...models) }),
    "POST /models": (call: Call) => {
      models.push({ ...model, ...(call.body as object) });
      return { status: 201, body: models[0] };
    },
    "POST /models/m1/test": () => {
      const result = tested(ok, "The key was refused.");
      models[0] = { ...(models[0] ?? model), last_test: result };
      return { body: result };
    },
    "PATCH /bots/b1": { ...bot, model: { id: "m1", name: "Local" } },
    "GET /keys": page(),
    "POST /keys": { id: "k1", name: "Import", hint: "LgUI", created_at: "2026-11-20T11:00:00Z", last_used_at: null, key: "parley_secret" },
  };
}

async function connect(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(await screen.findByRole("button", { name: "Connect a model" }));
  await user.click(screen.getByRole("radio", { name: "vLLM, llama.cpp" }));
  await user.type(screen.getByLabelText("Model"), "qwen3");
  await user.click(screen.getByRole("button", { name: "Connect and test" }));
}

describe("SettingsScreen", () => {
  beforeEach(stubLayout);

  it("connects a model and hands it to the bots that answer with quotes", async () => {
    const calls = serve(routes(true));
    const { user } = renderApp(<SettingsScreen />, "/settings");
    await screen.findByRole("combobox", { name: "What My files answers with" });
    await connect(user);
    await waitFor(() => expect(calls.find((call) => call.method === "PATCH")?.body).toEqual({ model_id: "m1" }));
    expect(calls.find((call) => call.path === "/models" && call.method === "POST")?.body).toEqual({
      name: "Own server",
      kind: "openai",
      base_url: "http://127.0.0.1:8080/v1",
      model: "qwen3",
      key: null,
      key_env: null,
    });
    expect(await screen.findByText(/Healthy, answered in 0.8 s/u)).toBeTruthy();
  });

  it("leaves bots their quotes when the model does not answer, and says why", async () => {
    const calls = serve(routes(false));
    const { user } = renderApp(<SettingsScreen />, "/settings");
    await screen.findByRole("combobox", { name: "What My files answers with" });
    await connect(user);
    expect(await screen.findByText(/The key was refused/u)).toBeTruthy();
    expect(calls.some((call) => call.method === "PATCH")).toBe(false);
  });

  it("says at each field what is missing before anything is sent", async () => {
    const calls = serve(routes(true));
    const { user } = renderApp(<SettingsScreen />, "/settings");
    await user.click(await screen.findByRole("button", { name: "Connect a model" }));
    await user.click(screen.getByRole("button", { name: "Connect and test" }));
    expect(screen.getByText("Write which model to call.")).toBeTruthy();
    expect(screen.getByText("Paste the key, or choose that there is none.")).toBeTruthy();
    expect(calls.some((call) => call.method === "POST")).toBe(false);
  });

  it("shows a new key once", async () => {
    serve(routes(true));
    const { user } = renderApp(<SettingsScreen />, "/settings#keys");
    await user.click(await screen.findByRole("button", { name: "Create a key" }));
    await user.type(screen.getByLabelText("Name"), "Import");
    const dialog = screen.getByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Create" }));
    expect(await screen.findByText("parley_secret")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(screen.queryByText("parley_secret")).toBeNull();
  });
});
