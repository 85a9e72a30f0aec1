/** The sound of ringing, made here: two tones of a cup that is struck. */

import { useEffect } from "react";

const EVERY_MS = { in: 2_400, out: 4_000 };
const LOUDNESS = { in: 0.2, out: 0.05 };
const TONES = [659, 880];

/** Ring until it ends. @param way whether somebody calls, or is called. */
export function useRinging(way: "in" | "out" | undefined): void {
  useEffect(() => {
    // Browsers let a page sound only once its member has touched it.
    if (way === undefined || !navigator.userActivation.hasBeenActive) return;
    const sounds = new AudioContext();
    const ring = () => {
      TONES.forEach((tone, index) => strike(sounds, tone, index * 0.25, LOUDNESS[way]));
      if (way === "in" && "vibrate" in navigator) navigator.vibrate(300);
    };
    ring();
    const timer = setInterval(ring, EVERY_MS[way]);
    return () => {
      clearInterval(timer);
      void sounds.close();
    };
  }, [way]);
}

function strike(sounds: AudioContext, tone: number, after: number, loudness: number): void {
  const begin = sounds.currentTime + after;
  const [voice, fade] = [sounds.createOscillator(), sounds.createGain()];
  voice.frequency.value = tone;
  fade.gain.setValueAtTime(loudness, begin);
  fade.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
  voice.connect(fade).connect(sounds.destination);
  voice.start(begin);
  voice.stop(begin + 1);
}
