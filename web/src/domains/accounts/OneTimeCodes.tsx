/** One-time codes by an authenticator app, and the codes that replace it once it is lost. */

import { Printer } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { Code } from "@/lib/code";
import { useT } from "@/lib/language";
import { useProof } from "@/lib/proof";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { useDoing } from "./doing";
import { saveText } from "./saving";
import { beginTotp, confirmTotp, removeTotp, renewCodes, type TotpSecret } from "./ways";
import styles from "./accounts.module.css";

interface Props {
  onClose: () => void;
}

export function SetUpCodes({ onClose }: Props) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const [secret, setSecret] = useState<TotpSecret>();
  const [codes, setCodes] = useState<string[]>();
  const begin = () => doing.run(async () => setSecret(await beginTotp(prove)));
  return (
    <Dialog title={t(codes ? "recoveryCodes" : "codesSetUp")} closeLabel={t("close")} onClose={onClose}>
      {codes ? (
        <Kept codes={codes} onKept={onClose} />
      ) : secret ? (
        <Secret secret={secret} onCodes={setCodes} />
      ) : (
        <>
          <p>{t("codesIntro")}</p>
          {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
          <Button wide busy={doing.isBusy} onClick={() => void begin()}>
            {t("continue")}
          </Button>
        </>
      )}
    </Dialog>
  );
}

function Secret({ secret, onCodes }: { secret: TotpSecret; onCodes: (codes: string[]) => void }) {
  const t = useT();
  const doing = useDoing();
  const [code, setCode] = useState("");
  const confirm = (event: SyntheticEvent) => {
    event.preventDefault();
    void doing.run(async () => onCodes(await confirmTotp(code)));
  };
  return (
    <form className={styles.form} onSubmit={confirm}>
      <p>{t("codesScan")}</p>
      <div className={styles.centre}>
        <Code value={secret.uri} label={t("codesQr")} size={208} />
        <p className={styles.fixed} data-testid="totp-secret">
          {secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}
        </p>
        <a href={secret.uri}>{t("codesOpenApp")}</a>
      </div>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      <Field
        label={t("codeOfApp")}
        value={code}
        onChange={setCode}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={7}
        required
      />
      <Button type="submit" wide busy={doing.isBusy} disabled={code.replace(/\s/g, "").length !== 6}>
        {t("codesFinish")}
      </Button>
    </form>
  );
}

export function NewCodes({ onClose }: Props) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const [codes, setCodes] = useState<string[]>();
  const renew = () => doing.run(async () => setCodes(await renewCodes(prove)));
  return (
    <Dialog title={t("recoveryCodes")} closeLabel={t("close")} onClose={onClose}>
      {codes ? (
        <Kept codes={codes} onKept={onClose} />
      ) : (
        <>
          <p>{t("recoveryCodesRenewAsk")}</p>
          {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
          <Button wide busy={doing.isBusy} onClick={() => void renew()}>
            {t("recoveryCodesRenew")}
          </Button>
        </>
      )}
    </Dialog>
  );
}

export function RemoveCodes({ onClose }: Props) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const remove = async () => {
    if (await doing.run(() => removeTotp(prove))) onClose();
  };
  return (
    <Dialog title={t("codesOff")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("codesOffAsk")}</p>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      <Button look="danger" wide busy={doing.isBusy} onClick={() => void remove()}>
        {t("codesOff")}
      </Button>
    </Dialog>
  );
}

function Kept({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const t = useT();
  const text = codes.join("\n");
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => toast(t("copied")));
  };
  return (
    <div className={styles.form}>
      <p>{t("recoveryCodesText")}</p>
      <ol className={`${styles.codes ?? ""} ${styles.printed ?? ""}`} data-testid="recovery-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={copy}>
          {t("copy")}
        </Button>
        <Button look="quiet" onClick={() => saveText(text, "teahouse-recovery-codes.txt")}>
          {t("recoveryDownload")}
        </Button>
        <IconButton label={t("print")} onClick={() => print()}>
          <Printer size={20} />
        </IconButton>
      </div>
      <Button wide onClick={onKept}>
        {t("recoveryCodesKept")}
      </Button>
    </div>
  );
}
