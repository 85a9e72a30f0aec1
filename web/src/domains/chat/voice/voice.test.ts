import { describe, expect, it } from "vitest";
import { computeCrc, readWebm, samplesOf, webmToOgg } from "./ogg";
import { composeVoice, formatLength, readVoice, resample, VOICE_BLOCK } from "./voice";

describe("a voice message", () => {
  const file = { msgtype: "m.audio", body: "voice.ogg", info: { mimetype: "audio/ogg", size: 9 }, url: "mxc://tea/a" } as const;

  it("is read as it was composed", () => {
    const content = composeVoice({ ...file }, { ms: 2500.4, waveform: [0, 0.5, 1, 7] }, "Voice message");
    expect(content[VOICE_BLOCK]).toEqual({});
    expect(content).toMatchObject({ msgtype: "m.audio", info: { duration: 2500, size: 9 } });
    const voice = readVoice(content);
    expect(voice.ms).toBe(2500);
    expect(voice.waveform).toHaveLength(60);
    expect(Math.max(...voice.waveform)).toBe(1);
  });

  it.each([{}, { info: null }, { "org.matrix.msc1767.audio": { duration: "9", waveform: [{}, -5, 1e9] } }])(
    "that says odd things harms nobody: %j",
    (content) => {
      const voice = readVoice(content);
      expect(voice.ms).toBe(0);
      expect(voice.waveform.every((level) => level >= 0 && level <= 1)).toBe(true);
    },
  );

  it("is drawn by the loudest of each stretch, short or long", () => {
    expect(resample([1, 3, 2, 5], 2)).toEqual([3, 5]);
    expect(resample([1, 2], 4)).toEqual([1, 1, 2, 2]);
    expect(resample([], 2)).toEqual([0, 0]);
  });

  it("tells its length in minutes and seconds", () => {
    expect([0, 999, 61_000, 600_400].map(formatLength)).toEqual(["0:00", "0:01", "1:01", "10:00"]);
  });
});

// A file as Chromium records it: lengths of the segment and the clusters are not known.
const HEAD = [...new TextEncoder().encode("OpusHead"), 1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0];
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const block = (packet: number[]) => [0xa3, 0x80 | (packet.length + 4), 0x81, 0, 0, 0x80, ...packet];
const WEBM = new Uint8Array([
  0x1a, 0x45, 0xdf, 0xa3, 0x81, 0, // the EBML head, in short
  0x18, 0x53, 0x80, 0x67, ...UNKNOWN,
  0x16, 0x54, 0xae, 0x6b, 0x40, 0x20,
  0xae, 0x80 | (HEAD.length + 3), 0x63, 0xa2, 0x80 | HEAD.length, ...HEAD,
  0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN,
  ...block([0xf8, 1, 2, 3]), ...block([0xfb, 3, 9]),
]); // prettier-ignore

describe("from WebM to Ogg", () => {
  it("finds the packets of Opus", () => {
    expect(readWebm(WEBM)?.packets.map((packet) => [...packet])).toEqual([[0xf8, 1, 2, 3], [0xfb, 3, 9]]);
  });

  it("knows how long a packet is", () => {
    // 20 ms of CELT; three frames of it; 60 ms of SILK; two frames of 10 ms, hybrid.
    expect([[0xf8], [0xfb, 3], [0x18], [0x61]].map((packet) => samplesOf(new Uint8Array(packet)))).toEqual([
      960, 2880, 2880, 960,
    ]);
  });

  it("writes pages with head, tags and sound, whose checksums are right", () => {
    const ogg = webmToOgg(WEBM);
    if (!ogg) throw new Error("it is readable");
    const text = new TextDecoder("latin1").decode(ogg);
    const starts = [...text.matchAll(/OggS/g)].map(({ index }) => index);
    expect(starts).toHaveLength(3);
    starts.forEach((start, number) => {
      const page = ogg.slice(start, starts[number + 1] ?? ogg.length);
      const told = new DataView(page.buffer).getUint32(22, true);
      page.fill(0, 22, 26);
      expect(computeCrc(page)).toBe(told);
    });
    const last = new DataView(ogg.buffer, starts[2]);
    expect(last.getUint32(6, true)).toBe(960 + 2880);
    expect(last.getUint8(5)).toBe(4);
    expect([text.indexOf("OpusHead"), text.indexOf("OpusTags")]).toEqual([28, 28 + HEAD.length + 28]);
  });

  it.each([[[]], [[1, 2, 3]], [[0x1a, 0x45, 0xdf, 0xa3, 0x81, 0]]])("leaves alone what it can't read: %j", (bytes) => {
    expect(webmToOgg(new Uint8Array(bytes))).toBeUndefined();
  });
});
