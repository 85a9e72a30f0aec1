import { KeyRound, ShieldAlert, ShieldCheck, Smartphone } from "lucide-react";
import { useState, type SyntheticEvent } from "react";
import { useT } from "@/lib/language";
import { cryptoOf, setUpRecovery } from "@/lib/matrix/client";
import { useClient } from "@/lib/matrix/context";
import { useProof } from "@/lib/proof";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { toast } from "@/ui/Toast";
import { useDoing } from "./doing";
import { saveText } from "./saving";
import { restore, untilBackedUp, useSecurity, WrongRecoveryKey } from "./security";
import { SignInWays } from "./SignInWays";
import { useVerification } from "./verifying";
import styles from "./accounts.module.css";

export function SecurityPage() {
  const t = useT();
  const security = useSecurity();
  const [asked, setAsked] = useState<"make" | "restore">();
  const isGood = security?.isVerified && security.hasRecovery;
  return (
    <Page title={t("security")} back={{ to: "/me", label: t("back") }}>
      {security === undefined ? (
        <Loading label={t("loading")} />
      ) : (
        <>
          <Note
            kind={isGood ? "plain" : "warn"}
            icon={isGood ? <ShieldCheck size={20} /> : <ShieldAlert size={20} />}
          >
            {isGood ? t("securityGood") : t("securityAct")}
          </Note>
          {security.isVerified ? null : <VerifyThis onKey={() => setAsked("restore")} hasRecovery={security.hasRecovery} />}
          <Card title={t("recoveryKey")}>
            <Row
              icon={<KeyRound size={20} />}
              title={security.hasRecovery ? t("recoveryKey") : t("recoverySetUp")}
              sub={security.hasRecovery ? t("recoveryThere") : t("recoveryNone")}
              {...(security.hasRecovery ? {} : { onClick: () => setAsked("make") })}
            />
            {security.hasRecovery ? (
              <Row title={t("recoveryEnter")} onClick={() => setAsked("restore")} />
            ) : null}
          </Card>
          <SignInWays />
          <Card>
            <Row icon={<Smartphone size={20} />} title={t("devices")} to="/me/devices" />
          </Card>
        </>
      )}
      {asked === "make" ? <MakeKey onClose={() => setAsked(undefined)} /> : null}
      {asked === "restore" ? <Restore onClose={() => setAsked(undefined)} /> : null}
    </Page>
  );
}

function VerifyThis({ onKey, hasRecovery }: { onKey: () => void; hasRecovery: boolean }) {
  const t = useT();
  const client = useClient();
  const { begin } = useVerification();
  const ask = async () => {
    try {
      begin(await cryptoOf(client).requestOwnUserVerification());
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <Card title={t("verifyThis")}>
      <p className={styles.choice}>{t("verifyThisText")}</p>
      <Row icon={<Smartphone size={20} />} title={t("verifyWithDevice")} onClick={() => void ask()} />
      {hasRecovery ? (
        <Row icon={<KeyRound size={20} />} title={t("verifyWithKey")} onClick={onKey} />
      ) : null}
    </Card>
  );
}

function MakeKey({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const prove = useProof();
  const doing = useDoing();
  const [key, setKey] = useState<string>();
  const [isBackedUp, setIsBackedUp] = useState(false);

  const make = () =>
    doing.run(async () => {
      const backedUp = untilBackedUp(client);
      setKey(await setUpRecovery(client, prove));
      void backedUp.then(() => setIsBackedUp(true));
    });
  return (
    <Dialog title={t("recoveryKey")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("recoveryText")}</p>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      {key ? (
        <KeyShown value={key} isBackedUp={isBackedUp} onKept={onClose} />
      ) : (
        <Button wide busy={doing.isBusy} onClick={() => void make()}>
          {t("recoverySetUp")}
        </Button>
      )}
    </Dialog>
  );
}

interface KeyShownProps {
  value: string;
  isBackedUp: boolean;
  onKept: () => void;
}

function KeyShown({ value, isBackedUp, onKept }: KeyShownProps) {
  const t = useT();
  const copy = () => {
    void navigator.clipboard.writeText(value).then(() => toast(t("copied")));
  };
  return (
    <div className={styles.form}>
      <p className={styles.key} data-testid="recovery-key">
        {value}
      </p>
      <p>{t("recoveryKeep")}</p>
      <div className={styles.buttons}>
        <Button look="quiet" onClick={copy}>
          {t("copy")}
        </Button>
        <Button look="quiet" onClick={() => saveText(value, "teahouse-recovery-key.txt")}>
          {t("recoveryDownload")}
        </Button>
      </div>
      <Button
        wide
        busy={!isBackedUp}
        onClick={() => {
          toast(t("recoveryDone"));
          onKept();
        }}
      >
        {isBackedUp ? t("recoveryKept") : t("recoverySaving")}
      </Button>
    </div>
  );
}

function Restore({ onClose }: { onClose: () => void }) {
  const t = useT();
  const client = useClient();
  const [typed, setTyped] = useState("");
  const [trouble, setTrouble] = useState<string>();
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    try {
      const count = await restore(client, typed);
      toast(t("recoveryRestored", { count }));
      onClose();
    } catch (error) {
      const isWrong = error instanceof WrongRecoveryKey;
      setTrouble(isWrong ? t("recoveryWrong") : tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  return (
    <Dialog title={t("recoveryEnter")} closeLabel={t("close")} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field
          label={t("recoveryKey")}
          hint={t("recoveryEnterText")}
          value={typed}
          onChange={setTyped}
          error={trouble}
          autoComplete="off"
          spellCheck={false}
          autoFocus
        />
        <Button type="submit" wide busy={isBusy} disabled={!typed.trim()}>
          {t("recoveryRestore")}
        </Button>
      </form>
    </Dialog>
  );
}
