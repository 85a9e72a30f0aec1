import { KeyRound } from "lucide-react";
import type { MatrixEvent } from "matrix-js-sdk";
import { useState, type SyntheticEvent } from "react";
import { newKey } from "@/lib/api";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { useRules, type Rule } from "@/lib/sanctions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card } from "@/ui/Page";
import { toast } from "@/ui/Toast";
import { currentContent } from "../facts";
import { reportMember, reportMessage, reportRoom, reportSealed, shownEvent } from "./api";
import { Choice } from "@/ui/Choice";
import styles from "./safety.module.css";

const REASON_LENGTH_MAX = 1000;

type Reported =
  | { kind: "message"; event: MatrixEvent }
  | { kind: "member"; userId: string }
  | { kind: "room"; roomId: string };

interface Props {
  about: Reported;
  onClose: () => void;
}

/** Tells the house's moderators of a message, a member or a chat. */
export function ReportDialog({ about, onClose }: Props) {
  const t = useT();
  const client = useClient();
  const reasons = useRules();
  const [kind, setKind] = useState<Rule>("spam");
  const [words, setWords] = useState("");
  const [isRevealed, setIsRevealed] = useState(true);
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const [key] = useState(newKey);
  const event = about.kind === "message" ? about.event : undefined;
  const isSecret = event !== undefined && shownEvent(event).isEncrypted();

  const send = (): Promise<unknown> => {
    const label = reasons.find((one) => one.value === kind)?.label ?? kind;
    const reason = words.trim() ? `${label}: ${words.trim()}` : label;
    if (about.kind === "room") return reportRoom(client, about.roomId, reason);
    if (about.kind === "member") return reportMember(client, about.userId, reason);
    return isSecret && !isRevealed
      ? reportSealed(client, about.event, reason)
      : reportMessage(client, about.event, reason, key);
  };
  const submit = async (submitted: SyntheticEvent) => {
    submitted.preventDefault();
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await send();
      toast(t("reportSent"));
      onClose();
    } catch (error) {
      setTrouble(error instanceof Error && error.name === "Error" ? t("reportNoKey") : tellTrouble(t, error));
      setIsBusy(false);
    }
  };
  const titles = { message: t("reportMessage"), member: t("reportMember"), room: t("reportRoom") };
  return (
    <Dialog title={titles[about.kind]} closeLabel={t("close")} onClose={onClose}>
      <form className={styles.form} onSubmit={(submitted) => void submit(submitted)}>
        {event ? <blockquote className={styles.quote}>{quote(event)}</blockquote> : null}
        <Choice label={t("reportWhat")} options={reasons} value={kind} onChange={setKind} />
        <Field
          label={t("reportWords")}
          value={words}
          onChange={setWords}
          maxLength={REASON_LENGTH_MAX}
          hint={t("reportWordsHint")}
        />
        {isSecret ? (
          <>
            <Card>
              <Switch label={t("revealOne")} isOn={isRevealed} onChange={setIsRevealed} />
            </Card>
            <Note icon={<KeyRound size={18} aria-hidden />}>
              {isRevealed ? t("revealOneText") : t("revealNoneText")}
            </Note>
          </>
        ) : null}
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <Button type="submit" look="danger" wide busy={isBusy}>
          {t("reportSend")}
        </Button>
      </form>
    </Dialog>
  );
}

function quote(event: MatrixEvent): string {
  const { body } = currentContent(event);
  return typeof body === "string" ? body : "";
}
