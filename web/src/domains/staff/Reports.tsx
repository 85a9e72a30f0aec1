/** What members reported; a reported message is opened only with a reason that its sender can read. */

import { useState } from "react";
import { useT } from "@/lib/language";
import { Await, useLoaded } from "@/ui/loading";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { decideReport, fetchReports, openReport, type Report, type ReportedMessage } from "./api";
import { Entry, ReasonedButton } from "./parts";
import styles from "./staff.module.css";

export function Reports() {
  const t = useT();
  const loaded = useLoaded(() => fetchReports());
  return (
    <Page title={t("staffReports")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffLookTold")}</p>
      <Await loaded={loaded}>
        {({ reports }) =>
          reports.length === 0 ? (
            <State title={t("staffNoReports")} />
          ) : (
            <Card>
              {reports.map((report) => (
                <ReportEntry key={report.report_id} report={report} onChanged={loaded.reload} />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

function ReportEntry({ report, onChanged }: { report: Report; onChanged: () => void }) {
  const t = useT();
  const [message, setMessage] = useState<ReportedMessage>();
  return (
    <Entry title={report.user_id ?? report.room_id ?? report.report_id} at={report.reported_at}>
      <p>{report.reason}</p>
      <p className={styles.soft}>{t("staffBy", { who: report.reporter })}</p>
      {message ? <Opened message={message} /> : null}
      <div className={styles.buttons}>
        {report.event_id && !message ? (
          <ReasonedButton
            label="staffOpenMessage"
            text="staffOpenMessageText"
            deed={async (reason) => setMessage(await openReport(report.report_id, reason))}
            onDone={() => undefined}
          />
        ) : null}
        <ReasonedButton
          label="staffActed"
          text="staffOutcomeText"
          deed={(note) => decideReport(report.report_id, "acted", note)}
          onDone={onChanged}
        />
        <ReasonedButton
          label="staffNoViolation"
          text="staffOutcomeText"
          deed={(note) => decideReport(report.report_id, "no_violation", note)}
          onDone={onChanged}
        />
      </div>
    </Entry>
  );
}

function Opened({ message }: { message: ReportedMessage }) {
  const t = useT();
  const { body } = message.content;
  return (
    <div>
      <p className={styles.soft}>
        {message.sender} <Standing>{t(message.evidence === "proven" ? "staffProven" : "staffStored")}</Standing>
      </p>
      <p className={styles.quote}>{typeof body === "string" ? body : t("staffNoText")}</p>
    </div>
  );
}
