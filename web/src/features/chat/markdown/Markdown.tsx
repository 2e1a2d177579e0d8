import type { AlignType, Nodes, Parents, Table, TableCell } from "mdast";
import { Fragment, memo, useMemo, type ReactNode } from "react";
import { Icon } from "@/ui";
import { CodeBlock } from "./CodeBlock";
import { MarkedLeaves, type Mark, type Piece } from "./marks";
import { parseMarkdown, type Leaf } from "./parse";

export type MarkdownProps = {
  text: string;
  /** Stretches to draw in their own way; offsets of `text` in UTF-16 units, in order, disjoint. */
  marks?: readonly Mark[];
  /** Draws a part of a mark. */
  renderMarked?: (index: number, children: ReactNode) => ReactNode;
  /** What stands right behind the last word of a mark and never starts a line. */
  renderEnd?: (index: number) => ReactNode;
  /** What comes behind that and may start a line. */
  renderAfter?: (index: number) => ReactNode;
  /** Stands behind the very last character: the caret of text that is being written. */
  tail?: ReactNode;
};

const noMarks: readonly Mark[] = [];

/**
 * Markdown of a model or a document, which is data: HTML is shown as it is written, pictures become links,
 * and links leave the app marked as such.
 */
export const Markdown = memo(function Markdown(props: MarkdownProps) {
  const { text, marks = noMarks } = props;
  const root = useMemo(() => parseMarkdown(text), [text]);
  const leaves = useMemo(() => new MarkedLeaves(root, text, marks), [root, text, marks]);
  const draw = new Drawing(leaves, props);
  return (
    <>
      {draw.children(root)}
      {leaves.finalLeaf === null && props.tail}
    </>
  );
});

class Drawing {
  constructor(
    private readonly leaves: MarkedLeaves,
    private readonly props: MarkdownProps,
  ) {}

  children(node: Parents): ReactNode[] {
    return node.children.map((child, index) => <Fragment key={index}>{this.node(child)}</Fragment>);
  }

  private node(node: Nodes): ReactNode {
    switch (node.type) {
      case "text":
        return this.withTail(node, this.text(node));
      case "inlineCode":
        return this.withTail(node, this.whole(node, <code>{node.value}</code>, node.value.length < LONG_WORD));
      case "code":
        return this.block(node, <CodeBlock code={node.value} language={node.lang ?? ""} />);
      case "html":
        return this.withTail(node, this.whole(node, node.value));
      case "image":
        return this.withTail(
          node,
          this.whole(node, <ExternalLink url={node.url}>{node.alt || "picture"}</ExternalLink>),
        );
      case "link":
        return <ExternalLink url={node.url}>{this.children(node)}</ExternalLink>;
      case "strong":
        return <strong>{this.children(node)}</strong>;
      case "emphasis":
        return <em>{this.children(node)}</em>;
      case "delete":
        return <del>{this.children(node)}</del>;
      case "break":
        return <br />;
      case "thematicBreak":
        return <hr />;
      case "heading":
        return (
          <p className="md-head" role="heading" aria-level={Math.min(6, node.depth + 2)} dir="auto">
            {this.children(node)}
          </p>
        );
      case "blockquote":
        return <blockquote>{this.children(node)}</blockquote>;
      case "list":
        return node.ordered ? (
          <ol start={node.start ?? 1} dir="auto">
            {this.children(node)}
          </ol>
        ) : (
          <ul dir="auto">{this.children(node)}</ul>
        );
      case "listItem":
        return (
          <li>
            {node.children.map((child, index) => (
              <Fragment key={index}>{this.item(child)}</Fragment>
            ))}
          </li>
        );
      case "table":
        return this.table(node);
      case "paragraph":
        return <p dir="auto">{this.children(node)}</p>;
      default:
        return "children" in node ? this.children(node) : null;
    }
  }

  /** A list item's only paragraph needs no paragraph around it. */
  private item(node: Nodes): ReactNode {
    return node.type === "paragraph" ? <span className="md-item">{this.children(node)}</span> : this.node(node);
  }

  private table(table: Table): ReactNode {
    const [head, ...body] = table.children;
    const cell = (node: TableCell, index: number, header: boolean) => {
      const Tag = header ? "th" : "td";
      return (
        <Tag key={index} className={numeric(table.align, index)} scope={header ? "col" : undefined} dir="auto">
          {this.children(node)}
        </Tag>
      );
    };
    return (
      <div className="tbl-wrap scroll" tabIndex={0} role="region" aria-label="Table">
        <table className="tbl">
          {head && (
            <thead>
              <tr>{head.children.map((node, index) => cell(node, index, true))}</tr>
            </thead>
          )}
          <tbody>
            {body.map((row, at) => (
              <tr key={at}>{row.children.map((node, index) => cell(node, index, false))}</tr>
            ))}
          </tbody>
        </table>
      </div>
    );
  }

  private text(leaf: Leaf & { type: "text" }): ReactNode {
    return this.leaves.pieces(leaf).map((piece, index) => <Fragment key={index}>{this.piece(piece)}</Fragment>);
  }

  private piece({ text, mark, closes }: Piece): ReactNode {
    if (mark === null) return text;
    if (closes === null) return this.marked(mark, text);
    const [body, word] = splitLastWord(text);
    return this.marked(
      mark,
      <>
        {body}
        <span className="nb">
          {word}
          {this.props.renderEnd?.(closes)}
        </span>
        {this.props.renderAfter?.(closes)}
      </>,
    );
  }

  private whole(leaf: Leaf, drawn: ReactNode, unbroken = false): ReactNode {
    const mark = this.leaves.markOf(leaf);
    const ends = this.ends(leaf);
    const content = (
      <span className={unbroken && ends.length ? "nb" : undefined}>
        {drawn}
        {ends}
      </span>
    );
    return mark === null ? content : this.marked(mark, content);
  }

  private block(leaf: Leaf, drawn: ReactNode): ReactNode {
    const ends = this.ends(leaf);
    return (
      <>
        {drawn}
        {ends.length > 0 && <p>{ends}</p>}
        {leaf === this.leaves.finalLeaf && this.props.tail}
      </>
    );
  }

  private ends(leaf: Leaf): ReactNode[] {
    return this.leaves.closedBy(leaf).map((index) => (
      <Fragment key={index}>
        {this.props.renderEnd?.(index)}
        {this.props.renderAfter?.(index)}
      </Fragment>
    ));
  }

  private withTail(leaf: Leaf, drawn: ReactNode): ReactNode {
    return leaf === this.leaves.finalLeaf && this.props.tail ? (
      <>
        {drawn}
        {this.props.tail}
      </>
    ) : (
      drawn
    );
  }

  private marked(index: number, children: ReactNode): ReactNode {
    return this.props.renderMarked ? this.props.renderMarked(index, children) : children;
  }
}

/** Longer "words" (addresses, code) must be allowed to break. */
const LONG_WORD = 28;

/** Splits so that a citation key can hold on to the last word: it must never start a line. */
export function splitLastWord(text: string): [string, string] {
  const trimmed = text.trimEnd();
  const at = Math.max(trimmed.lastIndexOf(" "), trimmed.lastIndexOf("\n")) + 1;
  // Scripts without spaces: hold on to the last two characters only, never to half of one.
  const last = [...trimmed].slice(-2).join("").length;
  const from = trimmed.length - at > LONG_WORD ? trimmed.length - last : at;
  return [trimmed.slice(0, from), trimmed.slice(from)];
}

const numeric = (align: AlignType[] | null | undefined, index: number) =>
  align?.[index] === "right" ? "n" : undefined;

const openable = new Set(["http:", "https:", "mailto:"]);

function ExternalLink({ url, children }: { url: string; children: ReactNode }) {
  if (!URL.canParse(url) || !openable.has(new URL(url).protocol)) return <>{children}</>;
  return (
    <a className="ext" href={url} target="_blank" rel="noopener noreferrer nofollow" title={url}>
      {children}
      <Icon name="external" size="xs" flip />
      <span className="sr">(leaves Parley)</span>
    </a>
  );
}
