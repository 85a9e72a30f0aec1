/** An alarm for each thing that was found against the log, with what proves it. */

import { Link } from "wouter";
import { useLanguage } from "@/lib/language";
import { saveText } from "@/lib/saving";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { dropAlarm, useAlarms } from "./alarms";
import type { Evidence } from "./gossip";
import styles from "./privacy.module.css";

export function LogAlarms() {
  return useAlarms().map((found) => <Alarm key={found.told.note} found={found} />);
}

function Alarm({ found }: { found: Evidence }) {
  const { t, tag } = useLanguage();
  const save = () => saveText(JSON.stringify(found, null, 2), `log-evidence-${found.found_at}.json`);
  const isDoubt = found.kind === "otherKey";
  return (
    <Note kind={isDoubt ? "warn" : "bad"}>
      <strong>{t(isDoubt ? "alarmKeyTitle" : "alarmTitle")}</strong>
      <p>
        {t(isDoubt ? "alarmKey" : "alarmText", {
          who: found.told.sender,
          when: formatMoment(found.found_at, tag),
        })}
      </p>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={save}>
          {t("alarmSave")}
        </Button>
        <Button look="plain" onClick={() => dropAlarm(found)}>
          {t("alarmDrop")}
        </Button>
      </div>
    </Note>
  );
}

/** Above the chats, in a line: what it is stands on the page. */
export function LogAlarmBanner() {
  const { t } = useLanguage();
  if (!useAlarms().some(({ kind }) => kind !== "otherKey")) return null;
  return (
    <Note kind="bad">
      {t("alarmTitle")}{" "}
      <Link to="/me/privacy" className={styles.link}>
        {t("newsRead")}
      </Link>
    </Note>
  );
}
