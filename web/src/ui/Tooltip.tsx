import * as Radix from "@radix-ui/react-tooltip";
import { use, type ReactElement } from "react";
import { LayerContext } from "./layer";

export const TooltipProvider = Radix.Provider;

type TooltipProps = { label: string; shortcut?: string; children: ReactElement };

/** A label on hover and focus. It repeats the control's accessible name, so it adds nothing for screen readers. */
export function Tooltip({ label, shortcut, children }: TooltipProps) {
  const layer = use(LayerContext);
  return (
    <Radix.Root disableHoverableContent>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content className="tip" sideOffset={6} collisionPadding={8} aria-hidden="true">
          {label}
          {shortcut && <kbd>{shortcut}</kbd>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
