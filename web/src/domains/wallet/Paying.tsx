/** Pays something once, and asks the member to confirm where the house wants to be sure. */

import { useState, type ReactNode, type SyntheticEvent } from "react";
import { Link } from "wouter";
import { newKey } from "@/lib/api";
import { ApiError } from "@/lib/http";
import { useLanguage } from "@/lib/language";
import { canUsePasskeys, signWithPasskey } from "@/lib/passkeys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Loading } from "@/ui/State";
import { beginConfirmation, proveFactor } from "./api";
import { choose, tellWalletTrouble, type Said } from "./trouble";
import type { ConfirmationView, Facts, Factor } from "./types";
import styles from "./wallet.module.css";

export interface Asked {
  confirmation: ConfirmationView;
  /** Sets of factors, any of which would do. */
  sets: Factor[][];
  reasons: Said[];
}

export interface Paying {
  isBusy: boolean;
  trouble: ReactNode;
  start: () => Promise<void>;
  /** Stands somewhere on the page that pays. */
  dialog: ReactNode;
}

/**
 * @param facts what is paid, exactly as the server will bind a confirmation to it.
 * @param send pays; called again with the id of a confirmation where one was needed.
 */
export function usePaying(
  facts: Facts | undefined,
  send: (key: string, confirmation?: string) => Promise<void>,
): Paying {
  const { t, tag } = useLanguage();
  const [key, setKey] = useState(newKey);
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<ReactNode>();
  const [asked, setAsked] = useState<Asked>();

  const attempt = async (confirmation?: string) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await send(key, confirmation);
      setAsked(undefined);
    } catch (error) {
      // After a lost answer the same key asks what became of it; after a refusal it is a new deed.
      if (!(error instanceof ApiError) || error.code !== "network") setKey(newKey());
      await judge(error);
    }
    setIsBusy(false);
  };
  const judge = async (error: unknown) => {
    const needsProof = error instanceof ApiError && error.code === "payment-confirmation-needed";
    if (!needsProof || !facts) {
      setAsked(undefined);
      const told = tellWalletTrouble(t, tag, error);
      const isLimit = error instanceof ApiError && error.code === "limit-reached";
      setTrouble(isLimit ? <LimitTold told={told} /> : told);
      return;
    }
    const { factors = [], reasons = [] } = error.data as { factors?: Factor[][]; reasons?: Said[] };
    if (factors.length === 0) setTrouble(t("confirmNoFactor"));
    else {
      try {
        setAsked({ confirmation: await beginConfirmation(facts), sets: factors, reasons });
      } catch (refused) {
        setTrouble(tellWalletTrouble(t, tag, refused));
      }
    }
  };
  return {
    isBusy,
    trouble,
    start: () => attempt(),
    dialog: asked ? (
      <Confirm asked={asked} onConfirmed={attempt} onClose={() => setAsked(undefined)} />
    ) : null,
  };
}

/** What a limit refused, and the way to all of them. */
function LimitTold({ told }: { told: string }) {
  const { t } = useLanguage();
  return (
    <>
      {told} <Link to="/me/limits">{t("limitsSee")}</Link>
    </>
  );
}

interface ConfirmProps {
  asked: Asked;
  onConfirmed: (confirmation: string) => Promise<void>;
  onClose: () => void;
}

export function Confirm({ asked, onConfirmed, onClose }: ConfirmProps) {
  const { t, tag } = useLanguage();
  const [confirmation, setConfirmation] = useState(asked.confirmation);
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const { typed, hasPasskey } = chooseProofs(asked.sets, confirmation.offered, canUsePasskeys());
  const next = typed.find((factor) => !confirmation.confirmed.includes(factor));

  const prove = async (proof: object) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      const found = await proveFactor(confirmation.confirmation_id, proof);
      const isDone = asked.sets.some((set) => set.every((one) => found.confirmed.includes(one)));
      if (isDone) await onConfirmed(confirmation.confirmation_id);
      else setConfirmation({ ...confirmation, confirmed: found.confirmed });
    } catch (error) {
      setTrouble(tellWalletTrouble(t, tag, error));
    }
    setIsBusy(false);
  };
  return (
    <Dialog title={t("confirmTitle")} closeLabel={t("close")} onClose={onClose}>
      <p>
        <strong>{choose(confirmation.summary, tag)}</strong>
      </p>
      {asked.reasons.map((reason, index) => (
        <p key={index}>{choose(reason, tag)}</p>
      ))}
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {hasPasskey ? (
        <Passkey options={confirmation.public_key ?? {}} isBusy={isBusy} onProof={prove} />
      ) : null}
      {hasPasskey && next ? <p className={styles.or}>{t("or")}</p> : null}
      {next ? (
        <Typed key={next} factor={next} isBusy={isBusy} isSecond={hasPasskey} onProof={prove} />
      ) : typed.length > 0 ? (
        <Loading label={t("loading")} />
      ) : hasPasskey ? null : (
        <Note kind="warn">{t("proofPasskeyElsewhere")}</Note>
      )}
    </Dialog>
  );
}

/** The easiest set that the member can prove: the fewest factors, a password before others. */
export function chooseSet(sets: readonly Factor[][], offered: readonly Factor[]): Factor[] {
  const possible = sets.filter((set) => set.every((factor) => offered.includes(factor)));
  const order: Factor[] = ["password", "totp", "passkey"];
  const weigh = (set: Factor[]) =>
    set.length * 10 + set.reduce((sum, factor) => sum + order.indexOf(factor), 0);
  return [...possible].sort((one, other) => weigh(one) - weigh(other))[0] ?? [];
}

/**
 * How the member can confirm: what they type, and whether a passkey will do instead.
 *
 * @param isAble whether passkeys work in this browser.
 */
export function chooseProofs(
  sets: readonly Factor[][],
  offered: readonly Factor[],
  isAble: boolean,
): { typed: Exclude<Factor, "passkey">[]; hasPasskey: boolean } {
  const isTyped = (factor: Factor) => factor !== "passkey";
  return {
    typed: chooseSet(sets, offered.filter(isTyped)).filter(isTyped),
    hasPasskey: isAble && offered.includes("passkey") && chooseSet(sets, ["passkey"]).length > 0,
  };
}

interface ProofProps {
  isBusy: boolean;
  onProof: (proof: object) => Promise<void>;
}

interface TypedProps extends ProofProps {
  factor: "password" | "totp";
  /** Whether there is an easier way beside it. */
  isSecond: boolean;
}

function Typed({ factor, isBusy, isSecond, onProof }: TypedProps) {
  const { t } = useLanguage();
  const [typed, setTyped] = useState("");
  const isPassword = factor === "password";
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    // The dialog may stand within the form that pays, which must not pay once more.
    event.stopPropagation();
    void onProof(isPassword ? { factor, password: typed } : { factor, code: typed.trim() });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field
        label={isPassword ? t("password") : t("confirmCode")}
        type={isPassword ? "password" : "text"}
        inputMode={isPassword ? undefined : "numeric"}
        autoComplete={isPassword ? "current-password" : "one-time-code"}
        value={typed}
        onChange={setTyped}
        autoFocus={!isSecond}
      />
      <Button
        type="submit"
        wide
        look={isSecond ? "quiet" : "primary"}
        busy={isBusy}
        disabled={!typed}
      >
        {t("confirmDo")}
      </Button>
    </form>
  );
}

function Passkey({ options, isBusy, onProof }: ProofProps & { options: Record<string, unknown> }) {
  const { t } = useLanguage();
  const sign = async () => {
    const credential = await signWithPasskey(options);
    await onProof({ factor: "passkey", credential });
  };
  return (
    <Button wide busy={isBusy} onClick={() => void sign().catch(() => undefined)}>
      {t("confirmPasskey")}
    </Button>
  );
}
