import { Coins, KeyRound, Lock, ShieldCheck, Users } from "lucide-react";
import { useEffect, useState, type SyntheticEvent } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { findHouse, signUp, type House } from "@/lib/doors";
import { useLanguage, useT, type Translate } from "@/lib/language";
import { keepSession } from "@/lib/session";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Field, Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { Door, PasswordField } from "./Door";
import { tellWeakPassword } from "./doing";
import { allowPurposes, fetchPurposes, type Purpose } from "./purposes";
import { readNext } from "./SignIn";
import styles from "./door.module.css";

// What the server takes; said before it is asked.
const NAME = /^[a-z0-9._=/+-]+$/;

export function SignUp() {
  const t = useT();
  const [house, setHouse] = useState<House>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    findHouse().then(setHouse, (error: unknown) => setTrouble(tellTrouble(t, error)));
  }, [t]);
  return (
    <Door title={t("signUpTitle")}>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {house?.registration === "closed" ? (
        <Note kind="warn">{t("registrationClosed")}</Note>
      ) : (
        <Form house={house} />
      )}
      <p className={styles.other}>
        <Link to="/sign-in">{t("haveAccount")}</Link>
      </p>
    </Door>
  );
}

function Form({ house }: { house: House | undefined }) {
  const { t, tag } = useLanguage();
  const [allowed, setAllowed] = useState<ReadonlySet<string>>(new Set());
  const [, go] = useLocation();
  const search = useSearch();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [trouble, setTrouble] = useState<unknown>();
  const [isBusy, setIsBusy] = useState(false);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    try {
      const session = await signUp(name, password, code);
      // The account is there: what could not be allowed now can be at any time later.
      await allowPurposes(session, allowed, tag).catch((error: unknown) =>
        toast(tellTrouble(t, error)),
      );
      keepSession(session);
      go(readNext(search));
    } catch (error) {
      setTrouble(error);
      setIsBusy(false);
    }
  };

  const needsCode = house?.registration === "token";
  const isReady = NAME.test(name) && password !== "" && (code !== "" || !needsCode);
  const told = trouble === undefined ? undefined : tellSignUpTrouble(t, trouble);
  return (
    <form className={styles.form} onSubmit={submit}>
      {told && !told.isOfName ? <Note kind="bad">{told.text}</Note> : null}
      <Field
        label={t("name")}
        value={name}
        onChange={(value) => setName(value.trim().toLowerCase())}
        error={tellWrongName(t, name) ?? (told?.isOfName ? told.text : undefined)}
        hint={hintName(t, name, house)}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      <PasswordField value={password} onChange={setPassword} isNew />
      {needsCode ? (
        <Field
          label={t("invitationCode")}
          hint={t("invitationCodeHint")}
          value={code}
          onChange={setCode}
          autoComplete="off"
        />
      ) : null}
      <WhatIsStored />
      <Optional chosen={allowed} onChange={setAllowed} />
      <Button type="submit" wide busy={isBusy} disabled={!isReady}>
        {t("signUp")}
      </Button>
    </form>
  );
}

function tellWrongName(t: Translate, name: string): string | undefined {
  return name && !NAME.test(name) ? t("nameWrong") : undefined;
}

function hintName(t: Translate, name: string, house: House | undefined): string {
  return name && house ? t("nameHint", { name, server: house.server_name }) : t("nameHintEmpty");
}

function WhatIsStored() {
  const t = useT();
  const size = 16;
  return (
    <section className={styles.stored}>
      <h2>{t("storedTitle")}</h2>
      <ul>
        <li>
          <KeyRound size={size} aria-hidden /> {t("storedName")}
        </li>
        <li>
          <Lock size={size} aria-hidden /> {t("storedMessages")}
        </li>
        <li>
          <Users size={size} aria-hidden /> {t("storedWho")}
        </li>
        <li>
          <Coins size={size} aria-hidden /> {t("storedMoney")}
        </li>
        <li>
          <ShieldCheck size={size} aria-hidden /> {t("storedNot")}
        </li>
      </ul>
    </section>
  );
}

interface OptionalProps {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** What may be allowed: all of it off, and an account is made just the same without. */
function Optional({ chosen, onChange }: OptionalProps) {
  const { t, tag } = useLanguage();
  const [purposes, setPurposes] = useState<Purpose[]>([]);
  useEffect(() => {
    let isWanted = true;
    fetchPurposes(tag).then(
      (found) => {
        if (isWanted) setPurposes(found);
      },
      // What is not asked is not allowed.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [tag]);
  if (purposes.length === 0) return null;
  const turn = (purpose: string, isOn: boolean) => {
    const changed = new Set(chosen);
    if (isOn) changed.add(purpose);
    else changed.delete(purpose);
    onChange(changed);
  };
  return (
    <section className={styles.stored} aria-label={t("optionalTitle")}>
      <h2>{t("optionalTitle")}</h2>
      <p>{t("optionalText")}</p>
      {purposes.map(({ purpose, title, text }) => (
        <div key={purpose} className={styles.purpose}>
          <Switch
            label={title}
            isOn={chosen.has(purpose)}
            onChange={(isOn) => turn(purpose, isOn)}
          />
          <p>{text}</p>
        </div>
      ))}
    </section>
  );
}

function tellSignUpTrouble(t: Translate, error: unknown): { text: string; isOfName: boolean } {
  const { code } = readTrouble(error);
  if (code === "M_USER_IN_USE") return { text: t("nameTaken"), isOfName: true };
  if (code === "M_INVALID_USERNAME") return { text: t("nameWrong"), isOfName: true };
  if (code === "M_WEAK_PASSWORD") return { text: tellWeakPassword(t, error), isOfName: false };
  if (code === "wrong-code" || code === "M_UNAUTHORIZED") {
    return { text: t("wrongCode"), isOfName: false };
  }
  return { text: tellTrouble(t, error), isOfName: false };
}
