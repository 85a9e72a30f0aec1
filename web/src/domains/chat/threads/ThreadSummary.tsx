import { MessagesSquare } from "lucide-react";
import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useT } from "@/lib/language";
import { countReplies } from "@/lib/matrix/threads";
import { countUnreadInThread } from "@/lib/matrix/unread";
import { summarise } from "../naming";
import { useChatSlots } from "../slots";
import styles from "./threads.module.css";

interface Props {
  event: MatrixEvent;
  room: Room;
  onOpen: (event: MatrixEvent) => void;
}

/** Under a message with which a thread begins: how many answered, and who last. */
export function ThreadSummary({ event, room, onOpen }: Props) {
  const t = useT();
  const slots = useChatSlots();
  const id = event.getId() ?? "";
  const thread = room.getThread(id);
  if (!thread || countReplies(thread) === 0) return null;
  const last = thread.replyToEvent;
  return (
    <button type="button" className={styles.summary} onClick={() => onOpen(event)}>
      <MessagesSquare size={16} aria-hidden />
      <b>{t("threadOf", { count: countReplies(thread) })}</b>
      {last && last.getId() !== id ? <span>{summarise({ room, event: last, t, slots })}</span> : null}
      <ThreadUnread room={room} threadId={id} />
    </button>
  );
}

export function ThreadUnread({ room, threadId }: { room: Room; threadId: string }) {
  const t = useT();
  const { total: count, calls } = countUnreadInThread(room, threadId);
  const isCalled = calls > 0;
  if (count === 0) return null;
  return (
    <span className={`${styles.unread ?? ""} ${isCalled ? (styles.called ?? "") : ""}`}>
      <span aria-hidden>{isCalled ? "@" : count > 99 ? "99+" : count}</span>
      <span className={styles.said}>{t("threadUnread", { count })}</span>
    </span>
  );
}
