import { useState } from "react";
import type { Source } from "@/api/types";
import { Button, Spinner } from "@/ui";
import { ChunkingDialog } from "./ChunkingDialog";
import { ruleWords } from "./rule";

/** How the documents of a source are cut into passages, and a way to try and choose another. */
export function ChunkingOption({ source, botId, fileId }: { source: Source; botId: string; fileId: string | undefined }) {
  const [open, setOpen] = useState(false);
  const { chunking } = source;
  return (
    <div className="opt">
      <div className="opt-words">
        <h2>Cut into passages</h2>
        <p>{ruleWords(chunking)}.</p>
        {chunking.pending && (
          <p role="status">
            <Spinner /> Being cut anew. Search goes on meanwhile.
          </p>
        )}
      </div>
      <div className="opt-tools">
        <Button size="sm" icon="settings" onClick={() => setOpen(true)}>
          Try and change
        </Button>
      </div>
      {open && <ChunkingDialog source={source} botId={botId} fileId={fileId} onClose={() => setOpen(false)} />}
    </div>
  );
}
