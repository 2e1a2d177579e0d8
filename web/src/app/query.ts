import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";

const RETRIES = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server refused it will refuse again; only a lost connection or a 5xx is worth another try.
      retry: (count, error) => count < RETRIES && (!(error instanceof ApiError) || error.retryable),
      refetchOnWindowFocus: true,
    },
  },
});
