/** Who looked at my data: the entries about me, each proven in this browser. */

import { BadgeCheck, Eye, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { fetchApi, type Page as ApiPage } from "@/lib/api";
import { useLanguage, type Key, type LanguageTag, type Translate } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Await, useLoaded } from "@/ui/loading";
import { fetchWords, type LogWords } from "./api";
import { LogState } from "./LogPage";
import styles from "./privacy.module.css";
import { groupFields } from "./views";
import { isProven, readEntry, witness, type Entry, type Look, type Verdict } from "./witness";

// What the server writes where nobody gave a reason, or an order keeps it back.
const FIXED_REASONS: Record<string, Key> = {
  "No reason was given: a program for operators of Matrix servers asked.": "looksNoReason",
  "An order keeps the reason back for now; the page of the freeze will tell it.": "looksGagged",
};

interface Loaded {
  verdict: Verdict;
  page: ApiPage<Entry>;
  words: LogWords;
}

async function load(tag: LanguageTag): Promise<Loaded> {
  // First the entries: the checkpoint that comes after them has them all.
  const page = await fetchApi<ApiPage<Entry>>("/privacy/log/entries");
  const [words, verdict] = await Promise.all([fetchWords(tag), witness()]);
  return { page, words, verdict };
}

export function Looks() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(() => load(tag), tag);
  return (
    <Page title={t("looks")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("looksLead")}</p>
      <Await loaded={loaded}>
        {({ verdict, page, words }) => (
          <>
            <LogState verdict={verdict} />
            <Entries first={page} verdict={verdict} words={words} />
            <Link to="/privacy/log" className={styles.link}>
              {t("logOpen")}
            </Link>
          </>
        )}
      </Await>
    </Page>
  );
}

interface EntriesProps {
  first: ApiPage<Entry>;
  verdict: Verdict;
  words: LogWords;
}

function Entries({ first, verdict, words }: EntriesProps) {
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
          page.items.map((entry) => (
            <LookLine key={entry.index} entry={entry} verdict={verdict} words={words} />
          )),
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

interface LineProps {
  entry: Entry;
  verdict: Verdict;
  words: LogWords;
}

function LookLine({ entry, verdict, words }: LineProps) {
  const { t, tag } = useLanguage();
  const told = readEntry(entry);
  const seen = groupFields(told.fields ?? [], words);
  return (
    <li className={styles.item} data-testid={`look-${entry.index}`}>
      <div className={styles.itemHead}>
        <strong>{tellActor(told, t)}</strong>
        <span className={styles.soft}>{formatMoment(entry.entered_at, tag)}</span>
      </div>
      {told.role ? <p className={styles.soft}>{tellRoles(told.role, t)}</p> : null}
      {told.deed ? <p>{t("looksDid", { deed: words.deeds[told.deed] ?? told.deed })}</p> : null}
      {told.reason ? <p>{t("looksWhy", { reason: tellReason(told.reason, t) })}</p> : null}
      {told.case ? <p className={styles.soft}>{t("looksCase", { id: told.case })}</p> : null}
      {seen.length > 0 ? <p className={styles.soft}>{t("looksFields")}</p> : null}
      {seen.length > 0 ? (
        <ul className={styles.seen}>
          {seen.map(({ store, kinds }) => (
            <li key={store}>
              {kinds.length > 0 ? t("looksField", { store, kinds: kinds.join("; ") }) : store}
            </li>
          ))}
        </ul>
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

function tellActor({ actor }: Partial<Look>, t: Translate): string {
  if (actor === undefined) return t("looksOfficial");
  return actor === "command line" ? t("looksCommandLine") : actor;
}

function tellRoles(roles: string, t: Translate): string {
  const key = (role: string) => (role === "job" ? "looksJob" : `staffRole_${role}`) as Key;
  return roles.split(", ").map((role) => t(key(role))).join(", ");
}

function tellReason(reason: string, t: Translate): string {
  const fixed = FIXED_REASONS[reason];
  return fixed ? t(fixed) : reason;
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
