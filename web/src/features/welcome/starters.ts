import type { AvatarLook, Bot, BotDraft } from "@/api/types";
import type { IconName } from "@/ui";

/** `face` is drawn instead of the bot's own icon. */
export type Starter = { title: string; hint: string; name: string; description: string; look: AvatarLook; face?: IconName };

/** Four ways to begin, each a bot that is ready for documents: there is no form to fill in. */
export const starters: readonly Starter[] = [
  {
    title: "My files",
    hint: "A folder, or thousands of files",
    name: "My files",
    description: "Answers from a folder of documents.",
    look: { icon: "folder", colour: "ink" },
  },
  {
    title: "A help desk",
    hint: "Answers your customers",
    name: "Help desk",
    description: "Answers customers from help articles and guides.",
    look: { icon: "buoy", colour: "lagoon" },
  },
  {
    title: "A code base",
    hint: "A repository and its manual",
    name: "Code base",
    description: "Answers from source code and its documentation.",
    look: { icon: "braces", colour: "plum" },
  },
  {
    title: "Something else",
    hint: "Start with an empty bot",
    name: "New bot",
    description: "",
    look: { icon: "book", colour: "slate" },
    face: "plus",
  },
];

/** A bot's name must be its own: "My files", then "My files 2". */
export function freeName(name: string, bots: readonly Pick<Bot, "name">[]): string {
  const taken = new Set(bots.map((bot) => bot.name.toLocaleLowerCase()));
  if (!taken.has(name.toLocaleLowerCase())) return name;
  for (let number = 2; ; number += 1) {
    const next = `${name} ${number}`;
    if (!taken.has(next.toLocaleLowerCase())) return next;
  }
}

export function draftOf(starter: Starter, bots: readonly Pick<Bot, "name">[]): BotDraft {
  return { name: freeName(starter.name, bots), description: starter.description, avatar: starter.look };
}
