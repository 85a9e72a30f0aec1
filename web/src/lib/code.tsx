/** QR codes: drawing them. Scanning is loaded when a camera is opened. */

import encodeQR from "qr";
import { useMemo } from "react";

/** A QR code as a drawing; black on white in every theme, since cameras expect that. */
export function Code({ value, size = 220, label }: { value: string; size?: number; label: string }) {
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

function draw(value: string): { path: string; edge: number } {
  const rows = encodeQR(value, "raw", { ecc: "medium", border: 3 });
  const path = rows
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return { path, edge: rows.length };
}
