import { ListTree, Pin, PinOff } from "lucide-react";
import { MatrixEventEvent, RoomEvent, type MatrixEvent, type Room } from "matrix-js-sdk";
import { Link } from "wouter";
import { useLanguage, useT, type Translate } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { formatRecent } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { IconButton } from "@/ui/Button";
import { State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { nameOfMember, summarise } from "../naming";
import { useChatSlots, type ChatSlots } from "../slots";
import { mayPin, setPinned, usePinned } from "./pins";
import styles from "./pins.module.css";

const NEWS = [MatrixEventEvent.Decrypted, RoomEvent.Redaction] as const;

interface Props {
  room: Room;
  onJump: (eventId: string) => void;
}

/** The newest pinned message, above the chat. */
export function PinBanner({ room, onJump }: Props) {
  const t = useT();
  const slots = useChatSlots();
  useNews(useClient(), NEWS);
  const { pinned, count } = usePinned(room, 1);
  const first = pinned[0];
  if (!first) return null;
  return (
    <section className={styles.banner} aria-label={t("pinnedMessages")}>
      <button type="button" className={styles.bannerMain} onClick={() => onJump(first.id)}>
        <Pin size={16} aria-hidden />
        <span>
          <b>{t("pinned")}</b>
          <span>{first.event ? tell(room, first.event, t, slots) : "…"}</span>
        </span>
      </button>
      <Link
        to={`/chats/${encodeURIComponent(room.roomId)}/pins`}
        className={styles.all}
      >
        <span className={styles.said}>{t("pinnedAll", { count })}</span>
        <span aria-hidden>{count}</span>
        <ListTree size={18} aria-hidden />
      </Link>
    </section>
  );
}

export function PinList({ room, onJump }: Props) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const slots = useChatSlots();
  useNews(client, NEWS);
  const { pinned } = usePinned(room);
  const isAllowed = mayPin(room);
  const unpin = (id: string) => {
    setPinned(client, room, id, false).catch((error: unknown) => toast(tellTrouble(t, error)));
  };
  if (pinned.length === 0) {
    return (
      <State icon={<Pin size={28} />} title={t("pinnedEmpty")}>
        {t("pinnedEmptyText")}
      </State>
    );
  }
  return (
    <ul className={styles.list}>
      {pinned.map(({ id, event }) => (
        <li key={id} className={styles.item}>
          <button type="button" className={styles.itemMain} onClick={() => onJump(id)}>
            <span className={styles.itemHead}>
              <b>{event ? nameOfMember(room, event.getSender() ?? "") : t("pinned")}</b>
              {event ? <span>{formatRecent(event.getTs(), tag, t)}</span> : null}
            </span>
            <span className={styles.itemText}>
              {event ? tell(room, event, t, slots) : t("pinnedGone")}
            </span>
          </button>
          {isAllowed ? (
            <IconButton label={t("unpin")} onClick={() => unpin(id)}>
              <PinOff size={18} />
            </IconButton>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function tell(room: Room, event: MatrixEvent, t: Translate, slots: ChatSlots): string {
  return summarise({ room, event, t, slots }) ?? "…";
}
