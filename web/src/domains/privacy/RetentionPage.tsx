/** How long data stays, and what the jobs that remove it have done lately. */

import { useLanguage, type LanguageTag, type Translate } from "@/lib/language";
import { ask } from "@/lib/http";
import { formatMoment } from "@/lib/time";
import { Page } from "@/ui/Page";
import { Await, useLoaded } from "@/ui/loading";
import { fetchWords } from "./api";
import styles from "./privacy.module.css";
import { tellStore } from "./views";

interface Report {
  ran_at: number;
  deleted: number;
  left: number;
  oldest_at: number | null;
}

interface Limit {
  store: string;
  keep_ms: number;
  job: string;
  last: Report | null;
  deleted: number;
}

interface Retention {
  limits: Limit[];
  report_days: number;
}

const HOUR_MS = 3_600_000;

export function RetentionPage() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(
    () => Promise.all([ask<Retention>("/api/v1/privacy/retention"), fetchWords(tag)]),
    tag,
  );
  return (
    <Page title={t("retention")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("retentionLead")}</p>
      <Await loaded={loaded}>
        {([found, words]) => (
          <ul className={styles.card}>
            {found.limits.map((limit) => (
              <li key={limit.store} className={styles.item}>
                <div className={styles.itemHead}>
                  <p>{tellStore(limit.store, words)}</p>
                  <span className={styles.number}>{tellKeep(limit.keep_ms, t)}</span>
                </div>
                <p className={styles.soft}>{tellLast(limit, tag, t)}</p>
                <p className={styles.soft}>
                  {t("retentionDeleted", { count: limit.deleted, days: found.report_days })}
                </p>
              </li>
            ))}
          </ul>
        )}
      </Await>
    </Page>
  );
}

function tellKeep(keepMs: number, t: Translate): string {
  if (keepMs === 0) return t("retentionUntil");
  const hours = Math.round(keepMs / HOUR_MS);
  return hours < 48
    ? t("retentionHours", { count: hours })
    : t("retentionDays", { count: Math.round(hours / 24) });
}

function tellLast({ last }: Limit, tag: LanguageTag, t: Translate): string {
  if (!last) return t("retentionNotYet");
  const when = formatMoment(last.ran_at, tag);
  return last.left > 0
    ? t("retentionLeft", { when, count: last.left })
    : t("retentionClean", { when, count: last.deleted });
}
