import type { Room } from "matrix-js-sdk";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { toast } from "@/ui/Toast";
import { isEncrypted } from "../naming";
import { placeIn, type ThreadPlace } from "../text/compose";
import { composeSticker, STICKER, STICKERS, type Sticker } from "./stickers";
import styles from "./stickers.module.css";

interface Props {
  room: Room;
  thread: ThreadPlace | undefined;
  onDone: () => void;
}

/** Sends the sticker that is tapped. */
export function StickerGrid({ room, thread, onDone }: Props) {
  const t = useT();
  const client = useClient();
  const send = async (sticker: Sticker) => {
    onDone();
    try {
      const content = await composeSticker(client, sticker, t(sticker.label), isEncrypted(room));
      const placed = placeIn(thread, content);
      await client.sendEvent(room.roomId, thread?.rootId ?? null, STICKER as never, placed as never);
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <div className={styles.grid} role="group" aria-label={t("stickers")}>
      {STICKERS.map((sticker) => (
        <button
          key={sticker.name}
          type="button"
          title={t(sticker.label)}
          onClick={() => void send(sticker)}
        >
          <img src={sticker.address} alt={t(sticker.label)} width={80} height={80} />
        </button>
      ))}
    </div>
  );
}
