/** Me > Privacy > Take my data with me: archives of all that the server keeps, and of what it can't read. */

import { FileArchive, Lock } from "lucide-react";
import { useEffect, useState } from "react";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { NotProven, useProof } from "@/lib/proof";
import { formatMoment } from "@/lib/time";
import { tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { langOf } from "./api";
import { askArchive, downloadArchive, fetchArchives, removeArchive, type Archive } from "./archivesApi";
import { useDeed } from "@/ui/deeds";
import { Await, useLoaded } from "@/ui/loading";
import { listSealedRooms, packSealed, saveBlob, type SealedProgress } from "./sealed";
import { formatSize } from "./sizes";
import styles from "./archives.module.css";

const ASK_AGAIN_MS = 1000;

export function Export() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(fetchArchives);
  const deed = useDeed();
  const { reload } = loaded;
  const isWaiting = loaded.value?.some((one) => one.status === "waiting") ?? false;
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(reload, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isWaiting, reload]);
  const ask = async () => {
    if (await deed.run((key) => askArchive(langOf(tag), key))) reload();
  };
  return (
    <Page title={t("takeAway")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("takeAwayLead")}</p>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <Button wide busy={deed.isBusy} disabled={isWaiting} onClick={() => void ask()}>
        {t("takeAwayDo")}
      </Button>
      <Await loaded={loaded}>{(archives) => <Made archives={archives} onChanged={reload} />}</Await>
      <Sealed />
      <p className={styles.lead}>{t("takeAwaySafe")}</p>
    </Page>
  );
}

function Made({ archives, onChanged }: { archives: Archive[]; onChanged: () => void }) {
  const { t } = useLanguage();
  if (archives.length === 0) {
    return (
      <State icon={<FileArchive size={28} />} title={t("takeAwayNone")}>
        {t("takeAwayNoneText")}
      </State>
    );
  }
  return (
    <Card title={t("takeAwayMade")}>
      {archives.map((one) => (
        <Line key={one.archive_id} archive={one} onChanged={onChanged} />
      ))}
    </Card>
  );
}

function Line({ archive, onChanged }: { archive: Archive; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const prove = useProof();
  const deed = useDeed((error) => (error instanceof NotProven ? undefined : tellTrouble(t, error)));
  const title = t("takeAwayOf", { when: formatMoment(archive.created_at, tag) });
  const remove = async () => {
    if (await deed.run(() => removeArchive(archive.archive_id))) onChanged();
  };
  return (
    <div className={styles.item} data-testid="archive">
      <div className={styles.head}>
        <span>{title}</span>
        <span className={styles.soft}>{t(`takeAway_${archive.status}`)}</span>
      </div>
      {archive.status === "waiting" ? (
        <>
          <progress className={styles.progress} value={archive.progress} max={100} aria-label={title} />
          <p className={styles.soft} role="status">
            {t("takeAwayAt", { step: t(`takeStep_${archive.step}`) })}
          </p>
        </>
      ) : null}
      {archive.status === "done" ? (
        <p className={styles.soft}>
          {t("takeAwayKept", {
            size: formatSize(archive.byte_count, tag),
            count: archive.file_count,
            when: formatMoment(archive.expires_at, tag),
          })}
        </p>
      ) : null}
      {archive.status === "failed" ? <p className={styles.soft}>{t("takeAwayFailedText")}</p> : null}
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <div className={styles.buttons}>
        {archive.status === "done" ? (
          <Button
            look="quiet"
            busy={deed.isBusy}
            aria-label={`${t("download")}: ${title}`}
            onClick={() => void deed.run(() => downloadArchive(archive.archive_id, prove))}
          >
            {t("download")}
          </Button>
        ) : null}
        <Button
          look="plain"
          busy={deed.isBusy}
          aria-label={`${t("remove")}: ${title}`}
          onClick={() => void remove()}
        >
          {t("remove")}
        </Button>
      </div>
    </div>
  );
}

/** What the server can't read: this device writes it into a file of its own. */
function Sealed() {
  const { t, tag } = useLanguage();
  const client = useClient();
  const deed = useDeed();
  const [withFiles, setWithFiles] = useState(true);
  const [progress, setProgress] = useState<SealedProgress>();
  const [isDone, setIsDone] = useState(false);
  const hasAny = listSealedRooms(client).length > 0;
  const save = async () => {
    setIsDone(false);
    const wish = { withFiles, title: t("sealedTitle"), language: tag, tell: setProgress };
    const isSaved = await deed.run(async () => {
      saveBlob(await packSealed(client, wish), "teahouse-decrypted-messages.zip");
    });
    setIsDone(isSaved);
  };
  return (
    <Card title={t("sealedTitle")}>
      <div className={styles.item}>
        <p className={styles.head}>
          <Lock size={20} className={styles.icon} aria-hidden />
          <span className={styles.grow}>{t("sealedText")}</span>
        </p>
        {hasAny ? null : <p className={styles.soft}>{t("sealedNone")}</p>}
      </div>
      {hasAny ? (
        <>
          <Switch
            label={t("sealedFiles")}
            hint={t("sealedFilesHint")}
            isOn={withFiles}
            onChange={setWithFiles}
          />
          <div className={styles.item}>
            {progress && !isDone ? (
              <>
                <progress
                  className={styles.progress}
                  value={progress.done}
                  max={progress.all}
                  aria-label={t("sealedDo")}
                />
                <p className={styles.soft}>
                  {t("sealedAt", { count: progress.count, done: progress.done, all: progress.all })}
                </p>
              </>
            ) : null}
            {progress && isDone ? (
              <p className={styles.soft} role="status">
                {t("sealedDone", { count: progress.count, lost: progress.lost })}
              </p>
            ) : null}
            {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
            <div className={styles.buttons}>
              <Button look="quiet" busy={deed.isBusy} onClick={() => void save()}>
                {t("sealedDo")}
              </Button>
            </div>
          </div>
        </>
      ) : null}
    </Card>
  );
}
