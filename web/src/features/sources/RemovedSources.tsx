import { inWords } from "@/api/errors";
import { useDeletedSources, useRestoreSource } from "@/api/queries/sources";
import type { Source } from "@/api/types";
import { Button, Icon, toast } from "@/ui";
import { aheadWords } from "./words";

/** Sources that were removed and can still be brought back, and until when. */
export function RemovedSources({ botId }: { botId: string }) {
  const { data = [] } = useDeletedSources();
  const removed = data.filter((source) => source.bots.includes(botId) && !source.conversation_id);
  if (removed.length === 0) return null;
  return (
    <>
      <h2 className="list-cap">Removed</h2>
      <ul aria-label="Removed sources">
        {removed.map((source) => (
          <li key={source.id}>
            <RemovedRow source={source} />
          </li>
        ))}
      </ul>
    </>
  );
}

function RemovedRow({ source }: { source: Source }) {
  const restore = useRestoreSource();
  return (
    <div className="src-row src-removed">
      <Icon name="trash" />
      <span className="src-words">
        <span className="clip doc-name">{source.name}</span>
        <span className="src-status clip">{source.purge_at ? `Erased ${aheadWords(source.purge_at)}` : "To be erased"}</span>
      </span>
      <Button
        size="sm"
        busy={restore.isPending}
        aria-label={`Bring back ${source.name}`}
        onClick={() =>
          restore.mutate(source.id, {
            onSuccess: () => toast(`${source.name} is back`),
            onError: (error) => toast(inWords(error), "bad"),
          })
        }
      >
        Bring back
      </Button>
    </div>
  );
}
