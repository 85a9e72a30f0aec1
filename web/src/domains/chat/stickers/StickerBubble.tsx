import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { fileAddress, type FileContent } from "@/lib/matrix/media";
import { Meta } from "../Message";
import chat from "../chat.module.css";
import styles from "./stickers.module.css";

const SIZE = 160;

interface Props {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
}

export function StickerBubble({ event, room, isOwn }: Props) {
  const t = useT();
  const client = useClient();
  const content = event.getContent();
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    let isHere = true;
    const file = { ...content, info: (content.info ?? {}) as object } as unknown as FileContent;
    fileAddress(client, file).then(
      (found) => {
        if (isHere) setAddress(found);
      },
      () => undefined,
    );
    return () => {
      isHere = false;
    };
  }, [client, content]);
  const text = typeof content.body === "string" && content.body ? content.body : t("sticker");
  return (
    <div className={`${chat.bubble ?? ""} ${chat.bubbleBare ?? ""} ${styles.sticker ?? ""}`}>
      {address ? (
        <img src={address} alt={text} title={text} width={SIZE} height={SIZE} />
      ) : (
        <span className={styles.space} role="img" aria-label={text} />
      )}
      <Meta event={event} room={room} isOwn={isOwn} />
    </div>
  );
}
