import { useEffect, useRef, useState } from "react";
import { carriesFiles, filesFromDrop, type PickedFile } from "./dropped";

/** Takes files that are dropped anywhere on the window; tells whether some hang over it just now. */
export function useFileDrop(onFiles: (files: PickedFile[]) => void, enabled = true): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    if (!enabled) return;
    // Leaving a child fires too; only when every enter has been left is the file outside the window.
    let depth = 0;
    const set = (next: number) => {
      depth = Math.max(0, next);
      setOver(depth > 0);
    };
    const enter = (event: DragEvent) => carriesFiles(event.dataTransfer) && set(depth + 1);
    const leave = (event: DragEvent) => carriesFiles(event.dataTransfer) && set(depth - 1);
    const hover = (event: DragEvent) => carriesFiles(event.dataTransfer) && event.preventDefault();
    const drop = (event: DragEvent) => {
      set(0);
      if (!event.dataTransfer || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      void filesFromDrop(event.dataTransfer).then((files) => files.length > 0 && take.current(files));
    };
    const heard = { dragenter: enter, dragleave: leave, dragover: hover, drop } as const;
    for (const [name, listener] of Object.entries(heard)) window.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(heard)) window.removeEventListener(name, listener as EventListener);
      setOver(false);
    };
  }, [enabled]);
  return over;
}
