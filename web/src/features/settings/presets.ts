import type { Model } from "@/api/types";

/** A provider's address and what to call its parts: enough to connect with a key alone, or without one. */
export type Preset = {
  id: string;
  label: string;
  hint: string;
  name: string;
  baseUrl: string;
  modelExample: string;
  /** Whether calls are refused without a key. */
  needsKey: boolean;
  keyEnv: string;
  local: boolean;
};

export const presets: readonly Preset[] = [
  {
    id: "openai",
    label: "OpenAI",
    hint: "Needs a key from platform.openai.com.",
    name: "OpenAI",
    baseUrl: "https://api.openai.com/v1",
    modelExample: "gpt-4.1-mini",
    needsKey: true,
    keyEnv: "OPENAI_API_KEY",
    local: false,
  },
  {
    id: "openrouter",
    label: "OpenRouter",
    hint: "Many models with one key from openrouter.ai.",
    name: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    modelExample: "mistralai/mistral-small",
    needsKey: true,
    keyEnv: "OPENROUTER_API_KEY",
    local: false,
  },
  {
    id: "ollama",
    label: "Ollama",
    hint: "Runs on your machine: no key, nothing leaves it.",
    name: "Ollama",
    baseUrl: "http://127.0.0.1:11434/v1",
    modelExample: "gemma3:4b",
    needsKey: false,
    keyEnv: "",
    local: true,
  },
  {
    id: "server",
    label: "vLLM, llama.cpp",
    hint: "A model server of your own. llama.cpp listens on port 8080, vLLM on 8000.",
    name: "Own server",
    baseUrl: "http://127.0.0.1:8080/v1",
    modelExample: "qwen3-30b-a3b",
    needsKey: false,
    keyEnv: "",
    local: true,
  },
  {
    id: "other",
    label: "Other",
    hint: "Anything that speaks OpenAI's chat protocol.",
    name: "",
    baseUrl: "",
    modelExample: "model-name",
    needsKey: false,
    keyEnv: "",
    local: false,
  },
];

const LOCAL = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u;

export function isLocal(baseUrl: string): boolean {
  try {
    return LOCAL.test(new URL(baseUrl).hostname);
  } catch {
    return false;
  }
}

/** What is wrong with an address, in words; null when nothing is. */
export function addressProblem(text: string): string | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return "Write the whole address, beginning with http:// or https://.";
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return "The address begins with http:// or https://.";
  if (/\/chat\/completions\/?$/u.test(url.pathname)) return "Leave /chat/completions out: Parley adds it.";
  return null;
}

export type Health = { tone: "none" | "good" | "slow" | "bad"; words: string };

const SLOW_MS = 8000;

/** A model's state from its last test. */
export function healthOf(test: Model["last_test"], at: (iso: string) => string): Health {
  if (!test) return { tone: "none", words: "Not tested yet" };
  if (!test.ok) return { tone: "bad", words: `${test.message.replace(/\.$/u, "")}, ${at(test.at)}` };
  const seconds = (test.ms / 1000).toFixed(1);
  if (test.ms > SLOW_MS) return { tone: "slow", words: `Slow, answered in ${seconds} s ${at(test.at)}` };
  return { tone: "good", words: `Healthy, answered in ${seconds} s ${at(test.at)}` };
}

/** The environment variable's name as a shell takes it. */
export const isVariableName = (text: string): boolean => /^[A-Za-z_]\w*$/u.test(text);
