/** What opens the account, below Me > Security. */

import { Fingerprint, KeyRound, ListChecks, Lock, Plus, ScanQrCode } from "lucide-react";
import { useEffect, useState } from "react";
import { useLanguage } from "@/lib/language";
import { canUsePasskeys } from "@/lib/passkeys";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Card, Row } from "@/ui/Page";
import { Loading } from "@/ui/State";
import { ChangePassword } from "./ChangePassword";
import { NewCodes, RemoveCodes, SetUpCodes } from "./OneTimeCodes";
import { AddPasskey, PasskeyDialog } from "./Passkeys";
import { fetchWays, type Passkey, type Ways } from "./ways";

type Opened = "password" | "add" | "codes" | "noCodes" | "newCodes" | Passkey;

export function SignInWays() {
  const { t } = useLanguage();
  const [ways, setWays] = useState<Ways>();
  const [trouble, setTrouble] = useState<unknown>();
  const [tries, setTries] = useState(0);
  const [opened, setOpened] = useState<Opened>();
  useEffect(() => {
    let isWanted = true;
    fetchWays().then(
      (found) => {
        if (!isWanted) return;
        setWays(found);
        setTrouble(undefined);
      },
      (error: unknown) => {
        if (isWanted) setTrouble(error);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [tries]);
  const close = () => {
    setOpened(undefined);
    setTries((count) => count + 1);
  };
  if (trouble && !ways) {
    return (
      <Note
        kind="bad"
        action={
          <Button look="plain" onClick={() => setTries((count) => count + 1)}>
            {t("retry")}
          </Button>
        }
      >
        {tellTrouble(t, trouble)}
      </Note>
    );
  }
  if (!ways) return <Loading label={t("loading")} />;
  return (
    <>
      <Passkeys ways={ways} onOpen={setOpened} />
      <Typed ways={ways} onOpen={setOpened} />
      {opened === undefined ? null : <OpenedDialog opened={opened} onClose={close} />}
    </>
  );
}

interface Props {
  ways: Ways;
  onOpen: (opened: Opened) => void;
}

function Passkeys({ ways, onOpen }: Props) {
  const { t, tag } = useLanguage();
  return (
    <Card title={t("passkeys")}>
      {ways.passkeys.map((passkey) => (
        <Row
          key={passkey.passkey_id}
          icon={<Fingerprint size={20} />}
          title={passkey.name}
          sub={
            passkey.last_used_at === null
              ? t("passkeyAdded", { when: formatMoment(passkey.created_at, tag) })
              : t("passkeyUsed", { when: formatMoment(passkey.last_used_at, tag) })
          }
          onClick={() => onOpen(passkey)}
        />
      ))}
      {canUsePasskeys() ? (
        <Row
          icon={<Plus size={20} />}
          title={t("passkeyAdd")}
          sub={ways.passkeys.length === 0 ? t("passkeyText") : undefined}
          onClick={() => onOpen("add")}
        />
      ) : ways.passkeys.length === 0 ? (
        <Row icon={<Fingerprint size={20} />} title={t("passkeyNone")} sub={t("passkeyCannot")} />
      ) : null}
    </Card>
  );
}

function Typed({ ways, onOpen }: Props) {
  const { t } = useLanguage();
  return (
    <Card title={t("passwordAndCodes")}>
      <Row
        icon={<Lock size={20} />}
        title={ways.has_password ? t("passwordChange") : t("passwordSet")}
        onClick={() => onOpen("password")}
      />
      {ways.has_totp ? (
        <>
          <Row
            icon={<ScanQrCode size={20} />}
            title={t("codesOn")}
            sub={t("codesOnText")}
            end={t("switchOff")}
            onClick={() => onOpen("noCodes")}
          />
          <Row
            icon={ways.recovery_codes_left > 0 ? <ListChecks size={20} /> : <KeyRound size={20} />}
            title={t("recoveryCodes")}
            sub={t("recoveryCodesLeft", { count: ways.recovery_codes_left })}
            onClick={() => onOpen("newCodes")}
          />
        </>
      ) : (
        <Row
          icon={<ScanQrCode size={20} />}
          title={t("codesSetUp")}
          sub={t("codesText")}
          onClick={() => onOpen("codes")}
        />
      )}
    </Card>
  );
}

function OpenedDialog({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  switch (opened) {
    case "password":
      return <ChangePassword onClose={onClose} />;
    case "add":
      return <AddPasskey onClose={onClose} />;
    case "codes":
      return <SetUpCodes onClose={onClose} />;
    case "noCodes":
      return <RemoveCodes onClose={onClose} />;
    case "newCodes":
      return <NewCodes onClose={onClose} />;
    default:
      return <PasskeyDialog passkey={opened} onClose={onClose} />;
  }
}
