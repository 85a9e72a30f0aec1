import { Search, SearchX } from "lucide-react";
import { useDeferredValue, useState, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { useLanguage, type Translate } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatRecent } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { findPeer, nameOfMember, nameOfRoom, pictureOfRoom } from "../naming";
import { Picture } from "../Picture";
import { searchIndex, type Standing } from "./searchIndex";
import { isEnough, makeSnippet, type Found, type Indexed } from "./text";
import chat from "../chat.module.css";
import styles from "./search.module.css";

const SHOWN = 50;

interface Props {
  /** Only this chat; without it, all of them. */
  roomId?: string;
  wanted?: string;
}

/** Searches what was said, on this device alone. */
export function SearchPage({ roomId, wanted: first = "" }: Props) {
  const { t } = useLanguage();
  const client = useClient();
  const standing = useSyncExternalStore(searchIndex.watch, searchIndex.standing);
  const [wanted, setWanted] = useState(first);
  const [limit, setLimit] = useState(SHOWN);
  // Typing goes on while a long list is drawn.
  const sought = useDeferredValue(wanted);
  const found = isEnough(sought) ? searchIndex.find(sought, roomId, limit) : undefined;
  const room = roomId === undefined ? null : client.getRoom(roomId);
  const back = room ? `/chats/${encodeURIComponent(room.roomId)}` : "/chats";
  return (
    <Page
      title={room ? nameOfRoom(client, room) : t("searchMessages")}
      back={{ to: back, label: t("back") }}
      isBare
    >
      <div className={chat.search} role="search">
        <Search size={18} aria-hidden />
        <input
          type="search"
          aria-label={room ? t("searchChat") : t("searchAll")}
          placeholder={room ? t("searchChat") : t("searchAll")}
          value={wanted}
          autoFocus
          onChange={(event) => {
            setWanted(event.target.value);
            setLimit(SHOWN);
          }}
        />
      </div>
      <p className={styles.standing} role="status">
        {found && !standing.isOpening ? tellFound(found, t) : tellStanding(standing, t)}
      </p>
      <Results
        found={found}
        sought={sought}
        standing={standing}
        isOneRoom={roomId !== undefined}
        onMore={() => setLimit(limit + SHOWN)}
      />
    </Page>
  );
}

function tellFound({ entries, count }: Found, t: Translate): string {
  return entries.length < count
    ? t("searchFoundMore", { count: entries.length })
    : t("searchFound", { count });
}

function tellStanding({ count, isOpening, isReading, isKept }: Standing, t: Translate): string {
  if (isOpening) return t("searchOpening");
  if (!isKept) return t("searchFailed");
  return isReading ? t("searchReading", { count }) : t("searchReady", { count });
}

interface ResultsProps {
  found: Found | undefined;
  sought: string;
  standing: Standing;
  isOneRoom: boolean;
  onMore: () => void;
}

function Results({ found, sought, standing, isOneRoom, onMore }: ResultsProps) {
  const { t } = useLanguage();
  if (standing.isOpening && !found?.count) return <Loading label={t("searchOpening")} />;
  if (!found) {
    return (
      <State icon={<Search size={28} />} title={t("searchMessages")}>
        <p>{t("searchHint")}</p>
        <p>{t("searchPrivate")}</p>
      </State>
    );
  }
  if (found.count === 0) {
    return (
      <State icon={<SearchX size={28} />} title={t("searchNone")}>
        {tellStanding(standing, t)}
      </State>
    );
  }
  return (
    <div className={styles.scroll}>
      <ul aria-label={t("searchMessages")}>
        {found.entries.map((entry) => (
          <li key={entry.id}>
            <Result entry={entry} sought={sought} isOneRoom={isOneRoom} />
          </li>
        ))}
      </ul>
      {found.entries.length < found.count ? (
        <div className={styles.more}>
          <Button look="quiet" onClick={onMore}>
            {t("searchMore")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Result({ entry, sought, isOneRoom }: { entry: Indexed; sought: string; isOneRoom: boolean }) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const room = client.getRoom(entry.roomId);
  if (!room) return null;
  const name = entry.sender === room.myUserId ? t("you") : nameOfMember(room, entry.sender);
  const place = isOneRoom || findPeer(client, room) === entry.sender ? "" : nameOfRoom(client, room);
  const member = room.getMember(entry.sender);
  return (
    <Link
      to={`/chats/${encodeURIComponent(entry.roomId)}/message/${encodeURIComponent(entry.id)}`}
      className={styles.result}
    >
      <Picture
        id={entry.sender}
        name={name}
        mxc={member?.getMxcAvatarUrl() ?? pictureOfRoom(client, room)}
        size={40}
      />
      <span className={styles.text}>
        <span className={styles.line}>
          <span className={styles.name}>
            {name} {place ? <span className={styles.place}>{t("searchIn", { chat: place })}</span> : null}
          </span>
          <time dateTime={new Date(entry.at).toISOString()}>{formatRecent(entry.at, tag, t)}</time>
        </span>
        <span className={styles.snippet}>
          {makeSnippet(entry.text, sought).map((piece, index) =>
            piece.isFound ? <mark key={index}>{piece.text}</mark> : piece.text,
          )}
        </span>
      </span>
    </Link>
  );
}
