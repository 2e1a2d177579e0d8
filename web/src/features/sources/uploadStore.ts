import { useSyncExternalStore } from "react";
import { refreshSources } from "@/api/queries/sources";
import { queryClient } from "@/app/query";
import { toast } from "@/ui";
import { countOf } from "./words";
import { sendWithProgress, UploadQueue, type UploadItem } from "./uploadQueue";

let told = 0;

/** Says once, wherever the reader is by then, that files could not be sent. */
function tellFailures() {
  const items = uploads.getItems();
  const failed = items.filter((item) => item.state === "failed").length;
  const going = items.some((item) => item.state === "waiting" || item.state === "sending");
  if (going || failed === told) return;
  told = failed;
  if (failed > 0) toast(`${countOf(failed, "file")} could not be sent. The sources screen says why.`, "bad");
}

/** The one queue of uploads: it outlives the screen that filled it. */
export const uploads = new UploadQueue(sendWithProgress, () => void refreshSources(queryClient));

uploads.subscribe(tellFailures);

export const useUploads = (): readonly UploadItem[] => useSyncExternalStore(uploads.subscribe, uploads.getItems);
