import { Link } from "@tanstack/react-router";
import { useState, type DragEvent } from "react";
import type { Bot } from "@/api/types";
import { Icon } from "@/ui";
import { PickButtons } from "../sources/AddSourceDialog";
import { carriesFiles, filesFromDrop, type PickedFile } from "../sources/dropped";
import { UploadTray } from "../sources/UploadTray";
import { destinationFor } from "../sources/uploadQueue";
import { uploads } from "../sources/uploadStore";
import "../sources/sources.css";
import "./welcome.css";

/**
 * A bot without documents, in place of its first message: give it something to read.
 *
 * Files dropped on it become a source of the bot, unlike those that are dropped into a chat.
 */
export function EmptyBot({ bot }: { bot: Bot }) {
  const add = (files: PickedFile[]) => uploads.add(files, destinationFor(files, bot.id, "citable", []));
  const [over, setOver] = useState(false);
  // The chat around it takes drops too, for one conversation alone: those must not get there.
  const take = (event: DragEvent, hovering: boolean) => {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    setOver(hovering);
  };
  return (
    <div
      className="stage scroll"
      tabIndex={0}
      role="region"
      aria-label="Add documents"
      onDragEnter={(event) => take(event, true)}
      onDragOver={(event) => take(event, true)}
      onDragLeave={(event) => take(event, false)}
      onDrop={(event) => {
        take(event, false);
        void filesFromDrop(event.dataTransfer).then((files) => files.length > 0 && add(files));
      }}
    >
      <div className="hero hero-bot">
        <p className="bot-says">Hello. I only answer from what you give me, so give me something to read.</p>
        <div className={over ? "bigdrop over" : "bigdrop"}>
          <span className="kind">
            <Icon name="upload" />
          </span>
          <h2>Drop files or a folder here</h2>
          <p className="hint">PDF, Word, Excel, slides, e-mail, web pages, code. Up to 1 GB a file.</p>
          <PickButtons primary onPick={add} />
        </div>
        <UploadTray />
        <p className="others">
          <span>Or read where they lie</span>
          <Link className="chip" to="/sources/$botId" params={{ botId: bot.id }} hash="folder">
            <Icon name="folder" size="sm" />
            Folder on this computer
          </Link>
        </p>
        <p className="offline">
          <Icon name="lock" />
          <span>Files stay on this machine. 7,000 files take about three minutes.</span>
        </p>
      </div>
    </div>
  );
}
