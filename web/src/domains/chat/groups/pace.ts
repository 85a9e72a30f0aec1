/** How long a member waits before the next message, by their group's slow mode. Pure. */

// The same as on the server, which has the last word.
const UNSLOWED = ["m.reaction", "m.call.", "m.key.verification."];

export function isSlowed(type: string): boolean {
  return !UNSLOWED.some((prefix) => type.startsWith(prefix));
}

/** @param sentAt when the last message was sent, by this device's clock. */
export function computeWait(seconds: number, sentAt: number | undefined, now: number): number {
  if (seconds <= 0 || sentAt === undefined) return 0;
  // A clock that was set back meanwhile must not make anybody wait for longer than the rule.
  return Math.min(Math.max(sentAt + seconds * 1000 - now, 0), seconds * 1000);
}

/** Minutes and seconds that are left, never shown as none. */
export function formatWait(waitMs: number): string {
  const left = Math.max(Math.ceil(waitMs / 1000), 1);
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}
