import { Download, FileText } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { fileAddress, type FileContent } from "@/lib/matrix/media";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import styles from "./chat.module.css";

const PHOTO_WIDTH_MAX = 340;
const PHOTO_HEIGHT_MAX = 380;

interface Props {
  content: FileContent;
  meta: ReactNode;
  sender: string;
}

export function Attachment({ content, meta, sender }: Props) {
  if (content.msgtype === "m.image") return <Photo content={content} meta={meta} sender={sender} />;
  if (content.msgtype === "m.audio" || content.msgtype === "m.video") {
    return <Media content={content} meta={meta} />;
  }
  return <Document content={content} meta={meta} />;
}

function useAddress(content: FileContent, isWanted = true): string | undefined {
  const client = useClient();
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    let isHere = true;
    if (isWanted) {
      fileAddress(client, content).then(
        (found) => {
          if (isHere) setAddress(found);
        },
        () => undefined,
      );
    }
    return () => {
      isHere = false;
    };
  }, [client, content, isWanted]);
  return address;
}

function Photo({ content, meta, sender }: Props) {
  const { t } = useLanguage();
  const address = useAddress(content);
  const [isOpen, setIsOpen] = useState(false);
  const { width, height } = fitPhoto(content.info.w ?? 4, content.info.h ?? 3);
  return (
    <div className={`${styles.bubble ?? ""} ${styles.bubblePhoto ?? ""}`}>
      <button type="button" className={styles.photoButton} onClick={() => setIsOpen(true)}>
        {address ? (
          <img
            className={styles.photo}
            src={address}
            width={width}
            height={height}
            alt={t("photoBy", { name: sender })}
          />
        ) : (
          <div className={styles.photo} style={{ width, height }} />
        )}
      </button>
      <span className={styles.metaOver}>{meta}</span>
      {isOpen && address ? (
        <Dialog title={t("photo")} closeLabel={t("close")} onClose={() => setIsOpen(false)}>
          <img className={styles.viewer} src={address} alt={t("photoBy", { name: sender })} />
          <SaveLink address={address} name={content.body} />
        </Dialog>
      ) : null}
    </div>
  );
}

/** The size a photo is shown in, known before it is there, so that nothing jumps. */
function fitPhoto(w: number, h: number): { width: number; height: number } {
  const scale = Math.min(PHOTO_WIDTH_MAX / w, PHOTO_HEIGHT_MAX / h);
  return { width: Math.round(w * scale), height: Math.round(h * scale) };
}

function Media({ content, meta }: Omit<Props, "sender">) {
  const { t } = useLanguage();
  const address = useAddress(content);
  const label = content.msgtype === "m.audio" ? t("voice") : t("video");
  return (
    <div className={styles.bubble}>
      {content.msgtype === "m.audio" ? (
        <audio controls src={address} aria-label={label} />
      ) : (
        <video controls src={address} aria-label={label} className={styles.photo} />
      )}
      {meta}
    </div>
  );
}

function Document({ content, meta }: Omit<Props, "sender">) {
  const { t } = useLanguage();
  const client = useClient();
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    try {
      saveFile(await fileAddress(client, content), content.body);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className={styles.bubble}>
      <button type="button" className={styles.fileRow} onClick={save} disabled={isBusy}>
        <span className={styles.fileIcon}>
          <FileText size={20} aria-hidden />
        </span>
        <span>
          <span>{content.body || t("file")}</span>
          <br />
          <span className={styles.fileSize}>{formatBytes(content.info.size ?? 0)}</span>
        </span>
      </button>
      {meta}
    </div>
  );
}

function SaveLink({ address, name }: { address: string; name: string }) {
  const { t } = useLanguage();
  return (
    <Button look="quiet" onClick={() => saveFile(address, name)}>
      <Download size={18} aria-hidden /> {t("download")}
    </Button>
  );
}

function saveFile(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name || "file";
  link.click();
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** step;
  return `${value >= 10 || step === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[step] ?? ""}`;
}
