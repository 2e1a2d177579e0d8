import { lazy, Suspense } from "react";
import { Dialog, Spinner } from "@/ui";

const Trace = lazy(async () => ({ default: (await import("./Trace")).Trace }));

/** How an answer came about, loaded when somebody asks. */
export function LazyTraceDialog({ turnId, open, onClose }: { turnId: string; open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} title="How this answer came about" size="wide" onClose={onClose}>
      {open && (
        <Suspense fallback={<Spinner />}>
          <Trace turnId={turnId} />
        </Suspense>
      )}
    </Dialog>
  );
}
