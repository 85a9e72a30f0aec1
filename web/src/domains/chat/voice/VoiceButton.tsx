import { Mic, Send, Square, Trash2 } from "lucide-react";
import type { Room } from "matrix-js-sdk";
import { useEffect, useRef, useState } from "react";
import { useT, type Translate } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { uploadFile } from "@/lib/matrix/media";
import { tellTrouble } from "@/lib/trouble";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { toast } from "@/ui/Toast";
import { isEncrypted } from "../naming";
import { placeIn, type ThreadPlace } from "../text/compose";
import { startRecorder, type Recorder, type Recording } from "./recorder";
import { composeVoice, formatLength } from "./voice";
import { VoicePlayer, Wave } from "./VoicePlayer";
import chat from "../chat.module.css";
import styles from "./voice.module.css";

// Who lets go sooner has tapped, and stops with another tap.
const HOLD_MS = 500;
// Shorter is a slip of the finger; from here on "0:01" is shown, and what shows a length is kept.
const LENGTH_MS_MIN = 500;
const LEVELS_SHOWN = 60;

type Phase =
  | { is: "idle" }
  | { is: "asking" }
  | { is: "recording"; recorder: Recorder }
  | { is: "done"; recording: Recording; address: string }
  | { is: "refused"; why: string };

interface Props {
  room: Room;
  thread: ThreadPlace | undefined;
}

/** Records a voice message: while it is held, or from a tap to the next. */
export function VoiceButton({ room, thread }: Props) {
  const t = useT();
  const client = useClient();
  const { phase, levels, ms, begin, finish, drop } = useRecording();
  const heldSince = useRef(0);
  const press = () => {
    heldSince.current = performance.now();
    const release = () => {
      removeEventListener("pointerup", release);
      removeEventListener("pointercancel", release);
      if (performance.now() - heldSince.current >= HOLD_MS) void finish();
    };
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
    void begin();
  };
  const send = async (recording: Recording) => {
    drop();
    try {
      const { blob } = recording;
      const ending = blob.type.replace("audio/", "");
      const file = new File([blob], `${t("voice")}.${ending}`, { type: blob.type });
      toast(t("sending"));
      const content = await uploadFile(client, file, isEncrypted(room));
      const voice = { ms: recording.ms, waveform: recording.levels };
      const placed = placeIn(thread, composeVoice(content, voice, t("voice")));
      await client.sendMessage(room.roomId, thread?.rootId ?? null, placed as never);
    } catch (error) {
      toast(tellTrouble(t, error));
    }
  };
  return (
    <>
      <button
        type="button"
        className={chat.sendButton}
        aria-label={t("voiceRecord")}
        title={t("voiceRecord")}
        onPointerDown={(event) => {
          if (event.button === 0) press();
        }}
        // By keyboard or a screen reader: nothing was held.
        onClick={(event) => {
          if (event.detail === 0 && phase.is === "idle") void begin();
        }}
      >
        <Mic size={20} />
      </button>
      {phase.is === "asking" || phase.is === "recording" ? (
        <Strip onDrop={drop} t={t}>
          <span className={styles.light} aria-hidden />
          <span role="status" className={styles.live}>
            {t("voiceRecording")}
          </span>
          <span className={styles.length}>{formatLength(ms)}</span>
          <span className={styles.liveWave}>
            <Wave levels={levels.slice(-LEVELS_SHOWN)} part={1} />
          </span>
          <button
            type="button"
            className={chat.sendButton}
            aria-label={t("voiceStop")}
            title={t("voiceStop")}
            onClick={() => void finish()}
          >
            <Square size={18} fill="currentColor" />
          </button>
        </Strip>
      ) : null}
      {phase.is === "done" ? (
        <Strip onDrop={drop} t={t}>
          <VoicePlayer
            voice={{ ms: phase.recording.ms, waveform: phase.recording.levels }}
            findAddress={() => Promise.resolve(phase.address)}
            onTrouble={(error) => toast(tellTrouble(t, error))}
          />
          <button
            type="button"
            className={chat.sendButton}
            aria-label={t("send")}
            autoFocus
            onClick={() => void send(phase.recording)}
          >
            <Send size={20} />
          </button>
        </Strip>
      ) : null}
      {phase.is === "refused" ? (
        <Dialog title={t("voice")} closeLabel={t("close")} onClose={drop}>
          <p>{phase.why}</p>
          <Button onClick={() => void begin()}>{t("retry")}</Button>
        </Dialog>
      ) : null}
    </>
  );
}

interface StripProps {
  onDrop: () => void;
  t: Translate;
  children: React.ReactNode;
}

/** Lies over the place where one writes. */
function Strip({ onDrop, t, children }: StripProps) {
  return (
    <div
      className={styles.strip}
      onKeyDown={(event) => {
        if (event.key === "Escape") onDrop();
      }}
    >
      <IconButton label={t("cancel")} onClick={onDrop}>
        <Trash2 size={20} />
      </IconButton>
      {children}
    </div>
  );
}

function useRecording() {
  const t = useT();
  const [phase, setPhase] = useState<Phase>({ is: "idle" });
  const [levels, setLevels] = useState<number[]>([]);
  const [ms, setMs] = useState(0);
  // A recorder that comes after it was given up is closed at once.
  const wanted = useRef<Promise<Recorder>>(undefined);
  const begin = async () => {
    setPhase({ is: "asking" });
    setLevels([]);
    setMs(0);
    const starting = startRecorder((heard, length) => {
      setLevels(heard);
      setMs(length);
    });
    wanted.current = starting;
    try {
      const recorder = await starting;
      if (wanted.current === starting) setPhase({ is: "recording", recorder });
      else recorder.cancel();
    } catch (error) {
      if (wanted.current === starting) setPhase({ is: "refused", why: tellRefusal(t, error) });
    }
  };
  const drop = () => {
    wanted.current?.then(
      (recorder) => recorder.cancel(),
      () => undefined,
    );
    wanted.current = undefined;
    if (phase.is === "done") URL.revokeObjectURL(phase.address);
    setPhase({ is: "idle" });
  };
  const finish = async () => {
    const starting = wanted.current;
    const recorder = await starting?.catch(() => undefined);
    if (!recorder || wanted.current !== starting) return;
    const recording = await recorder.stop();
    if (wanted.current !== starting) return;
    if (recording.ms < LENGTH_MS_MIN) {
      drop();
      toast(t("voiceTooShort"));
      return;
    }
    setPhase({ is: "done", recording, address: URL.createObjectURL(recording.blob) });
  };
  useEffect(
    () => () => {
      // Whoever leaves the chat closes the microphone.
      wanted.current?.then(
        (recorder) => recorder.cancel(),
        () => undefined,
      );
      wanted.current = undefined;
    },
    [],
  );
  return { phase, levels, ms, begin, finish, drop };
}

function tellRefusal(t: Translate, error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return t("voiceRefused");
  if (name === "NotFoundError") return t("voiceNone");
  return t("voiceTrouble", { reason: error instanceof Error ? error.message : String(error) });
}
