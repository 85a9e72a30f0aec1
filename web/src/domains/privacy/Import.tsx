/** Me > Privacy > Bring my data: an archive of another house, looked at before anything comes in. */

import { FileDown, FolderInput, QrCode } from "lucide-react";
import { ClientEvent } from "matrix-js-sdk";
import { useEffect, useRef, useState } from "react";
import { useLanguage, type Key, type Translate } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { formatMoment } from "@/lib/time";
import { readTrouble, tellTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Switch } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { beginImport, fetchImports, undoImport, uploadArchive, type Brought, type Kind } from "./archivesApi";
import { useDeed } from "@/ui/deeds";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./archives.module.css";

const ASK_AGAIN_MS = 1000;
const REFUSALS = ["not-an-archive", "unsafe-archive", "archive-tampered", "archive-too-large"] as const;

export function Import() {
  const { t } = useLanguage();
  const loaded = useLoaded(fetchImports);
  const { reload } = loaded;
  const isMoving =
    loaded.value?.some((one) => one.status === "importing" || one.status === "undoing") ?? false;
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(reload, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isMoving, reload]);
  return (
    <Page title={t("bringAlong")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("bringAlongLead")}</p>
      <Choose onTaken={reload} />
      <Await loaded={loaded}>
        {(found) => <All found={found} onChanged={reload} />}
      </Await>
      <Contacts />
    </Page>
  );
}

const CONTACTS = "org.teahouse.brought_contacts";

interface BroughtContact {
  user_id: string;
  name: string;
  from: string;
}

/** Whom the member knew there: they have no account here unless they move too. */
function Contacts() {
  const { t } = useLanguage();
  const client = useClient();
  useNews(client, [ClientEvent.AccountData]);
  const content = client.getAccountData(CONTACTS as never)?.getContent<{ contacts?: unknown }>();
  const contacts = Array.isArray(content?.contacts) ? (content.contacts as BroughtContact[]) : [];
  if (contacts.length === 0) return null;
  return (
    <Card title={t("bringContacts")}>
      <div className={styles.item}>
        <p className={styles.soft}>{t("bringContactsText")}</p>
      </div>
      {contacts.map((one) => (
        <Row key={one.user_id} title={one.name || one.user_id} sub={one.user_id} />
      ))}
      <Row icon={<QrCode size={20} />} title={t("bringInvite")} to="/me/code" />
    </Card>
  );
}

function tellRefusal(t: Translate, error: unknown): string {
  const { code } = readTrouble(error);
  const known = REFUSALS.find((one) => one === code);
  return known ? t(`bringTrouble_${known}`) : tellTrouble(t, error);
}

function Choose({ onTaken }: { onTaken: () => void }) {
  const { t } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const [percent, setPercent] = useState(0);
  const deed = useDeed((error) => tellRefusal(t, error));
  const take = async (file: File | undefined) => {
    if (!file) return;
    setPercent(0);
    if (await deed.run(() => uploadArchive(file, setPercent))) onTaken();
    if (input.current) input.current.value = "";
  };
  return (
    <>
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <input
        ref={input}
        type="file"
        accept=".zip,application/zip"
        className={styles.file}
        aria-label={t("bringChoose")}
        tabIndex={-1}
        onChange={(event) => void take(event.target.files?.[0])}
      />
      <Button wide busy={deed.isBusy} onClick={() => input.current?.click()}>
        {deed.isBusy ? t("bringChecking", { percent }) : t("bringChoose")}
      </Button>
      {deed.isBusy ? (
        <progress className={styles.progress} value={percent} max={100} aria-label={t("bringChoose")} />
      ) : null}
    </>
  );
}

function All({ found, onChanged }: { found: Brought[]; onChanged: () => void }) {
  const { t } = useLanguage();
  const ready = found.filter((one) => one.status === "ready");
  const others = found.filter((one) => one.status !== "ready");
  if (found.length === 0) return <State icon={<FolderInput size={28} />} title={t("bringAlongText")} />;
  return (
    <>
      {ready.map((one) => (
        <Preview key={one.import_id} found={one} onChanged={onChanged} />
      ))}
      {others.length > 0 ? (
        <Card title={t("bringHistory")}>
          {others.map((one) => (
            <Past key={one.import_id} found={one} onChanged={onChanged} />
          ))}
        </Card>
      ) : null}
    </>
  );
}

/** What an archive holds; the member says what of it comes in. */
function Preview({ found, onChanged }: { found: Brought; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const deed = useDeed();
  const will = found.offers.filter((offer) => offer.will);
  const wont = found.offers.filter((offer) => !offer.will);
  const [left, setLeft] = useState<Kind[]>([]);
  const change = (kind: Kind, isOn: boolean) =>
    setLeft((now) => (isOn ? now.filter((one) => one !== kind) : [...now, kind]));
  const kinds = will.map((offer) => offer.kind).filter((kind) => !left.includes(kind));
  const act = async (what: () => Promise<unknown>) => {
    if (await deed.run(what)) onChanged();
  };
  return (
    <div data-testid="preview">
      <Card title={t("bringFrom", { house: found.from_server })}>
        <div className={styles.item}>
          <p>{t("bringWho", { user: found.from_user, when: formatMoment(found.made_at, tag) })}</p>
          <p className={styles.soft}>{t("bringSigned", { key: found.signed_by })}</p>
        </div>
      </Card>
      {will.length > 0 ? (
        <Card title={t("bringWill")}>
          {will.map((offer) => (
            <Switch
              key={offer.kind}
              label={t(`bringKind_${offer.kind}` as Key)}
              hint={`(${String(offer.count)})`}
              isOn={!left.includes(offer.kind)}
              onChange={(isOn) => change(offer.kind, isOn)}
            />
          ))}
        </Card>
      ) : null}
      {wont.length > 0 ? (
        <Card title={t("bringWont")}>
          {wont.map((offer) => (
            <Row
              key={offer.kind}
              title={t(`bringKind_${offer.kind}` as Key)}
              sub={offer.why ? t(`bringWhy_${offer.why}` as Key) : null}
              end={offer.count}
            />
          ))}
        </Card>
      ) : null}
      {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
      <div className={styles.item}>
        <Button
          wide
          busy={deed.isBusy}
          disabled={kinds.length === 0}
          onClick={() => void act(() => beginImport(found.import_id, kinds))}
        >
          {t("bringDo")}
        </Button>
        <Button
          look="quiet"
          wide
          busy={deed.isBusy}
          onClick={() => void act(() => undoImport(found.import_id))}
        >
          {t("bringDrop")}
        </Button>
      </div>
    </div>
  );
}

function Past({ found, onChanged }: { found: Brought; onChanged: () => void }) {
  const { t, tag } = useLanguage();
  const [isAsking, setIsAsking] = useState(false);
  const deed = useDeed();
  const undo = async () => {
    if (await deed.run(() => undoImport(found.import_id))) {
      setIsAsking(false);
      onChanged();
    }
  };
  const isMoving = found.status === "importing" || found.status === "undoing";
  const title = t("bringFrom", { house: found.from_server });
  const told = found.offers
    .filter(({ kind }) => (found.brought[kind] ?? 0) > 0)
    .map(({ kind, count }) => `${t(`bringKind_${kind}` as Key)}: ${String(count)}`)
    .join(" · ");
  return (
    <div className={styles.item} data-testid="brought">
      <div className={styles.head}>
        <span>
          <FileDown size={16} className={styles.icon} aria-hidden /> {title}
        </span>
        <span className={styles.soft} role="status">
          {t(`bring_${found.status}`)}
        </span>
      </div>
      <p className={styles.soft}>{formatMoment(found.created_at, tag)}</p>
      {isMoving ? (
        <progress
          className={styles.progress}
          aria-label={title}
          max={100}
          // Taking out tells no numbers: a bar that moves by itself.
          {...(found.status === "importing" ? { value: found.progress } : {})}
        />
      ) : null}
      {told ? <p className={styles.soft}>{told}</p> : null}
      {found.status === "done" || found.status === "importing" ? (
        <div className={styles.buttons}>
          <Button look="plain" onClick={() => setIsAsking(true)}>
            {t("bringUndo")}
          </Button>
        </div>
      ) : null}
      {isAsking ? (
        <Dialog title={t("bringUndo")} closeLabel={t("close")} onClose={() => setIsAsking(false)}>
          <p>{t("bringUndoAsk")}</p>
          {deed.trouble ? <Note kind="bad">{deed.trouble}</Note> : null}
          <div className={styles.buttons}>
            <Button look="quiet" onClick={() => setIsAsking(false)}>
              {t("cancel")}
            </Button>
            <Button look="danger" busy={deed.isBusy} onClick={() => void undo()}>
              {t("bringUndo")}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </div>
  );
}
