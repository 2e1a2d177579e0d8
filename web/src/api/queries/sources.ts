import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { get, patch, post, remove, upload, type UploadOptions } from "../http";
import { keys } from "../keys";
import type { Page, Source, SourcePatch, Visibility } from "../types";

const SOURCE_LIMIT = 200;

export type LocalSource =
  | { kind: "folder"; path: string; visibility: Visibility; name?: string }
  | { kind: "files"; paths: string[]; visibility: Visibility; name?: string };

export type RemoteSource = { visibility: Visibility; name?: string } & (
  | { kind: "website"; schedule: string | null; config: { url: string; mode: string; max_pages: number } }
  | { kind: "git"; schedule: string | null; config: { url: string; branch: string | null }; token: string | null }
  | { kind: "video"; schedule: string | null; config: { url: string } }
  | { kind: "faq"; config: Record<string, never> }
  | { kind: "text"; config: { title: string }; text: string }
);

export type SourceChange = { id: string } & Pick<SourcePatch, "name" | "visibility" | "schedule" | "watch" | "chunking">;

export type FileUpload = {
  botId: string;
  files: File[];
  name?: string;
  visibility?: Visibility;
  conversationId?: string;
};

export function useSources(botId: string) {
  return useQuery({
    queryKey: keys.sources(botId),
    queryFn: async ({ signal }) =>
      (await get<Page<Source>>(`/bots/${botId}/sources`, { limit: SOURCE_LIMIT }, signal)).items,
  });
}

export function useSource(id: string) {
  return useQuery({
    queryKey: keys.source(id),
    queryFn: ({ signal }) => get<Source>(`/sources/${id}`, {}, signal),
  });
}

/** Sources that were removed and can still be restored, the one removed last first. */
export function useDeletedSources() {
  return useQuery({
    queryKey: [...keys.allSources, "deleted"],
    queryFn: ({ signal }) => get<Source[]>("/deleted-sources", {}, signal),
  });
}

/** Sends files as one new source of a bot; with a conversation they belong to that conversation alone. */
export function uploadFiles(wanted: FileUpload, options: UploadOptions = {}): Promise<Source> {
  const form = filesForm(wanted.files);
  if (wanted.name) form.set("name", wanted.name);
  if (wanted.visibility) form.set("visibility", wanted.visibility);
  if (wanted.conversationId) form.set("conversation_id", wanted.conversationId);
  return upload<Source>(`/bots/${wanted.botId}/sources`, form, options);
}

function filesForm(files: File[]): FormData {
  const form = new FormData();
  form.set("relative_paths", JSON.stringify(files.map((file) => file.webkitRelativePath || file.name)));
  for (const file of files) form.append("files", file, file.name);
  return form;
}

/** What a change of sources makes stale: lists, counts on bots, documents, lists of files. */
export function refreshSources(client: QueryClient) {
  return Promise.all(
    [keys.allSources, keys.bots, keys.allDocuments, keys.allFiles].map((queryKey) => client.invalidateQueries({ queryKey })),
  );
}

function useSourceMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => refreshSources(client) });
}

export const useAddLocalSource = () =>
  useSourceMutation(({ botId, source }: { botId: string; source: LocalSource }) =>
    post<Source>(`/bots/${botId}/sources`, source),
  );

export const useAddRemoteSource = () =>
  useSourceMutation(({ botId, source }: { botId: string; source: RemoteSource }) =>
    post<Source>(`/bots/${botId}/sources`, source),
  );

export const useUpdateSource = () =>
  useSourceMutation(({ id, ...change }: SourceChange) => patch<Source>(`/sources/${id}`, change));

export const useDeleteSource = () => useSourceMutation((id: string) => remove(`/sources/${id}`));
export const useRestoreSource = () => useSourceMutation((id: string) => post<Source>(`/sources/${id}/restore`));
export const usePauseSource = () =>
  useSourceMutation(({ id, paused }: { id: string; paused: boolean }) =>
    post<Source>(`/sources/${id}/${paused ? "pause" : "resume"}`),
  );
export const useCancelSource = () => useSourceMutation((id: string) => post<Source>(`/sources/${id}/cancel`));
export const useRetrySource = () => useSourceMutation((id: string) => post<Source>(`/sources/${id}/retry`));
export const useSyncSource = () => useSourceMutation((id: string) => post<Source>(`/sources/${id}/sync`));
