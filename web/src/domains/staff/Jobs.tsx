/** Jobs that wait, and those that failed for good: to be tried again or given up. */

import { useState } from "react";
import { useT } from "@/lib/language";
import { Button } from "@/ui/Button";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Segments } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { discardJob, fetchJobs, replayJob, type Job } from "./api";
import { Entry } from "./parts";
import styles from "./staff.module.css";

const EVERY_MS = 10_000;

export function Jobs() {
  const t = useT();
  const [status, setStatus] = useState<Job["status"]>("dead");
  const loaded = useLoaded(() => fetchJobs(status), status, EVERY_MS);
  return (
    <Page title={t("staffJobs")} back={{ to: "/me/staff", label: t("back") }}>
      <Segments
        label={t("staffJobs")}
        options={[
          { value: "dead", label: t("staffJobsDead") },
          { value: "waiting", label: t("staffJobsWaiting") },
        ]}
        value={status}
        onChange={setStatus}
      />
      <Await loaded={loaded}>
        {(jobs) =>
          jobs.length === 0 ? (
            <State title={t(status === "dead" ? "staffNoDeadJobs" : "staffNoJobs")} />
          ) : (
            <Card>
              {jobs.map((job) => (
                <JobEntry key={job.id} job={job} onChanged={loaded.reload} />
              ))}
            </Card>
          )
        }
      </Await>
    </Page>
  );
}

function JobEntry({ job, onChanged }: { job: Job; onChanged: () => void }) {
  const t = useT();
  const { isBusy, trouble, run } = useDeed();
  const replay = async () => {
    if (await run(() => replayJob(job.id))) onChanged();
  };
  return (
    <Entry title={<span className={styles.code}>{job.kind}</span>} at={job.run_at}>
      <p className={styles.soft}>{t("staffTries", { count: job.try_count })}</p>
      {job.last_error ? <p className={styles.code}>{job.last_error}</p> : null}
      {trouble ? <Note kind="bad">{trouble}</Note> : null}
      {job.status === "dead" ? (
        <div className={styles.buttons}>
          <Button look="quiet" busy={isBusy} onClick={() => void replay()}>
            {t("retry")}
          </Button>
          <Discard job={job} onChanged={onChanged} />
        </div>
      ) : null}
    </Entry>
  );
}

function Discard({ job, onChanged }: { job: Job; onChanged: () => void }) {
  const t = useT();
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, trouble, run } = useDeed();
  const discard = async () => {
    if (!(await run(() => discardJob(job.id)))) return;
    setIsAsking(false);
    onChanged();
  };
  return (
    <>
      <Button look="plain" onClick={() => setIsAsking(true)}>
        {t("staffDiscard")}
      </Button>
      {isAsking ? (
        <Dialog title={t("staffDiscard")} closeLabel={t("close")} onClose={() => setIsAsking(false)}>
          <p>{t("staffDiscardText")}</p>
          {trouble ? <Note kind="bad">{trouble}</Note> : null}
          <Button look="danger" wide busy={isBusy} onClick={() => void discard()}>
            {t("staffDiscard")}
          </Button>
        </Dialog>
      ) : null}
    </>
  );
}
