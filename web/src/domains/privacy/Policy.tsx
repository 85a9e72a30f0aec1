/** The versions of the policy, what changed in each, and what I say to it. Nothing depends on it. */

import { useState } from "react";
import { call, fetchApi } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { langOf } from "./api";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./privacy.module.css";

interface Version {
  number: number;
  published_at: number;
  applies_at: number;
}

type Reply = "accepted" | "refused";

interface Standing {
  version: Version;
  coming: Version | null;
  replies: Record<string, Reply>;
}

export function Policy() {
  const { t } = useLanguage();
  const loaded = useLoaded(() =>
    Promise.all([
      fetchApi<Standing>("/privacy/policy"),
      fetchApi<Version[]>("/privacy/policy/versions"),
    ]),
  );
  return (
    <Page title={t("policy")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("policyLead")}</p>
      <Await loaded={loaded}>
        {([standing, versions]) => (
          <>
            {standing.coming ? <Coming version={standing.coming} /> : null}
            <div className={styles.card}>
              {versions.map((version) => (
                <VersionLine
                  key={version.number}
                  version={version}
                  standing={standing}
                  onSaid={loaded.reload}
                />
              ))}
            </div>
          </>
        )}
      </Await>
    </Page>
  );
}

function Coming({ version }: { version: Version }) {
  const { t, tag } = useLanguage();
  const when = formatMoment(version.applies_at, tag);
  return <Note>{t("policyComing", { number: version.number, when })}</Note>;
}

interface LineProps {
  version: Version;
  standing: Standing;
  onSaid: () => void;
}

function VersionLine({ version, standing, onSaid }: LineProps) {
  const { t, tag } = useLanguage();
  const [trouble, setTrouble] = useState<unknown>();
  const lang = langOf(tag);
  const reply = standing.replies[version.number];
  const canReply = version.number >= standing.version.number;
  const say = (said: Reply) => {
    setTrouble(undefined);
    const body = { version: version.number, reply: said };
    call("/privacy/policy", { method: "PUT", body }).then(onSaid, setTrouble);
  };
  return (
    <section className={styles.item} data-testid={`policy-${version.number}`}>
      <h2>{t("policyVersion", { number: version.number })}</h2>
      <p className={styles.soft}>{t("policySince", { when: formatMoment(version.applies_at, tag) })}</p>
      <p className={styles.links}>
        <a href={`/privacy/policy?version=${version.number}&lang=${lang}`}>{t("policyRead")}</a>
        <a href={`/privacy/policy/changes?to=${version.number}&from=${version.number - 1}&lang=${lang}`}>
          {t("policyChanges")}
        </a>
      </p>
      {trouble ? <Note kind="bad">{tellTrouble(t, trouble)}</Note> : null}
      {canReply ? (
        <div className={styles.answers} role="group" aria-label={t("policyReply")}>
          {(["accepted", "refused"] as const).map((said) => (
            <button
              key={said}
              type="button"
              className={styles.answer}
              aria-pressed={reply === said}
              onClick={() => say(said)}
            >
              {t(said === "accepted" ? "policyAccept" : "policyRefuse")}
            </button>
          ))}
        </div>
      ) : reply ? (
        <p className={styles.soft}>{t(reply === "accepted" ? "policyAccepted" : "policyRefused")}</p>
      ) : null}
    </section>
  );
}
