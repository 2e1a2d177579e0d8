import type { Withdrawn as Piece } from "@/api/types";
import { Icon } from "@/ui";
import { plainText } from "../markdown/parse";

const reasons: Record<Piece["reason"], string> = {
  not_supported: "withdrawn, no document supports it",
  provider_failed: "withdrawn, the model broke off",
  leak: "withdrawn",
};

/** What had been shown and was taken back: it stays readable, struck through, with the reason. */
export function Withdrawn({ pieces }: { pieces: readonly Piece[] }) {
  return pieces.map((piece, index) => (
    <p key={index} className="withdrawn" dir="auto">
      <del>{plainText(piece.text).trim()}</del>
      <span className="flagchip" data-kind="unsourced">
        <Icon name="unsourced" />
        {reasons[piece.reason]}
      </span>
    </p>
  ));
}
