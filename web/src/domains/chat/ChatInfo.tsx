import {
  Flag,
  Lock,
  LockOpen,
  LogOut,
  QrCode,
  ScrollText,
  Search,
  UserPlus,
} from "lucide-react";
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
import { ArrangingRows } from "./arranging/Arranging";
import { GroupSettings } from "./groups/GroupSettings";
import { JoinRequests } from "./groups/JoinRequests";
import { MODERATOR, roleOf } from "./groups/levels";
import { mayManage, MemberSheet } from "./groups/MemberSheet";
import { ownLevel, readLevels } from "./groups/reading";
import { RoomLink } from "./groups/RoomLink";
import { findPeer, isEncrypted, nameOfMember, nameOfRoom, pictureOfRoom } from "./naming";
import { DisappearingRow } from "./disappearing/DisappearingRow";
import { Picture } from "./Picture";
import { MemberSafety } from "./safety/MemberSafety";
import { ReportDialog } from "./safety/ReportDialog";
import { readMemberId } from "./timeline";
import styles from "./chat.module.css";

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
  const peer = findPeer(client, room);
  const name = nameOfRoom(client, room);
  const isSecret = isEncrypted(room);
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
      {!peer && room.canInvite(room.myUserId) ? <JoinRequests room={room} /> : null}
      <Card>
        <DisappearingRow room={room} />
        <Row
          icon={<Search size={20} />}
          title={t("searchChat")}
          to={`/chats/${encodeURIComponent(room.roomId)}/search`}
        />
        <ArrangingRows room={room} />
      </Card>
      <Members room={room} />
      {peer ? <MemberSafety userId={peer} name={name} /> : <Group room={room} />}
      <Leaving room={room} />
    </>
  );
}

function Members({ room }: { room: Room }) {
  const t = useT();
  const [isInviting, setIsInviting] = useState(false);
  const [managed, setManaged] = useState<string>();
  const isGroup = !findPeer(useClient(), room);
  const members = room.getJoinedMembers().sort((one, other) => other.powerLevel - one.powerLevel);
  return (
    <Card title={t("groupMembers")}>
      {room.canInvite(room.myUserId) ? (
        <Row
          icon={<UserPlus size={20} />}
          title={t("inviteSomebody")}
          onClick={() => setIsInviting(true)}
        />
      ) : null}
      {members.map((member) => {
        const role = roleOf(member.powerLevel);
        const isManaged =
          isGroup && member.userId !== room.myUserId && mayManage(room, member.userId);
        return (
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
            end={role === "member" ? "" : t(`role_${role}`)}
            {...(isManaged
              ? { onClick: () => setManaged(member.userId) }
              : { to: `/contacts/${encodeURIComponent(member.userId)}` })}
          />
        );
      })}
      {isInviting ? <Invite room={room} onClose={() => setIsInviting(false)} /> : null}
      {managed ? (
        <MemberSheet room={room} userId={managed} onClose={() => setManaged(undefined)} />
      ) : null}
    </Card>
  );
}

/** What a group has beside its members: its rules, its link, its log. */
function Group({ room }: { room: Room }) {
  const t = useT();
  const [asked, setAsked] = useState<"link" | "report">();
  const levels = readLevels(room);
  const least = Math.min(
    ...[levels.kick, levels.ban, levels.redact].map((level) => level ?? MODERATOR),
  );
  const isModerator = ownLevel(room) >= least;
  return (
    <>
      <GroupSettings room={room} />
      <Card>
        <Row icon={<QrCode size={20} />} title={t("groupLink")} onClick={() => setAsked("link")} />
        {isModerator ? (
          <Row
            icon={<ScrollText size={20} />}
            title={t("ownerLog")}
            to={`/chats/${encodeURIComponent(room.roomId)}/log`}
          />
        ) : null}
        <Row icon={<Flag size={20} />} title={t("reportRoom")} onClick={() => setAsked("report")} />
      </Card>
      {asked === "link" ? <RoomLink room={room} onClose={() => setAsked(undefined)} /> : null}
      {asked === "report" ? (
        <ReportDialog
          about={{ kind: "room", roomId: room.roomId }}
          onClose={() => setAsked(undefined)}
        />
      ) : null}
    </>
  );
}

function Leaving({ room }: { room: Room }) {
  const t = useT();
  const [isLeaving, setIsLeaving] = useState(false);
  return (
    <Card>
      <Row icon={<LogOut size={20} />} title={t("leaveChat")} onClick={() => setIsLeaving(true)} />
      {isLeaving ? <Leave room={room} onClose={() => setIsLeaving(false)} /> : null}
    </Card>
  );
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
