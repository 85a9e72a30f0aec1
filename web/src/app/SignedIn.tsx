/** Everything after sign-in: opens the Matrix client and shows the house around it. */

import { HttpApiEvent, type MatrixClient } from "matrix-js-sdk";
import { useEffect, useState } from "react";
import { SecurityBanner } from "@/domains/accounts/Banner";
import { ProofProvider } from "@/domains/accounts/Proving";
import { VerificationProvider } from "@/domains/accounts/Verification";
import { CallProvider } from "@/domains/chat/calls/CallProvider";
import { ChatSlotProvider } from "@/domains/chat/slots";
import { ErasureBanner } from "@/domains/privacy/ErasureBanner";
import { Gossip } from "@/domains/privacy/Gossip";
import { LogAlarmBanner } from "@/domains/privacy/LogAlarms";
import { TellLanguage } from "@/domains/privacy/TellLanguage";
import { NewsBanner } from "@/domains/privacy/NewsBanner";
import { WalletNews } from "@/domains/wallet/WalletNews";
import { PaymentFormsProvider } from "@/domains/miniprograms/slots";
import { useT } from "@/lib/language";
import {
  ensureCrossSigning,
  forgetClient,
  keepState,
  openClient,
  startClient,
  untilShown,
} from "@/lib/matrix/client";
import { ClientProvider } from "@/lib/matrix/context";
import { keepSession, type Session } from "@/lib/session";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Loading, State } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { House } from "./House";
import { PAYMENT_FORMS, SLOTS } from "./slots";

export default function SignedIn({ session }: { session: Session }) {
  const t = useT();
  const [client, setClient] = useState<MatrixClient>();
  const [trouble, setTrouble] = useState<unknown>();
  useEffect(() => {
    let isWanted = true;
    let opened: MatrixClient | undefined;
    const open = async () => {
      opened = await openOnce(session);
      if (!isWanted) return;
      await untilShown(opened);
      // Before anything is shown, since who is in may leave at once; offline it is tried again.
      await ensureCrossSigning(opened).catch(() => undefined);
      setClient(opened);
    };
    open().catch(setTrouble);
    return () => {
      isWanted = false;
    };
  }, [session]);
  useEffect(() => {
    if (!client) return;
    const leave = () => {
      toast(t("expired"));
      void forgetClient(client).finally(() => keepSession(null));
    };
    client.on(HttpApiEvent.SessionLoggedOut, leave);
    return () => {
      client.off(HttpApiEvent.SessionLoggedOut, leave);
    };
  }, [client, t]);
  if (trouble) {
    return (
      <State
        title={t("trouble")}
        action={<Button onClick={() => location.reload()}>{t("retry")}</Button>}
      >
        {tellTrouble(t, trouble)}
      </State>
    );
  }
  if (!client) return <Loading label={t("loading")} />;
  return (
    <ClientProvider value={client}>
      <ProofProvider>
        <VerificationProvider>
          <ChatSlotProvider value={SLOTS}>
            <PaymentFormsProvider value={PAYMENT_FORMS}><CallProvider>
              <Gossip />
              <TellLanguage />
              <House
                banner={
                  <>
                    <LogAlarmBanner />
                    <ErasureBanner />
                    <NewsBanner />
                    <WalletNews />
                    <SecurityBanner />
                  </>
                }
              />
            </CallProvider></PaymentFormsProvider>
          </ChatSlotProvider>
        </VerificationProvider>
      </ProofProvider>
    </ClientProvider>
  );
}

let opening: { deviceId: string; client: Promise<MatrixClient> } | undefined;

/** One client per device, however often React mounts: two would fight over the crypto store. */
function openOnce(session: Session): Promise<MatrixClient> {
  if (opening?.deviceId !== session.deviceId) {
    const client = openClient(session).then(async (opened) => {
      keepState(opened);
      await startClient(opened);
      return opened;
    });
    opening = { deviceId: session.deviceId, client };
  }
  return opening.client;
}

