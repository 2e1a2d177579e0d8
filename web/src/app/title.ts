import { useEffect } from "react";

/** Names the window or tab after what it shows; the plain name comes back when that is left. */
export function useTitle(name: string | undefined) {
  useEffect(() => {
    if (!name) return;
    document.title = `${name} · Parley`;
    return () => {
      document.title = "Parley";
    };
  }, [name]);
}
