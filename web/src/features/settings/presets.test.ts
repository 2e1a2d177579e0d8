import { describe, expect, it } from "vitest";
import { addressProblem, healthOf, isLocal, isVariableName, presets } from "./presets";

const at = () => "a minute ago";

describe("addressProblem", () => {
  it("accepts what the presets bring", () => {
    for (const preset of presets) if (preset.baseUrl) expect(addressProblem(preset.baseUrl)).toBeNull();
  });

  it("says what is wrong", () => {
    expect(addressProblem("api.openai.com/v1")).toContain("whole address");
    expect(addressProblem("ftp://models.example/v1")).toContain("http");
    expect(addressProblem("https://api.openai.com/v1/chat/completions")).toContain("Leave");
  });
});

describe("isLocal", () => {
  it("knows this machine's own names", () => {
    expect(["http://localhost:8000/v1", "http://127.0.0.1:11434/v1", "http://[::1]:8080"].every(isLocal)).toBe(true);
    expect(["https://api.openai.com/v1", "http://localhost.example.com", "nothing"].some(isLocal)).toBe(false);
  });
});

describe("healthOf", () => {
  it("tells untested, healthy, slow and refused apart", () => {
    expect(healthOf(null, at).words).toBe("Not tested yet");
    expect(healthOf({ ok: true, message: "", ms: 1240, at: "" }, at).words).toBe("Healthy, answered in 1.2 s a minute ago");
    expect(healthOf({ ok: true, message: "", ms: 9100, at: "" }, at).tone).toBe("slow");
    expect(healthOf({ ok: false, message: "The key was refused.", ms: 90, at: "" }, at)).toEqual({
      tone: "bad",
      words: "The key was refused, a minute ago",
    });
  });
});

describe("isVariableName", () => {
  it("takes names that a shell takes", () => {
    expect(isVariableName("OPENAI_API_KEY")).toBe(true);
    expect(isVariableName("sk-123")).toBe(false);
  });
});
