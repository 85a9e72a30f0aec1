import { Lock, LockOpen, LogOut, UserPlus } from "lucide-react";
import { RoomMemberEvent, RoomStateEvent, type Room } from "matrix-js-sdk";
import { useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { findPeer, isEncrypted, nameOfMember, nameOfRoom, pictureOfRoom } from "./naming";
import { Picture } from "./Picture";
import { readMemberId } from "./timeline";
import styles from "./chat.module.css";

// Power levels of the specification's own rooms.
const OWNER = 100;
const HELPER = 50;

export function ChatInfo({ roomId }: { roomId: string }) {
  const t = useT();
  const client = useClient();
  const room = client.getRoom(roomId);
  const back = { to: `/chats/${encodeURIComponent(roomId)}`, label: t("back") };
  return (
    <Page title={t("chatInfo")} back={back}>
      {room ? <Info room={room} /> : <State title={t("notFound")} />}
    </Page>
  );
}

function Info({ room }: { room: Room }) {
  const t = useT();
  const client = useClient();
  useNews(client, [RoomStateEvent.Members, RoomMemberEvent.Name, RoomMemberEvent.PowerLevel]);
  const [asked, setAsked] = useState<"invite" | "leave">();
  const peer = findPeer(client, room);
  const name = nameOfRoom(client, room);
  const isSecret = isEncrypted(room);
  const members = room.getJoinedMembers().sort((one, other) => other.powerLevel - one.powerLevel);
  return (
    <>
      <div className={styles.infoHead}>
        <Picture id={peer ?? room.roomId} name={name} mxc={pictureOfRoom(client, room)} size={88} />
        <h2>{name}</h2>
        <p className={styles.fixed}>{peer ?? t("members", { count: room.getJoinedMemberCount() })}</p>
      </div>
      <Note
        kind={isSecret ? "plain" : "warn"}
        icon={isSecret ? <Lock size={18} aria-hidden /> : <LockOpen size={18} aria-hidden />}
      >
        <strong>{isSecret ? t("encrypted") : t("notEncrypted")}</strong>
        <p>{isSecret ? t("encryptedText") : t("notEncryptedText")}</p>
      </Note>
      <Card title={t("groupMembers")}>
        {room.canInvite(room.myUserId) ? (
          <Row
            icon={<UserPlus size={20} />}
            title={t("inviteSomebody")}
            onClick={() => setAsked("invite")}
          />
        ) : null}
        {members.map((member) => (
          <Row
            key={member.userId}
            icon={
              <Picture
                id={member.userId}
                name={nameOfMember(room, member.userId)}
                mxc={member.getMxcAvatarUrl()}
                size={40}
              />
            }
            title={nameOfMember(room, member.userId)}
            sub={member.userId}
            end={roleOf(member.powerLevel, t)}
            to={`/contacts/${encodeURIComponent(member.userId)}`}
          />
        ))}
      </Card>
      <Card>
        <Row icon={<LogOut size={20} />} title={t("leaveChat")} onClick={() => setAsked("leave")} />
      </Card>
      {asked === "invite" ? <Invite room={room} onClose={() => setAsked(undefined)} /> : null}
      {asked === "leave" ? <Leave room={room} onClose={() => setAsked(undefined)} /> : null}
    </>
  );
}

function roleOf(level: number, t: ReturnType<typeof useT>): string {
  if (level >= OWNER) return t("role_owner");
  return level >= HELPER ? t("role_helper") : "";
}

function Invite({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [typed, setTyped] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const server = client.getDomain() ?? "";
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const userId = readMemberId(typed, server);
    if (!userId) {
      setTrouble(t("newChatNobody"));
      return;
    }
    try {
      await client.invite(room.roomId, userId);
      onClose();
    } catch (error) {
      setTrouble(tellTrouble(t, error));
    }
  };
  return (
    <Dialog title={t("inviteSomebody")} closeLabel={t("close")} onClose={onClose}>
      <form onSubmit={submit} style={{ display: "grid", gap: "var(--space-4)" }}>
        <Field
          label={t("newChatWith")}
          value={typed}
          onChange={setTyped}
          hint={t("newChatHint", { server })}
          error={trouble}
          autoFocus
        />
        <Button type="submit" disabled={!typed.trim()}>
          {t("invite")}
        </Button>
      </form>
    </Dialog>
  );
}

function Leave({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const leave = async () => {
    try {
      await client.leave(room.roomId);
      go("/chats");
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <Dialog title={t("leaveChat")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("leaveChatAsk")}</p>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button look="danger" onClick={() => void leave()}>
          {t("leaveChat")}
        </Button>
      </div>
    </Dialog>
  );
}
