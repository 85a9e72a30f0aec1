import { Pause, Play } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useT } from "@/lib/language";
import { formatLength, resample, type Voice } from "./voice";
import styles from "./voice.module.css";

const BARS = 36;
const SPEEDS = [1, 1.5, 2];
// Silence is a line of points and not nothing.
const BAR_MIN = 0.1;

// One voice speaks at a time.
let speaking: HTMLAudioElement | undefined;

interface Props {
  voice: Voice;
  /** Where the sound is; asked when it is to be heard. */
  findAddress: () => Promise<string>;
  onTrouble: (error: unknown) => void;
}

/** Plays a voice message; its waveform is a slider. */
export function VoicePlayer({ voice, findAddress, onTrouble }: Props) {
  const t = useT();
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const total = voice.ms / 1000;
  useEffect(() => {
    const element = audio.current;
    return () => element?.pause();
  }, []);
  useSmoothly(isPlaying, () => setAt(audio.current?.currentTime ?? 0));
  const load = async (): Promise<HTMLAudioElement | undefined> => {
    const element = audio.current;
    if (element && !element.src) element.src = await findAddress();
    return element ?? undefined;
  };
  const toggle = async () => {
    if (isPlaying) {
      audio.current?.pause();
      return;
    }
    try {
      const element = await load();
      if (!element) return;
      if (speaking !== element) speaking?.pause();
      speaking = element;
      element.playbackRate = speed;
      await element.play();
    } catch (error) {
      onTrouble(error);
    }
  };
  const move = (seconds: number) => {
    setAt(seconds);
    load().then((element) => {
      if (element) element.currentTime = seconds;
    }, onTrouble);
  };
  const turn = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  };
  const left = isPlaying || at > 0 ? at * 1000 : voice.ms;
  return (
    <div className={styles.player} role="group" aria-label={t("voiceOf", { length: formatLength(voice.ms) })}>
      <button
        type="button"
        className={styles.play}
        aria-label={isPlaying ? t("voicePause") : t("voicePlay")}
        onClick={() => void toggle()}
      >
        {isPlaying ? <Pause size={20} fill="currentColor" /> : <Play size={20} fill="currentColor" />}
      </button>
      <div className={styles.wave}>
        <Wave levels={voice.waveform} part={total > 0 ? Math.min(1, at / total) : 0} />
        <input
          type="range"
          className={styles.slider}
          aria-label={t("voicePosition")}
          aria-valuetext={formatLength(at * 1000)}
          min={0}
          max={Math.max(total, 0.1)}
          step={0.1}
          value={Math.min(at, Math.max(total, 0.1))}
          onChange={(event) => move(Number(event.target.value))}
        />
      </div>
      <span className={styles.length}>{formatLength(left)}</span>
      <button
        type="button"
        className={styles.speed}
        aria-label={t("voiceSpeed", { speed: `${speed}×` })}
        onClick={turn}
      >
        {speed}×
      </button>
      <audio
        ref={audio}
        preload="none"
        onPlay={() => setIsPlaying(true)}
        onPause={() => setIsPlaying(false)}
        onEnded={() => {
          setIsPlaying(false);
          setAt(0);
          if (audio.current) audio.current.currentTime = 0;
        }}
      />
    </div>
  );
}

/** Bars of loudness; those that were heard are full. */
export function Wave({ levels, part = 0 }: { levels: readonly number[]; part?: number }) {
  const bars = useMemo(() => resample(levels, BARS), [levels]);
  return (
    <span className={styles.bars} aria-hidden>
      {bars.map((level, index) => (
        <span
          key={index}
          className={`${styles.bar ?? ""} ${index < part * BARS ? (styles.barHeard ?? "") : ""}`}
          style={{ height: `${Math.max(level, BAR_MIN) * 100}%` }}
        />
      ))}
    </span>
  );
}

/** Runs something each frame while it is wanted: the browser tells the time of a sound too seldom. */
function useSmoothly(isWanted: boolean, run: () => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    if (!isWanted) return;
    let frame = 0;
    const step = () => {
      latest.current();
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [isWanted]);
}
