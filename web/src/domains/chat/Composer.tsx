import { Image as ImageIcon, Plus, Send, Type, X } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import {
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
} from "react";
import { findHouse } from "@/lib/doors";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { uploadFile } from "@/lib/matrix/media";
import { currentSettings } from "@/lib/settings";
import { tellTrouble } from "@/lib/trouble";
import { IconButton } from "@/ui/Button";
import { toast } from "@/ui/Toast";
import { formatBytes } from "./Attachment";
import { EmojiTool } from "./emoji/EmojiTool";
import { currentContent } from "./facts";
import { isEncrypted, nameOfMember, summarise } from "./naming";
import { useChatSlots, type ComposerSlot } from "./slots";
import { composeContent, placeIn, type ThreadPlace, type Writing } from "./text/compose";
import { FormatBar } from "./text/FormatBar";
import { beginHistory, changeText, endStep, redo, stepOfKey, undo, type History } from "./text/history";
import { listPills, readHtml } from "./text/html";
import { readMarkdown, type Mention } from "./text/markdown";
import { applyMark, markOfKey, readQuery, type Mark, type Selected } from "./text/marks";
import { findCandidates, mayCallRoom, MentionList, type Candidate } from "./text/MentionList";
import { SlowNote, useSlowMode } from "./groups/SlowMode";
import { VoiceButton } from "./voice/VoiceButton";
import styles from "./chat.module.css";

export type { Writing } from "./text/compose";

interface Props {
  room: Room;
  writing: Writing | undefined;
  onDone: () => void;
  /** The thread that is written into, and not the chat itself. */
  thread?: ThreadPlace;
}

interface Draft {
  text: string;
  mentions: Mention[];
}

// Typing is told anew before the server forgets it.
const TYPING_MS = 20_000;
const drafts = new Map<string, Draft>();

export function Composer({ room, writing, onDone, thread }: Props) {
  const t = useT();
  const client = useClient();
  const place = `${room.roomId} ${thread?.rootId ?? ""}`;
  // Mounted anew for each message that is edited, so that its text is the first.
  const [first] = useState(() => firstDraft(place, writing));
  const [history, setHistory] = useState(() => beginHistory(first.text));
  const { text } = history.now;
  const mentions = useRef(first.mentions);
  const [isPlus, setIsPlus] = useState(false);
  const [isMarking, setIsMarking] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const tellTyping = useTyping(room);

  useEffect(() => {
    // A keyboard that slides up unasked would cover the chat; a mouse brings a real one along.
    if (writing || matchMedia("(hover: hover)").matches) area.current?.focus();
  }, [writing]);
  const waitMs = useSlowMode(room);
  const write = (next: History) => {
    setHistory(next);
    const { text: value } = next.now;
    if (writing?.kind !== "edit") drafts.set(place, { text: value, mentions: mentions.current });
    tellTyping(value !== "");
  };
  const putCaret = useCaret(area);
  const put = (wanted: Selected) => {
    write(changeText(history, wanted));
    putCaret(wanted);
  };
  const go = (step: typeof undo) => {
    const next = step(history);
    write(next);
    putCaret(next.now);
  };
  const naming = useNaming({
    room,
    text,
    area,
    put,
    onName: (mention) => {
      mentions.current = [...mentions.current, mention];
    },
  });
  const send = async () => {
    const written = readMarkdown(text, mentions.current, mayCallRoom(room));
    if (!written.body || waitMs > 0) return;
    const content = composeContent(written, room.myUserId, writing, thread);
    setHistory(beginHistory(""));
    mentions.current = [];
    drafts.delete(place);
    tellTyping(false);
    onDone();
    area.current?.focus();
    try {
      await client.sendMessage(room.roomId, thread?.rootId ?? null, content as never);
    } catch (error) {
      // The message stands in the chat with a way to try again.
      toast(tellTrouble(t, error));
    }
  };
  const mark = (wanted: Mark) => {
    const { selectionStart: start = 0, selectionEnd: end = 0 } = area.current ?? {};
    put(applyMark({ text, start, end }, wanted));
  };
  const insert = (sign: string) => {
    const { selectionStart: start = 0, selectionEnd: end = 0 } = area.current ?? {};
    const after = start + sign.length;
    put({ text: text.slice(0, start) + sign + text.slice(end), start: after, end: after });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While letters are composed (Chinese, Japanese), keys belong to the input method.
    if (event.nativeEvent.isComposing || naming.onKey(event)) return;
    const step = stepOfKey(event);
    if (step) {
      event.preventDefault();
      go(step);
    }
    const wanted = markOfKey(event);
    if (wanted) {
      event.preventDefault();
      mark(wanted);
    }
    if (event.key === "Escape" && writing) {
      event.preventDefault();
      onDone();
    }
    if (event.key !== "Enter" || event.shiftKey) return;
    if (matchMedia("(hover: none)").matches) return;
    event.preventDefault();
    void send();
  };
  const label = thread ? t("writeInThread") : t("writeMessage");
  return (
    <div className={styles.composer}>
      <div className={styles.composerInside}>
        {writing ? <Context room={room} writing={writing} onDrop={onDone} /> : null}
        {isMarking ? (
          <FormatBar
            onMark={mark}
            onUndo={history.past.length > 0 ? () => go(undo) : undefined}
            onRedo={history.future.length > 0 ? () => go(redo) : undefined}
          />
        ) : null}
        <SlowNote waitMs={waitMs} />
        <div className={styles.composerRow}>
          {naming.list}
          <IconButton
            label={t("more")}
            aria-expanded={isPlus}
            disabled={waitMs > 0}
            onClick={() => setIsPlus(!isPlus)}
          >
            <Plus size={24} />
          </IconButton>
          <textarea
            ref={area}
            className={styles.composerText}
            rows={1}
            aria-label={label}
            placeholder={label}
            value={text}
            {...naming.aria}
            onChange={({ target, nativeEvent }) => {
              const { value, selectionStart: start, selectionEnd: end } = target;
              const isComposing = (nativeEvent as InputEvent).isComposing;
              write(changeText(history, { text: value, start, end }, isComposing));
              naming.look();
            }}
            onCompositionEnd={() => setHistory(endStep)}
            onSelect={naming.look}
            onBlur={naming.close}
            onKeyDown={onKeyDown}
          />
          <IconButton
            label={t("formatting")}
            className={styles.onlyWide}
            aria-pressed={isMarking}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => setIsMarking(!isMarking)}
          >
            <Type size={20} />
          </IconButton>
          <EmojiTool room={room} thread={thread} hasStickers={!writing && waitMs === 0} onInsert={insert} />
          {text.trim() || writing || waitMs > 0 ? (
            <button
              type="button"
              className={styles.sendButton}
              aria-label={t("send")}
              disabled={!text.trim() || waitMs > 0}
              onClick={() => void send()}
            >
              <Send size={20} />
            </button>
          ) : (
            <VoiceButton room={room} thread={thread} />
          )}
        </div>
        {isPlus ? <PlusMenu
            room={room}
            thread={thread}
            onMark={() => setIsMarking(!isMarking)}
            onDone={() => setIsPlus(false)}
          /> : null}
      </div>
    </div>
  );
}

function firstDraft(place: string, writing: Writing | undefined): Draft {
  if (writing?.kind !== "edit") return drafts.get(place) ?? { text: "", mentions: [] };
  const { body, formatted_body: html } = currentContent(writing.event);
  return {
    text: typeof body === "string" ? body : "",
    mentions: typeof html === "string" ? listPills(readHtml(html)) : [],
  };
}

type Put = (wanted: Selected) => void;

/** Puts the caret where it belongs after a text was changed, which React would not. */
function useCaret(area: React.RefObject<HTMLTextAreaElement | null>): Put {
  const [wanted, setWanted] = useState<Selected>();
  useLayoutEffect(() => {
    if (!wanted || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(wanted.start, wanted.end);
  }, [area, wanted]);
  return setWanted;
}

interface NamingProps {
  room: Room;
  text: string;
  area: React.RefObject<HTMLTextAreaElement | null>;
  put: Put;
  onName: (mention: Mention) => void;
}

/** Looks members up while an `@` is typed. */
function useNaming({ room, text, area, put, onName }: NamingProps) {
  const id = useId();
  const [caret, setCaret] = useState(-1);
  const [chosen, setChosen] = useState(0);
  const found = caret < 0 ? undefined : readQuery(text, caret);
  const candidates = found ? findCandidates(room, found.query) : [];
  const isOpen = candidates.length > 0;
  const choose = (candidate: Candidate) => {
    if (!found) return;
    const named = `@${candidate.name} `;
    const end = found.at + named.length;
    if (candidate.userId) onName(candidate);
    put({ text: text.slice(0, found.at) + named + text.slice(caret), start: end, end });
    setCaret(-1);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isDone = ["Enter", "Tab", "Escape"].includes(event.key) && !event.shiftKey;
    if (!isOpen || (step === undefined && !isDone)) return false;
    event.preventDefault();
    const candidate = candidates[chosen];
    if (step !== undefined) setChosen((chosen + step + candidates.length) % candidates.length);
    else if (event.key === "Escape" || !candidate) setCaret(-1);
    else choose(candidate);
    return true;
  };
  return {
    onKey,
    close: () => setCaret(-1),
    look: () => {
      const { selectionStart = -1, selectionEnd = -1 } = area.current ?? {};
      if (selectionStart !== caret) setChosen(0);
      setCaret(selectionStart === selectionEnd ? selectionStart : -1);
    },
    aria: {
      "aria-autocomplete": "list" as const,
      "aria-controls": isOpen ? id : undefined,
      "aria-activedescendant": isOpen ? `${id}-${chosen}` : undefined,
    },
    list: isOpen ? (
      <MentionList
        id={id}
        room={room}
        candidates={candidates}
        chosen={chosen}
        onChoose={choose}
      />
    ) : null,
  };
}

function Context({ room, writing, onDrop }: { room: Room; writing: Writing; onDrop: () => void }) {
  const t = useT();
  const slots = useChatSlots();
  const name = nameOfMember(room, writing.event.getSender() ?? "");
  return (
    <div className={styles.context}>
      <div className={styles.quote}>
        <b>{writing.kind === "reply" ? t("replyTo", { name }) : t("editing")}</b>
        <span>{summarise({ room, event: writing.event, t, slots })}</span>
      </div>
      <IconButton label={t("cancel")} onClick={onDrop}>
        <X size={18} />
      </IconButton>
    </div>
  );
}

/** What can be sent beside text. */
interface PlusProps {
  room: Room;
  thread: ThreadPlace | undefined;
  /** Shows the buttons of formatting, for which a phone has no place beside the text. */
  onMark: () => void;
  onDone: () => void;
}

function PlusMenu({ room, thread, onMark, onDone }: PlusProps) {
  const t = useT();
  const slots = useChatSlots();
  const input = useRef<HTMLInputElement>(null);
  const [slot, setSlot] = useState<ComposerSlot>();
  const sendFiles = useFiles(room, thread);
  // The dialog stands beside the menu: what styles the menu's buttons must not reach its own.
  if (slot) return <slot.Dialog room={room} thread={thread} onClose={onDone} />;
  return (
    <div className={styles.plus}>
      <PlusItem
        label={t("attach")}
        icon={<ImageIcon size={24} />}
        onClick={() => input.current?.click()}
      />
      <PlusItem
        label={t("formatting")}
        icon={<Type size={24} />}
        onClick={() => {
          onMark();
          onDone();
        }}
      />
      {slots.composer.filter((item) => isOffered(item, thread)).map((item) => (
        <PlusItem
          key={item.id}
          label={item.label(t)}
          icon={item.icon}
          onClick={() => setSlot(item)}
        />
      ))}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          void sendFiles([...(event.target.files ?? [])]);
          onDone();
        }}
      />
    </div>
  );
}

function isOffered(item: ComposerSlot, thread: ThreadPlace | undefined): boolean {
  return (!thread || item.goesIntoThreads === true) && (item.isOffered?.() ?? true);
}

interface PlusItemProps {
  label: string;
  icon: ReactNode;
  onClick: () => void;
}

function PlusItem({ label, icon, onClick }: PlusItemProps) {
  return (
    <button type="button" onClick={onClick}>
      <span className={styles.plusIcon}>{icon}</span>
      {label}
    </button>
  );
}

function useFiles(room: Room, thread: ThreadPlace | undefined): (files: File[]) => Promise<void> {
  const t = useT();
  const client = useClient();
  return async (files) => {
    try {
      const { upload_bytes_limit: limit } = await findHouse();
      for (const file of files) {
        if (file.size > limit) toast(t("fileTooBig", { limit: formatBytes(limit) }));
        else {
          toast(`${t("sending")} ${file.name}`);
          const content = await uploadFile(client, file, isEncrypted(room));
          await client.sendMessage(room.roomId, thread?.rootId ?? null, placeIn(thread, content) as never);
        }
      }
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
}

function useTyping(room: Room): (isTyping: boolean) => void {
  const client = useClient();
  const toldAt = useRef(0);
  return (isTyping) => {
    if (!currentSettings().sendTyping) return;
    const now = Date.now();
    if (isTyping && now - toldAt.current < TYPING_MS / 2) return;
    if (!isTyping && toldAt.current === 0) return;
    toldAt.current = isTyping ? now : 0;
    client.sendTyping(room.roomId, isTyping, TYPING_MS).catch(() => undefined);
  };
}
