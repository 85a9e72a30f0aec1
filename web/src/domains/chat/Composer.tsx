import { Image as ImageIcon, Plus, Send, X } from "lucide-react";
import { RelationType, type MatrixEvent, type Room } from "matrix-js-sdk";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { findHouse } from "@/lib/doors";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { uploadFile } from "@/lib/matrix/media";
import { currentSettings } from "@/lib/settings";
import { tellTrouble } from "@/lib/trouble";
import { IconButton } from "@/ui/Button";
import { toast } from "@/ui/Toast";
import { formatBytes } from "./Attachment";
import { currentContent } from "./facts";
import { isEncrypted, nameOfMember, summarise } from "./naming";
import { useChatSlots, type ComposerSlot } from "./slots";
import { VoiceButton } from "./voice/VoiceButton";
import styles from "./chat.module.css";

export interface Writing {
  kind: "reply" | "edit";
  event: MatrixEvent;
}

interface Props {
  room: Room;
  writing: Writing | undefined;
  onDone: () => void;
}

// Typing is told anew before the server forgets it.
const TYPING_MS = 20_000;
const drafts = new Map<string, string>();

export function Composer({ room, writing, onDone }: Props) {
  const t = useT();
  const client = useClient();
  // Mounted anew for each message that is edited, so that its text is the first.
  const [text, setText] = useState(() => firstText(room, writing));
  const [isPlus, setIsPlus] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const tellTyping = useTyping(room);

  useEffect(() => {
    // A keyboard that slides up unasked would cover the chat; a mouse brings a real one along.
    if (writing || matchMedia("(hover: hover)").matches) area.current?.focus();
  }, [writing]);
  const change = (value: string) => {
    setText(value);
    if (writing?.kind !== "edit") drafts.set(room.roomId, value);
    tellTyping(value !== "");
  };
  const send = async () => {
    const body = text.trim();
    if (!body) return;
    setText("");
    drafts.delete(room.roomId);
    tellTyping(false);
    onDone();
    area.current?.focus();
    try {
      await client.sendMessage(room.roomId, composeContent(body, writing) as never);
    } catch (error) {
      // The message stands in the chat with a way to try again.
      toast(tellTrouble(t, error));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && writing) onDone();
    // While letters are composed (Chinese, Japanese), Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    if (matchMedia("(hover: none)").matches) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className={styles.composer}>
      <div className={styles.composerInside}>
        {writing ? <Context room={room} writing={writing} onDrop={onDone} /> : null}
        <div className={styles.composerRow}>
          <IconButton label={t("more")} aria-expanded={isPlus} onClick={() => setIsPlus(!isPlus)}>
            <Plus size={24} />
          </IconButton>
          <textarea
            ref={area}
            className={styles.composerText}
            rows={1}
            aria-label={t("writeMessage")}
            placeholder={t("writeMessage")}
            value={text}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKeyDown}
          />
          {text.trim() || writing ? (
            <button
              type="button"
              className={styles.sendButton}
              aria-label={t("send")}
              disabled={!text.trim()}
              onClick={() => void send()}
            >
              <Send size={20} />
            </button>
          ) : (
            <VoiceButton room={room} />
          )}
        </div>
        {isPlus ? <PlusMenu room={room} onDone={() => setIsPlus(false)} /> : null}
      </div>
    </div>
  );
}

function firstText(room: Room, writing: Writing | undefined): string {
  if (writing?.kind !== "edit") return drafts.get(room.roomId) ?? "";
  const { body } = currentContent(writing.event);
  return typeof body === "string" ? body : "";
}

function composeContent(body: string, writing: Writing | undefined): Record<string, unknown> {
  const content = { msgtype: "m.text", body };
  const id = writing?.event.getId();
  if (!writing || !id) return content;
  if (writing.kind === "reply") {
    return { ...content, "m.relates_to": { "m.in_reply_to": { event_id: id } } };
  }
  return {
    msgtype: "m.text",
    body: `* ${body}`,
    "m.new_content": content,
    "m.relates_to": { rel_type: RelationType.Replace, event_id: id },
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
function PlusMenu({ room, onDone }: { room: Room; onDone: () => void }) {
  const t = useT();
  const slots = useChatSlots();
  const input = useRef<HTMLInputElement>(null);
  const [slot, setSlot] = useState<ComposerSlot>();
  const sendFiles = useFiles(room);
  // The dialog stands beside the menu: what styles the menu's buttons must not reach its own.
  if (slot) return <slot.Dialog room={room} onClose={onDone} />;
  return (
    <div className={styles.plus}>
      <PlusItem
        label={t("attach")}
        icon={<ImageIcon size={24} />}
        onClick={() => input.current?.click()}
      />
      {slots.composer.filter((item) => item.isOffered?.() ?? true).map((item) => (
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

function useFiles(room: Room): (files: File[]) => Promise<void> {
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
          await client.sendMessage(room.roomId, content as never);
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
