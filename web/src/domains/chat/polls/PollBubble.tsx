import { ChartBarBig, Check } from "lucide-react";
import type { MatrixEvent, Room } from "matrix-js-sdk";
import { useState } from "react";
import { useLanguage, type Translate } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";
import ui from "@/ui/ui.module.css";
import { Meta } from "../Message";
import chat from "../chat.module.css";
import {
  composeEnd,
  composeVote,
  countVotes,
  POLL_END,
  POLL_RESPONSE,
  readPoll,
  toggleChoice,
  type PollFacts,
  type Tally,
} from "./poll";
import { mayModerate, useVotes, type Votes } from "./votes";
import styles from "./polls.module.css";

interface Props {
  event: MatrixEvent;
  room: Room;
  isOwn: boolean;
}

export function PollBubble({ event, room, isOwn }: Props) {
  const { t } = useLanguage();
  const poll = readPoll(event.getContent());
  const meta = <Meta event={event} room={room} isOwn={isOwn} />;
  if (poll) return <Poll poll={poll} event={event} room={room} meta={meta} />;
  return (
    <div className={`${chat.bubble ?? ""} ${chat.bubbleMuted ?? ""}`}>
      {t("unknownEvent")}
      {meta}
    </div>
  );
}

interface PollProps {
  poll: PollFacts;
  event: MatrixEvent;
  room: Room;
  meta: React.ReactNode;
}

function Poll({ poll, event, room, meta }: PollProps) {
  const { t } = useLanguage();
  const client = useClient();
  const found = useVotes(room, event);
  const [isClosing, setIsClosing] = useState(false);
  const ownId = client.getSafeUserId();
  const { closedAt } = found;
  const tally = countVotes(poll, found.votes, {
    ownId,
    ...(closedAt === undefined ? {} : { closedAt }),
  });
  const [own, setWanted] = useChoice(tally.own);
  const isClosed = closedAt !== undefined;
  // As elsewhere on Matrix: who has not voted yet is not told how the others did.
  const isShown = isClosed || (poll.isDisclosed && tally.own.length > 0);
  const isSent = event.status === null;
  const mayClose = isSent && !isClosed && (event.getSender() === ownId || mayModerate(room, event, ownId));
  const pollId = event.getId() ?? "";
  const send = (type: string, content: Record<string, unknown>) => {
    client.sendEvent(room.roomId, type as never, content as never).catch((error: unknown) => {
      setWanted(undefined);
      toast(tellTrouble(t, error));
    });
  };
  const choose = (id: string) => {
    const choice = toggleChoice(poll, own, id);
    setWanted(choice);
    send(POLL_RESPONSE, composeVote(pollId, choice));
  };
  return (
    <div className={`${chat.bubble ?? ""} ${styles.poll ?? ""}`}>
      <p className={styles.kind}>
        <ChartBarBig size={15} aria-hidden />
        {poll.isDisclosed ? t("pollDisclosed") : t("pollUndisclosed")}
      </p>
      <p className={styles.question}>{poll.question}</p>
      {poll.choicesMax > 1 && !isClosed ? (
        <p className={styles.hint}>
          {t("pollChooseSome", { count: Math.min(poll.choicesMax, poll.answers.length) })}
        </p>
      ) : null}
      <ul className={styles.answers} aria-label={poll.question}>
        {poll.answers.map((answer) => (
          <li key={answer.id}>
            <AnswerRow
              text={answer.text}
              share={isShown ? shareOf(tally, answer.id) : undefined}
              isOwn={own.includes(answer.id)}
              isWinner={isClosed && tally.winners.includes(answer.id)}
              isOpen={isSent && !isClosed}
              onChoose={() => choose(answer.id)}
            />
          </li>
        ))}
      </ul>
      <Foot poll={poll} tally={tally} found={found} />
      {mayClose ? (
        <button type="button" className={styles.close} onClick={() => setIsClosing(true)}>
          {t("pollClose")}
        </button>
      ) : null}
      <div className={styles.foot}>{meta}</div>
      {isClosing ? (
        <ClosePoll
          onClose={() => setIsClosing(false)}
          onDo={() => send(POLL_END, composeEnd(pollId, t("pollEnded", { question: poll.question })))}
        />
      ) : null}
    </div>
  );
}

/** What was tapped last, until it is counted: a second tap soon after must not undo the first. */
function useChoice(counted: string[]): [string[], (choice: string[] | undefined) => void] {
  const [wanted, setWanted] = useState<string[]>();
  if (wanted && isSameChoice(wanted, counted)) setWanted(undefined);
  return [wanted ?? counted, setWanted];
}

function isSameChoice(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}

interface Share {
  count: number;
  part: number;
}

function shareOf(tally: Tally, id: string): Share {
  const count = tally.counts[id] ?? 0;
  return { count, part: tally.voters > 0 ? count / tally.voters : 0 };
}

interface AnswerProps {
  text: string;
  share: Share | undefined;
  isOwn: boolean;
  isWinner: boolean;
  isOpen: boolean;
  onChoose: () => void;
}

/** An answer: a button while one can vote, with a bar of how many chose it once that is known. */
function AnswerRow({ text, share, isOwn, isWinner, isOpen, onChoose }: AnswerProps) {
  const { t, tag } = useLanguage();
  const percent = (share?.part ?? 0).toLocaleString(tag, { style: "percent", maximumFractionDigits: 0 });
  const names = [styles.answer, isOwn && styles.answerOwn, isWinner && styles.answerBest];
  const inside = (
    <>
      <span className={styles.mark} aria-hidden>
        {isOwn ? <Check size={14} strokeWidth={3} /> : null}
      </span>
      <span className={styles.answerText}>{text}</span>
      {share ? (
        <span className={styles.percent}>
          <span className={ui.hidden}>{t("pollCount", { count: share.count })}, </span>
          {percent}
        </span>
      ) : null}
      {share ? (
        <span className={styles.bar} aria-hidden>
          <span className={styles.barFull} style={{ width: `${share.part * 100}%` }} />
        </span>
      ) : null}
    </>
  );
  const className = names.filter(Boolean).join(" ");
  if (!isOpen) return <div className={className}>{inside}</div>;
  return (
    <button type="button" className={className} aria-pressed={isOwn} onClick={onChoose}>
      {inside}
    </button>
  );
}

function Foot({ poll, tally, found }: { poll: PollFacts; tally: Tally; found: Votes }) {
  const { t } = useLanguage();
  return (
    <div className={styles.hint} aria-live="polite">
      <p>{tellTotal(poll, tally, found, t)}</p>
      {found.hasUnread ? <p>{t("pollUnread")}</p> : null}
      {found.state === "trouble" ? (
        <p>
          {t("pollTrouble")}{" "}
          <button type="button" className={styles.close} onClick={found.reload}>
            {t("retry")}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function tellTotal(poll: PollFacts, tally: Tally, found: Votes, t: Translate): string {
  const votes = Object.values(tally.counts).reduce((sum, count) => sum + count, 0);
  if (found.closedAt !== undefined) return t("pollFinal", { count: votes });
  if (!poll.isDisclosed) return t("pollVotesSecret", { count: tally.voters });
  return t("pollVotes", { count: votes });
}

function ClosePoll({ onClose, onDo }: { onClose: () => void; onDo: () => void }) {
  const { t } = useLanguage();
  const close = () => {
    onClose();
    onDo();
  };
  return (
    <Dialog title={t("pollClose")} closeLabel={t("close")} onClose={onClose}>
      <p>{t("pollCloseAsk")}</p>
      <div className={chat.buttons}>
        <Button look="quiet" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button onClick={close}>{t("pollClose")}</Button>
      </div>
    </Dialog>
  );
}
