import { useDocuments } from "@/api/queries/documents";
import { useSource } from "@/api/queries/sources";
import { Icon, IconButton, Progress, Spinner } from "@/ui";
import type { Upload, UploadTray } from "./uploads";

/** The files that wait beside the message, each with how far it is and, if need be, why it cannot be used. */
export function UploadList({ tray, uploads }: { tray: UploadTray; uploads: readonly Upload[] }) {
  if (!uploads.length) return null;
  return (
    <ul className="uploads" aria-label="Attached files">
      {uploads.map((upload) => (
        <li key={upload.id} className="upload">
          <span className="file-kind">
            <Icon name="doc" />
          </span>
          <span className="grow">
            <span className="file-name clip">{upload.name}</span>
            <UploadState upload={upload} />
          </span>
          {upload.failure && (
            <IconButton
              icon="retry"
              label={`Send ${upload.name} again`}
              size="sm"
              onClick={() => tray.again(upload.id)}
            />
          )}
          <IconButton icon="close" label={`Remove ${upload.name}`} size="sm" onClick={() => tray.remove(upload.id)} />
        </li>
      ))}
    </ul>
  );
}

function UploadState({ upload }: { upload: Upload }) {
  if (upload.failure) return <small className="bad">{upload.failure}</small>;
  if (upload.sourceId) return <SourceState sourceId={upload.sourceId} />;
  const percent = upload.total ? Math.round((100 * upload.sent) / upload.total) : 0;
  return (
    <>
      <small className="num">sending, {percent} %</small>
      <Progress thin done={upload.sent} total={upload.total} label={`Sending ${upload.name}`} />
    </>
  );
}

function SourceState({ sourceId }: { sourceId: string }) {
  const { data: source } = useSource(sourceId);
  if (!source || source.status === "scanning" || source.status === "reading") {
    const counts = source?.counts;
    return (
      <small className="num">
        <Spinner />{" "}
        {counts && counts.documents > 1 ? `reading ${counts.ready + counts.failed} of ${counts.documents}` : "reading"}
      </small>
    );
  }
  if (source.error) return <small className="bad">{source.error.message}</small>;
  if (source.counts.failed) return <FailedFiles botId={source.bots[0] ?? ""} sourceId={sourceId} />;
  return <small>ready</small>;
}

/** Which files of a source could not be read, and why. */
export function FailedFiles({ botId, sourceId }: { botId: string; sourceId: string }) {
  const documents = useDocuments(botId, { source_id: sourceId, status: "failed" });
  const failed = documents.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <small className="bad">
      {failed.length === 0
        ? "some files could not be read"
        : failed.map((file) => `${file.title}: ${file.error?.message ?? "not readable"}`).join(" ")}
    </small>
  );
}
