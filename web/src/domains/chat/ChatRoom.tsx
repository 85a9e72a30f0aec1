import { ChevronLeft, Lock, LockOpen, MessagesSquare, X } from "lucide-react";
import {
  ClientEvent,
  RelationType,
  RoomEvent,
  RoomMemberEvent,
  RoomStateEvent,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  type Thread,
} from "matrix-js-sdk";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useT, type Translate } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { countUnreadInThread, UNREAD_NEWS, UNREAD_THREAD_NEWS } from "@/lib/matrix/unread";
import { tellTrouble } from "@/lib/trouble";
import { Button, IconButton } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import ui from "@/ui/ui.module.css";
import { CallButtons } from "./calls/CallButtons";
import { Composer, type Writing } from "./Composer";
import { readReactions } from "./facts";
import { MessageMenu } from "./MessageMenu";
import { findPeer, isEncrypted, nameOfMember, nameOfRoom, pictureOfRoom } from "./naming";
import { Picture } from "./Picture";
import { PinBanner, PinList } from "./pins/Pins";
import { listThreads, ThreadList, WithThread } from "./threads/ThreadPane";
import { Timeline } from "./Timeline";
import styles from "./chat.module.css";

const NEWS = [ClientEvent.Room, RoomEvent.MyMembership] as const;

interface Props {
  roomId: string;
  /** What stands beside the chat: a thread, the list of them, the pins; or a message to go to. */
  side: string[];
}

export function ChatRoom({ roomId, side }: Props) {
  const t = useT();
  const client = useClient();
  useNews(client, NEWS);
  const room = client.getRoom(roomId);
  const back = { to: "/chats", label: t("back") };
  if (!room) {
    return (
      <Page title="" back={back} isBare>
        {client.isInitialSyncComplete() ? (
          <State title={t("notFound")}>{t("notFoundText")}</State>
        ) : (
          <Loading label={t("loading")} />
        )}
      </Page>
    );
  }
  switch (room.getMyMembership()) {
    case "invite":
      return <Invitation room={room} />;
    case "join":
      return <Joined key={roomId} room={room} side={side} />;
    default:
      return (
        <Page title={room.name} back={back} isBare>
          <State title={t("notFound")}>{t("notFoundText")}</State>
        </Page>
      );
  }
}

function Joined({ room, side }: { room: Room; side: string[] }) {
  const [, go] = useLocation();
  const path = `/chats/${encodeURIComponent(room.roomId)}`;
  const [kind = "", id = ""] = side;
  const jump = useCallback(
    (eventId: string) => go(`${path}/message/${encodeURIComponent(eventId)}`),
    [go, path],
  );
  const openThread = useCallback(
    (event: MatrixEvent) => go(`${path}/thread/${encodeURIComponent(event.getId() ?? "")}`),
    [go, path],
  );
  return (
    <section className={styles.room}>
      <Head room={room} />
      <div className={styles.roomPanes}>
        <div className={styles.roomMain}>
          <PinBanner room={room} onJump={jump} />
          <Conversation
            room={room}
            wanted={kind === "message" ? id : undefined}
            onFound={() => go(path, { replace: true })}
            onJump={jump}
            onThread={openThread}
            cover={kind}
          />
        </div>
        {SIDES.has(kind) ? (
          <Side kind={kind} onClose={() => go(path)}>
            {kind === "threads" ? <ThreadList room={room} /> : null}
            {kind === "pins" ? <PinList room={room} onJump={jump} /> : null}
            {kind === "thread" ? (
              <WithThread key={id} room={room} rootId={id}>
                {(thread) => <Conversation room={room} thread={thread} onJump={jump} />}
              </WithThread>
            ) : null}
          </Side>
        ) : null}
      </div>
    </section>
  );
}

const SIDES = new Set(["thread", "threads", "pins"]);

interface SideProps {
  kind: string;
  onClose: () => void;
  children: ReactNode;
}

/** Beside the chat on a laptop, over it on a phone. */
function Side({ kind, onClose, children }: SideProps) {
  const t = useT();
  const title = { thread: t("thread"), threads: t("threads") }[kind] ?? t("pinnedMessages");
  return (
    <aside
      className={styles.side}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={styles.sideHead}>
        <IconButton label={t("back")} onClick={onClose} className={styles.sideBack}>
          <ChevronLeft size={24} />
        </IconButton>
        <h2>{title}</h2>
        <IconButton label={t("close")} onClick={onClose} className={styles.sideClose}>
          <X size={20} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}

interface ConversationProps {
  room: Room;
  thread?: Thread;
  wanted?: string | undefined;
  onFound?: () => void;
  onJump: (eventId: string) => void;
  onThread?: (event: MatrixEvent) => void;
  cover?: string;
}

/** What was said, and the place where one writes: of the chat, or of a thread. */
function Conversation({ room, thread, onJump, onThread, ...rest }: ConversationProps) {
  const t = useT();
  const client = useClient();
  const [writing, setWriting] = useState<Writing>();
  const [menuOf, setMenuOf] = useState<MatrixEvent>();
  const actions = useMemo(
    () => ({
      reply: (event: MatrixEvent) => setWriting({ kind: "reply", event }),
      openMenu: setMenuOf,
      react: (event: MatrixEvent, key: string) => {
        react(client, room, event, key).catch((error: unknown) => toast(tellTrouble(t, error)));
      },
      jump: onJump,
      ...(onThread ? { openThread: onThread } : {}),
    }),
    [client, room, t, onJump, onThread],
  );
  const place = thread && { rootId: thread.id, lastId: findLastSent(thread) };
  return (
    <>
      <Timeline room={room} actions={actions} {...(thread ? { thread } : {})} {...rest} />
      {room.maySendMessage() ? (
        <Composer
          key={writing?.kind === "edit" ? writing.event.getId() : "new"}
          room={room}
          writing={writing}
          onDone={() => setWriting(undefined)}
          {...(place ? { thread: place } : {})}
        />
      ) : (
        <p className={styles.mayNotWrite}>{t("mayNotWrite")}</p>
      )}
      {menuOf ? (
        <MessageMenu
          event={menuOf}
          actions={actions}
          onEdit={(event) => setWriting({ kind: "edit", event })}
          onClose={() => setMenuOf(undefined)}
        />
      ) : null}
    </>
  );
}

function findLastSent(thread: Thread): string {
  const sent = thread.events.findLast((event) => event.status === null && !event.isRedacted());
  return sent?.getId() ?? thread.id;
}

/** Add a reaction, or take one's own back. */
async function react(client: MatrixClient, room: Room, event: MatrixEvent, key: string) {
  const own = readReactions(room, event).find((reaction) => reaction.key === key)?.ownId;
  const relation = { rel_type: RelationType.Annotation, event_id: event.getId() ?? "", key };
  if (own) await client.redactEvent(room.roomId, own);
  else {
    const content = { "m.relates_to": relation };
    await client.sendEvent(room.roomId, "m.reaction" as never, content as never);
  }
}

function Head({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  useNews(client, [RoomEvent.Name, RoomMemberEvent.Typing, RoomStateEvent.Events, RoomMemberEvent.Name]);
  const name = nameOfRoom(client, room);
  const peer = findPeer(client, room);
  const isSecret = isEncrypted(room);
  return (
    <header className={styles.roomHead}>
      <Link
        to="/chats"
        className={`${ui.iconButton ?? ""} ${styles.onlyPhone ?? ""}`}
        aria-label={t("back")}
      >
        <ChevronLeft size={24} />
      </Link>
      <Link to={`/chats/${encodeURIComponent(room.roomId)}/info`} className={styles.roomTitle}>
        <Picture
          id={peer ?? room.roomId}
          name={name}
          mxc={pictureOfRoom(client, room)}
          size={40}
        />
        <span className={styles.roomText}>
          <h1 className={styles.roomName}>
            <span>{name}</span>
            {isSecret ? (
              <Lock size={14} role="img" aria-label={t("encrypted")} />
            ) : (
              <LockOpen size={14} role="img" aria-label={t("notEncrypted")} />
            )}
          </h1>
          <p className={styles.roomSub} aria-live="polite">
            {tellTyping(room, t) ?? peer ?? t("members", { count: room.getJoinedMemberCount() })}
          </p>
        </span>
      </Link>
      <ThreadsLink room={room} />
      <CallButtons room={room} peer={peer} />
    </header>
  );
}

function ThreadsLink({ room }: { room: Room }) {
  const t = useT();
  useNews(useClient(), UNREAD_NEWS);
  useNews(room, UNREAD_THREAD_NEWS);
  const threads = listThreads(room);
  const unread = threads.filter(({ id }) => countUnreadInThread(room, id).total > 0).length;
  if (threads.length === 0) return null;
  return (
    <Link
      to={`/chats/${encodeURIComponent(room.roomId)}/threads`}
      className={`${ui.iconButton ?? ""} ${styles.threadsLink ?? ""}`}
      aria-label={unread > 0 ? `${t("threads")}: ${t("unread", { count: unread })}` : t("threads")}
      title={t("threads")}
    >
      <MessagesSquare size={22} />
      {unread > 0 ? <span className={styles.dot} /> : null}
    </Link>
  );
}

function tellTyping(room: Room, t: Translate): string | undefined {
  const typing = room
    .getMembers()
    .filter((member) => member.typing && member.userId !== room.myUserId)
    .map((member) => nameOfMember(room, member.userId));
  const [name = "", other = ""] = typing;
  if (typing.length === 0) return undefined;
  if (typing.length === 1) return t("typingOne", { name });
  if (typing.length === 2) return t("typingTwo", { name, other });
  return t("typingMany", { count: typing.length });
}

function Invitation({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const [isBusy, setIsBusy] = useState(false);
  const by =
    room.getDMInviter() ?? room.getMember(room.myUserId)?.events.member?.getSender() ?? "";
  const name = nameOfMember(room, by);
  const run = async (what: () => Promise<unknown>) => {
    setIsBusy(true);
    try {
      await what();
    } catch (error) {
      toast(tellTrouble(t, error));
    }
    setIsBusy(false);
  };
  const join = async () => {
    const isDirect = room.getDMInviter() !== undefined;
    await client.joinRoom(room.roomId);
    if (isDirect) await markDirect(by);
  };
  const markDirect = async (userId: string) => {
    const found: Record<string, string[]> = {
      ...client.getAccountData("m.direct" as never)?.getContent(),
    };
    found[userId] = [...new Set([...(found[userId] ?? []), room.roomId])];
    await client.setAccountData("m.direct" as never, found as never);
  };
  const decline = async () => {
    await client.leave(room.roomId);
    go("/chats");
  };
  return (
    <Page title={nameOfRoom(client, room)} back={{ to: "/chats", label: t("back") }} isBare>
      <State
        icon={<Picture id={by} name={name} mxc={room.getMember(by)?.getMxcAvatarUrl()} size={64} />}
        title={t("invitedBy", { name })}
        action={
          <Pair>
            <Button look="quiet" busy={isBusy} onClick={() => void run(decline)}>
              {t("decline")}
            </Button>
            <Button busy={isBusy} onClick={() => void run(join)}>
              {t("join")}
            </Button>
          </Pair>
        }
      >
        <p>{by}</p>
        <p>{t("invitedText", { name })}</p>
      </State>
    </Page>
  );
}

function Pair({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}
