/** Asks the device where it is: once, and only when somebody pressed for it. */

import type { Key } from "@/lib/language";
import type { Place } from "./geo";

const WAIT_MS = 20_000;
// A place of half a minute ago is where one is.
const AGE_MS_MAX = 30_000;

export class NoPlace extends Error {
  constructor(readonly told: Key) {
    super(told);
  }
}

export function findPlace(): Promise<Place> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new NoPlace("placeUnknown"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          latitude: coords.latitude,
          longitude: coords.longitude,
          accuracy: coords.accuracy,
        }),
      ({ code }) =>
        reject(new NoPlace(code === GeolocationPositionError.PERMISSION_DENIED ? "placeRefused" : "placeUnknown")),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: AGE_MS_MAX },
    );
  });
}
