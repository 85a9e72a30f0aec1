import encodeQR from "qr";
import decodeQR from "qr/decode.js";
import { expect, it } from "vitest";
import { bytesToText, textToBytes } from "./code";

it("bytes come through a drawn code as they were", () => {
  const bytes = Uint8ClampedArray.from({ length: 256 }, (_, index) => index);
  const rows = encodeQR(bytesToText(bytes), "raw", {
    border: 3,
    ecc: "medium",
    encoding: "byte",
    scale: 4,
    textEncoder: (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
  });
  const edge = rows.length;
  const data = Uint8ClampedArray.from(
    rows.flatMap((row) => row.flatMap((isDark) => [...Array<number>(3).fill(isDark ? 0 : 255), 255])),
  );
  const text = decodeQR({ width: edge, height: edge, data }, { textDecoder: bytesToText });
  expect(textToBytes(text)).toEqual(bytes);
});
