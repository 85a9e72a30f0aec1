import { ChevronDown, Mic, MicOff, Phone, PhoneOff, Video, VideoOff } from "lucide-react";
import { CallErrorCode, CallEvent, CallState, CallType, type MatrixCall } from "matrix-js-sdk/lib/webrtc/call";
import { CallFeedEvent, type CallFeed } from "matrix-js-sdk/lib/webrtc/callFeed";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { useT } from "@/lib/language";
import { useClient, useNews } from "@/lib/matrix/context";
import { useModal } from "@/ui/Dialog";
import { nameOfMember } from "../naming";
import { Picture } from "../Picture";
import { formatLength } from "./lines";
import { useCallNotice } from "./notice";
import { useRinging } from "./ringing";
import styles from "./calls.module.css";

const NEWS = [CallEvent.State, CallEvent.FeedsChanged, CallEvent.LengthChanged] as const;

/** A call: before the app, or as a line above it. The sound stays in both. */
export function CallScreen({ call }: { call: MatrixCall }) {
  const t = useT();
  const client = useClient();
  useNews(call, NEWS);
  const [isSmall, setIsSmall] = useState(false);
  const room = client.getRoom(call.roomId);
  const peer = call.getOpponentMember()?.userId ?? call.invitee ?? "";
  const name = nameOfMember(room, peer);
  const isIncoming = call.state === CallState.Ringing;
  useRinging(isIncoming ? "in" : call.state === CallState.InviteSent ? "out" : undefined);
  useCallNotice(isIncoming ? tellIncoming() : undefined);
  const face = (size: number) => (
    <Picture id={peer} name={name} mxc={room?.getMember(peer)?.getMxcAvatarUrl()} size={size} />
  );
  const length = useLength(call);
  return (
    <>
      <Sound stream={call.remoteUsermediaStream} />
      {isSmall && !isIncoming ? (
        <div className={styles.line} role="status">
          {face(28)}
          <button type="button" className={styles.lineText} onClick={() => setIsSmall(false)}>
            {t("callReturn")} · {name} {length}
          </button>
          <HangUp call={call} />
        </div>
      ) : (
        <Screen
          label={isIncoming ? tellIncoming() : t("callWith", { name })}
          onMinimise={isIncoming ? undefined : () => setIsSmall(true)}
        >
          <Pictures call={call} name={name} face={face(112)} />
          <p className={styles.state} aria-live="polite">
            {tellState()}
          </p>
          {isIncoming ? <Answering call={call} /> : <Controls call={call} />}
        </Screen>
      )}
    </>
  );

  function tellIncoming(): string {
    return t(call.type === CallType.Video ? "callIncomingVideo" : "callIncomingVoice", { name });
  }

  function tellState(): string {
    switch (call.state) {
      case CallState.Ringing:
        return t(call.type === CallType.Video ? "callVideo" : "callVoice");
      case CallState.InviteSent:
        return t("callRinging");
      case CallState.Connected:
        return length;
      default:
        return t("callConnecting");
    }
  }
}

function useLength(call: MatrixCall): string {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    call.on(CallEvent.LengthChanged, setSeconds);
    return () => {
      call.off(CallEvent.LengthChanged, setSeconds);
    };
  }, [call]);
  return formatLength(seconds);
}

interface ScreenProps {
  label: string;
  onMinimise: (() => void) | undefined;
  children: ReactNode;
}

function Screen({ label, onMinimise, children }: ScreenProps) {
  const t = useT();
  const id = useId();
  const element = useModal();
  return (
    <dialog
      ref={element}
      className={styles.screen}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onMinimise?.();
      }}
    >
      <header className={styles.head}>
        <h2 id={id}>{label}</h2>
        {onMinimise ? (
          <button
            type="button"
            className={styles.minimise}
            aria-label={t("callMinimise")}
            title={t("callMinimise")}
            onClick={onMinimise}
          >
            <ChevronDown size={26} />
          </button>
        ) : null}
      </header>
      {children}
    </dialog>
  );
}

interface PicturesProps {
  call: MatrixCall;
  name: string;
  face: ReactNode;
}

function Pictures({ call, name, face }: PicturesProps) {
  const t = useT();
  const theirs = call.remoteUsermediaFeed;
  const own = call.localUsermediaFeed;
  useNews(theirs, [CallFeedEvent.MuteStateChanged, CallFeedEvent.NewStream]);
  useNews(own, [CallFeedEvent.MuteStateChanged, CallFeedEvent.NewStream]);
  return (
    <div className={styles.pictures}>
      {call.state === CallState.Connected && hasPicture(theirs) ? (
        <Film className={styles.theirs} stream={theirs.stream} label={t("callTheirPicture", { name })} />
      ) : (
        face
      )}
      {hasPicture(own) ? (
        <Film className={styles.own} stream={own.stream} label={t("callOwnPicture")} />
      ) : null}
    </div>
  );
}

function hasPicture(feed: CallFeed | undefined): feed is CallFeed {
  return feed !== undefined && feed.stream.getVideoTracks().length > 0 && !feed.isVideoMuted();
}

interface FilmProps {
  stream: MediaStream;
  label: string;
  className: string | undefined;
}

/** Without sound: that has an element of its own, which outlives the picture. */
function Film({ stream, label, className }: FilmProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video ref={video} className={className} aria-label={label} autoPlay playsInline muted />;
}

function Sound({ stream }: { stream: MediaStream | undefined }) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    if (audio.current) audio.current.srcObject = stream ?? null;
  }, [stream]);
  return <audio ref={audio} autoPlay />;
}

function Answering({ call }: { call: MatrixCall }) {
  const t = useT();
  const answer = (isVideo: boolean) => void call.answer(true, isVideo);
  return (
    <div className={styles.controls}>
      <Round label={t("callDecline")} look="red" onClick={() => call.reject()}>
        <PhoneOff size={26} />
      </Round>
      <Round label={t("callAccept")} look="green" onClick={() => answer(false)}>
        <Phone size={26} />
      </Round>
      {call.type === CallType.Video ? (
        <Round label={t("callAcceptVideo")} look="green" onClick={() => answer(true)}>
          <Video size={26} />
        </Round>
      ) : null}
    </div>
  );
}

function Controls({ call }: { call: MatrixCall }) {
  const t = useT();
  useNews(call.localUsermediaFeed, [CallFeedEvent.MuteStateChanged]);
  const isMuted = call.isMicrophoneMuted();
  const hasCamera = hasPicture(call.localUsermediaFeed);
  const isOn = call.state === CallState.Connected;
  return (
    <div className={styles.controls}>
      <Round
        label={t(isMuted ? "callUnmute" : "callMute")}
        look={isMuted ? "pressed" : "plain"}
        disabled={!isOn}
        onClick={() => void call.setMicrophoneMuted(!isMuted)}
      >
        {isMuted ? <MicOff size={26} /> : <Mic size={26} />}
      </Round>
      <Round
        label={t(hasCamera ? "callCameraOff" : "callCameraOn")}
        look={hasCamera ? "plain" : "pressed"}
        disabled={!isOn}
        onClick={() => void call.setLocalVideoMuted(hasCamera)}
      >
        {hasCamera ? <Video size={26} /> : <VideoOff size={26} />}
      </Round>
      <HangUp call={call} />
    </div>
  );
}

function HangUp({ call }: { call: MatrixCall }) {
  const t = useT();
  return (
    <Round
      label={t("callHangUp")}
      look="red"
      onClick={() => call.hangup(CallErrorCode.UserHangup, false)}
    >
      <PhoneOff size={26} />
    </Round>
  );
}

interface RoundProps {
  label: string;
  look: "plain" | "pressed" | "red" | "green";
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Round({ label, look, disabled = false, onClick, children }: RoundProps) {
  return (
    <button
      type="button"
      className={`${styles.round ?? ""} ${styles[look] ?? ""}`}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
