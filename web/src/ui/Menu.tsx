import * as Radix from "@radix-ui/react-dropdown-menu";
import { use, type ReactElement } from "react";
import { Icon, type IconName } from "./icons";
import { LayerContext } from "./layer";

export type MenuItem =
  { label: string; icon?: IconName; onSelect: () => void; danger?: boolean; disabled?: boolean } | "line";

type MenuProps = { trigger: ReactElement; items: MenuItem[]; align?: "start" | "end" };

/** A menu that opens from its trigger. Not modal: a modal one injects a style element, which our CSP forbids. */
export function Menu({ trigger, items, align = "end" }: MenuProps) {
  const layer = use(LayerContext);
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content className="menu" align={align} sideOffset={6} collisionPadding={8}>
          {items.map((item, index) =>
            item === "line" ? (
              <Radix.Separator key={`line-${index}`} className="menu-line" />
            ) : (
              <Radix.Item
                key={item.label}
                className={item.danger ? "menu-item menu-danger" : "menu-item"}
                disabled={item.disabled}
                onSelect={item.onSelect}
              >
                {item.icon && <Icon name={item.icon} />}
                {item.label}
              </Radix.Item>
            ),
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
