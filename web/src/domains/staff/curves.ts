/** Which curves an operator sees. */

import type { Sample } from "./api";

export type CurveName =
  | "staffCurveRequests"
  | "staffCurveFailures"
  | "staffCurveSlowest"
  | "staffCurveCommits"
  | "staffCurveCommit"
  | "staffCurveQueue"
  | "staffCurveJobs"
  | "staffCurveDead"
  | "staffCurveMemory";

export interface Curve {
  name: CurveName;
  /** One for each sample; null where nothing was measured. */
  values: (number | null)[];
}

function perSecond(count: number, sample: Sample): number {
  return sample.seconds > 0 ? count / sample.seconds : 0;
}

const CURVES: Record<CurveName, (sample: Sample) => number | null> = {
  staffCurveRequests: (one) => perSecond(one.requests, one),
  staffCurveFailures: (one) => one.failures,
  staffCurveSlowest: (one) => one.slowest_ms,
  staffCurveCommits: (one) => perSecond(one.commands, one),
  staffCurveCommit: (one) => one.commit_ms,
  staffCurveQueue: (one) => one.queue_length,
  staffCurveJobs: (one) => one.jobs_waiting,
  staffCurveDead: (one) => one.jobs_dead,
  staffCurveMemory: (one) => one.memory_mib,
};

export function listCurves(samples: Sample[]): Curve[] {
  return (Object.keys(CURVES) as CurveName[]).map((name) => ({
    name,
    values: samples.map(CURVES[name]),
  }));
}
