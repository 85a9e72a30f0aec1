/**
 * Puts Opus sound from a WebM file into an Ogg file, without coding it anew.
 *
 * Chromium records WebM that tells no length and that phones' clients of Matrix can't play; MSC3245
 * asks for Opus in Ogg. Sources: RFC 9559 (Matroska), RFC 3533 (Ogg), RFC 7845 (Opus in Ogg),
 * RFC 6716, section 3.1 (how long a packet is). Pure.
 */

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const BLOCK_GROUP = 0xa0;
// Elements that hold others; they are entered, and their length does not matter.
const MASTERS = new Set([SEGMENT, CLUSTER, TRACKS, TRACK_ENTRY, BLOCK_GROUP]);
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const LACING = 0x06;

const SAMPLES_PER_MS = 48;
const SERIAL = 0x7ea;
const BEGINS = 2;
const ENDS = 4;
// Some half second at Chromium's 60 ms and one second at the usual 20 ms.
const PACKETS_A_PAGE = 50;
const SEGMENTS_MAX = 255;

/** Nothing where it is not WebM with Opus, as this can read it. */
export function webmToOgg(webm: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const found = readWebm(webm);
  return found ? writeOgg(found.head, found.packets) : undefined;
}

export interface Opus {
  head: Uint8Array;
  packets: Uint8Array[];
}

export function readWebm(bytes: Uint8Array): Opus | undefined {
  let head: Uint8Array | undefined;
  const packets: Uint8Array[] = [];
  let place = 0;
  while (place < bytes.length) {
    const id = readNumber(bytes, place, false);
    const size = id && readNumber(bytes, id.end, true);
    if (!id || !size) return undefined;
    if (MASTERS.has(id.value)) {
      place = size.end;
      continue;
    }
    const data = bytes.subarray(size.end, size.end + size.value);
    if (id.value === CODEC_PRIVATE) head = data;
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
      const packet = readPacket(data);
      if (!packet) return undefined;
      packets.push(packet);
    }
    place = size.end + size.value;
  }
  const isOpus = head !== undefined && new TextDecoder().decode(head.subarray(0, 8)) === "OpusHead";
  return head && isOpus && packets.length > 0 ? { head, packets } : undefined;
}

/** The one packet of a block; nothing where it holds several. */
function readPacket(block: Uint8Array): Uint8Array | undefined {
  const track = readNumber(block, 0, true);
  const flags = track && block[track.end + 2];
  if (!track || flags === undefined || (flags & LACING) !== 0) return undefined;
  return block.subarray(track.end + 3);
}

/** An EBML number, whose length its first bits tell. */
function readNumber(
  bytes: Uint8Array,
  place: number,
  isMarkerDropped: boolean,
): { value: number; end: number } | undefined {
  const first = bytes[place];
  if (first === undefined || first === 0) return undefined;
  const length = Math.clz32(first) - 23;
  if (place + length > bytes.length) return undefined;
  let value = isMarkerDropped ? first & (0xff >> length) : first;
  for (let index = 1; index < length; index += 1) value = value * 256 + (bytes[place + index] ?? 0);
  return { value, end: place + length };
}

/** How many samples at 48 kHz a packet of Opus holds. */
export function samplesOf(packet: Uint8Array): number {
  const [toc = 0, second = 0] = packet;
  const config = toc >> 3;
  const silk = [10, 20, 40, 60][config & 3] ?? 0;
  const celt = [2.5, 5, 10, 20][config & 3] ?? 0;
  const hybrid = config & 1 ? 20 : 10;
  const ms = config < 12 ? silk : config < 16 ? hybrid : celt;
  const frames = [1, 2, 2, second & 63][toc & 3] ?? 0;
  return ms * frames * SAMPLES_PER_MS;
}

function writeOgg(head: Uint8Array, packets: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const vendor = new TextEncoder().encode("Teahouse");
  const tags = join([
    new TextEncoder().encode("OpusTags"),
    littleEndian(vendor.length, 4),
    vendor,
    littleEndian(0, 4),
  ]);
  const pages = [makePage([head], 0, 0, BEGINS), makePage([tags], 0, 1, 0)];
  let held: Uint8Array[] = [];
  let segments = 0;
  let samples = 0;
  packets.forEach((packet, index) => {
    const needed = Math.floor(packet.length / 255) + 1;
    if (held.length === PACKETS_A_PAGE || segments + needed > SEGMENTS_MAX) {
      pages.push(makePage(held, samples, pages.length, 0));
      [held, segments] = [[], 0];
    }
    held.push(packet);
    segments += needed;
    samples += samplesOf(packet);
    if (index === packets.length - 1) pages.push(makePage(held, samples, pages.length, ENDS));
  });
  return join(pages);
}

function makePage(
  packets: readonly Uint8Array[],
  position: number,
  sequence: number,
  flags: number,
): Uint8Array {
  const lacing = packets.flatMap((packet) => [
    ...Array.from({ length: Math.floor(packet.length / 255) }, () => 255),
    packet.length % 255,
  ]);
  const page = join([
    new TextEncoder().encode("OggS"),
    new Uint8Array([0, flags]),
    littleEndian(position, 8),
    littleEndian(SERIAL, 4),
    littleEndian(sequence, 4),
    new Uint8Array(4),
    new Uint8Array([lacing.length, ...lacing]),
    ...packets,
  ]);
  page.set(littleEndian(computeCrc(page), 4), 22);
  return page;
}

function littleEndian(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => Math.floor(value / 256 ** index) % 256);
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** RFC 3533's checksum: as in Ethernet, but neither turned round nor inverted. */
export function computeCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] ?? 0)) >>> 0;
  return crc;
}
