import { Plus, X } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useState, type SyntheticEvent } from "react";
import { newKey } from "@/lib/api";
import { useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { toast } from "@/ui/Toast";
import { ANSWERS_MAX, ANSWERS_MIN, composePoll, POLL_START, QUESTION_LENGTH_MAX } from "./poll";
import { placeIn, type ThreadPlace } from "../text/compose";
import styles from "./polls.module.css";

interface Props {
  room: Room;
  thread?: ThreadPlace | undefined;
  onClose: () => void;
}

/** Asks a question of the chat, or of who is in a thread. */
export function NewPoll({ room, thread, onClose }: Props) {
  const t = useT();
  const client = useClient();
  const [question, setQuestion] = useState("");
  const [answers, setAnswers] = useState(["", ""]);
  const [hasSeveral, setHasSeveral] = useState(false);
  const [isSecret, setIsSecret] = useState(false);
  const given = answers.map((answer) => answer.trim()).filter(Boolean);
  const isReady = question.trim() !== "" && given.length >= ANSWERS_MIN;
  const change = (index: number, value: string) =>
    setAnswers(answers.map((answer, place) => (place === index ? value : answer)));
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const wish = { question: question.trim(), answers: given, isDisclosed: !isSecret, hasSeveral };
    const content = placeIn(thread, composePoll(wish, () => newKey()));
    client
      .sendEvent(room.roomId, thread?.rootId ?? null, POLL_START as never, content as never)
      .catch((error: unknown) => toast(tellTrouble(t, error)));
    onClose();
  };
  return (
    <Dialog title={t("pollNew")} closeLabel={t("close")} onClose={onClose}>
      <form onSubmit={submit} className={styles.form}>
        <Field
          label={t("pollQuestion")}
          value={question}
          onChange={setQuestion}
          maxLength={QUESTION_LENGTH_MAX}
          autoFocus
        />
        {answers.map((answer, index) => (
          <div key={index} className={styles.formAnswer}>
            <Field
              label={t("pollAnswer", { number: index + 1 })}
              value={answer}
              onChange={(value) => change(index, value)}
              maxLength={QUESTION_LENGTH_MAX}
            />
            {answers.length > ANSWERS_MIN ? (
              <IconButton
                label={t("pollRemove", { number: index + 1 })}
                onClick={() => setAnswers(answers.filter((_, place) => place !== index))}
              >
                <X size={18} />
              </IconButton>
            ) : null}
          </div>
        ))}
        {answers.length < ANSWERS_MAX ? (
          <Button look="plain" onClick={() => setAnswers([...answers, ""])}>
            <Plus size={18} aria-hidden /> {t("pollAdd")}
          </Button>
        ) : null}
        <div className={styles.switches}>
          <Switch label={t("pollSeveral")} isOn={hasSeveral} onChange={setHasSeveral} />
          <Switch label={t("pollSecret")} isOn={isSecret} onChange={setIsSecret} />
        </div>
        <Button type="submit" disabled={!isReady}>
          {t("pollStart")}
        </Button>
      </form>
    </Dialog>
  );
}
