/** The register of official requests: from the door to the release, each step by whom it takes. */

import { useState } from "react";
import { useLanguage, useT } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { saveText } from "@/lib/saving";
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
  approveRequest,
  fetchOfficialRequests,
  fetchOwnPowers,
  fetchRequestForm,
  noteOnRequest,
  releaseRequest,
  renewGag,
  scopeRequest,
  sendDocument,
  tryRequest,
  validateRequest,
  type RequestForm,
  type ScopeLine,
  type StaffRequest,
  type Trial,
} from "./api";
import { endOfDay, listOfficialDeeds } from "./official";
import { DocumentField, EnterRequest } from "./OfficialForm";
import { Entry, ReasonedButton } from "./parts";
import styles from "./staff.module.css";

export function OfficialRequests() {
  const t = useT();
  const loaded = useLoaded(() =>
    Promise.all([fetchOfficialRequests(), fetchRequestForm(), fetchOwnPowers()]),
  );
  const [isEntering, setIsEntering] = useState(false);
  return (
    <Page title={t("official")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("officialText")}</p>
      <Await loaded={loaded}>
        {([{ items }, form, { powers }]) => (
          <>
            {powers.includes("official.enter") ? (
              <div className={styles.buttons}>
                <Button onClick={() => setIsEntering(true)}>{t("officialEnter")}</Button>
              </div>
            ) : null}
            {isEntering ? (
              <EnterRequest
                form={form}
                onClose={() => setIsEntering(false)}
                onDone={() => {
                  setIsEntering(false);
                  loaded.reload();
                }}
              />
            ) : null}
            {items.length === 0 ? (
              <State title={t("officialNone")} />
            ) : (
              <Card>
                {items.map((one) => (
                  <RequestEntry
                    key={one.request.request_id}
                    found={one}
                    form={form}
                    powers={powers}
                    onChanged={loaded.reload}
                  />
                ))}
              </Card>
            )}
          </>
        )}
      </Await>
    </Page>
  );
}

interface EntryProps {
  found: StaffRequest;
  form: RequestForm;
  powers: string[];
  onChanged: () => void;
}

function RequestEntry(props: EntryProps) {
  const { t, tag } = useLanguage();
  const { found, form } = props;
  const { request } = found;
  const gag = request.gags.at(-1);
  return (
    <Entry
      title={request.authority}
      at={request.entered_at}
      tag={
        <Standing isBad={request.instrument === "emergency"}>
          {t(`official_${request.status}`)}
        </Standing>
      }
    >
      <p className={styles.soft}>
        {[
          t(`instrument_${request.instrument}` as "instrument_order"),
          request.country,
          request.legal_basis,
          request.court,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {request.danger ? <p className={styles.quote}>{request.danger}</p> : null}
      <Lines title={t("officialAsked")} lines={request.asked} form={form} />
      {request.scope.length > 0 ? (
        <Lines title={t("officialScope")} lines={request.scope} form={form} />
      ) : null}
      {request.approvals.length > 0 && request.outcome === null ? (
        <p>{t("officialApprovals", { who: request.approvals.map(({ by }) => by).join(", ") })}</p>
      ) : null}
      {gag ? (
        <p className={styles.soft}>
          {t("officialGagged", { when: formatMoment(gag.ends_at, tag) })}
        </p>
      ) : null}
      {request.reason ? <p>{request.reason}</p> : null}
      {found.package_sha256 ? (
        <p className={styles.code}>SHA-256 {found.package_sha256}</p>
      ) : null}
      <details>
        <summary>{t("officialActs", { number: found.log_index })}</summary>
        <ul className={styles.list}>
          {found.acts.map((act, index) => (
            <li key={index}>
              {formatMoment(act.at, tag)} · {t(`officialAct_${act.act}` as "officialAct_received")}
              {act.by ? ` · ${act.by}` : ""}
            </li>
          ))}
        </ul>
      </details>
      <Deeds {...props} />
    </Entry>
  );
}

interface LinesProps {
  title: string;
  lines: ScopeLine[];
  form: RequestForm;
}

function Lines({ title, lines, form }: LinesProps) {
  const tell = useTellLine(form);
  return (
    <div>
      <strong>{title}</strong>
      <ul className={styles.list}>
        {lines.map((line, index) => (
          <li key={index}>{tell(line)}</li>
        ))}
      </ul>
    </div>
  );
}

function useTellLine(form: RequestForm): (line: ScopeLine) => string {
  const { t, tag } = useLanguage();
  return ({ user_id, field, from, to }) => {
    const known = form.fields.find(({ name }) => name === field);
    const name = known ? (tag === "zh-Hans" ? known.zh : known.en) : field;
    const start = from > 0 ? t("officialSince", { when: formatMoment(from, tag) }) : "";
    const end = to === null ? "" : t("staffUntil", { when: formatMoment(to, tag) });
    return [user_id, name, start, end].filter(Boolean).join(" · ");
  };
}

function Deeds({ found, form, powers, onChanged }: EntryProps) {
  const t = useT();
  const me = useClient().getSafeUserId();
  const { request } = found;
  const id = request.request_id;
  const { isBusy, trouble, run } = useDeed();
  const [trial, setTrial] = useState<Trial>();
  const [now] = useState(Date.now);
  const deeds = listOfficialDeeds(request, me, powers, now);
  const act = async (deed: () => Promise<unknown>) => {
    if (await run(deed)) onChanged();
  };
  const isWaiting = request.status === "scoped" && !deeds.includes("approve");
  return (
    <>
      {isWaiting && powers.includes("official.approve") ? (
        <Note>{t("officialTwo")}</Note>
      ) : null}
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {trial ? <Tried trial={trial} form={form} /> : null}
      <div className={styles.buttons}>
        {deeds.includes("validate") ? (
          <Button busy={isBusy} onClick={() => void act(() => validateRequest(id))}>
            {t("officialValidate")}
          </Button>
        ) : null}
        {deeds.includes("scope") ? (
          <SetScope asked={request.asked} form={form} id={id} onDone={onChanged} />
        ) : null}
        {deeds.includes("approve") ? (
          <Button
            busy={isBusy}
            onClick={() => void act(() => approveRequest(id, request.scope_version))}
          >
            {t("staffApprove")}
          </Button>
        ) : null}
        {deeds.includes("try") ? (
          <Button
            look="quiet"
            busy={isBusy}
            onClick={() => void run(async () => setTrial(await tryRequest(id)))}
          >
            {t("officialTry")}
          </Button>
        ) : null}
        {deeds.includes("release") ? <Release id={id} onDone={onChanged} /> : null}
        {deeds.includes("gag") ? <RenewGag id={id} onDone={onChanged} /> : null}
        {deeds.includes("review") ? (
          <ReasonedButton
            label="officialReview"
            text="officialReviewText"
            deed={(note) => noteOnRequest(id, "review", note)}
            onDone={onChanged}
          />
        ) : null}
        {deeds.includes("reject") ? (
          <ReasonedButton
            label="staffReject"
            text="officialRejectText"
            deed={(note) => noteOnRequest(id, "reject", note)}
            onDone={onChanged}
          />
        ) : null}
      </div>
    </>
  );
}

function Tried({ trial, form }: { trial: Trial; form: RequestForm }) {
  const { t, tag } = useLanguage();
  const size = new Intl.NumberFormat(tag).format(trial.size);
  return (
    <Note>
      <p>{t("officialTried", { size })}</p>
      <ul className={styles.list}>
        {trial.lines.map(({ user_id, field, count }, index) => {
          const known = form.fields.find(({ name }) => name === field);
          const name = known ? (tag === "zh-Hans" ? known.zh : known.en) : field;
          return <li key={index}>{t("officialTriedLine", { who: user_id, what: name, count })}</li>;
        })}
      </ul>
    </Note>
  );
}

interface ScopeProps {
  id: string;
  asked: ScopeLine[];
  form: RequestForm;
  onDone: () => void;
}

function SetScope({ id, asked, form, onDone }: ScopeProps) {
  const t = useT();
  const tell = useTellLine(form);
  const canBeGiven = (line: ScopeLine) => form.fields.some(({ name }) => name === line.field);
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(() => asked.filter(canBeGiven));
  const { isBusy, trouble, run } = useDeed();
  const save = async () => {
    if (!(await run(() => scopeRequest(id, chosen)))) return;
    setIsOpen(false);
    onDone();
  };
  const toggle = (line: ScopeLine) =>
    setChosen((now) => (now.includes(line) ? now.filter((one) => one !== line) : [...now, line]));
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>{t("officialSetScope")}</Button>
      {isOpen ? (
        <Dialog
          title={t("officialSetScope")}
          closeLabel={t("close")}
          onClose={() => setIsOpen(false)}
        >
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            <p>{t("officialScopeText")}</p>
            <fieldset className={styles.checks}>
              <legend>{t("officialAsked")}</legend>
              {asked.map((line, index) => (
                <label key={index}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(line)}
                    disabled={!canBeGiven(line)}
                    onChange={() => toggle(line)}
                  />
                  {tell(line)}
                </label>
              ))}
            </fieldset>
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button type="submit" wide busy={isBusy} disabled={chosen.length === 0}>
              {t("officialSetScope")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}

/** What is given is saved here at once: the house keeps nothing of it but its checksum. */
function Release({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useT();
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, trouble, run } = useDeed();
  const release = async () => {
    const isDone = await run(async (key) => {
      const given = await releaseRequest(id, key);
      saveText(given.package, `${id}.json`);
    });
    if (!isDone) return;
    setIsAsking(false);
    onDone();
  };
  return (
    <>
      <Button look="danger" onClick={() => setIsAsking(true)}>
        {t("officialRelease")}
      </Button>
      {isAsking ? (
        <Dialog
          title={t("officialRelease")}
          closeLabel={t("close")}
          onClose={() => setIsAsking(false)}
        >
          <p>{t("officialReleaseText")}</p>
          {trouble ? <Note kind="bad">{trouble}</Note> : null}
          <Button look="danger" wide busy={isBusy} onClick={() => void release()}>
            {t("officialRelease")}
          </Button>
        </Dialog>
      ) : null}
    </>
  );
}

function RenewGag({ id, onDone }: { id: string; onDone: () => void }) {
  const t = useT();
  const [isOpen, setIsOpen] = useState(false);
  const [file, setFile] = useState<File>();
  const [until, setUntil] = useState("");
  const { isBusy, trouble, run } = useDeed();
  const renew = async () => {
    if (!file) return;
    const isDone = await run(async () =>
      renewGag(id, { document: await sendDocument(file), ends_at: endOfDay(until) }),
    );
    if (!isDone) return;
    setIsOpen(false);
    onDone();
  };
  return (
    <>
      <Button look="quiet" onClick={() => setIsOpen(true)}>
        {t("officialRenewGag")}
      </Button>
      {isOpen ? (
        <Dialog
          title={t("officialRenewGag")}
          closeLabel={t("close")}
          onClose={() => setIsOpen(false)}
        >
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              void renew();
            }}
          >
            <DocumentField isNeeded onChosen={setFile} />
            <Field
              label={t("officialGag")}
              hint={t("officialGagHint")}
              type="date"
              value={until}
              onChange={setUntil}
              required
            />
            {trouble ? <Note kind="bad">{trouble}</Note> : null}
            <Button type="submit" wide busy={isBusy} disabled={!file || until === ""}>
              {t("officialRenewGag")}
            </Button>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
