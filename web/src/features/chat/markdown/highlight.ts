export type Token = { kind: "keyword" | "string" | "number" | "comment" | "plain"; text: string };

const keywords = new Set(
  `abstract and as async await begin bool break case catch class const continue def default defer del delete do elif
  else end enum except export extends extern false final finally float fn for from func function global go if impl
  implements import in instanceof int interface is lambda let local long loop match mod module mut new nil none None
  not null or package pass private protected pub public raise return select self static string struct super switch
  then this throw throws trait true True False try type typeof undefined unless use using var void when where while
  with yield SELECT FROM WHERE INSERT INTO UPDATE SET DELETE CREATE TABLE JOIN LEFT INNER ON GROUP ORDER BY LIMIT
  VALUES AND OR NOT NULL AS`.split(/\s+/u),
);

const hashComments = new Set(["bash", "sh", "shell", "python", "py", "ruby", "rb", "yaml", "yml", "toml", "ini", "r"]);
const plainLanguages = new Set(["", "text", "plain", "txt", "console", "output", "log", "md", "markdown", "diff"]);

/**
 * Colours strings, numbers, comments and common keywords alike in all languages.
 *
 * A grammar per language would weigh more than the rest of the app; this is right for the short examples of answers.
 */
export function highlight(code: string, language: string): Token[] {
  if (plainLanguages.has(language)) return [{ kind: "plain", text: code }];
  const comment = hashComments.has(language) ? "#[^\\n]*" : "\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?\\*\\/|^\\s*--[^\\n]*";
  const pattern = new RegExp(
    `(?<comment>${comment})|(?<string>"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'|\`(?:\\\\.|[^\`\\\\])*\`)` +
      `|(?<number>\\b\\d[\\d_]*(?:\\.\\d+)?\\b)|(?<word>[A-Za-z_]\\w*)`,
    "gmu",
  );
  const tokens: Token[] = [];
  let done = 0;
  for (const match of code.matchAll(pattern)) {
    const kind = kindOf(match.groups ?? {});
    if (kind === "plain") continue;
    if (match.index > done) tokens.push({ kind: "plain", text: code.slice(done, match.index) });
    tokens.push({ kind, text: match[0] });
    done = match.index + match[0].length;
  }
  if (done < code.length) tokens.push({ kind: "plain", text: code.slice(done) });
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>): Token["kind"] {
  if (groups.comment !== undefined) return "comment";
  if (groups.string !== undefined) return "string";
  if (groups.number !== undefined) return "number";
  return groups.word !== undefined && keywords.has(groups.word) ? "keyword" : "plain";
}
