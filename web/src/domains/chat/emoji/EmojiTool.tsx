import { Smile } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useEffect, useRef, useState } from "react";
import { useT } from "@/lib/language";
import { IconButton } from "@/ui/Button";
import { Segments } from "@/ui/Field";
import { StickerGrid } from "../stickers/StickerGrid";
import type { ThreadPlace } from "../text/compose";
import { EmojiPicker } from "./EmojiPicker";
import styles from "./emoji.module.css";

interface Props {
  room: Room;
  thread: ThreadPlace | undefined;
  /** Whether a sticker can go where one writes. */
  hasStickers: boolean;
  /** Puts an emoji where the cursor is. */
  onInsert: (sign: string) => void;
}

/** Beside the place where one writes: emoji for the text, and stickers. */
export function EmojiTool({ room, thread, hasStickers, onInsert }: Props) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const [shown, setShown] = useState<"emoji" | "stickers">("emoji");
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    panel.current?.querySelector("button")?.focus();
    const look = ({ target }: PointerEvent) => {
      const isInside = [panel, button].some((each) => each.current?.contains(target as Node));
      if (!isInside) setIsOpen(false);
    };
    document.addEventListener("pointerdown", look);
    return () => document.removeEventListener("pointerdown", look);
  }, [isOpen]);
  const close = () => {
    setIsOpen(false);
    button.current?.querySelector("button")?.focus();
  };
  return (
    <>
      <span ref={button}>
        <IconButton
          label={t("emojiAndStickers")}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <Smile size={24} />
        </IconButton>
      </span>
      {isOpen ? (
        <div
          ref={panel}
          className={styles.panel}
          role="region"
          aria-label={t("emojiAndStickers")}
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        >
          {hasStickers ? (
            <Segments
              label={t("emojiAndStickers")}
              options={[
                { value: "emoji", label: t("emoji") },
                { value: "stickers", label: t("stickers") },
              ]}
              value={shown}
              onChange={setShown}
            />
          ) : null}
          {shown === "emoji" || !hasStickers ? (
            <EmojiPicker onPick={onInsert} />
          ) : (
            <StickerGrid room={room} thread={thread} onDone={close} />
          )}
        </div>
      ) : null}
    </>
  );
}
