/** What is kept about me: every kind of data, why, how long, who sees it, and how much there is. */

import { useState } from "react";
import { useLanguage } from "@/lib/language";
import { Switch } from "@/ui/Field";
import { Card, Page } from "@/ui/Page";
import { fetchHeld, fetchWords, type Held, type LogWords } from "./api";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./privacy.module.css";
import { groupHeld, tellStore, type Kind, type Use } from "./views";

// So that a member who does something elsewhere sees the numbers move.
const EVERY_MS = 10_000;

export function DataKept() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(() => Promise.all([fetchHeld(tag), fetchWords(tag)]), tag, EVERY_MS);
  return (
    <Page title={t("privacyData")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("privacyDataLead")}</p>
      <Await loaded={loaded}>{([held, words]) => <Kinds held={held} words={words} />}</Await>
    </Page>
  );
}

function Kinds({ held, words }: { held: Held[]; words: LogWords }) {
  const { t } = useLanguage();
  const [showsAll, setShowsAll] = useState(false);
  return (
    <>
      <Card>
        <Switch
          label={t("privacyShowEmpty")}
          hint={t("privacyShowEmptyHint")}
          isOn={showsAll}
          onChange={setShowsAll}
        />
      </Card>
      {groupHeld(held).map((kind) => (
        <KindSection key={kind.category} kind={kind} words={words} showsAll={showsAll} />
      ))}
    </>
  );
}

interface SectionProps {
  kind: Kind;
  words: LogWords;
  showsAll: boolean;
}

function KindSection({ kind, words, showsAll }: SectionProps) {
  const { t } = useLanguage();
  const shown = kind.uses.filter((use) => showsAll || use.rows !== 0);
  const hidden = kind.uses.length - shown.length;
  return (
    <section>
      <h2 className={styles.heading}>{kind.category}</h2>
      <div className={styles.card}>
        {shown.map((use) => (
          <UseLine key={`${use.purpose} ${use.places.join()}`} use={use} words={words} />
        ))}
        {hidden > 0 ? (
          <p className={styles.item}>
            <span className={styles.soft}>{t("privacyHidden", { count: hidden })}</span>
          </p>
        ) : null}
      </div>
    </section>
  );
}

function UseLine({ use, words }: { use: Use; words: LogWords }) {
  const { t } = useLanguage();
  const stores = new Set(use.places.map((place) => tellStore(place, words)));
  return (
    <div className={styles.item}>
      <div className={styles.itemHead}>
        <p>{use.purpose}</p>
        <span className={styles.number}>
          {use.rows === null ? t("privacyRowsPart") : t("privacyRows", { count: use.rows })}
        </span>
      </div>
      <p className={styles.soft}>{t("privacyKeep", { keep: use.keep })}</p>
      <p className={styles.soft}>
        {use.seenBy.length > 0
          ? t("privacySeenBy", { who: use.seenBy.join(", ") })
          : t("privacySeenByNobody")}
      </p>
      <details>
        <summary>{t("privacyWhere")}</summary>
        <p className={styles.soft}>{use.basis}</p>
        <p className={styles.soft}>{[...stores].join(", ")}</p>
        <p className={styles.code}>{use.places.join(", ")}</p>
      </details>
    </div>
  );
}
