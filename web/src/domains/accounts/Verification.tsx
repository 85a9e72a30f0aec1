import { ShieldCheck, ShieldX, Smartphone } from "lucide-react";
import {
  CryptoEvent,
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
  type ShowSasCallbacks,
  type VerificationRequest,
} from "matrix-js-sdk/lib/crypto-api";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Loading, State } from "@/ui/State";
import emojiNames from "./emojiNames";
import { VerifyingContext } from "./verifying";
import styles from "./accounts.module.css";

/** Shows a verification wherever the member is when it comes. */
export function VerificationProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const [request, setRequest] = useState<VerificationRequest>();
  useEffect(() => {
    const listen = (found: VerificationRequest) => setRequest((now) => now ?? found);
    client.on(CryptoEvent.VerificationRequestReceived, listen);
    return () => {
      client.off(CryptoEvent.VerificationRequestReceived, listen);
    };
  }, [client]);
  const value = useMemo(() => ({ request, begin: setRequest }), [request]);
  return (
    <VerifyingContext value={value}>
      {children}
      {request ? <Verification request={request} onClose={() => setRequest(undefined)} /> : null}
    </VerifyingContext>
  );
}

function Verification({ request, onClose }: { request: VerificationRequest; onClose: () => void }) {
  const t = useT();
  useNews(request, [VerificationRequestEvent.Change]);
  const sas = useSas(request);
  const close = () => {
    if (request.pending) void request.cancel().catch(() => undefined);
    onClose();
  };
  return (
    <Dialog title={t("verifyTitle")} closeLabel={t("close")} onClose={close}>
      {request.phase === VerificationPhase.Done ? (
        <State
          icon={<ShieldCheck size={28} />}
          title={t("verifyDone")}
          action={<Button onClick={onClose}>{t("done")}</Button>}
        >
          {t("verifyDoneText")}
        </State>
      ) : request.phase === VerificationPhase.Cancelled ? (
        <State
          icon={<ShieldX size={28} />}
          title={t("verifyFailed")}
          action={<Button onClick={onClose}>{t("close")}</Button>}
        >
          {t("verifyFailedText")}
        </State>
      ) : sas ? (
        <Compare sas={sas} />
      ) : request.phase === VerificationPhase.Requested && !request.initiatedByMe ? (
        <Asked request={request} />
      ) : (
        <Loading label={t("verifyWaiting")} />
      )}
    </Dialog>
  );
}

/** Starts the comparison once both are ready, and gives the pictures when they are there. */
function useSas(request: VerificationRequest): ShowSasCallbacks | undefined {
  const phase = request.phase;
  const [sas, setSas] = useState<ShowSasCallbacks>();
  useEffect(() => {
    if (phase === VerificationPhase.Ready && request.initiatedByMe) {
      void request.startVerification("m.sas.v1").catch(() => undefined);
    }
    const verifier = phase === VerificationPhase.Started ? request.verifier : undefined;
    if (!verifier) return;
    verifier.on(VerifierEvent.ShowSas, setSas);
    // How it ends is seen by the request's phase.
    verifier.verify().catch(() => undefined);
    return () => {
      verifier.off(VerifierEvent.ShowSas, setSas);
    };
  }, [request, phase]);
  // They may have come before this listened.
  return sas ?? request.verifier?.getShowSasCallbacks() ?? undefined;
}

function Asked({ request }: { request: VerificationRequest }) {
  const t = useT();
  const [isBusy, setIsBusy] = useState(false);
  const name = request.isSelfVerification ? t("verifyWithDevice") : request.otherUserId;
  return (
    <State
      icon={<Smartphone size={28} />}
      title={request.isSelfVerification ? t("verifyTitle") : t("verifyAsked", { name })}
      action={
        <Button
          busy={isBusy}
          onClick={() => {
            setIsBusy(true);
            void request.accept().catch(() => undefined);
          }}
        >
          {t("verifyAccept")}
        </Button>
      }
    >
      {t("verifyAskedText")}
    </State>
  );
}

function Compare({ sas }: { sas: ShowSasCallbacks }) {
  const { t, tag } = useLanguage();
  const [isConfirmed, setIsConfirmed] = useState(false);
  if (isConfirmed) return <Loading label={t("loading")} />;
  return (
    <>
      <p>{t("verifyCompare")}</p>
      <ol className={styles.pictures} data-testid="verification-emoji">
        {(sas.sas.emoji ?? []).map(([picture, name], index) => (
          <li key={index}>
            <span aria-hidden="true">{picture}</span>
            <small>{tag === "zh-Hans" ? (emojiNames[name] ?? name) : name}</small>
          </li>
        ))}
      </ol>
      <div className={styles.buttons}>
        <Button look="danger" onClick={() => sas.mismatch()}>
          {t("verifyNoMatch")}
        </Button>
        <Button
          onClick={() => {
            setIsConfirmed(true);
            void sas.confirm();
          }}
        >
          {t("verifyMatch")}
        </Button>
      </div>
    </>
  );
}
