import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { highlight } from "./highlight";
import { Markdown, splitLastWord } from "./Markdown";

afterEach(cleanup);

function draw(text: string, spans: [number, number][] = []) {
  const marks = spans.map(([start, end]) => ({ start, end }));
  return render(
    <Markdown
      text={text}
      marks={marks}
      renderMarked={(index, children) => <span data-mark={index}>{children}</span>}
      renderEnd={(index) => <button type="button">{index + 1}</button>}
    />,
  ).container;
}

const markedText = (container: HTMLElement, index: number) =>
  [...container.querySelectorAll(`[data-mark="${index}"]`)].map((element) => element.textContent).join("");

/** The spans of sentences given as they are written in the source. */
const spansOf = (text: string, ...sentences: string[]): [number, number][] =>
  sentences.map((sentence) => [text.indexOf(sentence), text.indexOf(sentence) + sentence.length]);

describe("text that is data", () => {
  it("shows HTML as it is written", () => {
    const container = draw('Hello <img src=x onerror="alert(1)"> <b>you</b>\n\n<script>alert(1)</script>');
    expect(container.querySelector("img, script, b")).toBeNull();
    expect(container.textContent).toContain("<script>alert(1)</script>");
  });

  it("loads no picture and links to it instead", () => {
    const container = draw("![a chart](https://tracker.example/x.png)");
    expect(container.querySelector("img")).toBeNull();
    expect(screen.getByRole("link").getAttribute("href")).toBe("https://tracker.example/x.png");
  });

  it.each(["![a][r]\n\n[r]: https://t.example/x.png", "<img src=https://t.example/x.png>", "![a](data:image/png;base64,AA)"])(
    "draws no picture of %s",
    (text) => {
      expect(draw(text).querySelector("img, picture, svg image, object, iframe")).toBeNull();
    },
  );

  it("opens links outside and says so", () => {
    draw("[site](https://example.org)");
    const link = screen.getByRole("link");
    expect(link.getAttribute("rel")).toContain("noopener");
    expect(link.textContent).toContain("leaves Parley");
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt&colon;alert(1)",
    "data:text/html,x",
    "/api/v1/sign-out",
    "../api/v1/sign-out",
    "//elsewhere.example/x",
    "?q=secret",
    "#secret",
    "file:///etc/passwd",
    "vbscript:x",
  ])(
    "makes no link of %s",
    (url) => {
      const container = draw(`[press](${url})`);
      expect(container.querySelector("a")).toBeNull();
      expect(container.textContent).toContain("press");
    },
  );
});

describe("sentences within Markdown", () => {
  it("puts a key right behind the last word, held together with it", () => {
    const container = draw("Bolts are oiled. They shine.", [
      [0, 16],
      [17, 28],
    ]);
    expect(container.querySelector(".nb")?.textContent).toBe("oiled.1");
    expect(container.textContent).toBe("Bolts are oiled.1 They shine.2");
  });

  it("follows a sentence through emphasis and code", () => {
    const text = "It is **340 N·m** in `two` passes. Next.";
    const container = draw(text, spansOf(text, "It is **340 N·m** in `two` passes.", "Next."));
    expect(markedText(container, 0)).toBe("It is 340 N·m in two passes.1");
    expect(container.querySelector("strong")?.textContent).toBe("340 N·m");
  });

  it("ends a sentence whose last words are bold", () => {
    const text = "Use **340 N·m.** Then rest.";
    const container = draw(text, spansOf(text, "Use **340 N·m.**", "Then rest."));
    expect(container.textContent).toBe("Use 340 N·m.1 Then rest.2");
  });

  it("marks list items and the rows of a table", () => {
    const text = "- one\n- two\n\n| a | b |\n|---|--:|\n| c | d |\n";
    const container = draw(text, spansOf(text, "one", "two", "| c | d |"));
    expect([...container.querySelectorAll("li")].map((item) => item.textContent)).toEqual(["one1", "two2"]);
    expect(container.querySelector("tbody")?.textContent).toBe("cd3");
  });

  it("is not led astray by escapes and entities before it", () => {
    const text = "Fish \\& chips &amp; 5 \\* 3. Second one.";
    const container = draw(text, spansOf(text, "Fish \\& chips &amp; 5 \\* 3.", "Second one."));
    expect(markedText(container, 0)).toBe("Fish & chips & 5 * 3.1");
    expect(markedText(container, 1)).toBe("Second one.2");
  });

  it("draws every mark's end exactly once, whatever is still unfinished", () => {
    const text = "# Head\n\nOne *two* three. Four [five](https://x.org/a_b). `six`\n\n> seven **eig";
    for (let end = 1; end <= text.length; end += 1) {
      const container = draw(text.slice(0, end), [[0, end]]);
      expect(container.querySelectorAll("button").length).toBeLessThanOrEqual(1);
      cleanup();
    }
  });
});

describe("the last word", () => {
  it("splits at the last space", () => {
    expect(splitLastWord("in two passes.")).toEqual(["in two ", "passes."]);
  });

  it("holds on to the last characters where there are no spaces", () => {
    const [body, word] = splitLastWord(
      "拧紧至三百四十牛米分两遍进行第一遍到一半的数值沿对角线方向进行操作完成后检查。",
    );
    expect(word).toBe("查。");
    expect(body.endsWith("检")).toBe(true);
  });
});

describe("code", () => {
  it("is shown whole with its language and a way to copy it", () => {
    draw("```python\nx = 1\n```");
    expect(screen.getByText("Python")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Copy" })).toBeTruthy();
  });

  it("never loses or adds a character when it is coloured", () => {
    const code = 'const a = "x\\"y"; // note\nfor (let i = 0; i < 10; i++) { f(`${i}`) }\n# tail';
    for (const language of ["js", "python", "sql", "", "text"]) {
      expect(
        highlight(code, language)
          .map((token) => token.text)
          .join(""),
      ).toBe(code);
    }
  });
});
