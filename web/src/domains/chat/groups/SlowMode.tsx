import { Hourglass } from "lucide-react";
import { RoomEvent, RoomStateEvent, type Room } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { SLOW_MODE } from "./api";
import { MODERATOR } from "./levels";
import { computeWait, formatWait, isSlowed } from "./pace";
import { ownLevel, readContent, readLevels } from "./reading";
import styles from "./groups.module.css";

const TICK_MS = 250;

/** How many milliseconds this member must wait before the next message; 0 for those who needn't. */
export function useSlowMode(room: Room): number {
  useNews(useClient(), [RoomStateEvent.Events, RoomEvent.Timeline, RoomEvent.LocalEchoUpdated]);
  const [now, setNow] = useState(() => Date.now());
  const seconds = findPace(room);
  const sentAt = seconds > 0 ? findLastSent(room) : undefined;
  useEffect(() => {
    if (sentAt === undefined) return;
    const tick = () => {
      const at = Date.now();
      setNow(at);
      if (computeWait(seconds, sentAt, at) === 0) clearInterval(timer);
    };
    const first = setTimeout(tick);
    const timer = setInterval(tick, TICK_MS);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [seconds, sentAt]);
  return computeWait(seconds, sentAt, now);
}

/** The seconds between two of one's messages; 0 where slow mode doesn't bind this member. */
function findPace(room: Room): number {
  const isFree = ownLevel(room) >= (readLevels(room).state_default ?? MODERATOR);
  return isFree ? 0 : Number(readContent(room, SLOW_MODE).seconds) || 0;
}

/** When one's own newest message was sent, in the chat or any of its threads. */
function findLastSent(room: Room): number | undefined {
  const places = [room.getLiveTimeline().getEvents(), ...room.getThreads().map(({ events }) => events)];
  const sent = places.flatMap((events) => {
    const last = events.findLast(
      (event) =>
        event.getSender() === room.myUserId &&
        event.status === null &&
        !event.isState() &&
        !event.isRedacted() &&
        isSlowed(event.getWireType()),
    );
    // By the server's clock, brought to this device's.
    return last ? [last.localTimestamp] : [];
  });
  return sent.length > 0 ? Math.max(...sent) : undefined;
}

/** Above the place where one writes, while nothing can be sent. */
export function SlowNote({ waitMs }: { waitMs: number }) {
  const t = useT();
  if (waitMs === 0) return null;
  return (
    <p className={styles.slow} role="timer">
      <Hourglass size={14} aria-hidden /> {t("slowModeWait", { left: formatWait(waitMs) })}
    </p>
  );
}
