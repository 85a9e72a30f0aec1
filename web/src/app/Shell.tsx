import { Compass, Contact, MessageCircle, User } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useT, type Key } from "@/lib/language";
import styles from "./shell.module.css";

const TABS: { to: string; label: Key; icon: typeof User }[] = [
  { to: "/chats", label: "tabChats", icon: MessageCircle },
  { to: "/contacts", label: "tabContacts", icon: Contact },
  { to: "/discover", label: "tabDiscover", icon: Compass },
  { to: "/me", label: "tabMe", icon: User },
];

interface Props {
  list: ReactNode;
  /** What a place in the list shows; on a phone instead of the list. */
  detail: ReactNode;
  hasDetail: boolean;
  unread: number;
  isOffline: boolean;
}

/** The frame of everything after sign-in: four tabs, one pane on a phone, two from 900 px. */
export function Shell({ list, detail, hasDetail, unread, isOffline }: Props) {
  const t = useT();
  return (
    <div className={`${styles.shell ?? ""} ${hasDetail ? (styles.isDeep ?? "") : ""}`}>
      <div className={styles.frame}>
        {isOffline ? (
          <p className={styles.offline} role="status">
            {t("offline")}
          </p>
        ) : null}
        <div
          className={`${styles.panes ?? ""} ${(hasDetail ? styles.hasDetail : styles.isAlone) ?? ""}`}
        >
          <div className={styles.list}>{list}</div>
          <main className={styles.detail}>{detail}</main>
        </div>
      </div>
      <Tabs unread={unread} />
    </div>
  );
}

function Tabs({ unread }: { unread: number }) {
  const t = useT();
  const [path] = useLocation();
  return (
    <nav className={styles.tabs} aria-label={t("mainNavigation")}>
      {TABS.map(({ to, label, icon: Icon }) => {
        const isOn = path === to || path.startsWith(`${to}/`);
        const hasCount = to === "/chats" && unread > 0;
        return (
          <Link
            key={to}
            to={to}
            className={`${styles.tab ?? ""} ${isOn ? (styles.tabOn ?? "") : ""}`}
            aria-current={isOn ? "page" : undefined}
          >
            <Icon size={24} strokeWidth={isOn ? 2.2 : 1.8} aria-hidden />
            <span>{t(label)}</span>
            {hasCount ? (
              <span className={styles.count} aria-label={t("unread", { count: unread })}>
                {unread > 99 ? "99+" : unread}
              </span>
            ) : null}
          </Link>
        );
      })}
    </nav>
  );
}
