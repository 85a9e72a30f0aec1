/** Places in the form of RFC 5870, and how far they are from one another. Pure. */

export interface Place {
  latitude: number;
  longitude: number;
  /** How exact, in metres. */
  accuracy?: number;
}

const EARTH_METRES = 6_371_008;
const NEAR_METRES = 25;
// 0.00001 degrees are about a metre.
const DIGITS = 5;
// A hundredth of a degree of latitude is about a kilometre.
const ROUGH = 100;
const ROUGH_METRES = 1000;
const METRES_MAX = 20_100_000;

/** The place of a `geo:` address; nothing where it is none. */
export function readGeo(uri: unknown): Place | undefined {
  if (typeof uri !== "string") return undefined;
  const found = /^geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,-?\d+(?:\.\d+)?)?((?:;[^;]*)*)$/i.exec(uri);
  if (!found) return undefined;
  const [latitude, longitude] = [Number(found[1]), Number(found[2])];
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const told = /;u=(\d+(?:\.\d+)?)(?:;|$)/i.exec(found[3] ?? "");
  const accuracy = told ? Number(told[1]) : undefined;
  return {
    latitude,
    longitude,
    ...(accuracy === undefined || accuracy > METRES_MAX ? {} : { accuracy }),
  };
}

export function writeGeo({ latitude, longitude, accuracy }: Place): string {
  const exact = accuracy === undefined ? "" : `;u=${Math.ceil(accuracy)}`;
  return `geo:${trim(latitude)},${trim(longitude)}${exact}`;
}

function trim(degrees: number): string {
  return String(Number(degrees.toFixed(DIGITS)));
}

/** The place within about a kilometre: enough for a town, and not for a door. */
export function roughen({ latitude, longitude, accuracy }: Place): Place {
  const round = (degrees: number) => Math.round(degrees * ROUGH) / ROUGH;
  return {
    latitude: round(latitude),
    longitude: round(longitude),
    accuracy: Math.max(accuracy ?? 0, ROUGH_METRES),
  };
}

/** As people write it: 30.24500° N, 120.15000° E. */
export function formatPlace({ latitude, longitude }: Place): string {
  const write = (degrees: number, [plus, minus]: [string, string]) =>
    `${Math.abs(degrees).toFixed(DIGITS)}° ${degrees < 0 ? minus : plus}`;
  return `${write(latitude, ["N", "S"])}, ${write(longitude, ["E", "W"])}`;
}

export const DIRECTIONS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** How far and in which direction another place is; no direction where it is right here. */
export function measureWay(from: Place, to: Place): { metres: number; direction?: Direction } {
  const [lat1, lat2] = [toRadians(from.latitude), toRadians(to.latitude)];
  const [dLat, dLon] = [lat2 - lat1, toRadians(to.longitude - from.longitude)];
  const half = Math.sin(dLat / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLon / 2) ** 2;
  const metres = 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(half)));
  if (metres < NEAR_METRES) return { metres };
  const angle = Math.atan2(
    Math.sin(dLon) * Math.cos(lat2),
    Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(dLon),
  );
  const eighth = Math.round((angle / (2 * Math.PI)) * 8 + 8) % 8;
  return { metres, direction: DIRECTIONS[eighth] ?? "N" };
}

function toRadians(degrees: number): number {
  return (degrees / 180) * Math.PI;
}

export function formatDistance(metres: number, tag: string): string {
  const isFar = metres >= 1000;
  return (isFar ? metres / 1000 : Math.round(metres)).toLocaleString(tag, {
    style: "unit",
    unit: isFar ? "kilometer" : "meter",
    unitDisplay: "short",
    maximumFractionDigits: metres >= 10_000 ? 0 : 1,
  });
}

/** The content of a message that tells a place, as the specification and MSC3488 have it. */
export function composePlace(place: Place, note: string, fallback: string, at: number) {
  const uri = writeGeo(place);
  const body = `${note || fallback}: ${formatPlace(place)} (${uri})`;
  return {
    msgtype: "m.location",
    body,
    geo_uri: uri,
    "org.matrix.msc1767.text": body,
    "org.matrix.msc3488.location": { uri, ...(note ? { description: note } : {}) },
    "org.matrix.msc3488.asset": { type: "m.self" },
    "org.matrix.msc3488.ts": at,
  };
}

/** What a message says of a place; of others' clients too. */
export function readPlace(content: Record<string, unknown>): { place: Place | undefined; note: string } {
  const block = (content["org.matrix.msc3488.location"] ?? content["m.location"]) as
    | Record<string, unknown>
    | undefined;
  const description = block?.description;
  return {
    place: readGeo(content.geo_uri ?? block?.uri),
    note: typeof description === "string" ? description : "",
  };
}
