import { Flag } from "lucide-react";
import { ClientEvent, type MatrixClient } from "matrix-js-sdk";
import { useEffect, useState, type SyntheticEvent } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import type { Sanction } from "@/lib/sanctions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { nameOfRoom, shortId } from "../naming";
import {
  fetchOwnReports,
  fetchOwnSanctions,
  sendAppeal,
  SANCTIONS_CHANGED,
  type OwnReport,
} from "./api";
import { mayAppeal, tellStanding } from "./standing";
import styles from "./safety.module.css";

interface Found {
  at: number;
  reports: OwnReport[];
  sanctions: Sanction[];
}

async function fetchFound(): Promise<Found> {
  const [{ reports }, { sanctions }] = await Promise.all([fetchOwnReports(), fetchOwnSanctions()]);
  return { at: Date.now(), reports, sanctions };
}

/** What was imposed on one, with appeals; and what one has reported. */
export function ReportsPage() {
  const t = useT();
  const client = useClient();
  const { value: found, trouble, reload } = useLoaded(fetchFound);
  const [appealed, setAppealed] = useState<Sanction>();
  useSanctionNews(client, reload);
  return (
    <Page title={t("reportsAndAppeals")} back={{ to: "/me", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellTrouble(t, trouble)}</Note> : null}
      {!found && !trouble ? <Loading label={t("loading")} /> : null}
      {found && found.reports.length + found.sanctions.length === 0 ? (
        <State icon={<Flag size={28} />} title={t("reportsNone")}>
          {t("reportsNoneText")}
        </State>
      ) : null}
      {found && found.sanctions.length > 0 ? (
        <Card title={t("sanctionsTitle")}>
          {found.sanctions.map((sanction) => (
            <SanctionEntry
              key={sanction.sanction_id}
              sanction={sanction}
              isOpen={mayAppeal(sanction, found.at)}
              onAppeal={() => setAppealed(sanction)}
            />
          ))}
        </Card>
      ) : null}
      {found && found.reports.length > 0 ? (
        <Card title={t("reportsTitle")}>
          {found.reports.map((report) => (
            <ReportEntry key={report.report_id} report={report} />
          ))}
        </Card>
      ) : null}
      {appealed ? (
        <AppealDialog
          sanction={appealed}
          onClose={() => setAppealed(undefined)}
          onDone={() => {
            setAppealed(undefined);
            reload();
          }}
        />
      ) : null}
    </Page>
  );
}

/** Look again when the server says that something has changed. */
export function useSanctionNews(client: MatrixClient, look: () => void): void {
  useEffect(() => {
    const listen = ({ message }: { message: { type: string } }) => {
      if (message.type === SANCTIONS_CHANGED) look();
    };
    client.on(ClientEvent.ReceivedToDeviceMessage, listen);
    return () => {
      client.off(ClientEvent.ReceivedToDeviceMessage, listen);
    };
  }, [client, look]);
}

interface SanctionProps {
  sanction: Sanction;
  /** Whether one may still appeal. */
  isOpen: boolean;
  onAppeal: () => void;
}

function SanctionEntry({ sanction, isOpen, onAppeal }: SanctionProps) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const room = sanction.room_id ? client.getRoom(sanction.room_id) : null;
  const where = room ? nameOfRoom(client, room) : t("aGroup");
  return (
    <div className={styles.entry}>
      <div className={styles.entryHead}>
        <strong>{t(`sanction_${sanction.kind}`, { where })}</strong>
        <time>{formatMoment(sanction.imposed_at, tag)}</time>
      </div>
      <p>
        {t("ruleAnd", {
          rule: t(`rule_${sanction.rule}`),
          more: sanction.reason || t("sanctionNoReason"),
        })}
      </p>
      <p className={styles.soft}>{tellStanding(sanction, t, tag)}</p>
      {sanction.appeal ? (
        <p>
          <strong>{t("appealYours")}</strong> {sanction.appeal}
        </p>
      ) : null}
      {sanction.appeal ? (
        <p className={styles.soft}>
          {sanction.decision
            ? t("appealDecided", {
                decision: sanction.decision,
                by: shortId(sanction.decided_by ?? ""),
                reason: sanction.decision_reason ?? "",
              })
            : t("appealWaits")}
        </p>
      ) : null}
      {isOpen ? (
        <Button look="quiet" onClick={onAppeal}>
          {t("appeal")}
        </Button>
      ) : null}
    </div>
  );
}

function ReportEntry({ report }: { report: OwnReport }) {
  const { t, tag } = useLanguage();
  const client = useClient();
  const kind = report.event_id ? "message" : report.user_id ? "member" : "room";
  const room = report.room_id ? client.getRoom(report.room_id) : null;
  const what = report.user_id ? shortId(report.user_id) : room ? nameOfRoom(client, room) : t("aGroup");
  return (
    <div className={styles.entry}>
      <div className={styles.entryHead}>
        <strong>{t(`reported_${kind}`, { what })}</strong>
        <time>{formatMoment(report.reported_at, tag)}</time>
      </div>
      <p>{report.reason}</p>
      {report.is_verified ? <p className={styles.soft}>{t("reportVerified")}</p> : null}
      <p className={styles.soft}>
        {report.outcome
          ? `${t(`outcome_${report.outcome}`)} ${report.note ?? ""}`
          : t("outcomeWaits")}
      </p>
    </div>
  );
}

interface AppealProps {
  sanction: Sanction;
  onClose: () => void;
  onDone: () => void;
}

function AppealDialog({ sanction, onClose, onDone }: AppealProps) {
  const t = useT();
  const [text, setText] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await sendAppeal(sanction.sanction_id, text.trim());
      onDone();
    } catch (error) {
      setTrouble(tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  return (
    <Dialog title={t("appeal")} closeLabel={t("close")} onClose={onClose}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>{t("appealText")}</p>
        <Field label={t("appealWords")} value={text} onChange={setText} maxLength={2000} autoFocus />
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <Button type="submit" wide busy={isBusy} disabled={!text.trim()}>
          {t("appealSend")}
        </Button>
      </form>
    </Dialog>
  );
}
