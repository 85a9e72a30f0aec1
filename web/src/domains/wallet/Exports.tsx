/** A wallet's statement as a file. */

import { FileDown } from "lucide-react";
import { useEffect, useState, type SyntheticEvent } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import { Choice } from "@/ui/Choice";
import { Standing } from "@/ui/Standing";
import { useDeed } from "./deeds";
import { daysOfMonth, formatBytes, monthOf } from "./pageViews";
import {
  askExport,
  exportPath,
  fetchExports,
  FORMATS,
  removeExport,
  saveFile,
  type Export,
  type Format,
} from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import type { WalletView } from "./types";
import { useWalletData, useWallets } from "./wallets";
import styles from "./pages.module.css";

const ASK_AGAIN_MS = 1500;

export function ExportsPage() {
  const { t, tag } = useLanguage();
  const wallets = useWallets();
  const { value, trouble, reload } = useWalletData(fetchExports);
  const isWaiting = value?.items.some((one) => one.status === "waiting") ?? false;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(reload, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWaiting, reload]);
  const failed = trouble ?? wallets.trouble;
  return (
    <Page title={t("exports")} back={{ to: "/me/wallet", label: t("back") }}>
      {failed ? <Note kind="bad">{tellWalletTrouble(t, tag, failed)}</Note> : null}
      {wallets.value && value ? (
        <>
          {wallets.value.wallets.length > 0 ? (
            <Ask wallets={wallets.value.wallets} onAsked={reload} />
          ) : (
            <State title={t("walletNone")} />
          )}
          <Made exports={value.items} wallets={wallets.value.wallets} onChanged={reload} />
        </>
      ) : failed ? null : (
        <Loading label={t("loading")} />
      )}
    </Page>
  );
}

export const FORMAT_NAME: Record<Format, Key> = {
  pdf: "exportPdf",
  csv: "exportCsv",
  ofx: "exportOfx",
  qif: "exportQif",
  camt053: "exportCamt053",
};

function Ask({ wallets, onAsked }: { wallets: WalletView[]; onAsked: () => void }) {
  const { t, tag } = useLanguage();
  const [days] = useState(() => daysOfMonth(monthOf(Date.now())));
  const [walletId, setWalletId] = useState(wallets[0]?.wallet_id ?? "");
  const [format, setFormat] = useState<Format>("pdf");
  const [firstOn, setFirstOn] = useState(days.first);
  const [lastOn, setLastOn] = useState(days.last);
  const deed = useDeed();
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const wish = {
      wallet_id: walletId,
      format,
      first_on: firstOn,
      last_on: lastOn,
      language: tag === "zh-Hans" ? ("zh" as const) : ("en" as const),
    };
    if (await deed.run((key) => askExport(wish, key))) onAsked();
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      {wallets.length > 1 ? (
        <Choice
          label={t("wallet")}
          options={wallets.map((one) => ({ value: one.wallet_id, label: one.currency }))}
          value={walletId}
          onChange={setWalletId}
        />
      ) : null}
      <Choice
        label={t("exportFormat")}
        options={FORMATS.map((one) => ({ value: one, label: t(FORMAT_NAME[one]) }))}
        value={format}
        onChange={setFormat}
      />
      <div className={styles.pair}>
        <Field label={t("exportFrom")} type="date" required value={firstOn} onChange={setFirstOn} />
        <Field label={t("exportTo")} type="date" required value={lastOn} onChange={setLastOn} />
      </div>
      <Button type="submit" wide busy={deed.isBusy} disabled={!firstOn || !lastOn || lastOn < firstOn}>
        {t("exportDo")}
      </Button>
    </form>
  );
}

interface MadeProps {
  exports: Export[];
  wallets: WalletView[];
  onChanged: () => void;
}

function Made({ exports, wallets, onChanged }: MadeProps) {
  const { t } = useLanguage();
  if (exports.length === 0) {
    return (
      <State icon={<FileDown size={28} />} title={t("exportsNone")}>
        {t("exportsNoneText")}
      </State>
    );
  }
  return (
    <Card title={t("exportsMade")}>
      {exports.map((one) => {
        const wallet = wallets.find((found) => found.wallet_id === one.wallet_id);
        return (
          <Job key={one.export_id} made={one} currency={wallet?.currency ?? ""} onChanged={onChanged} />
        );
      })}
    </Card>
  );
}

function Job({ made, currency, onChanged }: { made: Export; currency: string; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const deed = useDeed();
  const name = t(FORMAT_NAME[made.format]);
  const days = t("exportDays", { first: made.first_on, last: made.last_on });
  const remove = async () => {
    if (await deed.run(() => removeExport(made.export_id))) onChanged();
  };
  return (
    <div className={styles.job} data-testid="export">
      <div className={styles.jobHead}>
        <span>{`${name} · ${currency}`}</span>
        <Standing isBad={made.status === "failed"}>{t(`export_${made.status}`)}</Standing>
      </div>
      <p className={styles.soft}>{days}</p>
      {made.status === "waiting" ? (
        <progress value={made.progress} max={100} aria-label={`${name}, ${days}`} />
      ) : null}
      {made.status === "done" ? (
        <p className={styles.soft}>
          {t("exportKept", {
            size: formatBytes(made.byte_count, tag),
            when: formatMoment(made.expires_at, tag),
          })}
        </p>
      ) : null}
      {made.status === "failed" ? (
        <p className={styles.soft}>
          {t(made.trouble === "too-many-lines" ? "exportTooMany" : "exportFailedText")}
        </p>
      ) : null}
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <div className={styles.buttons}>
        {made.status === "done" ? (
          <Button
            look="quiet"
            busy={deed.isBusy}
            aria-label={`${t("download")}: ${name}, ${days}`}
            onClick={() => void deed.run(() => saveFile(exportPath(made.export_id), "statement"))}
          >
            {t("download")}
          </Button>
        ) : null}
        <Button
          look="plain"
          busy={deed.isBusy}
          aria-label={`${t("remove")}: ${name}, ${days}`}
          onClick={() => void remove()}
        >
          {t("remove")}
        </Button>
      </div>
    </div>
  );
}
