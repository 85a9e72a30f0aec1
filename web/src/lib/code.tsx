/** QR codes: drawing them. Scanning is loaded when a camera is opened. */

import encodeQR from "qr";
import { useMemo } from "react";

interface Props {
  /** Words, or bytes where it is another device that reads them. */
  value: string | Uint8ClampedArray;
  size?: number;
  label: string;
}

/** A QR code as a drawing; black on white in every theme, since cameras expect that. */
export function Code({ value, size = 220, label }: Props) {
  const { path, edge } = useMemo(() => draw(value), [value]);
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${edge} ${edge}`}
      shapeRendering="crispEdges"
    >
      <rect width={edge} height={edge} fill="#fff" rx={2} />
      <path d={path} fill="#000" />
    </svg>
  );
}

/** A letter for each byte: how bytes go through what draws and reads words. */
export function bytesToText(bytes: Uint8Array | Uint8ClampedArray): string {
  return String.fromCharCode(...bytes);
}

export function textToBytes(text: string): Uint8ClampedArray {
  return Uint8ClampedArray.from(text, (letter) => letter.charCodeAt(0));
}

function draw(value: string | Uint8ClampedArray): { path: string; edge: number } {
  const shape = { ecc: "medium", border: 3 } as const;
  const rows =
    typeof value === "string"
      ? encodeQR(value, "raw", shape)
      : encodeQR(bytesToText(value), "raw", {
          ...shape,
          encoding: "byte",
          textEncoder: (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
        });
  const path = rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return { path, edge: rows.length };
}
