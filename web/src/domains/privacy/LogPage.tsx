/** The log of who looked, verified in the browser. For everybody, with or without an account. */

import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { Await, useLoaded } from "@/ui/loading";
import { LogAlarms } from "./LogAlarms";
import { toHex } from "./merkle";
import styles from "./privacy.module.css";
import { witness, type Verdict } from "./witness";

export function LogPage({ back }: { back?: string }) {
  const { t } = useLanguage();
  const loaded = useLoaded(witness);
  return (
    <Page title={t("logTitle")} {...(back ? { back: { to: back, label: t("back") } } : {})}>
      <LogAlarms />
      <p className={styles.lead}>{t("logLead")}</p>
      <Await loaded={loaded}>{(verdict) => <Numbers verdict={verdict} />}</Await>
      <Button look="quiet" wide onClick={loaded.reload}>
        {t("logAgain")}
      </Button>
      <p className={styles.lead}>{t("logLimits")}</p>
    </Page>
  );
}

/** In a sentence what this browser found. */
export function LogState({ verdict }: { verdict: Verdict }) {
  const { t, tag } = useLanguage();
  const when = verdict.before ? formatMoment(verdict.before.seenAt, tag) : "";
  switch (verdict.kind) {
    case "first":
      return <Note>{t("logFirst")}</Note>;
    case "continues":
      return <Note>{t("logContinues", { when })}</Note>;
    case "rewritten":
      return <Note kind="bad">{t("logRewritten", { when })}</Note>;
    case "otherKey":
      return <Note kind="bad">{t("logOtherKey", { when })}</Note>;
    case "unsigned":
      return <Note kind="bad">{t("logUnsigned")}</Note>;
  }
}

function Numbers({ verdict }: { verdict: Verdict }) {
  const { t } = useLanguage();
  return (
    <>
      <LogState verdict={verdict} />
      <dl className={styles.terms}>
        {"checkpoint" in verdict ? (
          <>
            <dt>{t("logSize")}</dt>
            <dd data-testid="log-size">{verdict.checkpoint.size}</dd>
            <dt>{t("logRoot")}</dt>
            <dd className={styles.code}>{toHex(verdict.checkpoint.root)}</dd>
          </>
        ) : null}
        <dt>{t("logKey")}</dt>
        <dd className={styles.code}>{verdict.key}</dd>
      </dl>
    </>
  );
}
