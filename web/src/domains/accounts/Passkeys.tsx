import { useState, type SyntheticEvent } from "react";
import { describeDevice } from "@/lib/doors";
import { useT } from "@/lib/language";
import { useProof } from "@/lib/proof";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { toast } from "@/ui/Toast";
import { useDoing } from "./doing";
import { addPasskey, removePasskey, renamePasskey, type Passkey } from "./ways";
import styles from "./accounts.module.css";

const NAME_LETTERS_MAX = 100;

export function AddPasskey({ onClose }: { onClose: () => void }) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const [name, setName] = useState(() => describeDevice().replace(/^Teahouse · /, ""));
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!(await doing.run(() => addPasskey(prove, name.trim())))) return;
    toast(t("passkeyDone"));
    onClose();
  };
  return (
    <Dialog title={t("passkeyAdd")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("passkeyText")}</p>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      <form className={styles.form} onSubmit={add}>
        <Field
          label={t("passkeyName")}
          hint={t("passkeyNameHint")}
          value={name}
          onChange={setName}
          maxLength={NAME_LETTERS_MAX}
          required
        />
        <Button type="submit" wide busy={doing.isBusy} disabled={!name.trim()}>
          {t("continue")}
        </Button>
      </form>
    </Dialog>
  );
}

export function PasskeyDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const t = useT();
  const prove = useProof();
  const doing = useDoing();
  const [name, setName] = useState(passkey.name);
  const [isRemoving, setIsRemoving] = useState(false);
  const rename = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await doing.run(() => renamePasskey(passkey.passkey_id, name.trim()))) onClose();
  };
  const remove = async () => {
    if (await doing.run(() => removePasskey(prove, passkey.passkey_id))) onClose();
  };
  return (
    <Dialog title={passkey.name} closeLabel={t("close")} onClose={onClose}>
      {doing.trouble ? <Note kind="bad">{doing.trouble}</Note> : null}
      {isRemoving ? (
        <>
          <p>{t("passkeyRemoveAsk")}</p>
          <Button look="danger" wide busy={doing.isBusy} onClick={() => void remove()}>
            {t("passkeyRemove")}
          </Button>
        </>
      ) : (
        <form className={styles.form} onSubmit={rename}>
          <Field
            label={t("passkeyName")}
            value={name}
            onChange={setName}
            maxLength={NAME_LETTERS_MAX}
            required
          />
          <div className={styles.buttons}>
            <Button look="danger" onClick={() => setIsRemoving(true)}>
              {t("passkeyRemove")}
            </Button>
            <Button
              type="submit"
              busy={doing.isBusy}
              disabled={!name.trim() || name === passkey.name}
            >
              {t("save")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
