import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./icons";
import { Spinner } from "./Spinner";
import { Tooltip } from "./Tooltip";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  variant?: "plain" | "primary" | "quiet" | "danger" | "danger-fill";
  size?: "md" | "sm";
  icon?: IconName;
  /** Shows a spinner in place of the icon and ignores clicks. */
  busy?: boolean;
};

export function Button({ variant = "plain", size = "md", icon, busy, className, children, ...rest }: ButtonProps) {
  const classes = ["btn", variant !== "plain" && `btn-${variant}`, size === "sm" && "btn-sm", className];
  return (
    <button type="button" {...rest} className={classes.filter(Boolean).join(" ")} disabled={rest.disabled || busy}>
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label"> & {
  icon: IconName;
  /** The control's name for screen readers, and its tooltip. */
  label: string;
  size?: "md" | "sm";
  flip?: boolean;
  shortcut?: string;
  children?: ReactNode;
};

export function IconButton({
  icon,
  label,
  size = "md",
  flip,
  shortcut,
  className,
  children,
  ...rest
}: IconButtonProps) {
  const classes = ["icon-btn", size === "sm" && "icon-btn-sm", className].filter(Boolean).join(" ");
  return (
    <Tooltip label={label} shortcut={shortcut}>
      <button type="button" {...rest} className={classes} aria-label={label}>
        <Icon name={icon} flip={flip} />
        {children}
      </button>
    </Tooltip>
  );
}
