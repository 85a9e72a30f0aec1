import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown } from "lucide-react";
import {
  ClientEvent,
  MatrixEventEvent,
  RoomEvent,
  RoomMemberEvent,
  ThreadEvent,
  type MatrixEvent,
  type Room,
  type Thread,
} from "matrix-js-sdk";
import { ReceiptType } from "matrix-js-sdk/lib/@types/read_receipts";
import {
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
import { toast } from "@/ui/Toast";
import { findSeen, readFacts, tellNotice, type EventFact } from "./facts";
import { Message, SeenContext, type MessageActions } from "./Message";
import { layOut, type Item } from "./timeline";
import { usePages } from "./timelinePages";
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
const THREAD_NEWS = [ThreadEvent.New, ThreadEvent.Update, ThreadEvent.NewReply] as const;
const ROW_PIXELS = 52;
// Near the top older messages are fetched; near the end the page follows what arrives.
const NEAR_TOP_PIXELS = 1_200;
const NEAR_END_PIXELS = 80;
// A message that was jumped to is marked for a moment.
const MARKED_MS = 2_500;
const SETTLE_MS = 100;

interface Props {
  room: Room;
  /** The thread that is shown, and not the chat itself. */
  thread?: Thread;
  actions: MessageActions;
  /** A message to go to. */
  wanted?: string | undefined;
  onFound?: () => void;
  /** Changes when the page may have been covered or uncovered. */
  cover?: string;
}

export function Timeline({ room, thread, actions, wanted, onFound, cover = "" }: Props) {
  const { t } = useLanguage();
  const client = useClient();
  const news = useNews(client, NEWS) + useNews(room, THREAD_NEWS);
  const pages = usePages(room, thread, news);
  const { events, isLive, isBeginning, isLoading, loadOlder, loadNewer } = pages;
  const isWhole = isBeginning && !thread;
  // The SDK's objects change in place; `news` says when.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const items = useMemo(() => layOut(readFacts(room, events), isWhole), [room, events, news, isWhole]);
  const scroll = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => items[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: isLive,
    scrollEndThreshold: NEAR_END_PIXELS,
    paddingStart: 16,
    paddingEnd: 12,
    overscan: 10,
  });

  const total = virtualizer.getTotalSize();
  const stay = useStaying(scroll, total, () => virtualizer.scrollToEnd());
  const onScroll = () => {
    const isEnd = virtualizer.isAtEnd(NEAR_END_PIXELS);
    stay.current = isEnd && isLive;
    setIsAtEnd(isEnd);
    const { scrollTop = 0, clientHeight = 0, scrollHeight = 0 } = scroll.current ?? {};
    if (scrollTop < NEAR_TOP_PIXELS) void loadOlder();
    if (scrollHeight - scrollTop - clientHeight < NEAR_TOP_PIXELS) void loadNewer();
  };
  useEffect(() => {
    // A page that is not full yet can't be scrolled, so it asks by itself.
    const height = scroll.current?.clientHeight ?? 0;
    if (height > 0 && total < height + NEAR_TOP_PIXELS) void loadOlder();
  }, [total, loadOlder, news]);
  useReading({ room, thread, isAtEnd: isAtEnd && isLive, news, scroll, cover });
  const marked = useJump({
    wanted,
    find: pages.find,
    items,
    leaveEnd: () => {
      stay.current = false;
    },
    show: (index) => virtualizer.scrollToIndex(index, { align: "center" }),
    onFound,
  });
  const toNewest = () => {
    pages.toNewest();
    stay.current = true;
    virtualizer.scrollToEnd();
  };

  return (
    <div className={styles.timeline}>
      <div
        ref={scroll}
        className={styles.timelineScroll}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-label={thread ? t("thread") : t("messagesOf")}
      >
        <SeenContext value={findSeen(thread ?? room, room.myUserId, events)}>
          <div className={styles.timelineInside} style={{ height: total }}>
            {virtualizer.getVirtualItems().map((row) => {
              const item = items[row.index];
              return item ? (
                <div
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  className={`${styles.placed ?? ""} ${marked === row.key ? (styles.marked ?? "") : ""}`}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <TimelineItem item={item} room={room} actions={actions} news={news} />
                </div>
              ) : null;
            })}
          </div>
        </SeenContext>
      </div>
      {isLoading ? (
        <p className={styles.older} role="status">
          <span>{t("loadingOlder")}</span>
        </p>
      ) : null}
      {isAtEnd && isLive ? null : (
        <button
          type="button"
          className={styles.toNewest}
          aria-label={t("newestMessages")}
          onClick={toNewest}
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

interface Jump {
  wanted: string | undefined;
  find: (eventId: string) => Promise<boolean>;
  items: Item<EventFact>[];
  /** Called before, since what is not at the end must not be taken back there. */
  leaveEnd: () => void;
  show: (index: number) => void;
  onFound: (() => void) | undefined;
}

/** Goes to a message that is wanted, wherever it is; gives the key of the item to mark. */
function useJump({ wanted, find, items, leaveEnd, show, onFound }: Jump): string | undefined {
  const { t } = useLanguage();
  const [found, setFound] = useState<string>();
  const [marked, setMarked] = useState<string>();
  const after = useRef({ leaveEnd, onFound, show, t, wanted });
  useEffect(() => {
    after.current = { leaveEnd, onFound, show, t, wanted };
  });
  useEffect(() => {
    if (!wanted) return;
    let isWanted = true;
    after.current.leaveEnd();
    void find(wanted).then((isThere) => {
      if (!isWanted) return;
      if (isThere) setFound(wanted);
      else {
        toast(after.current.t("messageGone"));
        after.current.onFound?.();
      }
    });
    return () => {
      isWanted = false;
    };
  }, [wanted, find]);
  const index = found
    ? items.findIndex((item) => "fact" in item && item.fact.event.getId() === found)
    : -1;
  const key = items[index]?.key;
  useEffect(() => {
    if (!found || key === undefined) return;
    // The rows around it are measured while they come into sight: it is put in the middle again.
    after.current.show(index);
    const settle = setTimeout(() => after.current.show(index), SETTLE_MS);
    const done = setTimeout(() => {
      setMarked(key);
      setFound(undefined);
      // Who has gone on by then is not called back.
      if (after.current.wanted === found) after.current.onFound?.();
    }, 2 * SETTLE_MS);
    return () => {
      clearTimeout(settle);
      clearTimeout(done);
    };
    // Only once for each: messages that come later move it, and nobody wants to be moved back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [found, key]);
  useEffect(() => {
    const timer = setTimeout(() => setMarked(undefined), MARKED_MS);
    return () => clearTimeout(timer);
  }, [marked]);
  return marked;
}

interface Reading {
  room: Room;
  thread: Thread | undefined;
  isAtEnd: boolean;
  news: number;
  scroll: RefObject<HTMLDivElement | null>;
  cover: string;
}

/** Tells the server what was read: what is in sight, while the page is. */
function useReading({ room, thread, isAtEnd, news, scroll, cover }: Reading): void {
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
    const last = findLastSent(room, thread);
    const id = last?.getId();
    // On a phone a thread covers the chat behind it.
    const isCovered = scroll.current?.checkVisibility({ visibilityProperty: true }) === false;
    if (!isAtEnd || !isVisible || isCovered || !last || !id || told.current === id) return;
    told.current = id;
    const kind = sendReceipts ? ReceiptType.Read : ReceiptType.ReadPrivate;
    client.sendReadReceipt(last, kind).catch(() => {
      told.current = undefined;
    });
  }, [client, room, thread, isAtEnd, isVisible, sendReceipts, news, scroll, cover]);
}

function findLastSent(room: Room, thread: Thread | undefined): MatrixEvent | undefined {
  return (thread?.liveTimeline ?? room.getLiveTimeline())
    .getEvents()
    .findLast((event) => event.status === null && event.getId() !== thread?.id);
}
