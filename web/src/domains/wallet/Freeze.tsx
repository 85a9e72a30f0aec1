/** Stopping one's own wallets at once, and letting them go again. */

import { Snowflake } from "lucide-react";
import { useState } from "react";
import { useLanguage } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { Standing } from "@/ui/Standing";
import { beginConfirmation } from "./api";
import { useDeed } from "./deeds";
import { chooseSet, Confirm, type Asked } from "./Paying";
import { fetchFreezes, freezeOwn, liftFreeze, type Freeze } from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import type { Factor } from "./types";
import { useWalletData } from "./wallets";
import styles from "./pages.module.css";

// What the server wants for it: two factors, or a passkey, which is two in one.
const ENOUGH: Factor[][] = [["passkey"], ["password", "totp"]];

export function FreezePage() {
  const { t, tag } = useLanguage();
  const { value, trouble, reload } = useWalletData(fetchFreezes);
  const hasOwn = value?.some((one) => one.status === "in_force" && one.kind === "own") ?? false;
  return (
    <Page title={t("freeze")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {value ? (
        <>
          <p>{t("freezeIntro")}</p>
          {hasOwn ? null : <FreezeNow onChanged={reload} />}
          {value.length > 0 ? (
            <Card title={t("freezes")}>
              {value.map((freeze) => (
                <One key={freeze.freeze_id} freeze={freeze} onChanged={reload} />
              ))}
            </Card>
          ) : null}
        </>
      ) : trouble ? null : (
        <Loading label={t("loading")} />
      )}
    </Page>
  );
}

function FreezeNow({ onChanged }: { onChanged: () => void }) {
  const { t } = useLanguage();
  const [isAsking, setIsAsking] = useState(false);
  const deed = useDeed();
  const freeze = async () => {
    if (!(await deed.run(freezeOwn))) return;
    setIsAsking(false);
    onChanged();
  };
  return (
    <>
      <Button look="danger" onClick={() => setIsAsking(true)}>
        <Snowflake size={18} aria-hidden /> {t("freezeNow")}
      </Button>
      {isAsking ? (
        <Dialog title={t("freezeNow")} closeLabel={t("close")} onClose={() => setIsAsking(false)}>
          <p>{t("freezeAsk")}</p>
          {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
          <Button look="danger" wide busy={deed.isBusy} onClick={() => void freeze()}>
            {t("freezeDo")}
          </Button>
        </Dialog>
      ) : null}
    </>
  );
}

function One({ freeze, onChanged }: { freeze: Freeze; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const isOn = freeze.status === "in_force";
  const reason = freeze.kind === "own" ? t("freezeByYou") : freeze.reason;
  return (
    <div className={styles.job} data-testid="freeze">
      <div className={styles.jobHead}>
        <span>{reason ?? t("freezeSecret")}</span>
        <Standing isBad={isOn}>{t(isOn ? "freezeOn" : "freezeOff")}</Standing>
      </div>
      <p className={styles.soft}>
        {formatMoment(freeze.since, tag)}
        {freeze.until === null || !isOn
          ? null
          : ` · ${t("freezeUntil", { when: formatMoment(freeze.until, tag) })}`}
      </p>
      {isOn && freeze.can_lift ? <Lift freeze={freeze} onChanged={onChanged} /> : null}
    </div>
  );
}

function Lift({ freeze, onChanged }: { freeze: Freeze; onChanged: () => void }) {
  const { t } = useLanguage();
  const deed = useDeed();
  const [asked, setAsked] = useState<Asked>();
  const [hasTooFew, setHasTooFew] = useState(false);
  const begin = () =>
    deed.run(async () => {
      const confirmation = await beginConfirmation({ kind: "unfreeze" });
      if (chooseSet(ENOUGH, confirmation.offered).length === 0) setHasTooFew(true);
      else setAsked({ confirmation, sets: ENOUGH, reasons: [] });
    });
  const lift = async (confirmation: string) => {
    setAsked(undefined);
    if (await deed.run(() => liftFreeze(freeze.freeze_id, confirmation))) onChanged();
  };
  return (
    <>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      {hasTooFew ? <Note kind="warn">{t("freezeTooFew")}</Note> : null}
      <div className={styles.buttons}>
        <Button look="quiet" busy={deed.isBusy} onClick={() => void begin()}>
          {t("freezeLift")}
        </Button>
      </div>
      {asked ? <Confirm asked={asked} onConfirmed={lift} onClose={() => setAsked(undefined)} /> : null}
    </>
  );
}
