import { Copy, MessagesSquare, Pencil, Pin, PinOff, Reply, SmilePlus } from "lucide-react";
import type { MatrixEvent } from "matrix-js-sdk";
import { useState } from "react";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Card, Row } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { EmojiPicker } from "./emoji/EmojiPicker";
import { currentContent } from "./facts";
import type { MessageActions } from "./Message";
import { mayPin, readPinned, setPinned } from "./pins/pins";
import { JudgeRows } from "./safety/JudgeRows";
import { ReportDialog } from "./safety/ReportDialog";
import styles from "./chat.module.css";

const QUICK = ["👍", "❤️", "😂", "😮", "🙏", "🫖"];

interface Props {
  event: MatrixEvent;
  actions: MessageActions;
  onEdit: (event: MatrixEvent) => void;
  onClose: () => void;
}

/** Everything that can be done with one message. */
export function MessageMenu({ event, actions, onEdit, onClose }: Props) {
  const t = useT();
  const client = useClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const [isReporting, setIsReporting] = useState(false);
  const [isChoosing, setIsChoosing] = useState(false);
  const isOwn = event.getSender() === client.getUserId();
  const content = currentContent(event);
  const isText = content.msgtype === "m.text" && typeof content.body === "string";
  const then = (what: () => void) => () => {
    onClose();
    what();
  };
  const remove = () => {
    client
      .redactEvent(event.getRoomId() ?? "", event.getId() ?? "")
      .catch((error: unknown) => toast(tellTrouble(t, error)));
  };
  const room = client.getRoom(event.getRoomId());
  const id = event.getId() ?? "";
  const isPinned = room !== null && readPinned(room).includes(id);
  const pin = () => {
    if (!room) return;
    setPinned(client, room, id, !isPinned).catch((error: unknown) => toast(tellTrouble(t, error)));
  };
  const copy = () => {
    void navigator.clipboard.writeText(String(content.body)).then(() => toast(t("copied")));
  };
  if (isChoosing) {
    return (
      <Dialog title={t("react")} closeLabel={t("close")} onClose={onClose}>
        <EmojiPicker onPick={(sign) => then(() => actions.react(event, sign))()} />
      </Dialog>
    );
  }
  if (isReporting) {
    return <ReportDialog about={{ kind: "message", event }} onClose={onClose} />;
  }
  if (isDeleting) {
    return (
      <Dialog title={t("delete")} closeLabel={t("close")} onClose={onClose}>
        <p>{t("deleteAsk")}</p>
        <div className={styles.buttons}>
          <Button look="quiet" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button look="danger" onClick={then(remove)}>
            {t("delete")}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("actionsOf")} closeLabel={t("close")} onClose={onClose}>
      <div className={styles.menuReactions} role="group" aria-label={t("react")}>
        {QUICK.map((key) => (
          <button key={key} type="button" onClick={then(() => actions.react(event, key))}>
            {key}
          </button>
        ))}
        <button type="button" aria-label={t("moreEmoji")} onClick={() => setIsChoosing(true)}>
          <SmilePlus size={22} />
        </button>
      </div>
      <Card>
        <Row
          icon={<Reply size={20} />}
          title={t("reply")}
          onClick={then(() => actions.reply(event))}
        />
        {actions.openThread ? (
          <Row
            icon={<MessagesSquare size={20} />}
            title={t("replyInThread")}
            onClick={then(() => actions.openThread?.(event))}
          />
        ) : null}
        {isText ? (
          <Row icon={<Copy size={20} />} title={t("copyText")} onClick={then(copy)} />
        ) : null}
        {room && mayPin(room) ? (
          <Row
            icon={isPinned ? <PinOff size={20} /> : <Pin size={20} />}
            title={isPinned ? t("unpin") : t("pin")}
            onClick={then(pin)}
          />
        ) : null}
        {isOwn && isText ? (
          <Row icon={<Pencil size={20} />} title={t("edit")} onClick={then(() => onEdit(event))} />
        ) : null}
        <JudgeRows
          event={event}
          onReport={() => setIsReporting(true)}
          onDelete={() => setIsDeleting(true)}
        />
      </Card>
    </Dialog>
  );
}
