import type { GoldenDraft } from "@/api/queries/evaluation";

/** What a file of golden questions holds, or why it cannot be read, with the line that is wrong. */
export type ReadFile = { questions: GoldenDraft[] } | { problem: string };

const MOST = 5000;

/** Reads golden questions: JSON lines, a JSON list, or a table (CSV) with the columns that JSON has as fields. */
export function readGoldenFile(text: string): ReadFile {
  const clean = text.replace(/^\uFEFF/u, "").trim();
  if (!clean) return { problem: "This file is empty." };
  const rows = /^[[{]/u.test(clean) ? jsonRows(clean) : csvRows(clean);
  if ("problem" in rows) return rows;
  const questions: GoldenDraft[] = [];
  for (const { row, line } of rows.rows) {
    const question = questionOf(row);
    if (!question) return { problem: `Line ${line} has no question. Each needs a field “question”.` };
    questions.push(question);
  }
  if (!questions.length) return { problem: "This file holds no questions." };
  if (questions.length > MOST) return { problem: `These are ${questions.length} questions. A set holds ${MOST}.` };
  return { questions };
}

type Row = Record<string, unknown>;
type Rows = { rows: { row: Row; line: number }[] } | { problem: string };

function jsonRows(text: string): Rows {
  if (text.startsWith("[")) {
    try {
      const list: unknown = JSON.parse(text);
      return { rows: (list as Row[]).map((row, index) => ({ row, line: index + 1 })) };
    } catch {
      return { problem: "This file is not valid JSON." };
    }
  }
  const rows: { row: Row; line: number }[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    if (!line.trim()) continue;
    try {
      rows.push({ row: JSON.parse(line) as Row, line: index + 1 });
    } catch {
      return { problem: `Line ${index + 1} is not valid JSON. Each line holds one question as an object.` };
    }
  }
  return { rows };
}

function questionOf(row: Row): GoldenDraft | null {
  if (typeof row !== "object" || row === null) return null;
  const question = typeof row.question === "string" ? row.question.trim() : "";
  if (!question) return null;
  return {
    question,
    answers: listOf(row.answers ?? row.answer),
    documents: listOf(row.documents ?? row.document),
    answerable: !/^(?:false|no|0)$/iu.test(String(row.answerable ?? "true").trim()),
    ...(typeof row.id === "string" && row.id ? { id: row.id } : {}),
  };
}

/** A list as such, or written into one cell with | between its entries. */
function listOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value.map(String) : typeof value === "string" ? value.split("|") : [];
  return parts.map((part) => part.trim()).filter(Boolean);
}

function csvRows(text: string): Rows {
  const [head, ...lines] = csvLines(text);
  const names = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  if (!names.includes("question"))
    return { problem: "This file is neither JSON nor a table with a column “question”." };
  return {
    rows: lines
      .filter(({ cells }) => cells.some((cell) => cell.trim()))
      .map(({ cells, line }) => ({ row: Object.fromEntries(names.map((name, at) => [name, cells[at]])), line })),
  };
}

/** Cells of RFC 4180; the separator is a comma, or a semicolon or tab where the first line has more of those. */
function csvLines(text: string): { cells: string[]; line: number }[] {
  const first = text.split(/\r?\n/u, 1)[0] ?? "";
  const separator = [",", ";", "\t"].toSorted((a, b) => first.split(b).length - first.split(a).length)[0] ?? ",";
  const rows: { cells: string[]; line: number }[] = [];
  let [cells, cell, quoted, line, begun]: [string[], string, boolean, number, number] = [[], "", false, 1, 1];
  const endRow = () => {
    rows.push({ cells: [...cells, cell], line: begun });
    [cells, cell, begun] = [[], "", line];
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === "\n") line++;
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') {
        cell += char;
        at++;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"') quoted = true;
    else if (char === separator) {
      cells.push(cell);
      cell = "";
    } else if (char === "\n") endRow();
    else if (char !== "\r") cell += char;
  }
  endRow();
  return rows;
}
