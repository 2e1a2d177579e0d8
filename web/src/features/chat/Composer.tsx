import {
  useEffect,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
  type ClipboardEvent,
  type KeyboardEvent,
} from "react";
import type { Attachment } from "@/api/types";
import { IconButton } from "@/ui";
import { useDraft, type Chat } from "./chats";
import { UploadList } from "./UploadList";
import { filesOf } from "./uploads";

type ComposerProps = {
  chat: Chat;
  botName: string;
  running: boolean;
  onSend: (text: string, attachments: Attachment[]) => void;
  onStop: () => void;
};

const grows = () => CSS.supports("field-sizing", "content");

/** Where a message is written. Enter sends, Shift+Enter begins a line; send becomes stop while an answer runs. */
export function Composer({ chat, botName, running, onSend, onStop }: ComposerProps) {
  const [text, setText] = useDraft(chat.key);
  const uploads = useSyncExternalStore(chat.tray.subscribe, chat.tray.getItems);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const empty = text.trim() === "";

  useLayoutEffect(() => {
    const element = field.current;
    if (!element || grows()) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [text]);

  useEffect(() => {
    // A keyboard that slides over half a phone's screen should wait until it is asked for.
    if (window.matchMedia("(pointer: fine)").matches) field.current?.focus({ preventScroll: true });
  }, [chat.key]);

  const send = () => {
    if (empty || chat.tray.busy) return;
    onSend(text.trim(), chat.tray.take());
    setText("");
    field.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  const onPaste = (event: ClipboardEvent) => {
    const files = filesOf(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    chat.tray.add(files);
  };

  return (
    <>
      <UploadList tray={chat.tray} uploads={uploads} />
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <IconButton icon="attach" label="Attach files" onClick={() => picker.current?.click()} />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={(event) => {
            chat.tray.add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        <label className="sr" htmlFor="message">
          Message
        </label>
        <textarea
          ref={field}
          id="message"
          rows={1}
          dir="auto"
          maxLength={20_000}
          placeholder={`Message ${botName}`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {running && empty ? (
          <IconButton icon="stop" label="Stop the answer" className="stop-btn" shortcut="Esc" onClick={onStop} />
        ) : (
          <IconButton
            icon="send"
            label={chat.tray.busy ? "The files are still on their way" : "Send"}
            className="send"
            type="submit"
            disabled={empty || chat.tray.busy}
          />
        )}
      </form>
    </>
  );
}
