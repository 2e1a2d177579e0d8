import { useState } from "react";
import { inWords } from "@/api/errors";
import { useUpdateSource } from "@/api/queries/sources";
import type { Source, Visibility } from "@/api/types";
import { Segmented, toast } from "@/ui";
import { ChunkingOption } from "./chunking/ChunkingOption";
import { LearnOnlyDialog } from "./SourceDialogs";
import { Upkeep } from "./schedule/Upkeep";
import { changesByItself } from "./words";

type SourceOptionsProps = {
  source: Source;
  botId: string;
  /** The file that is looked at, on which settings are tried. */
  fileId: string | undefined;
};

/** What a source is used for, and how it is kept current. */
export function SourceOptions({ source, botId, fileId }: SourceOptionsProps) {
  return (
    <div className="opts">
      <MayBeQuoted source={source} />
      {changesByItself(source) && <Upkeep source={source} />}
      {source.kind !== "faq" && <ChunkingOption source={source} botId={botId} fileId={fileId} />}
    </div>
  );
}

const VISIBILITIES = [
  { value: "citable", label: "Citable" },
  { value: "learn_only", label: "Learn only" },
] as const;

function MayBeQuoted({ source }: { source: Source }) {
  const update = useUpdateSource();
  const [asking, setAsking] = useState(false);
  const apply = (visibility: Visibility) =>
    update.mutate({ id: source.id, visibility }, { onError: (error) => toast(inWords(error), "bad") });
  return (
    <div className="opt">
      <div className="opt-words">
        <h2>May be quoted</h2>
        <p>Learn only: informs answers, is never named or quoted.</p>
      </div>
        <Segmented
          label="May be quoted"
          options={VISIBILITIES}
          value={update.isPending ? (update.variables.visibility ?? source.visibility) : source.visibility}
          onChange={(visibility) => {
            if (visibility === source.visibility) return;
            if (visibility === "learn_only") setAsking(true);
            else apply(visibility);
          }}
        />
      <LearnOnlyDialog
        source={source}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          apply("learn_only");
        }}
      />
    </div>
  );
}
