import { useEffect, useMemo, useState } from "react";
import { Icon } from "@/ui";
import { copyText } from "../clipboard";
import { highlight } from "./highlight";

const COPIED_MS = 1600;

const names: Record<string, string> = {
  js: "JavaScript",
  javascript: "JavaScript",
  ts: "TypeScript",
  typescript: "TypeScript",
  py: "Python",
  sh: "Shell",
  sql: "SQL",
  json: "JSON",
  html: "HTML",
  css: "CSS",
  yaml: "YAML",
  yml: "YAML",
  cpp: "C++",
  cs: "C#",
};

const nameOf = (language: string) =>
  names[language.toLowerCase()] ?? (language ? language[0]?.toUpperCase() + language.slice(1) : "Code");

/** Code as it was written, with its language and a way to copy it. */
export function CodeBlock({ code, language }: { code: string; language: string }) {
  const tokens = useMemo(() => highlight(code, language.toLowerCase()), [code, language]);
  return (
    <div className="code" dir="ltr">
      <div className="code-head">
        <span>{nameOf(language)}</span>
        <CopyCode code={code} />
      </div>
      <pre tabIndex={0} className="scroll" aria-label={language ? `${nameOf(language)} code` : "Code"}>
        <code>
          {tokens.map((token, index) =>
            token.kind === "plain" ? (
              token.text
            ) : (
              <span key={index} className={`tok-${token.kind}`}>
                {token.text}
              </span>
            ),
          )}
        </code>
      </pre>
    </div>
  );
}

function CopyCode({ code }: { code: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button type="button" className="text-btn" onClick={async () => setCopied(await copyText(code))}>
      <Icon name={copied ? "check" : "copy"} />
      <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
    </button>
  );
}
