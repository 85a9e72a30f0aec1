/** What one may pay: every limit, what is used and left, and what raises it. */

import { BadgeCheck, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { Segments } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { usedShare } from "./pageViews";
import {
  fetchIdentity,
  fetchLimits,
  type CapState,
  type Identity,
  type Limits,
  type LimitsOfCurrency,
  type ProofClass,
  type Tier,
} from "./pagesApi";
import { choose, tellWalletTrouble } from "./trouble";
import { useWalletData } from "./wallets";
import styles from "./pages.module.css";

export function LimitsPage() {
  const { t, tag } = useLanguage();
  const { value, trouble } = useWalletData(() => Promise.all([fetchLimits(), fetchIdentity()]));
  return (
    <Page title={t("limits")} back={{ to: "/me/wallet", label: t("back") }}>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {value ? (
        <>
          <OwnTier identity={value[1]} />
          <Rules limits={value[0]} />
        </>
      ) : trouble ? null : (
        <Loading label={t("loading")} />
      )}
    </Page>
  );
}

const TIER: Record<Tier, Key> = { none: "tierNone", I: "tierI", II: "tierII", III: "tierIII" };

function OwnTier({ identity }: { identity: Identity }) {
  const { t, tag } = useLanguage();
  const valid = identity.checks.filter((check) => check.revoked_at === null);
  return (
    <Card title={t("tier")}>
      <Row
        icon={<ShieldCheck size={22} aria-hidden />}
        title={<span data-testid="tier">{t(TIER[identity.tier])}</span>}
        sub={t("tierChecks", { count: valid.length })}
      />
      {identity.steps.map((step) => (
        <Row
          key={step.tier}
          icon={<BadgeCheck size={22} aria-hidden />}
          title={t("tierNext", { tier: t(TIER[step.tier]) })}
          sub={choose(step, tag)}
        />
      ))}
    </Card>
  );
}

function Rules({ limits }: { limits: Limits }) {
  const { t, tag } = useLanguage();
  const codes = limits.currencies.map((one) => one.currency);
  const [chosen, setChosen] = useState<string>();
  const currency = chosen ?? codes[0];
  const found = limits.currencies.find((one) => one.currency === currency);
  return (
    <>
      {codes.length > 1 ? (
        <Segments
          label={t("currency")}
          options={codes.map((code) => ({ value: code, label: code }))}
          value={currency ?? ""}
          onChange={setChosen}
        />
      ) : null}
      {found ? <Caps found={found} next={limits.next_tier.find((one) => one.currency === currency)} /> : null}
      <details className={styles.source}>
        <summary>{t("limitsSource", { title: choose(limits.title, tag) ?? limits.rule_set })}</summary>
        <p>{limits.source}</p>
        <ul>
          {found?.caps.map((cap) => (
            <li key={cap.rule}>{cap.article}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

interface CapsProps {
  found: LimitsOfCurrency;
  next: LimitsOfCurrency | undefined;
}

function Caps({ found, next }: CapsProps) {
  const { t, tag } = useLanguage();
  return (
    <>
      {found.caps.length === 0 ? (
        <Note>{t(found.is_covered ? "limitsNone" : "limitsNotCovered")}</Note>
      ) : null}
      {found.caps.map((cap) => (
        <Cap key={cap.rule} cap={cap} />
      ))}
      {found.signals.length > 0 ? (
        <Card title={t("limitsSignals")}>
          {found.signals.map((signal) => (
            <Row
              key={signal.rule}
              title={
                signal.from_amount.minor > 0
                  ? t("limitsFrom", { amount: formatMoney(signal.from_amount, tag) })
                  : t("limitsAlways")
              }
              sub={choose(signal.told, tag)}
            />
          ))}
        </Card>
      ) : null}
      {next && next.caps.length > 0 ? (
        <Card title={t("limitsNext")}>
          {next.caps.map((cap) => (
            <Row
              key={cap.rule}
              title={cap.limit ? formatMoney(cap.limit, tag) : t("limitsUnlimited")}
              sub={choose(cap.told, tag)}
            />
          ))}
        </Card>
      ) : null}
    </>
  );
}

const PERIOD: Record<CapState["period"], Key> = {
  lifetime: "limitsLifetime",
  year: "limitsYear",
  day: "limitsDay",
};
const PROOF: Record<ProofClass, Key> = {
  under_two: "limitsProofUnderTwo",
  two: "limitsProofTwo",
  two_signed: "limitsProofSigned",
};
const ALL_PROOFS = Object.keys(PROOF).length;

function Cap({ cap }: { cap: CapState }) {
  const { t, tag } = useLanguage();
  const share = usedShare(cap);
  const period = t(PERIOD[cap.period]);
  const title =
    cap.proofs.length < ALL_PROOFS
      ? `${period} · ${cap.proofs.map((proof) => t(PROOF[proof])).join(", ")}`
      : period;
  const used = formatMoney(cap.used, tag);
  return (
    <section className={styles.cap} data-testid={`limit-${cap.rule}`}>
      <h3>{title}</h3>
      {cap.limit && cap.left ? (
        <>
          <p className={styles.left}>{t("limitsLeft", { amount: formatMoney(cap.left, tag) })}</p>
          <progress value={share ?? 0} max={1} aria-label={title} />
          <p className={styles.soft}>
            {t("limitsUsed", { used, limit: formatMoney(cap.limit, tag) })}
            {cap.resets_at === null
              ? null
              : ` · ${t("limitsResets", { when: formatMoment(cap.resets_at, tag) })}`}
          </p>
        </>
      ) : (
        <p className={styles.left}>{t("limitsUnlimited")}</p>
      )}
      <p>{choose(cap.told, tag)}</p>
      {cap.limit ? <p className={styles.raise}>{choose(cap.how_to_raise, tag)}</p> : null}
    </section>
  );
}
