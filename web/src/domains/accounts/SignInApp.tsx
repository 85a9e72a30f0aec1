/**
 * Signs a member in to another Matrix client (`m.login.sso`): the client sends them here, and gets
 * them back with a token for one login.
 */

import { AppWindow, Globe } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useSearch } from "wouter";
import {
  fetchTokenByPasskey,
  fetchTokenByPassword,
  findForeignClient,
  type ForeignClient,
  type LoginToken,
} from "@/lib/doors";
import { useT } from "@/lib/language";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Loading } from "@/ui/State";
import { Door } from "./Door";
import { Entering } from "./Entering";
import styles from "./door.module.css";

// Time for the client to use the token after the member has agreed.
const SPARE_MS = 20_000;

export function SignInApp() {
  const t = useT();
  const address = new URLSearchParams(useSearch()).get("redirectUrl") ?? "";
  const [client, setClient] = useState<ForeignClient>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    let isWanted = true;
    findForeignClient(address).then(
      (found) => {
        if (isWanted) setClient(found);
      },
      (error: unknown) => {
        if (!isWanted) return;
        setTrouble(readTrouble(error).status === 400 ? t("ssoWrong") : tellTrouble(t, error));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [address, t]);
  return (
    <Door title={t("ssoTitle")}>
      {trouble ? (
        <Note kind="bad">{trouble}</Note>
      ) : client ? (
        <Steps address={address} client={client} />
      ) : (
        <Loading label={t("loading")} />
      )}
    </Door>
  );
}

function Steps({ address, client }: { address: string; client: ForeignClient }) {
  const t = useT();
  const [held, setHeld] = useState<LoginToken>();
  const [isGone, setIsGone] = useState(false);
  const take = (token: LoginToken) => {
    if (client.is_known) leave(token);
    else setHeld(token);
  };
  const leave = (token: LoginToken) => {
    setIsGone(true);
    location.assign(token.redirect_to ?? "/");
  };
  if (isGone) return <p className={styles.other}>{t("ssoGone", { client: client.name })}</p>;
  return (
    <>
      <ClientNamed client={client} />
      {held ? (
        <Agree held={held} client={client} onAgree={leave} onExpired={() => setHeld(undefined)} />
      ) : (
        <Entering
          onPasskey={async () => take(await fetchTokenByPasskey(address))}
          onTyped={async (typed) => take(await fetchTokenByPassword(typed, address))}
        />
      )}
    </>
  );
}

function ClientNamed({ client }: { client: ForeignClient }) {
  const t = useT();
  const Icon = client.kind === "web" ? Globe : AppWindow;
  return (
    <div className={styles.client}>
      <Icon size={22} aria-hidden />
      <div>
        <p>{t(client.kind === "web" ? "ssoAsksWeb" : "ssoAsksApp")}</p>
        <strong data-testid="sso-client">{client.name}</strong>
      </div>
    </div>
  );
}

interface AgreeProps {
  held: LoginToken;
  client: ForeignClient;
  onAgree: (token: LoginToken) => void;
  onExpired: () => void;
}

/** The step that a member must take by hand: whoever gets the token reads and writes as them. */
function Agree({ held, client, onAgree, onExpired }: AgreeProps) {
  const t = useT();
  const forget = useRef(onExpired);
  useEffect(() => {
    forget.current = onExpired;
  });
  useEffect(() => {
    const timer = setTimeout(() => forget.current(), held.expires_in_ms - SPARE_MS);
    return () => clearTimeout(timer);
  }, [held]);
  return (
    <section className={styles.form} aria-live="polite">
      <h2>{t("ssoAgree", { client: client.name })}</h2>
      <p>{t("ssoAgreeText", { name: held.user_id })}</p>
      <Note kind="warn">{t("ssoWarn")}</Note>
      <Button wide onClick={() => onAgree(held)}>
        {t("ssoContinue")}
      </Button>
      <Button look="plain" onClick={() => location.assign("/")}>
        {t("ssoCancel")}
      </Button>
    </section>
  );
}
