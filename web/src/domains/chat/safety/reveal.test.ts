import { expect, it } from "vitest";
import { CannotReveal, readIndex, revealMessageKey } from "./reveal";

// Made with vodozemac 0.10: a session exported at its fourth message, and the keys of later ones.
const EXPORTED =
  "AQAAAAOgddqG+wtHtgpq5ipqxVl22nJKCl87y/sRtLUeozlWlqFdLH+iqEYm4Mq4fOC/n97JQG2hgf5zQLNXIcgu" +
  "Ng4sYCKIif07+7TBk1qRXP9xAkfymgZmtUvtylh+KmJ7OFbWApuX2MvBZjdV5ESNma/DAk9+Q1ssVMspJ6vdTOTI" +
  "UJBwVrDaJqqspp9XPXBp3oAq5QPnqFIWXEuKG5ASXhJD";
const KEYS: [number, string][] = [
  [3, "au0w9mFt8/Qke4iD6jg7o6BI8TJiud5JsJ8hw2Kat5g"],
  [4, "qz4fN5O0Mr3fEpgTsMEg56AwYcS/ZfE5CNG4cKSWeEQ"],
  [255, "jiHYGpdCos1UtqbTu1CUyC+V3hjpBiym3OfbMY0ubS8"],
  [256, "NXIWKt5GKt47CvRfasEQQPc1V29HptsvvhvSxyBRM8w"],
  [257, "cLfH8N38GrKHEM1dZvNUokHGMbQpGY7x+HsCT5rK6dg"],
  [511, "EwqoLtxe9MrLTBwpClay7MbZyLi+rAEl1ydt5Zmp/tY"],
  [65535, "2MN/Ik+JT0KznMeERBMaB08ZNsQ6/e072/Ua4aJIMUo"],
  [65536, "9x/an5js5/+1sNX0qS5Wh23YGIzSspj151NWmq/F4Ig"],
  [65796, "D0nik4YWc8jqR10qz0oH67lDHJQZEpbQMuOeRrzo2YI"],
  [16777215, "8ZYj4yddXE2792aX8jBcFesbyfSNjf3zioa9pE0y61E"],
  [16777216, "Kg2RD5ybTTKbcovn48Vdx8nba7xh/XZBj+sEHlqrIE4"],
  [50397955, "4x4dm9N03xZ+TwM0nHDgNZq5w3FPYVK/yqtJOe62Q0A"],
  [4294967295, "OGlpG5REglvgp8d82VLE5YsJa/D2/LgUsfCp3uUeyjA"],
];
const MESSAGES: [number, string][] = [
  [
    0,
    "AwgAEhAvhlYgWagYDb3IFjqpPUDf2avCr12MQ6kIMtTbvxwChgEYdI0xcjznK7dFKM0YIPgQqw+ShsHn" +
      "uG13SGjwrZQnLsp2cAIkeEreLnG8/4OIyOxD8BbH9AoJ",
  ],
  [
    5,
    "AwgFEhDslOvT1msoVw8HyDBfE0y2LT3mrstm15mFMO/hoH6WRHuhePMO9xU4iKFN2P86O4TTna7H4Ua/" +
      "TuzODDVSuhNvMkTHbOOVEJcu8yxUP2LU20uhBcWXMEsH",
  ],
  [
    127,
    "Awh/EhB+FLVqTtNIjQM7oBLxVTXbVBoDZpxop9ug2VaLNDC70KPhzTrWHmZG1GLtvf6QNpFEh73TJwkF" +
      "dZZDDwd+S2ljbfRz6ZJ7UONlXqLJaY4sUXEy4K17KD0D",
  ],
  [
    128,
    "AwiAARIQAz0etONz1DUbJRvCqM2a+JF8sb8O7O80YXnrWqD/kv8xnGJcIdAupPSFo9x4kBeMDFURQ96P" +
      "aDStCAVtWisbLRIIgFnfJsAgim2HCwF9rsrdLaXhRerNCQ",
  ],
  [
    199,
    "AwjHARIQR5gm8N/zMc5Z+QksFQYpXbdRRIBcD3b4Av0C6SAXBYtZdkKeTlWwee8VcjkeJJOJStp8OjrK" +
      "Avt00HgPd2x82EufA27NWCkc3QTFQ4zUpxaJzDm4fAlrBw",
  ],
];

it.each(KEYS)("turns the ratchet forward to message %i", async (index, key) => {
  expect(await revealMessageKey(EXPORTED, index)).toBe(key);
});

it("reveals nothing of what it does not know", async () => {
  await expect(revealMessageKey(EXPORTED, 2)).rejects.toThrow(CannotReveal);
  await expect(revealMessageKey("AQAA", 2)).rejects.toThrow(CannotReveal);
});

it.each(MESSAGES)("finds the place of message %i", (index, message) => {
  expect(readIndex(message)).toBe(index);
});

it.each(["", "AwkA", "Awj/////////"])("says so where it is no message: %s", (text) => {
  expect(() => readIndex(text)).toThrow(CannotReveal);
});
