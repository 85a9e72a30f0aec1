import { useVirtualizer } from "@tanstack/react-virtual";
import { Archive, MessageCircle, MessageCirclePlus, Pin, Search, TextSearch } from "lucide-react";
import { useMemo, useRef, useState, type MouseEvent, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useLanguage } from "@/lib/language";
import { formatRecent } from "@/lib/time";
import { Button, IconButton } from "@/ui/Button";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { ChatMenu } from "./arranging/Arranging";
import type { ChatRow } from "./chats";
import { NewChat } from "./NewChat";
import { Picture } from "./Picture";
import styles from "./chat.module.css";

const ROW_PIXELS = 74;

export function ChatList({ rows, banner }: { rows: ChatRow[]; banner?: ReactNode }) {
  const { t } = useLanguage();
  const [wanted, setWanted] = useState("");
  const [isNew, setIsNew] = useState(false);
  const shown = useMemo(() => {
    const word = wanted.trim().toLocaleLowerCase();
    // Who searches finds what was put away, too.
    return word
      ? rows.filter((row) => row.name.toLocaleLowerCase().includes(word))
      : rows.filter((row) => !row.isArchived);
  }, [rows, wanted]);
  const archived = rows.filter((row) => row.isArchived).length;
  const start = (
    <Button look="quiet" onClick={() => setIsNew(true)}>
      {t("newChat")}
    </Button>
  );
  return (
    <Page
      title={t("chats")}
      isBare
      actions={
        <IconButton label={t("newChat")} onClick={() => setIsNew(true)}>
          <MessageCirclePlus size={22} />
        </IconButton>
      }
    >
      {rows.length > 0 ? (
        <div className={styles.search}>
          <Search size={18} aria-hidden />
          <input
            type="search"
            data-search
            aria-label={t("search")}
            placeholder={t("search")}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
        </div>
      ) : null}
      {wanted.trim() ? (
        <div className={styles.banner}>
          <Card>
            <Row
              icon={<TextSearch size={20} />}
              title={t("searchMessages")}
              sub={t("searchMessagesSub")}
              to={`/chats/search/${encodeURIComponent(wanted.trim())}`}
            />
          </Card>
        </div>
      ) : null}
      {banner ? <div className={styles.banner}>{banner}</div> : null}
      {archived > 0 && !wanted.trim() ? (
        <Link to="/chats/archived" className={styles.archived}>
          <Archive size={18} aria-hidden />
          <span>{t("archivedChats")}</span>
          <span>{archived}</span>
        </Link>
      ) : null}
      {rows.length === 0 ? (
        <State icon={<MessageCircle size={28} />} title={t("chatsEmpty")} action={start}>
          {t("chatsEmptyText")}
        </State>
      ) : shown.length === 0 ? (
        <State title={t(wanted.trim() ? "chatsNoMatch" : "chatsAllArchived")} />
      ) : (
        <Rows rows={shown} />
      )}
      {isNew ? <NewChat onClose={() => setIsNew(false)} /> : null}
    </Page>
  );
}

/** What was put away, as a page of its own. */
export function ArchivedChats({ rows }: { rows: ChatRow[] }) {
  const { t } = useLanguage();
  const archived = rows.filter((row) => row.isArchived);
  return (
    <Page title={t("archivedChats")} back={{ to: "/chats", label: t("back") }} isBare>
      {archived.length === 0 ? (
        <State icon={<Archive size={28} />} title={t("archivedNone")}>
          {t("archivedNoneText")}
        </State>
      ) : (
        <Rows rows={archived} />
      )}
    </Page>
  );
}

function Rows({ rows }: { rows: ChatRow[] }) {
  const { t } = useLanguage();
  const scroll = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => rows[index]?.roomId ?? index,
    overscan: 8,
  });
  return (
    <nav ref={scroll} className={styles.scroll} aria-label={t("chats")}>
      <ul className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row ? (
            <li
              key={item.key}
              className={styles.placed}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <ChatLink row={row} />
            </li>
          ) : null;
        })}
      </ul>
    </nav>
  );
}

function ChatLink({ row }: { row: ChatRow }) {
  const { t, tag } = useLanguage();
  const [path] = useLocation();
  const [isMenu, setIsMenu] = useState(false);
  const to = `/chats/${encodeURIComponent(row.roomId)}`;
  const isOn = path === to || path.startsWith(`${to}/`);
  // On a phone a long press, on a laptop the right button or the menu key.
  const openMenu = (event: MouseEvent) => {
    event.preventDefault();
    setIsMenu(true);
  };
  return (
    <>
    <Link
      to={to}
      onContextMenu={row.isInvite ? undefined : openMenu}
      className={`${styles.chat ?? ""} ${isOn ? (styles.chatOn ?? "") : ""}`}
      aria-current={isOn ? "page" : undefined}
    >
      <Picture id={row.colourId} name={row.name} mxc={row.picture} size={50} />
      <span className={styles.chatText}>
        <span className={styles.chatLine}>
          <span className={styles.chatName}>{row.name}</span>
          {row.at > 0 ? (
            <span className={styles.chatTime}>{formatRecent(row.at, tag, t)}</span>
          ) : null}
        </span>
        <span className={styles.chatLine}>
          <span className={styles.chatLast}>{row.last}</span>
          {row.isPinned ? <Pin size={14} className={styles.kept} role="img" aria-label={t("chatPinned")} /> : null}
          {row.isInvite ? (
            <span className={styles.unread}>{t("invitation")}</span>
          ) : (
            <Unread row={row} />
          )}
        </span>
      </span>
    </Link>
    {isMenu ? <ChatMenu roomId={row.roomId} onClose={() => setIsMenu(false)} /> : null}
    </>
  );
}

function Unread({ row }: { row: ChatRow }) {
  const { t } = useLanguage();
  return (
    <>
      {row.isCalled ? (
        <span className={`${styles.unread ?? ""} ${styles.called ?? ""}`} role="img" aria-label={t("mentioned")}>
          @
        </span>
      ) : null}
      {row.unread > 0 ? (
        <span className={styles.unread} role="img" aria-label={t("unread", { count: row.unread })}>
          {row.unread > 99 ? "99+" : row.unread}
        </span>
      ) : null}
    </>
  );
}
