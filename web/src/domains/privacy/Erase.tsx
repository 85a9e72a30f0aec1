/** Me > Privacy > Erase my account: what goes, what stays, what is in the way, and the certificate. */

import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { useLanguage, type Key } from "@/lib/language";
import { forgetClient } from "@/lib/matrix/client";
import { useClient } from "@/lib/matrix/context";
import { formatMoney } from "@/lib/money";
import { NotProven, useProof } from "@/lib/proof";
import { keepSession } from "@/lib/session";
import { formatMoment } from "@/lib/time";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import {
  askErasure,
  fetchErasure,
  keepAccount,
  type Erasure,
  type ErasureAsked,
  type ErasureObstacle,
} from "./api";
import { tellErasureChanged } from "./erasureNews";
import { Await, useLoaded } from "@/ui/loading";
import { useDeed, type Deed } from "@/ui/deeds";
import styles from "./privacy.module.css";

export function Erase() {
  const { t } = useLanguage();
  const loaded = useLoaded(fetchErasure);
  return (
    <Page title={t("erase")} back={{ to: "/me/privacy", label: t("back") }}>
      <Await loaded={loaded}>
        {(erasure) => <Standing erasure={erasure} reload={loaded.reload} />}
      </Await>
    </Page>
  );
}

function Standing({ erasure, reload }: { erasure: Erasure; reload: () => void }) {
  const { t, tag } = useLanguage();
  const [asked, setAsked] = useState<ErasureAsked>();
  const [isSure, setIsSure] = useState(false);
  const { isBusy, trouble, run } = useErasing();
  const prove = useProof();
  const client = useClient();
  const hinders = erasure.obstacles.some((one) => one.blocks);
  const changed = () => {
    reload();
    tellErasureChanged();
  };

  const ask = () =>
    run(async () => {
      setAsked(await prove((auth) => askErasure(false, auth)));
      changed();
    });
  const keep = () =>
    run(async () => {
      await keepAccount();
      setAsked(undefined);
      toast(t("eraseKept"));
      changed();
    });
  const eraseNow = () =>
    run(async () => {
      const { page } = await prove((auth) => askErasure(true, auth));
      // What is on this device goes first: the session ends in a moment.
      await forgetClient(client).catch(() => undefined);
      keepSession(null);
      location.assign(page);
    });

  return (
    <>
      {erasure.is_asked && erasure.due_at !== null ? (
        <Note kind="warn">
          <strong>{t("eraseDue", { when: formatMoment(erasure.due_at, tag) })}</strong>
          <p>{t("eraseDueText")}</p>
        </Note>
      ) : (
        <p className={styles.lead}>{t("eraseLead", { count: erasure.days })}</p>
      )}
      {asked ? <Claim page={asked.page} /> : null}
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <Obstacles obstacles={erasure.obstacles} />
      <Points title={t("eraseGoes")} points={["eraseGoes1", "eraseGoes2", "eraseGoes3", "eraseGoes4"]} />
      <Points
        title={t("eraseStays")}
        points={["eraseStays1", "eraseStays2", "eraseStays3"]}
        count={erasure.keep_years}
      />
      <div className={styles.deeds}>
        {erasure.is_asked ? (
          <Button wide busy={isBusy} onClick={() => void keep()}>
            {t("eraseKeep")}
          </Button>
        ) : (
          <Button wide look="danger" busy={isBusy} onClick={() => void ask()}>
            {t("eraseAsk", { count: erasure.days })}
          </Button>
        )}
        <Button wide look="quiet" disabled={hinders || isBusy} onClick={() => setIsSure(true)}>
          {t("eraseNow")}
        </Button>
        {hinders ? <p className={styles.soft}>{t("eraseNowHindered")}</p> : null}
        <p className={styles.soft}>
          <Link to="/me/privacy">{t("eraseTakeAlong")}</Link>
        </p>
      </div>
      {isSure ? (
        <Dialog title={t("eraseNow")} closeLabel={t("close")} onClose={() => setIsSure(false)}>
          <p>{t("eraseNowText")}</p>
          <div className={styles.deeds}>
            <Button
              wide
              look="danger"
              busy={isBusy}
              onClick={() => {
                setIsSure(false);
                void eraseNow();
              }}
            >
              {t("eraseNowYes")}
            </Button>
            <Button wide look="quiet" onClick={() => setIsSure(false)}>
              {t("cancel")}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}

/** The only time that the address of the certificate is told. */
function Claim({ page }: { page: string }) {
  const { t } = useLanguage();
  const address = new URL(page, location.origin).href;
  const copy = () => {
    void navigator.clipboard.writeText(address).then(() => toast(t("copied")));
  };
  return (
    <Note
      action={
        <Button look="plain" onClick={copy}>
          {t("copy")}
        </Button>
      }
    >
      <strong>{t("eraseClaim")}</strong>
      <p>{t("eraseClaimText")}</p>
      <p className={styles.code} data-testid="erasure-claim">
        {address}
      </p>
    </Note>
  );
}

const OBSTACLES: Record<string, Key> = {
  "money-left": "eraseMoneyLeft",
  "red-packet-open": "erasePacketOpen",
  "bank-order-open": "eraseOrderOpen",
  "dispute-open": "eraseDisputeOpen",
  "shop-owned": "eraseShopOwned",
};

function Obstacles({ obstacles }: { obstacles: ErasureObstacle[] }) {
  const { t, tag } = useLanguage();
  if (obstacles.length === 0) return null;
  return (
    <section aria-label={t("eraseFirst")}>
      <h2 className={styles.heading}>{t("eraseFirst")}</h2>
      <div className={styles.card}>
        {obstacles.map((one, index) => (
          <div key={index} className={styles.item}>
            <div className={styles.itemHead}>
              <span className={styles.lineTitle}>
                {t(OBSTACLES[one.code] ?? "eraseOther", { name: one.name || one.code })}
              </span>
              {one.amount ? (
                <span className={styles.number}>{formatMoney(one.amount, tag)}</span>
              ) : null}
            </div>
            {one.blocks ? <Link to="/me/wallet">{t("eraseSettle")}</Link> : null}
          </div>
        ))}
      </div>
    </section>
  );
}

interface PointsProps {
  title: string;
  points: Key[];
  count?: number;
}

function Points({ title, points, count = 0 }: PointsProps) {
  const { t } = useLanguage();
  return (
    <section aria-label={title}>
      <h2 className={styles.heading}>{title}</h2>
      <ul className={styles.points}>
        {points.map((point): ReactNode => (
          <li key={point}>{t(point, { count })}</li>
        ))}
      </ul>
    </section>
  );
}

function useErasing(): Deed {
  const { t } = useLanguage();
  return useDeed((error) => {
    if (error instanceof NotProven) return undefined;
    const isHindered = readTrouble(error).code === "erasure-hindered";
    return isHindered ? t("eraseNowHindered") : tellTrouble(t, error);
  });
}
