import {
  ClientEvent,
  ThreadEvent,
  type MatrixClient,
  type Room,
  type Thread,
} from "matrix-js-sdk";
import { MessagesSquare } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useLanguage, useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { countReplies } from "@/lib/matrix/threads";
import { UNREAD_NEWS } from "@/lib/matrix/unread";
import { formatRecent } from "@/lib/time";
import { Loading, State } from "@/ui/State";
import { nameOfMember, summarise } from "../naming";
import { useChatSlots } from "../slots";
import { decrypt } from "../timelinePages";
import { ThreadUnread } from "./ThreadSummary";
import styles from "./threads.module.css";

const NEWS = [ThreadEvent.New, ThreadEvent.Update, ThreadEvent.NewReply] as const;

interface Props {
  room: Room;
  rootId: string;
  children: (thread: Thread) => ReactNode;
}

/** Finds or begins the thread of a message, and shows it. */
export function WithThread({ room, rootId, children }: Props) {
  const t = useT();
  const client = useClient();
  useNews(room, NEWS);
  const [isGone, setIsGone] = useState(false);
  const thread = room.getThread(rootId);
  useEffect(() => {
    if (thread) {
      void decrypt(client, thread.events);
      return;
    }
    let isWanted = true;
    void beginThread(client, room, rootId).then((isThere) => {
      if (isWanted && !isThere) setIsGone(true);
    });
    return () => {
      isWanted = false;
    };
  }, [client, room, rootId, thread]);
  if (thread) return children(thread);
  return isGone ? <State title={t("threadGone")} /> : <Loading label={t("loading")} />;
}

async function beginThread(client: MatrixClient, room: Room, rootId: string): Promise<boolean> {
  try {
    const root =
      room.findEventById(rootId) ??
      client.getEventMapper()(await client.fetchRoomEvent(room.roomId, rootId));
    await client.decryptEventIfNeeded(root);
    room.createThread(rootId, root, [], false);
    return true;
  } catch {
    return false;
  }
}

/** All threads of a chat, the one with the newest reply first. */
export function ThreadList({ room }: { room: Room }) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const slots = useChatSlots();
  useNews(client, [ClientEvent.Sync, ...UNREAD_NEWS]);
  useNews(room, NEWS);
  const [isLoading, setIsLoading] = useState(true);
  useEffect(() => {
    void room
      .createThreadsTimelineSets()
      .then(() => room.fetchRoomThreads())
      .catch(() => undefined)
      .finally(() => setIsLoading(false));
  }, [room]);
  const threads = listThreads(room);
  const missing = threads.filter(({ rootEvent }) => rootEvent?.shouldAttemptDecryption()).length;
  useEffect(() => {
    const shown = listThreads(room).flatMap(({ rootEvent, replyToEvent }) => [rootEvent, replyToEvent]);
    void decrypt(client, shown.filter((event) => event != null));
  }, [client, room, threads.length, missing]);
  if (threads.length === 0) {
    return isLoading ? (
      <Loading label={t("loading")} />
    ) : (
      <State icon={<MessagesSquare size={28} />} title={t("threadsEmpty")}>
        {t("threadsEmptyText")}
      </State>
    );
  }
  return (
    <ul className={styles.list}>
      {threads.map((thread) => {
        const root = thread.rootEvent;
        const last = thread.replyToEvent;
        return (
          <li key={thread.id}>
            <Link
              to={`/chats/${encodeURIComponent(room.roomId)}/thread/${encodeURIComponent(thread.id)}`}
              className={styles.item}
            >
              <span className={styles.itemHead}>
                <b>{root ? nameOfMember(room, root.getSender() ?? "") : t("thread")}</b>
                <span>{last ? formatRecent(last.getTs(), tag, t) : null}</span>
              </span>
              <span className={styles.itemText}>
                {root ? summarise({ room, event: root, t, slots }) : "…"}
              </span>
              <span className={styles.itemFoot}>
                {t("threadOf", { count: countReplies(thread) })}
                <ThreadUnread room={room} threadId={thread.id} />
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

export function listThreads(room: Room): Thread[] {
  const at = (thread: Thread) => thread.replyToEvent?.getTs() ?? 0;
  return room
    .getThreads()
    .filter((thread) => countReplies(thread) > 0)
    .sort((one, other) => at(other) - at(one));
}
