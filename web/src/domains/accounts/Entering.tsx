/** Asks who somebody is: by passkey, or by name, password and, where one is set up, a code. */

import { Fingerprint } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { isCodeNeeded, type Typed } from "@/lib/doors";
import { useT, type Translate } from "@/lib/language";
import { canUsePasskeys, PasskeyDeclined } from "@/lib/passkeys";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { PasswordField } from "./Door";
import { CodeField } from "./CodeField";
import styles from "./door.module.css";

interface Props {
  onPasskey: () => Promise<void>;
  onTyped: (typed: Typed) => Promise<void>;
}

export function Entering({ onPasskey, onTyped }: Props) {
  const t = useT();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [busy, setBusy] = useState<"passkey" | "typed">();

  const run = async (what: "passkey" | "typed", enter: () => Promise<void>) => {
    setBusy(what);
    setTrouble(undefined);
    try {
      await enter();
    } catch (error) {
      if (isCodeNeeded(error)) setAsksCode(true);
      else if (!(error instanceof PasskeyDeclined)) {
        setTrouble(tell(t, error, what === "passkey", asksCode));
      }
    }
    setBusy(undefined);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void run("typed", () => onTyped({ name, password, code: asksCode ? code.trim() : "" }));
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {asksCode ? (
        <>
          <p>{t("codeAsk", { name })}</p>
          <CodeField value={code} onChange={setCode} />
        </>
      ) : (
        <>
          <Field
            label={t("name")}
            value={name}
            onChange={setName}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
          <PasswordField value={password} onChange={setPassword} />
        </>
      )}
      <Button
        type="submit"
        wide
        busy={busy === "typed"}
        disabled={!name || !password || (asksCode && !code.trim())}
      >
        {t("signIn")}
      </Button>
      {asksCode ? (
        <Button
          look="plain"
          onClick={() => {
            setAsksCode(false);
            setCode("");
            setTrouble(undefined);
          }}
        >
          {t("back")}
        </Button>
      ) : canUsePasskeys() ? (
        <Button
          look="quiet"
          wide
          busy={busy === "passkey"}
          onClick={() => void run("passkey", onPasskey)}
        >
          <Fingerprint size={18} aria-hidden /> {t("signInPasskey")}
        </Button>
      ) : null}
    </form>
  );
}

function tell(t: Translate, error: unknown, isPasskey: boolean, isCode: boolean): string {
  const { status, code } = readTrouble(error);
  if (status !== 403 || !["M_FORBIDDEN", "login-refused", "passkey-refused", "second-factor-refused"].includes(code)) {
    return tellTrouble(t, error);
  }
  if (isPasskey) return t("passkeyRefused");
  return isCode ? t("codeWrong") : t("wrongPassword");
}
