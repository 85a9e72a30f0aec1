import { Contact as ContactIcon, MessageCircle, QrCode, ScanLine, UserPlus } from "lucide-react";
import { ClientEvent, RoomMemberEvent, type MatrixClient } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useT } from "@/lib/language";
import { openDirectChat, readDirectChats } from "@/lib/matrix/client";
import { useClient, useNews } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button, IconButton } from "@/ui/Button";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { nameOfMember, shortId } from "./naming";
import { NewChat } from "./NewChat";
import { Picture } from "./Picture";
import { Suggestions } from "./Suggestions";
import { MemberSafety } from "./safety/MemberSafety";
import styles from "./chat.module.css";

interface Contact {
  userId: string;
  name: string;
  picture: string | undefined;
}

/** The people one has a chat with, by name. */
function listContacts(client: MatrixClient): Contact[] {
  return Object.entries(readDirectChats(client))
    .flatMap(([userId, rooms]) => {
      const room = rooms.map((id) => client.getRoom(id)).find((found) => found !== null) ?? null;
      const picture = room?.getMember(userId)?.getMxcAvatarUrl();
      return [{ userId, name: nameOfMember(room, userId), picture }];
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}

export function Contacts() {
  const t = useT();
  const client = useClient();
  useNews(client, [ClientEvent.AccountData, RoomMemberEvent.Name]);
  const [isAdding, setIsAdding] = useState(false);
  const contacts = listContacts(client);
  return (
    <Page
      title={t("contacts")}
      actions={
        <IconButton label={t("addContact")} onClick={() => setIsAdding(true)}>
          <UserPlus size={22} />
        </IconButton>
      }
    >
      <Card>
        <Row icon={<QrCode size={20} />} title={t("myCode")} sub={t("myCodeText")} to="/me/code" />
        <Row
          icon={<ScanLine size={20} />}
          title={t("scanContact")}
          sub={t("scanContactText")}
          to="/me/scan"
        />
      </Card>
      {contacts.length === 0 ? (
        <State
          icon={<ContactIcon size={28} />}
          title={t("contactsEmpty")}
          action={
            <Button look="quiet" onClick={() => setIsAdding(true)}>
              {t("addContact")}
            </Button>
          }
        >
          {t("contactsEmptyText")}
        </State>
      ) : (
        <Card>
          {contacts.map(({ userId, name, picture }) => (
            <Row
              key={userId}
              icon={<Picture id={userId} name={name} mxc={picture} size={40} />}
              title={name}
              sub={userId}
              to={`/contacts/${encodeURIComponent(userId)}`}
            />
          ))}
        </Card>
      )}
      <Suggestions />
      {isAdding ? <NewChat onClose={() => setIsAdding(false)} /> : null}
    </Page>
  );
}

interface ContactPageProps {
  userId: string;
  /** What else can be done with a member, from other domains. */
  more?: React.ReactNode;
}

export function ContactPage({ userId, more }: ContactPageProps) {
  const t = useT();
  const client = useClient();
  const [, go] = useLocation();
  const [profile, setProfile] = useState<{ displayname?: string; avatar_url?: string }>();
  const [isNobody, setIsNobody] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    client.getProfileInfo(userId).then(setProfile, () => setIsNobody(true));
  }, [client, userId]);
  const name = profile?.displayname ?? shortId(userId);
  const write = async () => {
    setIsBusy(true);
    try {
      go(`/chats/${encodeURIComponent(await openDirectChat(client, userId))}`);
    } catch (error) {
      toast(tellTrouble(t, error));
    }
    setIsBusy(false);
  };
  const isSelf = userId === client.getUserId();
  return (
    <Page title="" back={{ to: "/contacts", label: t("back") }}>
      {isNobody ? (
        <State title={t("newChatNobody")} />
      ) : (
        <>
          <div className={styles.infoHead}>
            <Picture id={userId} name={name} mxc={profile?.avatar_url} size={96} />
            <h2>{name}</h2>
            <p className={styles.fixed}>{userId}</p>
          </div>
          {isSelf ? null : (
            <div className={styles.buttons}>
              <Button busy={isBusy} onClick={() => void write()}>
                <MessageCircle size={18} aria-hidden /> {t("writeTo")}
              </Button>
              {more}
            </div>
          )}
          {isSelf ? null : <MemberSafety userId={userId} name={name} />}
        </>
      )}
    </Page>
  );
}
