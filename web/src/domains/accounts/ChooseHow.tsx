import { ScanQrCode, Smile } from "lucide-react";
import type { VerificationRequest } from "matrix-js-sdk/lib/crypto-api";
import { useEffect, useState } from "react";
import { Code, textToBytes } from "@/lib/code";
import { useT } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Viewfinder } from "@/ui/Viewfinder";
import { useDoing } from "./doing";
import styles from "./accounts.module.css";

// What begins every code for verification (Client-Server API, "QR code format").
const MAGIC = "MATRIX";

/** Both devices are ready: one scans the other's code, or both show pictures. */
export function ChooseHow({ request }: { request: VerificationRequest }) {
  const t = useT();
  const code = useOwnCode(request);
  const emoji = useDoing();
  const [isScanning, setIsScanning] = useState(false);
  const canScan = request.otherPartySupportsMethod("m.qr_code.show.v1");
  if (isScanning) return <Scanning request={request} onBack={() => setIsScanning(false)} />;
  return (
    <div className={styles.form}>
      {code ? (
        <div className={styles.centre}>
          <p>
            {t("verifyHow")} {t("verifyQr")}
          </p>
          <Code value={code} label={t("verifyQr")} size={232} />
        </div>
      ) : null}
      {emoji.trouble ? <Note kind="bad">{emoji.trouble}</Note> : null}
      {canScan ? (
        <Button wide onClick={() => setIsScanning(true)}>
          <ScanQrCode size={18} aria-hidden /> {t("verifyScan")}
        </Button>
      ) : null}
      <Button
        look={canScan ? "quiet" : "primary"}
        wide
        busy={emoji.isBusy}
        onClick={() => void emoji.run(() => request.startVerification("m.sas.v1"))}
      >
        <Smile size={18} aria-hidden /> {t("verifyEmoji")}
      </Button>
    </div>
  );
}

/** The code that the other device may scan; nothing where it can't. */
function useOwnCode(request: VerificationRequest): Uint8ClampedArray | undefined {
  const [code, setCode] = useState<Uint8ClampedArray>();
  useEffect(() => {
    let isWanted = true;
    request.generateQRCode().then(
      (made) => {
        if (isWanted) setCode(made);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [request]);
  return code;
}

function Scanning({ request, onBack }: { request: VerificationRequest; onBack: () => void }) {
  const t = useT();
  const [trouble, setTrouble] = useState<string>();
  const read = async (text: string) => {
    if (!text.startsWith(MAGIC)) {
      setTrouble(t("verifyScanWrong"));
      return;
    }
    try {
      await request.scanQRCode(textToBytes(text));
    } catch {
      // Codes of other devices and of other requests are told apart by their keys alone.
      setTrouble(t("verifyScanWrong"));
    }
  };
  return (
    <div className={styles.form}>
      <Viewfinder label={t("verifyScanText")} blind={t("scanNoCamera")} onText={read} isOfBytes />
      <p>{t("verifyScanText")}</p>
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <Button look="quiet" wide onClick={onBack}>
        {t("back")}
      </Button>
    </div>
  );
}
