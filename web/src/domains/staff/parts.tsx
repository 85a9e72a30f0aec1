/** What several pages of the console have: entries, tags, and a deed that wants a reason. */

import { useState, type ReactNode } from "react";
import { useLanguage, useT, type Key } from "@/lib/language";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import styles from "./staff.module.css";

export function Entry({
  title,
  at,
  tag,
  children,
}: {
  title: ReactNode;
  at?: number;
  tag?: ReactNode;
  children?: ReactNode;
}) {
  const { tag: language } = useLanguage();
  return (
    <article className={styles.entry}>
      <div className={styles.head}>
        <strong>{title}</strong>
        {tag}
        {at === undefined ? null : (
          <time className={styles.soft} dateTime={new Date(at).toISOString()}>
            {formatMoment(at, language)}
          </time>
        )}
      </div>
      {children}
    </article>
  );
}

interface ReasonedProps {
  label: Key;
  /** What follows from it, in a sentence. */
  text: Key;
  look?: "primary" | "quiet" | "danger";
  deed: (reason: string, key: string) => Promise<unknown>;
  onDone: () => void;
}

/** A button whose deed is done with a reason, which others will read. */
export function ReasonedButton({ label, text, look = "quiet", deed, onDone }: ReasonedProps) {
  const t = useT();
  const [isAsking, setIsAsking] = useState(false);
  const [reason, setReason] = useState("");
  const { isBusy, trouble, run } = useDeed();
  const act = async () => {
    if (!(await run((key) => deed(reason.trim(), key)))) return;
    setIsAsking(false);
    setReason("");
    onDone();
  };
  return (
    <>
      <Button look={look} onClick={() => setIsAsking(true)}>
        {t(label)}
      </Button>
      {isAsking ? (
        <Dialog title={t(label)} closeLabel={t("close")} onClose={() => setIsAsking(false)}>
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void act();
            }}
          >
            <p>{t(text)}</p>
            <Field
              label={t("staffReason")}
              value={reason}
              onChange={setReason}
              maxLength={500}
              required
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button
              type="submit"
              look={look === "danger" ? "danger" : "primary"}
              wide
              busy={isBusy}
              disabled={reason.trim() === ""}
            >
              {t(label)}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
