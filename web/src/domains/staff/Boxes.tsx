/** What the law keeps of members who were erased: until when, and who has it opened. */

import { useState } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { State } from "@/ui/State";
import {
  approveOpening,
  askOpening,
  fetchBoxes,
  fetchOpenings,
  fetchOwnPowers,
  openBox,
  type Box,
  type Opening,
} from "./api";
import { Entry } from "./parts";
import styles from "./staff.module.css";

export function Boxes() {
  const t = useT();
  const loaded = useLoaded(fetchOwnPowers);
  const [count, setCount] = useState(0);
  const changed = () => setCount((now) => now + 1);
  return (
    <Page title={t("staffBoxes")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffBoxesText")}</p>
      <Await loaded={loaded}>
        {({ powers }) => (
          <>
            {powers.includes("boxes.approve") ? (
              <Waiting key={count} mayOpen={powers.includes("boxes.ask")} />
            ) : null}
            {powers.includes("boxes.find") ? (
              <Found mayAsk={powers.includes("boxes.ask")} onAsked={changed} />
            ) : null}
          </>
        )}
      </Await>
    </Page>
  );
}

/** Openings that wait for a second person, or to be made. */
function Waiting({ mayOpen }: { mayOpen: boolean }) {
  const t = useT();
  const loaded = useLoaded(fetchOpenings);
  return (
    <Await loaded={loaded}>
      {(openings) =>
        openings.length === 0 ? (
          <p className={styles.soft}>{t("staffNoOpenings")}</p>
        ) : (
          <Card title={t("staffOpenings")}>
            {openings.map((one) => (
              <OpeningEntry
                key={one.opening_id}
                opening={one}
                mayOpen={mayOpen}
                onChanged={loaded.reload}
              />
            ))}
          </Card>
        )
      }
    </Await>
  );
}

interface OpeningProps {
  opening: Opening;
  mayOpen: boolean;
  onChanged: () => void;
}

function OpeningEntry({ opening, mayOpen, onChanged }: OpeningProps) {
  const t = useT();
  const isMine = useClient().getSafeUserId() === opening.asked_by;
  const { isBusy, trouble, run } = useDeed();
  const [content, setContent] = useState<object>();
  const approve = async () => {
    if (await run(() => approveOpening(opening.opening_id))) onChanged();
  };
  const open = () => run(async () => setContent((await openBox(opening.opening_id)).content));
  return (
    <Entry title={opening.case} at={opening.asked_at}>
      <p>{opening.reason}</p>
      <p className={styles.soft}>{t("staffBy", { who: opening.asked_by })}</p>
      {opening.approved_by ? (
        <p className={styles.soft}>{t("staffApprovedBy", { who: opening.approved_by })}</p>
      ) : null}
      {isMine && !opening.approved_by ? <Note>{t("staffAnotherApproves")}</Note> : null}
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      <div className={styles.buttons}>
        {!isMine && !opening.approved_by ? (
          <Button busy={isBusy} onClick={() => void approve()}>
            {t("staffApprove")}
          </Button>
        ) : null}
        {isMine && mayOpen && opening.approved_by ? (
          <Button busy={isBusy} onClick={() => void open()}>
            {t("staffOpenBox")}
          </Button>
        ) : null}
      </div>
      {content ? (
        <Dialog title={t("staffOpened")} closeLabel={t("close")} onClose={onChanged}>
          <p>{t("staffOpenedText")}</p>
          <pre className={styles.package} tabIndex={0}>
            {JSON.stringify(content, null, 2)}
          </pre>
        </Dialog>
      ) : null}
    </Entry>
  );
}

function Found({ mayAsk, onAsked }: { mayAsk: boolean; onAsked: () => void }) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [userId, setUserId] = useState("");
  const loaded = useLoaded(() => fetchBoxes(userId), userId);
  return (
    <>
      <form
        className={styles.form}
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setUserId(typed.trim());
        }}
      >
        <Field
          label={t("staffMemberId")}
          hint={t("staffBoxesOf")}
          value={typed}
          onChange={setTyped}
        />
        <Button type="submit" look="quiet">
          {t("search")}
        </Button>
      </form>
      <Await loaded={loaded}>
        {(boxes) =>
          boxes.length === 0 ? (
            <State title={t("staffNoBoxes")} />
          ) : (
            <Card title={userId || t("staffBoxesAll")}>
              {boxes.map((box) => (
                <BoxEntry key={box.box_id} box={box} mayAsk={mayAsk} onAsked={onAsked} />
              ))}
            </Card>
          )
        }
      </Await>
    </>
  );
}

function BoxEntry({ box, mayAsk, onAsked }: { box: Box; mayAsk: boolean; onAsked: () => void }) {
  const { t, tag } = useLanguage();
  const isGone = box.destroyed_at !== null;
  const when = formatMoment(box.destroyed_at ?? box.expires_at, tag);
  return (
    <Entry
      title={t(isGone ? "staffBoxGone" : "staffBoxUntil", { when })}
      tag={isGone ? <Standing>{t("staffEnded")}</Standing> : null}
    >
      <p className={styles.soft}>{t("staffBoxMade", { when: formatMoment(box.made_at, tag) })}</p>
      <ul className={styles.list}>
        {Object.entries(box.contents).map(([kind, count]) => (
          <li key={kind}>
            {isKnown(kind) ? t(`boxKind_${kind}`) : kind}: {count}
          </li>
        ))}
      </ul>
      {mayAsk && !isGone ? (
        <div className={styles.buttons}>
          <Ask boxId={box.box_id} onDone={onAsked} />
        </div>
      ) : null}
    </Entry>
  );
}

const KINDS = [
  "identity_checks",
  "payments",
  "outside_accounts",
  "numbers",
  "bank_orders",
  "bank_statement_lines",
] as const;

/** Whether there are words for it; what comes later is told by its name. */
function isKnown(kind: string): kind is (typeof KINDS)[number] {
  return (KINDS as readonly string[]).includes(kind);
}

function Ask({ boxId, onDone }: { boxId: string; onDone: () => void }) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const [named, setNamed] = useState("");
  const [reason, setReason] = useState("");
  const { isBusy, trouble, run } = useDeed();
  const ask = async () => {
    const asked = { case: named.trim(), reason: reason.trim() };
    if (!(await run((key) => askOpening(boxId, asked, key)))) return;
    setIsOpen(false);
    onDone();
  };
  return (
    <>
      <Button look="quiet" onClick={() => setIsOpen(true)}>
        {t("staffAskOpening")}
      </Button>
      {isOpen ? (
        <Dialog
          title={t("staffAskOpening")}
          closeLabel={t("close")}
          onClose={() => setIsOpen(false)}
        >
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void ask();
            }}
          >
            <p>{t("staffAskOpeningText")}</p>
            <Field
              label={t("staffCase")}
              value={named}
              onChange={setNamed}
              maxLength={200}
              required
            />
            <Field
              label={t("staffReason")}
              hint={t("staffOpeningLaw")}
              value={reason}
              onChange={setReason}
              maxLength={2000}
              required
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button
              type="submit"
              wide
              busy={isBusy}
              disabled={named.trim() === "" || reason.trim() === ""}
            >
              {t("staffAskOpening")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
