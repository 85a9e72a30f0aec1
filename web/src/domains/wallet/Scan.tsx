import { useState, type SyntheticEvent } from "react";
import { useLocation } from "wouter";
import { useLanguage } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { Viewfinder } from "@/ui/Viewfinder";
import { scan } from "./api";
import { PayShop } from "./PayCharge";
import { tellWalletTrouble } from "./trouble";
import type { Scanned } from "./types";
import styles from "./wallet.module.css";

/** Where a code leads within this app; nothing for codes that the server must read. */
export function readOwnLink(text: string, origin: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return undefined;
  }
  return url.origin === origin && /^\/(to|pay)\/[^/]+$/.test(url.pathname) ? url.pathname : undefined;
}

export function Scan() {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const [typed, setTyped] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [found, setFound] = useState<{ scanned: Scanned; text: string }>();

  const read = async (text: string) => {
    const path = readOwnLink(text, location.origin);
    if (path) {
      go(path);
      return;
    }
    try {
      setFound({ scanned: await scan(text.trim()), text });
    } catch (error) {
      setTrouble(tellWalletTrouble(t, tag, error));
    }
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTrouble(undefined);
    void read(typed);
  };
  return (
    <Page title={t("scan")} back={{ to: "/me", label: t("back") }}>
      {found ? (
        <PayShop scanned={found.scanned} text={found.text} onClose={() => setFound(undefined)} />
      ) : (
        <>
          <p>{t("scanText")}</p>
          <Viewfinder label={t("scanText")} blind={t("scanNoCamera")} onText={read} />
          {trouble ? <Note kind="bad">{trouble}</Note> : null}
          <form className={styles.form} onSubmit={submit}>
            <Field label={t("scanType")} value={typed} onChange={setTyped} autoComplete="off" />
            <Button type="submit" look="quiet" disabled={!typed.trim()}>
              {t("continue")}
            </Button>
          </form>
        </>
      )}
    </Page>
  );
}
