import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

type EmptyStateProps = { icon: IconName; title: string; children?: ReactNode; action?: ReactNode };

/** What stands where nothing is yet: what this place is for and what to do next. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2 className="h2">{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
