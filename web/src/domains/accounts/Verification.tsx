import { ShieldCheck, ShieldX, Smartphone } from "lucide-react";
import {
  CryptoEvent,
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
  type ShowQrCodeCallbacks,
  type ShowSasCallbacks,
  type VerificationRequest,
} from "matrix-js-sdk/lib/crypto-api";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Loading, State } from "@/ui/State";
import { ChooseHow } from "./ChooseHow";
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

interface Props {
  request: VerificationRequest;
  onClose: () => void;
}

function Verification({ request, onClose }: Props) {
  const t = useT();
  useNews(request, [VerificationRequestEvent.Change]);
  const close = () => {
    if (request.pending) void request.cancel().catch(() => undefined);
    onClose();
  };
  return (
    <Dialog title={t("verifyTitle")} closeLabel={t("close")} onClose={close}>
      <Step request={request} onClose={onClose} />
    </Dialog>
  );
}

function Step({ request, onClose }: Props) {
  const t = useT();
  const { sas, qr } = useVerifier(request);
  switch (request.phase) {
    case VerificationPhase.Done:
      return (
        <State
          icon={<ShieldCheck size={28} />}
          title={t("verifyDone")}
          action={<Button onClick={onClose}>{t("done")}</Button>}
        >
          {t("verifyDoneText")}
        </State>
      );
    case VerificationPhase.Cancelled:
      return (
        <State
          icon={<ShieldX size={28} />}
          title={t("verifyFailed")}
          action={<Button onClick={onClose}>{t("close")}</Button>}
        >
          {t("verifyFailedText")}
        </State>
      );
    case VerificationPhase.Ready:
      return <ChooseHow request={request} />;
    case VerificationPhase.Started:
      if (sas) return <Compare sas={sas} />;
      if (qr) return <Scanned qr={qr} />;
      return <Loading label={t("verifyScannedWait")} />;
    default:
      if (request.initiatedByMe) return <Loading label={t("verifyWaiting")} />;
      return <Asked request={request} />;
  }
}

/** What is to be confirmed by hand once a way was chosen: pictures, or that one was scanned. */
function useVerifier(request: VerificationRequest) {
  const verifier = request.phase === VerificationPhase.Started ? request.verifier : undefined;
  const [sas, setSas] = useState<ShowSasCallbacks>();
  const [qr, setQr] = useState<ShowQrCodeCallbacks>();
  useEffect(() => {
    if (!verifier) return;
    verifier.on(VerifierEvent.ShowSas, setSas);
    verifier.on(VerifierEvent.ShowReciprocateQr, setQr);
    // How it ends is seen by the request's phase.
    verifier.verify().catch(() => undefined);
    return () => {
      verifier.off(VerifierEvent.ShowSas, setSas);
      verifier.off(VerifierEvent.ShowReciprocateQr, setQr);
    };
  }, [verifier]);
  // They may have come before this listened.
  return {
    sas: sas ?? verifier?.getShowSasCallbacks() ?? undefined,
    qr: qr ?? verifier?.getReciprocateQrCodeCallbacks() ?? undefined,
  };
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

/** This device's code was scanned: only who holds both devices can know that it was their own. */
function Scanned({ qr }: { qr: ShowQrCodeCallbacks }) {
  const t = useT();
  const [isConfirmed, setIsConfirmed] = useState(false);
  if (isConfirmed) return <Loading label={t("loading")} />;
  return (
    <>
      <p>{t("verifyScanned")}</p>
      <div className={styles.buttons}>
        <Button look="danger" onClick={() => qr.cancel()}>
          {t("verifyScannedNo")}
        </Button>
        <Button
          onClick={() => {
            setIsConfirmed(true);
            qr.confirm();
          }}
        >
          {t("verifyScannedYes")}
        </Button>
      </div>
    </>
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
