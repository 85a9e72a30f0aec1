import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown } from "lucide-react";
import {
  ClientEvent,
  Direction,
  MatrixEventEvent,
  RoomEvent,
  RoomMemberEvent,
  type MatrixEvent,
  type Room,
} from "matrix-js-sdk";
import { ReceiptType } from "matrix-js-sdk/lib/@types/read_receipts";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type RefObject,
} from "react";
import { useLanguage } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { useSettings } from "@/lib/settings";
import { formatDay } from "@/lib/time";
import { readFacts, tellNotice, type EventFact } from "./facts";
import { Message, type MessageActions } from "./Message";
import { layOut, type Item } from "./timeline";
import styles from "./chat.module.css";

const NEWS = [
  RoomEvent.Timeline,
  RoomEvent.TimelineReset,
  RoomEvent.LocalEchoUpdated,
  RoomEvent.Redaction,
  RoomEvent.Receipt,
  RoomMemberEvent.Name,
  MatrixEventEvent.Decrypted,
  MatrixEventEvent.Replaced,
  ClientEvent.AccountData,
] as const;
const PAGE = 50;
const ROW_PIXELS = 52;
// Near the top older messages are fetched; near the end the page follows what arrives.
const NEAR_TOP_PIXELS = 400;
const NEAR_END_PIXELS = 80;

export function Timeline({ room, actions }: { room: Room; actions: MessageActions }) {
  const { t } = useLanguage();
  const client = useClient();
  const news = useNews(client, NEWS);
  const { isLoading, isBeginning, loadOlder } = useOlder(room);
  // The SDK's objects change in place; `news` says when.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const items = useMemo(() => layOut(readFacts(room), isBeginning), [room, news, isBeginning]);
  const scroll = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => items[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END_PIXELS,
    paddingStart: 16,
    paddingEnd: 12,
    overscan: 10,
  });

  const total = virtualizer.getTotalSize();
  const stay = useStaying(scroll, total, () => virtualizer.scrollToEnd());
  const onScroll = () => {
    const isEnd = virtualizer.isAtEnd(NEAR_END_PIXELS);
    stay.current = isEnd;
    setIsAtEnd(isEnd);
    if ((scroll.current?.scrollTop ?? 0) < NEAR_TOP_PIXELS) void loadOlder();
  };
  useEffect(() => {
    // A page that is not full yet can't be scrolled, so it asks by itself.
    const height = scroll.current?.clientHeight ?? 0;
    if (height > 0 && total < height + NEAR_TOP_PIXELS) void loadOlder();
  }, [total, loadOlder, news]);
  useReading(room, isAtEnd, news);

  return (
    <div className={styles.timeline}>
      <div
        ref={scroll}
        className={styles.timelineScroll}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={t("messagesOf")}
      >
        <div className={styles.timelineInside} style={{ height: total }}>
          {virtualizer.getVirtualItems().map((row) => {
            const item = items[row.index];
            return item ? (
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={row.index}
                className={styles.placed}
                style={{ transform: `translateY(${row.start}px)` }}
              >
                <TimelineItem item={item} room={room} actions={actions} news={news} />
              </div>
            ) : null;
          })}
        </div>
      </div>
      {isLoading ? (
        <p className={styles.older} role="status">
          <span>{t("loadingOlder")}</span>
        </p>
      ) : null}
      {isAtEnd ? null : (
        <button
          type="button"
          className={styles.toNewest}
          aria-label={t("newestMessages")}
          onClick={() => virtualizer.scrollToEnd()}
        >
          <ChevronDown size={24} />
        </button>
      )}
    </div>
  );
}

interface ItemProps {
  item: Item<EventFact>;
  room: Room;
  actions: MessageActions;
  news: number;
}

function TimelineItem({ item, room, actions, news }: ItemProps) {
  const { t, tag } = useLanguage();
  if (item.is === "beginning") {
    return (
      <p className={styles.notice}>
        <span>{t("beginning")}</span>
      </p>
    );
  }
  if (item.is === "day") {
    return (
      <p className={styles.day}>
        <span>{formatDay(item.at, tag, t)}</span>
      </p>
    );
  }
  if (item.is === "notice") {
    return (
      <p className={styles.notice}>
        <span>{tellNotice(room, item.fact.event, t)}</span>
      </p>
    );
  }
  return (
    <Message
      event={item.fact.event}
      room={room}
      isFirst={item.isFirst}
      isLast={item.isLast}
      actions={actions}
      news={news}
    />
  );
}

/**
 * Keeps who is at the end there: when a message grows (a photo, a payment that was checked), and
 * when the page shrinks under a keyboard or a menu.
 */
function useStaying(
  scroll: RefObject<HTMLDivElement | null>,
  total: number,
  scrollToEnd: () => void,
): RefObject<boolean> {
  const isStaying = useRef(true);
  const toEnd = useRef(scrollToEnd);
  useEffect(() => {
    toEnd.current = scrollToEnd;
  });
  useLayoutEffect(() => {
    if (isStaying.current) toEnd.current();
  }, [total]);
  useEffect(() => {
    const element = scroll.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (isStaying.current) toEnd.current();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroll]);
  return isStaying;
}

/** Fetches what was said before. */
function useOlder(room: Room) {
  const client = useClient();
  const [isLoading, setIsLoading] = useState(false);
  const [isBeginning, setIsBeginning] = useState(hasNoOlder(room));
  const isUnderWay = useRef(false);
  const loadOlder = useCallback(async () => {
    if (isUnderWay.current || hasNoOlder(room)) return;
    isUnderWay.current = true;
    setIsLoading(true);
    try {
      await client.scrollback(room, PAGE);
      await room.decryptAllEvents();
    } catch {
      // Offline: scrolling asks again.
    }
    isUnderWay.current = false;
    setIsLoading(false);
    setIsBeginning(hasNoOlder(room));
  }, [client, room]);
  useEffect(() => {
    void room.decryptAllEvents();
    void room.loadMembersIfNeeded();
  }, [room]);
  return { isLoading, isBeginning, loadOlder };
}

function hasNoOlder(room: Room): boolean {
  return room.getLiveTimeline().getPaginationToken(Direction.Backward) === null;
}

/** Tells the server what was read: what is in sight, while the page is. */
function useReading(room: Room, isAtEnd: boolean, news: number): void {
  const client = useClient();
  const { sendReceipts } = useSettings();
  const [isVisible, setIsVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setIsVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  const told = useRef<string>(undefined);
  useEffect(() => {
    const last = findLastSent(room);
    const id = last?.getId();
    if (!isAtEnd || !isVisible || !last || !id || told.current === id) return;
    told.current = id;
    const kind = sendReceipts ? ReceiptType.Read : ReceiptType.ReadPrivate;
    client.sendReadReceipt(last, kind).catch(() => {
      told.current = undefined;
    });
  }, [client, room, isAtEnd, isVisible, sendReceipts, news]);
}

function findLastSent(room: Room): MatrixEvent | undefined {
  return room
    .getLiveTimeline()
    .getEvents()
    .findLast((event) => event.status === null);
}
