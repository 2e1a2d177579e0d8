import { describe, expect, it } from "vitest";
import { avatarColours, avatarIcons } from "@/ui";
import { draftOf, freeName, starters } from "./starters";

describe("freeName", () => {
  it("keeps a name that nobody has", () => {
    expect(freeName("My files", [{ name: "Help desk" }])).toBe("My files");
  });

  it("counts on where it is taken, whatever its case", () => {
    expect(freeName("My files", [{ name: "my FILES" }, { name: "My files 2" }])).toBe("My files 3");
  });
});

describe("starters", () => {
  it("each have a face that the app can draw", () => {
    for (const { look } of starters) {
      expect(avatarIcons).toContain(look.icon);
      expect(avatarColours).toContain(look.colour);
    }
  });

  it("make bots with different names", () => {
    expect(new Set(starters.map((starter) => draftOf(starter, []).name)).size).toBe(4);
  });
});
