import { useState, type SyntheticEvent } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { signIn } from "@/lib/doors";
import { useT, type Translate } from "@/lib/language";
import { keepSession } from "@/lib/session";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Door, PasswordField } from "./Door";
import styles from "./door.module.css";

export function SignIn() {
  const t = useT();
  const [, go] = useLocation();
  const search = useSearch();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    try {
      keepSession(await signIn(name, password));
      go(readNext(search));
    } catch (error) {
      setTrouble(tellSignInTrouble(t, error));
      setIsBusy(false);
    }
  };

  return (
    <Door title={t("signInTitle")}>
      <form className={styles.form} onSubmit={submit}>
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
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
        <Button type="submit" wide busy={isBusy} disabled={!name || !password}>
          {t("signIn")}
        </Button>
      </form>
      <p className={styles.other}>
        {t("newHere")} <Link to="/sign-up">{t("signUp")}</Link>
      </p>
    </Door>
  );
}

/** Where to go after sign-in: only to a page of this app. */
export function readNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/(?![/\\])/.test(next) ? next : "/chats";
}

function tellSignInTrouble(t: Translate, error: unknown): string {
  return readTrouble(error).code === "M_FORBIDDEN" ? t("wrongPassword") : tellTrouble(t, error);
}
