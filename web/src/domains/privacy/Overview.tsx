/** Me > Privacy: everything a member can see, decide and take along, on one page. */

import { ChevronRight } from "lucide-react";
import { Link } from "wouter";
import { useT, type Key } from "@/lib/language";
import { Page } from "@/ui/Page";
import { LogAlarms } from "./LogAlarms";
import type { Group, PrivacyPage } from "./pages";
import styles from "./privacy.module.css";

const GROUPS: { group: Group; title: Key }[] = [
  { group: "see", title: "privacySee" },
  { group: "decide", title: "privacyDecide" },
  { group: "take", title: "privacyTake" },
];

export function Overview({ pages }: { pages: PrivacyPage[] }) {
  const t = useT();
  return (
    <Page title={t("privacy")} back={{ to: "/me", label: t("back") }}>
      <LogAlarms />
      <p className={styles.lead}>{t("privacyLead")}</p>
      {GROUPS.map(({ group, title }) => {
        const shown = pages.filter((page) => page.group === group);
        if (shown.length === 0) return null;
        return (
          <nav key={group} aria-label={t(title)}>
            <h2 className={styles.heading}>{t(title)}</h2>
            <div className={styles.card}>
              {shown.map((page) => (
                <Line key={page.title} page={page} />
              ))}
            </div>
          </nav>
        );
      })}
    </Page>
  );
}

function Line({ page }: { page: PrivacyPage }) {
  const t = useT();
  const inside = (
    <>
      <span className={styles.lineIcon}>{page.icon}</span>
      <span className={styles.lineText}>
        <span className={styles.lineTitle}>{t(page.title)}</span>
        <span className={styles.soft}>{t(page.text)}</span>
      </span>
      <ChevronRight size={18} className={styles.lineEnd} aria-hidden />
    </>
  );
  // A page of the server is no page of this app.
  if (page.href) {
    return (
      <a className={styles.line} href={page.href}>
        {inside}
      </a>
    );
  }
  return (
    <Link className={styles.line} to={page.to ?? `/me/privacy/${page.path ?? ""}`}>
      {inside}
    </Link>
  );
}
