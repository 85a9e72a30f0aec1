import { useState, type SyntheticEvent } from "react";
import { useT } from "@/lib/language";
import { useProof } from "@/lib/proof";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { PasswordField } from "./Door";
import { useDoing } from "./doing";
import { changePassword } from "./ways";
import styles from "./accounts.module.css";

export function ChangePassword({ onClose }: { onClose: () => void }) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const [password, setPassword] = useState("");
  const [signsOthersOut, setSignsOthersOut] = useState(true);
  const change = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!(await doing.run(() => changePassword(prove, password, signsOthersOut)))) return;
    toast(t("passwordChanged"));
    onClose();
  };
  return (
    <Dialog title={t("passwordChange")} closeLabel={t("close")} onClose={onClose}>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      <form className={styles.form} onSubmit={change}>
        <PasswordField label={t("passwordNew")} value={password} onChange={setPassword} isNew />
        <Switch
          label={t("passwordOthersOut")}
          hint={t("passwordOthersOutHint")}
          isOn={signsOthersOut}
          onChange={setSignsOthersOut}
        />
        <Button type="submit" wide busy={doing.isBusy} disabled={password.length < 8}>
          {t("passwordChange")}
        </Button>
      </form>
    </Dialog>
  );
}
