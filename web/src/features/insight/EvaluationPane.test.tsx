import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { renderApp, serve, stubLayout } from "@/test/app";
import { EvaluationPane } from "./EvaluationPane";

const set = { id: "s1", bot_id: "b1", name: "Basics", questions: 2, created_at: "2026-11-20T10:00:00Z" };
const run = (id: string, note: string, at: string, metrics: object, more: object = {}) => ({
  id,
  set_id: "s1",
  status: "done",
  note,
  model: "quoted",
  judge_model_id: null,
  done: 2,
  total: 2,
  failed: 0,
  metrics,
  error: null,
  created_at: at,
  finished_at: at,
  ...more,
});
const result = (id: string, question: string, more: object = {}) => ({
  question_id: id,
  question,
  answerable: true,
  right: true,
  turn_id: null,
  abstained: false,
  correctness: 1,
  faithfulness: 1,
  recall_10: 1,
  citation_precision: 1,
  judged_correctness: null,
  ms: 120,
  error_code: null,
  ...more,
});
const wrong = result("q2", "Who built it?", { right: false, correctness: 0, ms: 40 });
const first = run("r1", "Before", "2026-11-20T10:00:00Z", { correctness: 1, recall_10: 0.5 });
const second = run("r2", "After", "2026-11-21T10:00:00Z", { correctness: 0.5, recall_10: 0.6 });
const routes = {
  "GET /bots/b1/golden-sets": { items: [set] },
  "GET /golden-sets/s1/runs": { items: [second, first] },
  "GET /eval-runs/r2/results": { items: [result("q1", "When does it leave?"), wrong] },
  "GET /eval-runs/compare": {
    before: "r1",
    after: "r2",
    changes: [
      { metric: "recall_10", before: 0.5, after: 0.6, regressed: false, improved: true },
      { metric: "correctness", before: 1, after: 0.5, regressed: true, improved: false },
    ],
    worse: [wrong],
    better: [],
  },
  "GET /models": { items: [], next_cursor: null },
};

describe("EvaluationPane", () => {
  beforeEach(stubLayout);

  it("says what to do where there is nothing yet, and imports a file", async () => {
    const calls = serve({
      "GET /bots/b1/golden-sets": { items: [] },
      "POST /bots/b1/golden-sets": { ...set, questions: 1 },
    });
    const { user } = renderApp(<EvaluationPane botId="b1" />);
    await user.click(await screen.findByRole("button", { name: "Import questions" }));
    const dialog = await screen.findByRole("dialog");
    await user.upload(within(dialog).getByLabelText("File"), new File(["nothing"], "bad.csv"));
    await within(dialog).findByText(/neither JSON nor a table/u);
    await user.upload(within(dialog).getByLabelText("File"), new File(['{"question": "Who?"}'], "basics.jsonl"));
    await within(dialog).findByText("1 question read.");
    await user.click(within(dialog).getByRole("button", { name: "Import 1" }));
    await waitFor(() =>
      expect(calls.find((call) => call.method === "POST")?.body).toMatchObject({ name: "bad", questions: [{ question: "Who?" }] }),
    );
  });

  it("shows regressions first, and the questions that went wrong", async () => {
    serve(routes);
    const { user } = renderApp(<EvaluationPane botId="b1" />);
    await screen.findByText("Correctness got worse. Recall at 10 got better.");
    const table = within(screen.getByRole("region", { name: "Metrics before and after" }));
    expect(table.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual(["Correctness", "Recall at 10"]);
    expect(screen.getByText("Right before, wrong now:", { exact: false }).textContent).toContain("1");
    const questions = within(screen.getByRole("region", { name: "Results by question" }));
    expect(questions.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual([
      "Who built it?",
      "When does it leave?",
    ]);
    await user.click(screen.getByRole("radio", { name: "Wrong 1" }));
    expect(questions.getAllByRole("rowheader")).toHaveLength(1);
  });

  it("begins a run and follows it to its end", async () => {
    let done = 0;
    const going = () => run("r3", "Now", "2026-11-22T10:00:00Z", {}, done < 2 ? { status: "running", done } : { done });
    const calls = serve({
      ...routes,
      "POST /golden-sets/s1/runs": () => ({ status: 202, body: going() }),
      "GET /eval-runs/r3": () => {
        done += 1;
        return { body: going() };
      },
      "GET /eval-runs/r3/results": { items: [] },
    });
    const { user } = renderApp(<EvaluationPane botId="b1" />);
    await user.click(await screen.findByRole("button", { name: "Run the evaluation" }));
    await user.type(await screen.findByLabelText("Note"), "Now");
    await user.click(screen.getByRole("button", { name: "Ask 2 questions" }));
    await screen.findByRole("progressbar", { name: "Questions asked" });
    await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({ note: "Now", judge_model_id: null });
  });
});
