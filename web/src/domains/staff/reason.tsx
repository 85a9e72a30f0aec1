/** Why one of the staff looks: said before anything of a member is shown, and told to them. */

import { useState, type ReactNode } from "react";
import { useT } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import styles from "./staff.module.css";

// Until this tab is closed: the next day's work has another reason.
const KEPT_AS = "teahouse.staffReason";

export function heldReason(): string {
  return sessionStorage.getItem(KEPT_AS) ?? "";
}

/** Percent-encoded: a header has no letters but those of English. */
export function reasonHeader(): Record<string, string> {
  return { "Teahouse-Reason": encodeURIComponent(heldReason()) };
}

function ReasonForm({ onSaid }: { onSaid: (reason: string) => void }) {
  const t = useT();
  const [typed, setTyped] = useState(heldReason);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        const reason = typed.trim();
        sessionStorage.setItem(KEPT_AS, reason);
        onSaid(reason);
      }}
    >
      <Field
        label={t("staffWhy")}
        hint={t("staffWhyHint")}
        value={typed}
        onChange={setTyped}
        maxLength={300}
        required
      />
      <Button type="submit" disabled={typed.trim() === ""}>
        {t("staffWhyGo")}
      </Button>
    </form>
  );
}

/** Shows what is inside once a reason was said. */
export function AfterReason({ title, children }: { title: string; children: ReactNode }) {
  const t = useT();
  const [reason, setReason] = useState(heldReason);
  if (reason) return children;
  return (
    <Page title={title} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffWhyText")}</p>
      <ReasonForm onSaid={setReason} />
    </Page>
  );
}

/** The reason that holds, and a way to say another. */
export function OwnReason() {
  const t = useT();
  const [reason, setReason] = useState(heldReason);
  if (!reason) return null;
  const forget = () => {
    sessionStorage.removeItem(KEPT_AS);
    setReason("");
  };
  return (
    <Note
      action={
        <Button look="plain" onClick={forget}>
          {t("staffWhyOther")}
        </Button>
      }
    >
      {t("staffWhyHeld", { reason })}
    </Note>
  );
}
