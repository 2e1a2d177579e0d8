import type { AvatarLook } from "@/api/types";
import { Icon, iconNames, type IconName } from "./icons";

export const avatarColours = ["ink", "moss", "clay", "plum", "lagoon", "ochre", "slate"] as const;
export const avatarIcons: IconName[] = [
  "book",
  "doc",
  "folder",
  "bridge",
  "peak",
  "buoy",
  "braces",
  "scale",
  "flask",
  "video",
  "shield",
  "wallet",
  "globe",
  "people",
  "bolt",
  "tag",
];

type AvatarProps = { name: string; look?: AvatarLook | null; size?: "sm" | "md" | "base" | "lg"; person?: boolean };

/** A bot's squircle or a person's circle. Decorative: the name stands beside it. */
export function Avatar({ name, look, size = "base", person }: AvatarProps) {
  const colour = avatarColours.find((known) => known === look?.colour) ?? fallbackColour(name, person);
  const classes = ["ava", `av-${colour}`, size !== "base" && `ava-${size}`, person && "ava-person"];
  const icon = iconNames.find((known) => known === look?.icon);
  return (
    <span className={classes.filter(Boolean).join(" ")} aria-hidden="true">
      {icon && !person ? <Icon name={icon} /> : initials(name)}
    </span>
  );
}

/** Up to two letters; "Northgate project files" is NP. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).slice(0, 2);
  return words
    .map((word) => [...word][0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

function fallbackColour(name: string, person?: boolean): (typeof avatarColours)[number] {
  if (person) return "slate";
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return avatarColours[sum % avatarColours.length] ?? "ink";
}
