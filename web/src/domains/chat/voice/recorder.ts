/** Records from the microphone, and listens how loud it is. Knows no Matrix. */

import { webmToOgg } from "./ogg";

export interface Recording {
  blob: Blob;
  /** Loudness from 0 to 1, ten times a second. */
  levels: number[];
  ms: number;
}

export interface Recorder {
  /** Stop, and have what was said. */
  stop: () => Promise<Recording>;
  /** Stop, and forget it. */
  cancel: () => void;
}

// What Matrix clients play, the best known first.
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];
const LEVEL_MS = 100;
// Speech needs no more; a minute is some 240 kB.
const BITS_PER_SECOND = 32_000;
// A microphone that somebody forgot is closed.
const LENGTH_MS_MAX = 30 * 60_000;
// The root mean square of loud speech is near a third.
const LOUD = 3;

/**
 * Ask for the microphone and begin.
 *
 * @param onLevel hears how it goes, ten times a second.
 */
export async function startRecorder(onLevel: (levels: number[], ms: number) => void): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each));
  const recorder = new MediaRecorder(stream, {
    audioBitsPerSecond: BITS_PER_SECOND,
    ...(type ? { mimeType: type } : {}),
  });
  const parts: Blob[] = [];
  const levels: number[] = [];
  const startedAt = performance.now();
  const { measure, end } = makeMeter(stream);
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const timer = setInterval(() => {
    levels.push(measure());
    const ms = performance.now() - startedAt;
    onLevel([...levels], ms);
    if (ms > LENGTH_MS_MAX && recorder.state === "recording") recorder.stop();
  }, LEVEL_MS);
  let ms = 0;
  const stopped = new Promise<void>((resolve) => {
    recorder.addEventListener("stop", () => {
      ms = performance.now() - startedAt;
      clearInterval(timer);
      end();
      for (const track of stream.getTracks()) track.stop();
      resolve();
    });
  });
  recorder.start();
  const halt = () => {
    if (recorder.state !== "inactive") recorder.stop();
    return stopped;
  };
  return {
    stop: async () => {
      await halt();
      return { blob: await toOgg(new Blob(parts, { type: recorder.mimeType })), levels, ms };
    },
    cancel: () => void halt(),
  };
}

function makeMeter(stream: MediaStream): { measure: () => number; end: () => void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    measure: () => {
      analyser.getFloatTimeDomainData(samples);
      const square = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      return Math.min(1, Math.sqrt(square) * LOUD);
    },
    end: () => void context.close(),
  };
}

async function toOgg(blob: Blob): Promise<Blob> {
  const plain = blob.type.split(";")[0] ?? "";
  if (plain === "audio/webm") {
    const ogg = webmToOgg(new Uint8Array(await blob.arrayBuffer()));
    if (ogg) return new Blob([ogg], { type: "audio/ogg" });
  }
  return new Blob([blob], { type: plain });
}
