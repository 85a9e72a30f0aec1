/** What is kept about me: every kind of data, why, how long, who sees it, and how much there is. */

import { useState } from "react";
import { useLanguage } from "@/lib/language";
import { Switch } from "@/ui/Field";
import { Card, Page } from "@/ui/Page";
import { fetchHeld, type Held } from "./api";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./privacy.module.css";
import { groupHeld, type Kind, type Use } from "./views";

// So that a member who does something elsewhere sees the numbers move.
const EVERY_MS = 10_000;

export function DataKept() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(() => fetchHeld(tag), tag, EVERY_MS);
  return (
    <Page title={t("privacyData")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("privacyDataLead")}</p>
      <Await loaded={loaded}>{(held) => <Kinds held={held} />}</Await>
    </Page>
  );
}

function Kinds({ held }: { held: Held[] }) {
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
        <KindSection key={kind.category} kind={kind} showsAll={showsAll} />
      ))}
    </>
  );
}

function KindSection({ kind, showsAll }: { kind: Kind; showsAll: boolean }) {
  const { t } = useLanguage();
  const shown = kind.uses.filter((use) => showsAll || use.rows !== 0);
  const hidden = kind.uses.length - shown.length;
  return (
    <section>
      <h2 className={styles.heading}>{kind.category}</h2>
      <div className={styles.card}>
        {shown.map((use) => (
          <UseLine key={`${use.purpose} ${use.places.join()}`} use={use} />
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

function UseLine({ use }: { use: Use }) {
  const { t } = useLanguage();
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
        <p className={styles.code}>{use.places.join(", ")}</p>
      </details>
    </div>
  );
}
