/** Asks whoever does something grave to show again that it is them: password, code or passkey. */

import { Fingerprint } from "lucide-react";
import { useCallback, useMemo, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import { useT } from "@/lib/language";
import { canUsePasskeys, PasskeyDeclined, signWithPasskey } from "@/lib/passkeys";
import {
  chooseWays,
  NotProven,
  PASSKEY,
  PASSWORD,
  ProofContextProvider,
  readCode,
  readQuestion,
  type Auth,
  type Prove,
  type Question,
} from "@/lib/proof";
import { currentSession } from "@/lib/session";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Note } from "@/ui/Note";
import { CodeField } from "./CodeField";
import { PasswordField } from "./Door";
import styles from "./accounts.module.css";

interface Asked {
  question: Question;
  /** Sends the request with a proof; it settles what was asked for, or throws the next question. */
  send: (auth: Auth) => Promise<void>;
  cancel: () => void;
}

export function ProofProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<Asked>();
  const count = useRef(0);
  const prove = useCallback<Prove>(async (makeRequest) => {
    try {
      return await makeRequest(null);
    } catch (error) {
      const question = readQuestion(error);
      if (!question) throw error;
      count.current += 1;
      return new Promise((resolve, reject) => {
        const settle = (how: () => void) => {
          setAsked(undefined);
          how();
        };
        setAsked({
          question,
          send: async (auth) => {
            try {
              const made = await makeRequest(auth);
              settle(() => resolve(made));
            } catch (refused) {
              if (isForDialog(refused)) throw refused;
              settle(() => reject(refused instanceof Error ? refused : new Error(String(refused))));
            }
          },
          cancel: () => settle(() => reject(new NotProven())),
        });
      });
    }
  }, []);
  const key = asked?.question.session;
  const dialog = useMemo(() => (asked ? <Proving key={key} asked={asked} /> : null), [asked, key]);
  return (
    <ProofContextProvider value={prove}>
      {children}
      {dialog}
    </ProofContextProvider>
  );
}

/** What is told where the proof is asked for: it can be tried again there. */
function isForDialog(error: unknown): boolean {
  const { status, code } = readTrouble(error);
  return readQuestion(error) !== undefined || status === 429 || status === 0 || code === "network";
}

function Proving({ asked }: { asked: Asked }) {
  const t = useT();
  const [question, setQuestion] = useState(asked.question);
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const ways = chooseWays(question);
  const passkey = canUsePasskeys() && ways.hasPasskey ? question.params[PASSKEY] : undefined;

  const attempt = async (makeProof: () => Promise<Auth>) => {
    setIsBusy(true);
    setTrouble(undefined);
    try {
      const proof = await makeProof();
      await asked.send({ ...proof, session: question.session });
    } catch (error) {
      const next = readQuestion(error);
      if (next) setQuestion(next);
      if (next?.isRefused) setTrouble(t("proofRefused"));
      else if (!next && !(error instanceof PasskeyDeclined)) setTrouble(tellTrouble(t, error));
      setIsBusy(false);
      return;
    }
    setIsBusy(false);
  };
  const sign = () =>
    attempt(async () => {
      const credential = await signWithPasskey(passkey?.public_key ?? {});
      return { type: PASSKEY, credential };
    });
  return (
    <Dialog title={t("proofTitle")} closeLabel={t("close")} onClose={asked.cancel}>
      <p>{t("proofText")}</p>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {passkey ? (
        <Button wide busy={isBusy} onClick={() => void sign()}>
          <Fingerprint size={18} aria-hidden /> {t("proofPasskey")}
        </Button>
      ) : null}
      {passkey && ways.typed ? <p className={styles.or}>{t("or")}</p> : null}
      {ways.typed ? (
        <Typed
          key={`${ways.typed} ${question.completed.length}`}
          stage={ways.typed}
          isBusy={isBusy}
          isSecond={passkey !== undefined}
          onProof={attempt}
        />
      ) : passkey ? null : (
        <Note kind="warn">{t("proofPasskeyElsewhere")}</Note>
      )}
    </Dialog>
  );
}

interface TypedProps {
  stage: string;
  isBusy: boolean;
  isSecond: boolean;
  onProof: (makeProof: () => Promise<Auth>) => Promise<void>;
}

function Typed({ stage, isBusy, isSecond, onProof }: TypedProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const isPassword = stage === PASSWORD;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    // The dialog may stand within the form that asked, which must not send once more.
    event.stopPropagation();
    const user = currentSession()?.userId ?? "";
    const auth = isPassword
      ? { type: stage, identifier: { type: "m.id.user", user }, password: typed }
      : { type: stage, ...readCode(typed) };
    void onProof(() => Promise.resolve(auth));
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {isPassword ? (
        <PasswordField value={typed} onChange={setTyped} />
      ) : (
        <CodeField value={typed} onChange={setTyped} />
      )}
      <Button type="submit" wide look={isSecond ? "quiet" : "primary"} busy={isBusy} disabled={!typed}>
        {t("continue")}
      </Button>
    </form>
  );
}
