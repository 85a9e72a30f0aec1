/** Who looked at my data: the entries about me, each proven in this browser. */

import { BadgeCheck, Eye, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { fetchApi, type Page as ApiPage } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Await, useLoaded } from "@/ui/loading";
import { LogState } from "./LogPage";
import styles from "./privacy.module.css";
import { isProven, readEntry, witness, type Entry, type Verdict } from "./witness";

async function load(): Promise<{ verdict: Verdict; page: ApiPage<Entry> }> {
  // First the entries: the checkpoint that comes after them has them all.
  const page = await fetchApi<ApiPage<Entry>>("/privacy/log/entries");
  return { page, verdict: await witness() };
}

export function Looks() {
  const { t } = useLanguage();
  const loaded = useLoaded(load);
  return (
    <Page title={t("looks")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("looksLead")}</p>
      <Await loaded={loaded}>
        {({ verdict, page }) => (
          <>
            <LogState verdict={verdict} />
            <Entries first={page} verdict={verdict} />
            <Link to="/privacy/log" className={styles.link}>
              {t("logOpen")}
            </Link>
          </>
        )}
      </Await>
    </Page>
  );
}

function Entries({ first, verdict }: { first: ApiPage<Entry>; verdict: Verdict }) {
  const { t } = useLanguage();
  const [more, setMore] = useState<ApiPage<Entry>[]>([]);
  const pages = [first, ...more];
  const next = pages.at(-1)?.next_cursor;
  if (first.items.length === 0) {
    return (
      <State icon={<Eye size={28} />} title={t("looksNone")}>
        {t("looksNoneText")}
      </State>
    );
  }
  const loadMore = async () => {
    const page = await fetchApi<ApiPage<Entry>>("/privacy/log/entries", { cursor: next ?? undefined });
    setMore((now) => [...now, page]);
  };
  return (
    <>
      <ul className={styles.card}>
        {pages.flatMap((page) =>
          page.items.map((entry) => <LookLine key={entry.index} entry={entry} verdict={verdict} />),
        )}
      </ul>
      {next ? (
        <Button look="quiet" wide onClick={() => void loadMore()}>
          {t("more")}
        </Button>
      ) : null}
    </>
  );
}

function LookLine({ entry, verdict }: { entry: Entry; verdict: Verdict }) {
  const { t, tag } = useLanguage();
  const told = readEntry(entry);
  const fields = told.fields ?? [];
  return (
    <li className={styles.item} data-testid={`look-${entry.index}`}>
      <div className={styles.itemHead}>
        <strong>{told.actor ?? t("looksOfficial")}</strong>
        <span className={styles.soft}>{formatMoment(entry.entered_at, tag)}</span>
      </div>
      {told.reason ? <p>{t("looksWhy", { reason: told.reason })}</p> : null}
      {told.case ? <p className={styles.soft}>{t("looksCase", { id: told.case })}</p> : null}
      {fields.length > 0 ? (
        <p className={styles.soft}>{t("looksFields", { fields: fields.join(", ") })}</p>
      ) : null}
      {told.about === "*" ? <p className={styles.soft}>{t("looksEverybody")}</p> : null}
      <Proven entry={entry} verdict={verdict} />
      <details>
        <summary>{t("looksExact", { number: entry.index })}</summary>
        <p className={styles.code}>{entry.body}</p>
      </details>
    </li>
  );
}

function Proven({ entry, verdict }: { entry: Entry; verdict: Verdict }) {
  const { t } = useLanguage();
  const [isTrue, setIsTrue] = useState<boolean>();
  const checkpoint = "checkpoint" in verdict ? verdict.checkpoint : undefined;
  useEffect(() => {
    let isWanted = true;
    if (!checkpoint) return undefined;
    isProven(entry, checkpoint).then(
      (found) => isWanted && setIsTrue(found),
      () => isWanted && setIsTrue(false),
    );
    return () => {
      isWanted = false;
    };
  }, [entry, checkpoint]);
  if (!checkpoint) return null;
  if (isTrue === undefined) return <p className={styles.soft}>{t("looksProving")}</p>;
  return (
    <p className={isTrue ? styles.good : styles.bad}>
      {isTrue ? <BadgeCheck size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
      {t(isTrue ? "looksProven" : "looksNotProven")}
    </p>
  );
}
