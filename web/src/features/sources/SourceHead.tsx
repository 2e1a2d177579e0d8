import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/errors";
import { useCancelSource, useSyncSource } from "@/api/queries/sources";
import type { Source } from "@/api/types";
import { Button, Icon, IconButton, Menu, toast } from "@/ui";
import { RemoveDialog, RenameSourceDialog } from "./SourceDialogs";
import { changesByItself, isBusy, sizeWords, sourceIcon } from "./words";

const KINDS: Record<string, string> = {
  upload: "Uploaded files",
  folder: "Folder",
  files: "Files on this computer",
  website: "Website",
  git: "Git repository",
  video: "Video",
  faq: "Questions and answers",
  text: "Note",
};

type SourceHeadProps = { source: Source; botId: string; onAddFiles: () => void };

/** What a source is, and what can be done with it as a whole. */
export function SourceHead({ source, botId, onAddFiles }: SourceHeadProps) {
  const [dialog, setDialog] = useState<"rename" | "remove" | null>(null);
  const navigate = useNavigate();
  const close = () => setDialog(null);
  const where = source.root ?? KINDS[source.kind] ?? "Source";
  return (
    <div className="det-head">
      <span className="kind">
        <Icon name={sourceIcon(source)} />
      </span>
      <div className="grow det-title">
        <h1>{source.name}</h1>
        <p className="muted">
          <bdi>{where}</bdi>
          {source.counts.bytes > 0 && `, ${sizeWords(source.counts.bytes)}`}
        </p>
      </div>
      <div className="row">
        <Actions source={source} onAddFiles={onAddFiles} />
        <Menu
          trigger={<IconButton icon="more" label="More" />}
          items={[
            { label: "Rename", icon: "edit", onSelect: () => setDialog("rename") },
            "line",
            { label: "Remove source", icon: "trash", danger: true, onSelect: () => setDialog("remove") },
          ]}
        />
      </div>
      <RenameSourceDialog source={source} open={dialog === "rename"} onClose={close} />
      <RemoveDialog
        source={source}
        open={dialog === "remove"}
        onClose={close}
        onRemoved={() => void navigate({ to: "/sources/$botId", params: { botId }, replace: true })}
      />
    </div>
  );
}

function Actions({ source, onAddFiles }: Omit<SourceHeadProps, "botId">) {
  const cancel = useCancelSource();
  const sync = useSyncSource();
  const complain = { onError: (error: unknown) => toast(inWords(error), "bad") };
  if (isBusy(source)) {
    return (
      <Button icon="stop" busy={cancel.isPending} onClick={() => cancel.mutate(source.id, complain)}>
        Stop reading
      </Button>
    );
  }
  if (source.kind === "upload") {
    return (
      <Button icon="upload" onClick={onAddFiles}>
        Add files
      </Button>
    );
  }
  // Resuming what is paused begins with a look.
  if (!changesByItself(source) || source.paused) return null;
  return (
    <Button icon="refresh" busy={sync.isPending} onClick={() => sync.mutate(source.id, complain)}>
      Check now
    </Button>
  );
}
