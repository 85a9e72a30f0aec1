import { describe, expect, it } from "vitest";
import { composePlace, formatDistance, formatPlace, measureWay, readGeo, readPlace, roughen, writeGeo } from "./geo";

const HANGZHOU = { latitude: 30.245, longitude: 120.15 };

describe("a place", () => {
  it.each([
    ["geo:30.245,120.15", { latitude: 30.245, longitude: 120.15 }],
    ["geo:-33.9,18.4,12;u=35", { latitude: -33.9, longitude: 18.4, accuracy: 35 }],
    ["GEO:0,0;crs=wgs84;u=7.5", { latitude: 0, longitude: 0, accuracy: 7.5 }],
  ])("is read from %s", (uri, place) => expect(readGeo(uri)).toEqual(place));

  it.each(["geo:91,0", "geo:0,181", "geo:a,b", "geo:1", "https://x", "geo:1,2\";x", 5, undefined])(
    "is none in %s",
    (uri) => expect(readGeo(uri)).toBeUndefined(),
  );

  it("is read as it was composed", () => {
    const content = composePlace({ ...HANGZHOU, accuracy: 11.2 }, "The tea stall", "Location", 9);
    expect(content.geo_uri).toBe("geo:30.245,120.15;u=12");
    expect(readPlace(content)).toEqual({ place: { ...HANGZHOU, accuracy: 12 }, note: "The tea stall" });
    expect(readPlace({ "org.matrix.msc3488.location": 7 }).place).toBeUndefined();
  });

  it("is rounded so that no door is known", () => {
    expect(writeGeo(roughen({ latitude: 30.24567, longitude: 120.15432, accuracy: 4 }))).toBe(
      "geo:30.25,120.15;u=1000",
    );
  });

  it("is written as people write it", () => {
    expect(formatPlace({ latitude: -33.9, longitude: -70.5 })).toBe("33.90000° S, 70.50000° W");
  });
});

describe("the way from one place to another", () => {
  it("has a length and a direction", () => {
    const shanghai = { latitude: 31.2304, longitude: 121.4737 };
    const { metres, direction } = measureWay(HANGZHOU, shanghai);
    expect(metres / 1000).toBeCloseTo(167, -1);
    expect(direction).toBe("NE");
    expect(measureWay(shanghai, HANGZHOU).direction).toBe("SW");
    expect(measureWay(HANGZHOU, HANGZHOU)).toEqual({ metres: 0 });
  });

  it("is told in metres and in kilometres", () => {
    expect(formatDistance(250.4, "en")).toBe("250 m");
    expect(formatDistance(1540, "en")).toBe("1.5 km");
    expect(formatDistance(167_400, "en")).toBe("167 km");
  });
});
