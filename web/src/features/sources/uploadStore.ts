import { useSyncExternalStore } from "react";
import { refreshSources } from "@/api/queries/sources";
import { queryClient } from "@/app/query";
import { sendWithProgress, UploadQueue, type UploadItem } from "./uploadQueue";

/** The one queue of uploads: it outlives the screen that filled it. */
export const uploads = new UploadQueue(sendWithProgress, () => void refreshSources(queryClient));

export const useUploads = (): readonly UploadItem[] => useSyncExternalStore(uploads.subscribe, uploads.getItems);
