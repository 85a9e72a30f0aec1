/** Requests to this house's server, and the one form its refusals have here. */

/** A refusal or a fault. `code` is a Matrix errcode, a problem's code, or "network". */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  /** Sent as it is, in place of a body of JSON. */
  upload?: Blob;
  token?: string | undefined;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Ask the server. The answer's shape is the caller's promise: it comes from our own server. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const headers: Record<string, string> = { ...asked.headers };
  if (asked.token) headers.Authorization = `Bearer ${asked.token}`;
  const { upload } = asked;
  const body = upload ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body));
  if (body !== undefined) {
    headers["Content-Type"] = upload ? "application/octet-stream" : "application/json";
  }
  let response: Response;
  try {
    response = await fetch(path, {
      method: asked.method ?? (body === undefined ? "GET" : "POST"),
      headers,
      ...(body === undefined ? {} : { body }),
      ...(asked.signal ? { signal: asked.signal } : {}),
      credentials: "omit",
      cache: "no-store",
    });
  } catch (error) {
    throw new ApiError(0, "network", String(error));
  }
  const answer = await readJson(response);
  if (!response.ok) throw readError(response.status, answer);
  return answer as T;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return (await response.json()) as unknown;
  } catch {
    return {};
  }
}

const PROBLEM_PREFIX = "urn:teahouse:problem:";

export function readError(status: number, answer: unknown): ApiError {
  const data = (typeof answer === "object" && answer !== null ? answer : {}) as Record<
    string,
    unknown
  >;
  const text = [data.detail, data.error, data.title].find((found) => typeof found === "string");
  const problem = typeof data.type === "string" ? data.type.replace(PROBLEM_PREFIX, "") : undefined;
  const code = typeof data.errcode === "string" ? data.errcode : problem;
  return new ApiError(status, code ?? "unknown", text ?? `HTTP ${status}`, data);
}
