import {
  Check,
  CheckCheck,
  Clock,
  LockOpen,
  MessagesSquare,
  MoreHorizontal,
  Reply,
  SmilePlus,
} from "lucide-react";
import { EventStatus, type MatrixEvent, type Room } from "matrix-js-sdk";
import { createContext, memo, useContext, type ReactNode } from "react";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import type { FileContent } from "@/lib/matrix/media";
import { formatClock } from "@/lib/time";
import { IconButton } from "@/ui/Button";
import { Attachment } from "./Attachment";
import { currentContent, readReactions } from "./facts";
import { isEncrypted, nameOfMember, summarise, withoutQuote } from "./naming";
import { Picture } from "./Picture";
import { findSlot, useChatSlots } from "./slots";
import { readMentions } from "./text/compose";
import { FormattedText } from "./text/FormattedText";
import { ThreadSummary } from "./threads/ThreadSummary";
import { isOnlyEmoji } from "./timeline";
import styles from "./chat.module.css";

export interface MessageActions {
  reply: (event: MatrixEvent) => void;
  react: (event: MatrixEvent, key: string) => void;
  /** Opens everything that can be done with a message. */
  openMenu: (event: MatrixEvent) => void;
  /** Goes to a message of the same chat. */
  jump: (eventId: string) => void;
  /** Opens the thread that begins with a message; not within a thread. */
  openThread?: (event: MatrixEvent) => void;
}

/** When the newest message was written that somebody else has seen. */
export const SeenContext = createContext(0);

interface Props {
  event: MatrixEvent;
  room: Room;
  isFirst: boolean;
  isLast: boolean;
  actions: MessageActions;
  /** Changes when something of the event may have: events are objects that change in place. */
  news: number;
}

const FILES = new Set(["m.image", "m.file", "m.audio", "m.video"]);

export const Message = memo(function Message({ event, room, isFirst, isLast, actions }: Props) {
  const { t } = useLanguage();
  const sender = event.getSender() ?? "";
  const isOwn = sender === room.myUserId;
  const isGroup = room.getInvitedAndJoinedMemberCount() > 2;
  const name = nameOfMember(room, sender);
  const showsFace = isGroup && !isOwn;
  const names = [
    styles.line,
    isOwn && styles.lineOwn,
    isFirst && styles.lineFirst,
    isLast && styles.lineLast,
  ];
  return (
    <div className={names.filter(Boolean).join(" ")}>
      {showsFace ? (
        <div className={styles.face}>
          {isLast ? (
            <Picture
              id={sender}
              name={name}
              mxc={room.getMember(sender)?.getMxcAvatarUrl()}
              size={32}
            />
          ) : null}
        </div>
      ) : null}
      <div
        className={styles.block}
        onContextMenu={(press) => {
          // A long press on a phone; a mouse keeps its own menu over selected text.
          if (window.getSelection()?.toString()) return;
          press.preventDefault();
          actions.openMenu(event);
        }}
      >
        {showsFace && isFirst ? <span className={styles.sender}>{name}</span> : null}
        <Bubble event={event} room={room} isOwn={isOwn} onJump={actions.jump} />
        <Reactions event={event} room={room} actions={actions} />
        {actions.openThread ? (
          <ThreadSummary event={event} room={room} onOpen={actions.openThread} />
        ) : null}
        {event.isRedacted() || event.status !== null ? null : (
          <div className={styles.actions}>
            <IconButton label={t("reply")} onClick={() => actions.reply(event)}>
              <Reply size={17} />
            </IconButton>
            {actions.openThread ? (
              <IconButton
                label={t("replyInThread")}
                onClick={() => actions.openThread?.(event)}
              >
                <MessagesSquare size={17} />
              </IconButton>
            ) : null}
            <IconButton label={t("react")} onClick={() => actions.openMenu(event)}>
              <SmilePlus size={17} />
            </IconButton>
            <IconButton label={t("actionsOf")} onClick={() => actions.openMenu(event)}>
              <MoreHorizontal size={17} />
            </IconButton>
          </div>
        )}
      </div>
    </div>
  );
});

interface BubbleProps {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
  onJump: (eventId: string) => void;
}

function Bubble({ event, room, isOwn, onJump }: BubbleProps) {
  const { t } = useLanguage();
  const slots = useChatSlots();
  const meta = <Meta event={event} room={room} isOwn={isOwn} />;
  if (event.isRedacted()) return <Muted meta={meta}>{t("deleted")}</Muted>;
  if (event.isDecryptionFailure() || event.getType() === "m.room.encrypted") {
    return (
      <Muted meta={meta}>
        <span title={t("unreadableText")}>{t("unreadable")}</span>
      </Muted>
    );
  }
  const content = currentContent(event);
  const slot = findSlot(slots, content, event.getType());
  if (slot) return <slot.Bubble event={event} room={room} isOwn={isOwn} />;
  if (FILES.has(String(content.msgtype))) {
    return <Attachment content={content as unknown as FileContent} meta={meta} sender={nameOfMember(room, event.getSender() ?? "")} />;
  }
  const text = withoutQuote(typeof content.body === "string" ? content.body : "");
  const isLarge = isOnlyEmoji(text);
  const names = [
    styles.bubble,
    isLarge && styles.bubbleBare,
    !isOwn && isMentioned(room, content) && styles.bubbleMention,
  ];
  return (
    <div className={names.filter(Boolean).join(" ")}>
      <Quote event={event} room={room} onJump={onJump} />
      <span className={isLarge ? styles.large : undefined}>
        <FormattedText content={content} body={text} room={room} />
      </span>
      {meta}
    </div>
  );
}

function isMentioned(room: Room, content: Record<string, unknown>): boolean {
  const { userIds, isRoom } = readMentions(content);
  return isRoom || userIds.includes(room.myUserId);
}

function Muted({ meta, children }: { meta: ReactNode; children: ReactNode }) {
  return (
    <div className={`${styles.bubble ?? ""} ${styles.bubbleMuted ?? ""}`}>
      {children}
      {meta}
    </div>
  );
}

/** What a message answers. */
function Quote({ event, room, onJump }: Omit<BubbleProps, "isOwn">) {
  const { t } = useLanguage();
  const slots = useChatSlots();
  const id = event.replyEventId;
  if (!id || isFallback(event)) return null;
  const answered = room.findEventById(id);
  const sender = answered?.getSender();
  return (
    <button type="button" className={styles.quote} onClick={() => onJump(id)}>
      <b>{sender ? nameOfMember(room, sender) : t("somebody")}</b>
      <span>{answered ? summarise({ room, event: answered, t, slots }) : "…"}</span>
    </button>
  );
}

/** Whether what a message of a thread answers is named for clients without threads only. */
function isFallback(event: MatrixEvent): boolean {
  const relation = event.getWireContent()["m.relates_to"];
  return relation?.rel_type === "m.thread" && relation.is_falling_back === true;
}

function Reactions({ event, room, actions }: Pick<Props, "event" | "room" | "actions">) {
  const { t } = useLanguage();
  const reactions = readReactions(room, event);
  if (reactions.length === 0) return null;
  return (
    <div className={styles.reactions}>
      {reactions.map(({ key, count, ownId }) => (
        <button
          key={key}
          type="button"
          className={`${styles.reaction ?? ""} ${ownId ? (styles.reactionOwn ?? "") : ""}`}
          aria-pressed={ownId !== undefined}
          aria-label={t("reactionsOf", { key, count })}
          onClick={() => actions.react(event, key)}
        >
          <span>{key}</span>
          {count > 1 ? <span>{count}</span> : null}
        </button>
      ))}
    </div>
  );
}

/** When it was said, and how far an own message has come. */
export function Meta({ event, room, isOwn }: { event: MatrixEvent; room: Room; isOwn: boolean }) {
  const { t, tag } = useLanguage();
  const client = useClient();
  if (event.status === EventStatus.NOT_SENT) {
    return (
      <button
        type="button"
        className={`${styles.meta ?? ""} ${styles.metaBad ?? ""}`}
        onClick={() => void client.resendEvent(event, room)}
      >
        {t("notSent")}
      </button>
    );
  }
  return (
    <span className={styles.meta}>
      {event.replacingEvent() ? <span>{t("edited")} </span> : null}
      {isOpenLetter(event, room) ? (
        <LockOpen size={12} role="img" aria-label={t("notEncrypted")} />
      ) : null}
      <time dateTime={new Date(event.getTs()).toISOString()}>{formatClock(event.getTs(), tag)}</time>
      {isOwn ? <Progress event={event} /> : null}
    </span>
  );
}

/** Whether a message came unencrypted into an encrypted chat: who runs the server could read it. */
function isOpenLetter(event: MatrixEvent, room: Room): boolean {
  return isEncrypted(room) && !event.isEncrypted() && event.status === null;
}

function Progress({ event }: { event: MatrixEvent }) {
  const { t } = useLanguage();
  const seen = useContext(SeenContext);
  if (event.status !== null) return <Clock size={13} role="img" aria-label={t("sending")} />;
  const isSeen = event.getTs() <= seen;
  return isSeen ? (
    <CheckCheck size={15} className={styles.metaSeen} role="img" aria-label={t("seen")} />
  ) : (
    <Check size={15} role="img" aria-label={t("sent")} />
  );
}
