import { expect, test } from "vitest";
import type { Sample } from "./api";
import { listCurves } from "./curves";

const SAMPLE: Sample = {
  at: 1000,
  seconds: 10,
  requests: 25,
  failures: 1,
  slowest_ms: 80,
  commands: 5,
  commits: 2,
  commit_ms: null,
  queue_length: 0,
  jobs_waiting: 3,
  jobs_dead: 0,
  memory_mib: null,
};

function valuesOf(name: string, samples: Sample[]) {
  return listCurves(samples).find((one) => one.name === name)?.values;
}

test("counts become rates, and what was not measured stays a gap", () => {
  const samples = [SAMPLE, { ...SAMPLE, seconds: 0, commit_ms: 1.5 }];
  expect(valuesOf("staffCurveRequests", samples)).toEqual([2.5, 0]);
  expect(valuesOf("staffCurveCommits", samples)).toEqual([0.5, 0]);
  expect(valuesOf("staffCurveCommit", samples)).toEqual([null, 1.5]);
  expect(valuesOf("staffCurveJobs", samples)).toEqual([3, 3]);
});
